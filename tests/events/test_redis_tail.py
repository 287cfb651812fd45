"""Events by way of Redis: faster nowhere, true nowhere, and missed by nobody when it is away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from uuid_utils.compat import uuid4

from api.events.hub import Hub
from api.events.worker import EventWorker
from domain.events import Event, Interest, LoggedEvent, Position, Subject, Topic
from persistence.database import Database
from persistence.events import log, outbox
from persistence.events.tail import Tail, stream_name
from tests.valkey import Valkey, valkey

pytestmark = pytest.mark.anyio

EVERYTHING = Interest(Subject.TOPIC, frozenset({Topic.CART}))


@pytest.fixture
def redis() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


@pytest.fixture
async def worker(database: Database, redis: Valkey) -> AsyncIterator[EventWorker]:
    """A process that leads, publishes and reads."""
    started = EventWorker(database, redis_url=redis.url)
    await started.start()
    try:
        yield started
    finally:
        await started.stop()


async def write(database: Database, count: int) -> None:
    for _ in range(count):
        async with database.transaction() as connection:
            await outbox.append(connection, [Event(Topic.CART, str(uuid4()), 1, {})])


class Follower:
    """Keeps what one subscriber is told."""

    def __init__(self, hub: Hub, after: Position) -> None:
        self.seen: list[int] = []
        self._hub = hub
        self._task = asyncio.create_task(self._follow(after))

    async def _follow(self, after: Position) -> None:
        async for events in self._hub.follow(EVERYTHING, after, conflate=False):
            self.seen += [event.pos for event in events]

    async def reached(self, pos: int) -> None:
        async with asyncio.timeout(20):
            while not self.seen or self.seen[-1] < pos:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def entries(database: Database, tail: Tail) -> list[LoggedEvent] | None:
    async with database.reading() as reader:
        state = await log.state(reader)
    return await tail.events_after(stream_name(state), 0)


async def test_what_is_committed_is_published_once_under_its_position(
    database: Database, worker: EventWorker, redis: Valkey
) -> None:
    follower = Follower(worker.hub, Position(worker.hub.position.epoch, 0))
    tail = Tail(redis.url)

    await write(database, 5)
    await follower.reached(5)
    published = await entries(database, tail)
    async with database.reading() as reader:
        logged = await log.events_after(reader, 0, most=10)

    assert follower.seen == [1, 2, 3, 4, 5]
    assert published == logged
    await follower.stop()
    await tail.close()


async def test_what_redis_has_is_read_from_redis(database: Database, worker: EventWorker, redis: Valkey) -> None:
    """Shown by an event that is nowhere else."""
    follower = Follower(worker.hub, Position(worker.hub.position.epoch, 0))
    await write(database, 3)
    await follower.reached(3)
    tail = Tail(redis.url)
    async with database.reading() as reader:
        state = await log.state(reader)
    invented = LoggedEvent(4, datetime.now(UTC), Topic.CART, "nowhere else", 1, {})

    await tail.publish(stream_name(state), [invented])
    await follower.reached(4)

    assert follower.seen == [1, 2, 3, 4]
    await follower.stop()
    await tail.close()


async def test_redis_killed_and_back_empty_costs_no_event(
    database: Database, worker: EventWorker, redis: Valkey
) -> None:
    follower = Follower(worker.hub, Position(worker.hub.position.epoch, 0))
    await write(database, 5)
    await follower.reached(5)

    redis.kill()
    await write(database, 20)
    await follower.reached(25)
    redis.start()
    await write(database, 5)
    await asyncio.sleep(1)
    await write(database, 5)
    await follower.reached(35)

    assert follower.seen == list(range(1, 36))
    await follower.stop()


async def test_a_redis_that_hangs_is_not_waited_for(database: Database, worker: EventWorker, redis: Valkey) -> None:
    follower = Follower(worker.hub, Position(worker.hub.position.epoch, 0))
    await write(database, 2)
    await follower.reached(2)

    redis.freeze()
    await write(database, 20)
    await follower.reached(22)
    redis.thaw()
    await write(database, 3)
    await follower.reached(25)

    assert follower.seen == list(range(1, 26))
    await follower.stop()


async def test_entries_that_are_missing_in_redis_come_from_the_log(database: Database, redis: Valkey) -> None:
    leader = EventWorker(database)
    await leader.start()
    await write(database, 10)
    async with asyncio.timeout(10):
        while leader.hub.position.pos < 10:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    tail = Tail(redis.url)
    async with database.reading() as reader:
        state = await log.state(reader)
        events = await log.events_after(reader, 0, most=10)
    await tail.publish(stream_name(state), events[3:5])
    reading = Hub(database, tail=tail)
    reading._epoch = state.position.epoch
    task = asyncio.create_task(reading.run())
    await reading.begun()

    follower = Follower(reading, Position(state.position.epoch, 0))
    await follower.reached(10)

    assert follower.seen == list(range(1, 11))
    await follower.stop()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await leader.stop()
    await tail.close()


async def test_without_redis_nothing_raises() -> None:
    tail = Tail("redis://127.0.0.1:1/0")

    assert await tail.events_after("oneshelf:events:x:1", 0) is None
    assert not tail.is_usable
    await tail.close()
