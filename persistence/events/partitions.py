"""Partitions of the event log, made long before they are needed."""

from __future__ import annotations

import asyncpg

from persistence.database import Row

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
