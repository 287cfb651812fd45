import asyncio
import random
from contextlib import aclosing

import pytest

from api.events import hub as hubs
from api.events import mailbox as mailboxes
from api.events.hub import Hub
from api.execution.errors import StreamClosed
from domain.events import Interest, LoggedEvent, Position, Subject
from persistence.database import Database
from persistence.events import outbox
from persistence.events.sequencer import sequence
from tests.streams import all_events, logged, report, running, stock_event, until

pytestmark = pytest.mark.anyio

KEYS = [str(number) for number in range(12)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_is_cut_and_whoever_is_slow_every_event_arrives_once_and_in_order(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(mailboxes, "MOST_STEPS", 8)
    monkeypatch.setattr(hubs, "_REPLAY_AT_ONCE", 40)
    choice = random.Random(seed)
    hub = Hub(database, ring_size=64)
    events = 1_200
    cuts = {"disconnected": 0, "too slow": 0}

    async def write(own_keys: list[str]) -> None:
        version = dict.fromkeys(own_keys, 0)
        for _ in range(events // 4):
            key = choice.choice(own_keys)
            version[key] += 1
            async with database.transaction() as connection:
                await outbox.append(connection, [stock_event(key, version[key], variant=key)])
                if choice.random() < 0.05:
                    await asyncio.sleep(choice.random() * 0.02)

    async def read(interest: Interest) -> list[LoggedEvent]:
        seen: list[LoggedEvent] = []
        while not seen or seen[-1].pos < last[interest]:
            try:
                patience = choice.randrange(1, 40)
                async with aclosing(hub.follow(interest, _after(seen), conflate=False)) as batches:
                    async for batch in batches:
                        seen += batch
                        patience -= 1
                        if choice.random() < 0.05:
                            await asyncio.sleep(choice.random() * 0.1)
                        if patience == 0 or seen[-1].pos >= last[interest]:
                            cuts["disconnected"] += 1
                            break
            except StreamClosed:
                cuts["too slow"] += 1
        return seen

    interests = [Interest(Subject.VARIANT, frozenset(choice.sample(KEYS, 4))) for _ in range(20)]
    last = {interest: events + 1 + max(KEYS.index(key) for key in interest.ids) for interest in interests}
    async with asyncio.timeout(60), running(hub.run(), sequence(database.url)):
        await hub.begun()
        readers = [asyncio.create_task(read(interest)) for interest in interests]
        await asyncio.gather(*(write(KEYS[number::4]) for number in range(4)))
        await report(database, *(stock_event(key, 0, variant=key) for key in KEYS))
        await until(lambda: _is_logged(database, events + len(KEYS)))
        records = await asyncio.gather(*readers)
        everything = await all_events(database)

    assert records == [[event for event in everything if interest.covers(event)] for interest in interests]
    assert cuts["disconnected"] > 20
    assert cuts["too slow"] > 0


def _after(seen: list[LoggedEvent]) -> Position:
    return Position(1, seen[-1].pos if seen else 0)


async def _is_logged(database: Database, count: int) -> bool:
    return len(await logged(database)) == count


async def test_who_reads_states_sees_the_last_of_each_key_and_never_an_older_one_after_it(database: Database) -> None:
    choice = random.Random(5)
    hub = Hub(database, ring_size=32)
    interest = Interest(Subject.VARIANT, frozenset(KEYS))
    seen: list[LoggedEvent] = []

    async def read() -> None:
        while True:
            async with aclosing(hub.follow(interest, _after(seen), conflate=True)) as batches:
                async for batch in batches:
                    seen.extend(batch)
                    await asyncio.sleep(choice.random() * 0.02)
                    if choice.random() < 0.2:
                        break

    async def has_seen_all() -> bool:
        return bool(seen) and seen[-1].pos == 600

    async with running(hub.run(), sequence(database.url)):
        await hub.begun()
        async with running(read()):
            for version in range(1, 51):
                await report(database, *(stock_event(key, version, variant=key) for key in KEYS))
            await until(has_seen_all)

    positions = [event.pos for event in seen]
    assert positions == sorted(set(positions))
    assert {event.key: event.version for event in seen} == dict.fromkeys(KEYS, 50)
    assert len(seen) < 600
