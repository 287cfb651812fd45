"""Partitions of the event log, made long before they are needed and dropped long after."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from persistence.database import Connection, Row
from persistence.statements import Statement

PARTITION_SIZE = 1_000_000
_HEADROOM = PARTITION_SIZE // 2
# Of the advisory locks of this database; any number that nobody else uses.
_MAKING = 5_110_002


async def make_room(raw: asyncpg.Connection[Row], pos: int, room_until: int) -> int:
    """The first position without a partition, which is at least half a partition away.

    Does nothing when `room_until`, the answer of last time, is far enough. Raises LockNotAvailableError when somebody else
    holds the table.
    """
    if room_until - pos > _HEADROOM:
        return room_until
    first = pos // PARTITION_SIZE * PARTITION_SIZE
    end = first + 2 * PARTITION_SIZE
    for begin in range(first, end, PARTITION_SIZE):
        await _make(raw, begin)
    return end


async def _make(raw: asyncpg.Connection[Row], begin: int) -> None:
    name = f"event_log_from_{begin}"
    async with raw.transaction():
        await raw.execute("SET LOCAL lock_timeout = '2s'")
        await raw.execute(f"SELECT pg_advisory_xact_lock({_MAKING})")
        if await raw.fetchval("SELECT to_regclass($1)", name) is not None:
            return
        # CREATE TABLE … PARTITION OF would lock out every reader of the log; attaching an empty table does not.
        await raw.execute(f"CREATE TABLE {name} (LIKE event_log INCLUDING ALL)")
        await raw.execute(
            f"ALTER TABLE event_log ATTACH PARTITION {name} FOR VALUES FROM ({begin}) TO ({begin + PARTITION_SIZE})"
        )


_OLDEST = Statement("""
SELECT child.relname AS name
FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'event_log'::regclass
ORDER BY substr(child.relname, length('event_log_from_') + 1)::bigint
LIMIT 1
""")
_POSITION = Statement("SELECT pos FROM relay_state WHERE id = 1")


async def drop_oldest(connection: Connection, keep: timedelta) -> int:
    """Drop the oldest partition if it is full and all of its events are older; how many were dropped.

    Waits for nobody: readers of the log hold it up for moments only, and who holds it up for longer is not to be disturbed.
    """
    name = await connection.fetch_value(_OLDEST)
    if name is None:
        return 0
    end = int(name.removeprefix("event_log_from_")) + PARTITION_SIZE
    if end > await connection.fetch_value(_POSITION):
        return 0
    if await connection.raw.fetchval(_NEWEST_IS_YOUNG.format(name=name), keep):
        return 0
    await connection.raw.execute("SET LOCAL lock_timeout = '100ms'")
    try:
        async with connection.raw.transaction():
            await connection.raw.execute(f"DROP TABLE {name}")
    except asyncpg.LockNotAvailableError:
        return 0
    return 1


# The name is one that this module has given.
_NEWEST_IS_YOUNG = """
SELECT at > clock_timestamp() - CAST($1 AS interval) FROM {name} ORDER BY pos DESC LIMIT 1
"""
