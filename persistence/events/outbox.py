"""The last statement of a command: what changed, for the sequencer to publish once it is committed."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert

from domain.events import Event
from persistence.database import Connection
from persistence.events.tables import outbox
from persistence.statements import Statement

_APPEND = Statement(
    insert(outbox)
    .values({name: bindparam(name, type_=outbox.c[name].type) for name in ("topic", "key", "version", "payload")})
    .inline()
)


async def append(connection: Connection, events: Sequence[Event]) -> None:
    """Call it after the aggregates are locked: the order of their events is drawn here."""
    rows = [
        {"topic": event.topic.value, "key": event.key, "version": event.version, "payload": dict(event.payload)}
        for event in events
    ]
    await connection.execute_many(_APPEND, rows)
    if rows:
        connection.has_events = True
