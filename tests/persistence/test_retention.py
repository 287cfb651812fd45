"""What the log keeps, and for how long."""

from datetime import timedelta

import pytest

from api.housekeeping import Housekeeper
from persistence.database import Database, connect
from persistence.events import log
from persistence.events.partitions import PARTITION_SIZE, drop_oldest, make_room
from persistence.statements import Statement

pytestmark = pytest.mark.anyio

THREE_DAYS = timedelta(hours=72)


async def fill(database: Database, *hours: int) -> None:
    """So many full partitions, the newest event of each so many hours old, and the one that is being filled."""
    raw = await connect(database.url)
    try:
        for begin, age in enumerate(hours):
            await make_room(raw, begin * PARTITION_SIZE, 0)
            first = max(1, begin * PARTITION_SIZE)
            await raw.execute(
                "INSERT INTO event_log SELECT pos, now() - $1 * interval '1 hour', 'stock', '1', pos, '{}' "
                "FROM unnest($2::bigint[]) AS pos",
                age,
                [first, (begin + 1) * PARTITION_SIZE - 1],
            )
        await make_room(raw, len(hours) * PARTITION_SIZE, 0)
        await raw.execute("UPDATE relay_state SET pos = $1", len(hours) * PARTITION_SIZE)
    finally:
        raw.terminate()


async def begins(database: Database) -> list[int]:
    query = Statement(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'event_log'::regclass"
    )
    async with database.reading() as reader:
        names = [row["name"] for row in await reader.fetch(query)]
    return sorted(int(name.removeprefix("event_log_from_")) // PARTITION_SIZE for name in names)


async def test_what_is_older_than_it_has_to_be_is_dropped_and_no_more(database: Database) -> None:
    await fill(database, 200, 73, 71, 100)

    await Housekeeper(database).prune()

    # The last one is old too, but what lies before it is not.
    assert await begins(database) == [2, 3, 4, 5]
    async with database.reading() as reader:
        assert (await log.state(reader)).oldest == 2 * PARTITION_SIZE


async def test_a_partition_that_is_being_filled_stays_however_old_it_is(database: Database) -> None:
    await fill(database)
    async with database.transaction() as connection:
        await connection.raw.execute(
            "INSERT INTO event_log VALUES (1, now() - interval '1 year', 'stock', '1', 1, '{}')"
        )
        await connection.raw.execute("UPDATE relay_state SET pos = $1", PARTITION_SIZE - 1)

    await Housekeeper(database, keep_events=timedelta(hours=1)).prune()

    assert await begins(database) == [0, 1]


async def test_how_long_they_are_kept_is_a_setting(database: Database) -> None:
    await fill(database, 5, 3)

    await Housekeeper(database, keep_events=timedelta(hours=4)).prune()

    assert await begins(database) == [1, 2, 3]


async def test_a_long_look_at_the_log_is_not_disturbed(database: Database) -> None:
    await fill(database, 100)
    reading = await connect(database.url)
    try:
        async with reading.transaction():
            await reading.fetch("SELECT * FROM event_log")
            async with database.transaction() as connection:
                held_up = await drop_oldest(connection, THREE_DAYS)
        async with database.transaction() as connection:
            free = await drop_oldest(connection, THREE_DAYS)
    finally:
        reading.terminate()

    assert (held_up, free) == (0, 1)
    assert await begins(database) == [1, 2]
