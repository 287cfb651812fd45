import asyncio
import random
from collections import defaultdict
from contextlib import suppress

import asyncpg
import pytest

from domain.events import Event, Interest, Position, Subject, Topic
from persistence.database import Database, connect
from persistence.events import log, outbox, sequencer
from persistence.events.listening import listening
from persistence.events.partitions import PARTITION_SIZE, make_room
from persistence.events.sequencer import LOG_CHANNEL, OUTBOX_CHANNEL, sequence
from persistence.statements import Statement
from tests.streams import JACKET, SKIRT, all_events, logged, move_all, report, running, stock_event, until

pytestmark = pytest.mark.anyio


async def leaders(database: Database) -> list[int]:
    query = Statement(
        f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {sequencer._LEADERSHIP} AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    async with database.reading() as reader:
        return [row["pid"] for row in await reader.fetch(query)]


async def test_events_get_dense_positions_in_the_order_they_were_reported(database: Database) -> None:
    await report(database, stock_event("1", 1), stock_event("2", 1))
    await report(database, stock_event("1", 2))

    await move_all(database)

    assert await logged(database) == [(1, "1", 1), (2, "2", 1), (3, "1", 2)]
    async with database.reading() as reader:
        assert await reader.fetch_value(Statement("SELECT count(*) FROM outbox")) == 0
        assert (await log.state(reader)).position == Position(1, 3)


async def test_a_transaction_that_commits_late_is_not_passed_over(database: Database) -> None:
    async with database.transaction() as late:
        await outbox.append(late, [stock_event("late", 1)])
        await report(database, stock_event("early", 1))
        await move_all(database)

    await move_all(database)

    assert await logged(database) == [(1, "early", 1), (2, "late", 1)]


async def test_an_early_transaction_id_does_not_overtake_the_lock_it_waited_for(database: Database) -> None:
    async with database.transaction() as second:
        # Has its transaction id and a number before the other begins, then changes what the other changed first.
        await outbox.append(second, [stock_event("other", 1)])
        await report(database, stock_event("shared", 1))
        await outbox.append(second, [stock_event("shared", 2)])

    await move_all(database)

    assert await logged(database) == [(1, "other", 1), (2, "shared", 1), (3, "shared", 2)]


async def test_what_was_rolled_back_leaves_no_gap(database: Database) -> None:
    await report(database, stock_event("1", 1))
    with suppress(ZeroDivisionError):
        async with database.transaction() as connection:
            await outbox.append(connection, [stock_event("1", 2)])
            raise ZeroDivisionError
    await report(database, stock_event("1", 2))

    await move_all(database)

    assert await logged(database) == [(1, "1", 1), (2, "1", 2)]


async def test_more_events_than_one_move_takes_are_moved_in_order(database: Database) -> None:
    await report(database, *(stock_event("1", version) for version in range(1, 2_502)))

    await move_all(database)

    assert await logged(database) == [(number, "1", number) for number in range(1, 2_502)]


async def test_only_a_transaction_that_reported_something_wakes_the_sequencer(database: Database) -> None:
    wakes: list[None] = []
    database.on_events_committed = lambda: wakes.append(None)

    await report(database)
    assert wakes == []

    await report(database, stock_event("1", 1))
    assert wakes == [None]


async def test_events_are_found_by_subject_between_two_positions(database: Database) -> None:
    customer = "00000000-0000-0000-0000-00000000000c"
    await report(
        database,
        stock_event("1", 1, SKIRT),
        stock_event("2", 1, JACKET),
        Event(Topic.ORDER, "order-a", 1, {"customer": customer, "type": "PLACED"}),
        Event(Topic.ORDER, "order-b", 1, {"customer": None, "type": "PLACED"}),
        stock_event("1", 2, SKIRT),
        Event(Topic.CART, "order-a", 1, {}),
    )
    await move_all(database)

    async def found(subject: Subject, *ids: str, after: int = 0, upto: int = 6) -> list[int]:
        async with database.reading() as reader:
            events = await log.events_for(reader, Interest(subject, frozenset(ids)), after=after, upto=upto)
        return [event.pos for event in events]

    assert await found(Subject.VARIANT, SKIRT) == [1, 5]
    assert await found(Subject.VARIANT, SKIRT, JACKET, after=1, upto=4) == [2]
    assert await found(Subject.ORDER, "order-a", "order-b") == [3, 4]
    assert await found(Subject.CUSTOMER, customer) == [3]
    assert await found(Subject.CART, "order-a") == [6]


async def test_the_sequencer_moves_what_is_committed_and_says_so(database: Database) -> None:
    async with running(sequence(database.url)), listening(database.url) as listener:
        await listener.listen(LOG_CHANNEL)

        await report(database, stock_event("1", 1))

        assert await listener.called(patience=10)
        assert await logged(database) == [(1, "1", 1)]


async def test_of_two_sequencers_one_leads_and_the_other_takes_over_when_it_falls(database: Database) -> None:
    first, second = sequence(database.url), sequence(database.url)

    async def fallen() -> None:
        with suppress(Exception):
            await first

    async with running(fallen()):
        [leader] = await until(lambda: leaders(database))
        async with running(second):
            await report(database, stock_event("1", 1))
            await until(lambda: logged(database))
            assert await leaders(database) == [leader]

            async with database.reading() as reader:
                await reader.fetch_value(Statement("SELECT pg_terminate_backend(:pid)"), pid=leader)
            await report(database, stock_event("1", 2))

            await until(lambda: _has_logged(database, 2))
            [successor] = await leaders(database)
            assert successor != leader
    assert await logged(database) == [(1, "1", 1), (2, "1", 2)]


async def _has_logged(database: Database, count: int) -> bool:
    return len(await logged(database)) == count


async def test_a_leader_that_does_not_know_it_fell_does_no_harm(database: Database) -> None:
    writes = 400

    async def write(seed: int) -> None:
        choice = random.Random(seed)
        for _ in range(writes // 4):
            async with database.transaction() as connection:
                key = str(choice.randrange(5))
                version = await connection.fetch_value(
                    Statement(
                        "INSERT INTO counter VALUES (:key, 1) ON CONFLICT (key) DO UPDATE SET n = counter.n + 1 RETURNING n"
                    ),
                    key=key,
                )
                if choice.random() < 0.2:
                    await asyncio.sleep(0.005)
                await outbox.append(connection, [stock_event(key, version)])

    async def move_on(url: str) -> None:
        connection = await connect(url)
        try:
            while True:
                await connection.fetch(sequencer._MOVE.text)
        finally:
            connection.terminate()

    async with database.transaction() as connection:
        await connection.execute(Statement("CREATE TABLE counter (key text PRIMARY KEY, n bigint NOT NULL)"))

    movers = [asyncio.create_task(move_on(database.url)) for _ in range(3)]
    async with running(*movers):
        await asyncio.gather(*(write(seed) for seed in range(4)))
        assert [mover.exception() for mover in movers if mover.done()] == []
    await move_all(database)

    events = await all_events(database)
    assert [event.pos for event in events] == list(range(1, writes + 1))
    versions: dict[str, list[int]] = defaultdict(list)
    for event in events:
        versions[event.key].append(event.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


async def test_the_next_partition_exists_long_before_it_is_needed(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(Statement(f"UPDATE relay_state SET pos = {PARTITION_SIZE - 2}"))

    async with running(sequence(database.url), sequence(database.url)):
        await report(database, *(stock_event("1", version) for version in range(1, 5)))
        events = await until(lambda: logged(database))

    assert events == [(PARTITION_SIZE - 2 + version, "1", version) for version in range(1, 5)]
    assert await _partitions(database) == ["event_log_from_0", "event_log_from_1000000"]


async def test_a_partition_is_made_when_half_of_the_last_is_used(database_url: str) -> None:
    raw = await connect(database_url)
    try:
        assert await make_room(raw, 499_999, PARTITION_SIZE) == PARTITION_SIZE
        assert await make_room(raw, 500_000, PARTITION_SIZE) == 2 * PARTITION_SIZE
        assert await make_room(raw, 1_700_000, 2 * PARTITION_SIZE) == 3 * PARTITION_SIZE
        await raw.execute("INSERT INTO event_log SELECT 2999999, now(), 'stock', '1', 1, '{}'")
    finally:
        raw.terminate()


async def test_two_may_make_the_same_partition_at_once(database_url: str) -> None:
    several = [await connect(database_url) for _ in range(4)]
    try:
        made = await asyncio.gather(*(make_room(raw, 600_000, 0) for raw in several))

        assert made == [2 * PARTITION_SIZE] * 4
    finally:
        for raw in several:
            raw.terminate()


async def test_a_reader_of_the_log_does_not_keep_partitions_from_being_made(database_url: str) -> None:
    reading, making = await connect(database_url), await connect(database_url)
    try:
        async with reading.transaction():
            await reading.fetch("SELECT * FROM event_log")

            assert await make_room(making, 0, 0) == 2 * PARTITION_SIZE
    finally:
        reading.terminate()
        making.terminate()


async def _partitions(database: Database) -> list[str]:
    query = Statement(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'event_log'::regclass"
    )
    async with database.reading() as reader:
        return sorted(row["name"] for row in await reader.fetch(query))


async def test_the_sequencer_sleeps_until_it_is_called(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "_POLL_SECONDS", 3_600.0)
    async with running(sequence(database.url)):
        await until(lambda: leaders(database))
        await asyncio.sleep(0.2)
        await report(database, stock_event("1", 1))
        caller = await asyncpg.connect(database.url)

        await caller.execute("SELECT pg_notify($1, '')", OUTBOX_CHANNEL)

        await caller.close()
        await until(lambda: _has_logged(database, 1))
