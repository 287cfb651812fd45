"""Epochs of the stream: positions of two cannot be compared. One begins where the database may have forgotten what it told."""

from sqlalchemy import bindparam, case, literal_column, update

from persistence.database import Connection, Reader
from persistence.events.tables import relay_state
from persistence.statements import Statement

# A dump that is restored makes another database, mostly in another cluster. Where a backup is replayed up to some moment, and where
# a replica takes over, PostgreSQL begins another timeline.
_PLACE = """
SELECT concat_ws('/', {cluster}, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
                 (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
_MAY_KNOW_CLUSTER = Statement("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')")
_PLACE_IN_CLUSTER = Statement(_PLACE.format(cluster="(SELECT system_identifier FROM pg_control_system())"))
_PLACE_ALONE = Statement(_PLACE.format(cluster="NULL"))

_THE_STREAM = relay_state.c.id == literal_column("1")
_EPOCH = relay_state.c.epoch
_SETTLE = Statement(
    update(relay_state)
    .where(_THE_STREAM, relay_state.c.origin.is_distinct_from(bindparam("place", type_=relay_state.c.origin.type)))
    .values(
        origin=bindparam("place", type_=relay_state.c.origin.type),
        epoch=case((relay_state.c.origin.is_(None), _EPOCH), else_=_EPOCH + literal_column("1")),
    )
    .returning(_EPOCH)
)
_BEGIN = Statement(update(relay_state).where(_THE_STREAM).values(epoch=_EPOCH + literal_column("1")).returning(_EPOCH))


async def settle(connection: Connection) -> int | None:
    """Begin a new epoch if this is not the place where the stream last was; the epoch, or null where nothing has changed.

    Not to be known by it: a copy of the files of a stopped cluster, or a dump restored over the same database.
    """
    place = await _place(connection)
    epoch: int | None = await connection.fetch_value(_SETTLE, place=place)
    return epoch


async def begin_new(connection: Connection) -> int:
    """Whatever the place; the new epoch."""
    epoch: int = await connection.fetch_value(_BEGIN)
    return epoch


async def _place(reader: Reader) -> str:
    may_know = await reader.fetch_value(_MAY_KNOW_CLUSTER)
    place: str = await reader.fetch_value(_PLACE_IN_CLUSTER if may_know else _PLACE_ALONE)
    return place
