import asyncio
from contextlib import aclosing

import asyncpg
import pytest

from api.events import hub as hubs
from api.events import mailbox as mailboxes
from api.events.hub import Hub, Lagged
from api.events.worker import EventWorker
from api.execution.errors import StreamClosed
from domain.events import Event, Interest, LoggedEvent, Position, Subject, Topic
from persistence.database import Database
from persistence.events import sequencer
from persistence.events.sequencer import OUTBOX_CHANNEL, sequence
from persistence.statements import Statement
from tests.streams import JACKET, SKIRT, move_all, report, running, stock_event, until

pytestmark = pytest.mark.anyio

SKIRTS = Interest(Subject.VARIANT, frozenset({SKIRT}))
START = Position(1, 0)


async def first(hub: Hub, count: int, after: Position, interest: Interest = SKIRTS) -> list[LoggedEvent]:
    """The next events, at least so many."""
    found: list[LoggedEvent] = []
    async with asyncio.timeout(10), aclosing(hub.follow(interest, after, conflate=False)) as batches:
        async for events in batches:
            found += events
            if len(found) >= count:
                break
    return found


def versions(events: list[LoggedEvent]) -> list[int]:
    return [event.version for event in events]


async def reached(hub: Hub, pos: int) -> None:
    async def is_there() -> bool:
        return hub.position.pos >= pos

    await until(is_there)


async def test_a_subscriber_gets_what_it_missed_and_then_what_comes(database: Database, worker: EventWorker) -> None:
    await report(database, stock_event("1", 1), stock_event("2", 1, JACKET), stock_event("1", 2))
    await reached(worker.hub, 3)
    found: list[LoggedEvent] = []

    async with asyncio.timeout(10), aclosing(worker.hub.follow(SKIRTS, Position(1, 1), conflate=False)) as batches:
        found += await anext(batches)
        await report(database, stock_event("2", 2, JACKET), stock_event("1", 3))
        found += await anext(batches)

    assert [(event.pos, event.key, event.version) for event in found] == [(3, "1", 2), (5, "1", 3)]


async def test_an_event_arrives_by_notifications_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "_POLL_SECONDS", 3_600.0)
    monkeypatch.setattr(sequencer, "_POLL_SECONDS", 3_600.0)
    worker = EventWorker(database)
    await worker.start()
    # Until the sequencer listens, a call would be lost; it moves what it finds when it begins.
    await report(database, stock_event("1", 1))
    await reached(worker.hub, 1)

    await report(database, stock_event("1", 2))

    assert versions(await first(worker.hub, 2, START)) == [1, 2]
    await worker.stop()


async def test_commits_beside_the_leader_wake_it_without_a_notification(
    database: Database, worker: EventWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "_POLL_SECONDS", 3_600.0)
    heard: list[object] = []

    async def leads() -> bool:
        return worker._bell.ring()

    async def is_said() -> bool:
        return bool(heard)

    await until(leads)
    bystander = await asyncpg.connect(database.url)
    await bystander.add_listener(OUTBOX_CHANNEL, lambda *said: heard.append(said[-1]))

    await report(database, stock_event("1", 1))

    await reached(worker.hub, 1)
    await bystander.execute("SELECT pg_notify($1, 'the end')", OUTBOX_CHANNEL)
    await until(is_said)
    await bystander.close()
    assert heard == ["the end"]


async def test_a_hub_that_nobody_follows_is_told_where_the_stream_stands_and_reads_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "_POLL_SECONDS", 3_600.0)
    hub = Hub(database)

    async def is_followed() -> bool:
        return hub.followers == 1

    async with running(hub.run(), sequence(database.url)):
        await hub.begun()
        await report(database, stock_event("1", 1), stock_event("1", 2))

        await reached(hub, 2)

        assert len(hub._ring) == 0
        following = asyncio.create_task(first(hub, 3, START))
        await until(is_followed)
        await report(database, stock_event("1", 3))
        assert versions(await following) == [1, 2, 3]
        # Whoever left may come back, so what comes next is kept at hand.
        await report(database, stock_event("1", 4))
        await reached(hub, 4)
        assert versions(list(hub._ring)) == [3, 4]


async def test_what_the_ring_has_forgotten_comes_from_the_log(database: Database) -> None:
    hub = Hub(database, ring_size=4)
    async with running(hub.run(), sequence(database.url)):
        await report(database, *(stock_event("1", version) for version in range(1, 21)))
        await hub.begun()
        await reached(hub, 20)

        found = await first(hub, 20, START)

    assert versions(found) == list(range(1, 21))


async def test_an_order_reaches_who_follows_it_and_who_follows_its_customer(
    database: Database, worker: EventWorker
) -> None:
    placed = Event(Topic.ORDER, "order-1", 1, {"customer": "customer-1", "type": "PLACED"})
    others = Event(Topic.ORDER, "order-2", 1, {"customer": None, "type": "PLACED"})
    await report(database, others, placed)
    await reached(worker.hub, 2)

    by_order = await first(worker.hub, 1, START, Interest(Subject.ORDER, frozenset({"order-1"})))
    by_customer = await first(worker.hub, 1, START, Interest(Subject.CUSTOMER, frozenset({"customer-1"})))

    assert [event.pos for event in by_order] == [2]
    assert [event.pos for event in by_customer] == [2]


async def test_a_position_that_this_process_has_not_reached_yet_is_waited_for(database: Database) -> None:
    hub = Hub(database)
    async with running(hub.run()):
        await hub.begun()
        await report(database, stock_event("1", 1), stock_event("1", 2))
        # Moved without a notification: the hub has not noticed, another process has.
        await move_all(database)
        assert hub.position == START

        waiting = asyncio.create_task(first(hub, 1, Position(1, 1)))
        await reached(hub, 2)

        assert versions(await waiting) == [2]


async def test_a_reader_that_is_too_slow_is_closed_and_loses_nothing_when_it_comes_back(
    database: Database, worker: EventWorker
) -> None:
    count = mailboxes.MOST_STEPS + 50
    found: list[LoggedEvent] = []

    async def dawdle() -> None:
        async with asyncio.timeout(10), aclosing(worker.hub.follow(SKIRTS, START, conflate=False)) as batches:
            await report(database, stock_event("1", 1))
            found.extend(await anext(batches))
            await report(database, *(stock_event("1", version) for version in range(2, count + 1)))
            await reached(worker.hub, count)
            async for events in batches:
                found.extend(events)

    with pytest.raises(StreamClosed, match="4410"):
        await dawdle()
    cut_at = found[-1].pos
    found += await first(worker.hub, count - cut_at, Position(1, cut_at))

    assert cut_at < count
    assert versions(found) == list(range(1, count + 1))


async def test_what_is_no_longer_kept_is_said_and_never_skipped(database: Database) -> None:
    await report(database, *(stock_event("1", version) for version in range(1, 11)))
    await move_all(database)
    async with database.transaction() as connection:
        await connection.execute(Statement("DELETE FROM event_log WHERE pos <= 5"))
    hub = Hub(database)
    async with running(hub.run()):
        await hub.begun()

        with pytest.raises(Lagged) as lagged:
            await first(hub, 1, Position(1, 4))

        assert lagged.value.resume_from == Position(1, 10)
        assert versions(await first(hub, 5, Position(1, 5))) == [6, 7, 8, 9, 10]


@pytest.mark.parametrize("after", [Position(2, 1), Position(1, 4)], ids=["another epoch", "not reached by anybody"])
async def test_a_cursor_from_before_a_restore_is_said_to_be_lagging(
    database: Database, worker: EventWorker, after: Position
) -> None:
    await report(database, stock_event("1", 1), stock_event("1", 2), stock_event("1", 3))
    await reached(worker.hub, 3)

    with pytest.raises(Lagged) as lagged:
        await first(worker.hub, 1, after)

    assert lagged.value.resume_from == Position(1, 3)


async def test_a_restore_ends_the_streams_that_are_open(
    database: Database, worker: EventWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "_POLL_SECONDS", 0.05)
    await report(database, stock_event("1", 1))
    await reached(worker.hub, 1)

    async def restore_meanwhile() -> None:
        async with asyncio.timeout(10), aclosing(worker.hub.follow(SKIRTS, START, conflate=False)) as batches:
            await anext(batches)
            async with database.transaction() as connection:
                await connection.execute(Statement("UPDATE relay_state SET epoch = 2, pos = 0"))
                await connection.execute(Statement("DELETE FROM event_log"))
            await anext(batches)

    with pytest.raises(Lagged) as lagged:
        await restore_meanwhile()

    assert lagged.value.resume_from == Position(2, 0)
    await report(database, stock_event("1", 7))
    assert versions(await first(worker.hub, 1, Position(2, 0))) == [7]


async def test_nothing_is_lost_when_postgresql_cuts_every_connection_of_the_worker(
    database: Database, worker: EventWorker
) -> None:
    knife = await asyncpg.connect(database.url)

    async def cut_connections() -> int:
        return len(
            await knife.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND query ~ 'pg_notify|relay_state|event_log|LISTEN'"
            )
        )

    following = asyncio.create_task(first(worker.hub, 300, START))
    for version in range(1, 301):
        await report(database, stock_event("1", version))
        if version % 100 == 0:
            await until(cut_connections)
    await knife.close()

    assert versions(await following) == list(range(1, 301))


async def test_leaving_leaves_nothing_behind(database: Database, worker: EventWorker) -> None:
    await report(database, stock_event("1", 1))

    await first(worker.hub, 1, START)

    assert worker.hub._mailboxes == {}
