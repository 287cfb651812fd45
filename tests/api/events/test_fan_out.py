"""Streams that are handed changes together, and what becomes of one that cannot take them."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any, cast

import pytest

from api.events import fan_out
from api.events.changes import Change, Memory
from api.events.fan_out import Boxes, Member, Pump
from api.events.mailbox import Mailbox, StateMailbox
from api.execution.engine import Answer, refusal_of

pytestmark = pytest.mark.anyio


def change(pos: int, *, key: str | None = None, visible: str | None = None) -> Change:
    """Of a level of its own, unless it is said."""
    return Change(pos, key or f"level {pos}", pos, visible, cast("Any", pos))


class Group:
    """Streams that are alike, and how often something was executed for them."""

    def __init__(self) -> None:
        self.boxes = Boxes()
        self.pumps: list[Pump] = []
        self.executed = 0
        self.answers: dict[int, Answer | Exception] = {}

    def pump(self) -> Pump:
        if not self.pumps:
            self.pumps.append(Pump(self.boxes, self.pumps.remove))
        return self.pumps[0]

    async def tell(self, entry: object) -> Answer:
        self.executed += 1
        await asyncio.sleep(0)
        answer = self.answers.get(cast("int", entry), Answer(str(entry).encode(), is_request_error=False))
        if isinstance(answer, Exception):
            raise answer
        return answer


class Stream:
    """Reads by itself where it has to; its client takes at once what it is not said to be `busy` with."""

    def __init__(self, group: Group, *, after: int = 0, busy: frozenset[int] = frozenset()) -> None:
        self.handed: list[int] = []
        self.read: list[int] = []
        self.told: list[int] = []
        self.box: Mailbox[Change] = StateMailbox(after)
        self.memory = Memory()
        self._group = group
        self._busy = busy
        group.boxes.add(self.box)

    def push(self, answer: Answer) -> bool:
        pos = int(answer.body)
        self.handed.append(pos)
        self.told.append(pos)
        return pos not in self._busy

    async def cleared(self) -> None:
        await asyncio.sleep(0)

    async def run(self) -> None:
        while True:
            await self._follow()
            await self.cleared()
            for news in await self.box.take():
                if self.memory.learn(news):
                    self.read.append(news.pos)
                    self.told.append(news.pos)

    async def _follow(self) -> None:
        async with self._group.boxes.at_rest:
            if self.box.has_news:
                return
            released = asyncio.get_running_loop().create_future()
            member = Member(self.box, self.memory, self.cleared, self._group.tell, self, released)
            pump = self._group.pump()
            pump.join(member)
        try:
            await released
        finally:
            pump.leave(member)


@pytest.fixture
async def group() -> AsyncIterator[Group]:
    group = Group()
    yield group
    assert group.pumps == []


async def followed(group: Group, streams: list[Stream], *changes: Change) -> None:
    """Until nothing is left to do."""
    tasks = [asyncio.create_task(stream.run()) for stream in streams]
    await settled()
    for one in changes:
        await group.boxes.offer(one)
    await settled()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_all_are_handed_in_order_what_was_executed_once(group: Group) -> None:
    streams = [Stream(group) for _ in range(5)]

    await followed(group, streams, change(1), change(2), change(3))

    assert [stream.handed for stream in streams] == [[1, 2, 3]] * 5
    assert group.executed == 3


async def test_who_knows_it_already_is_not_told_again(group: Group) -> None:
    knowing, resumed, new = Stream(group), Stream(group, after=7), Stream(group)
    knowing.memory.learn(change(5, key="shirt", visible="2"))

    await followed(group, [knowing, resumed, new], change(7, key="shirt", visible="2"), change(8, key="skirt"))

    assert [stream.told for stream in (knowing, resumed, new)] == [[8], [8], [7, 8]]


async def test_whose_client_is_busy_reads_the_rest_by_itself_and_is_then_handed_again(group: Group) -> None:
    busy, other = Stream(group, busy=frozenset({2})), Stream(group)

    await followed(group, [busy, other], *map(change, range(1, 5)))
    await followed(group, [busy, other], change(5))

    assert (busy.handed, busy.read) == ([1, 2, 5], [3, 4])
    assert other.handed == [1, 2, 3, 4, 5]


async def test_who_comes_while_a_change_is_on_its_way_is_told_it(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out, "_AT_ONCE", 1)
    tasks = [asyncio.create_task(Stream(group).run())]
    await settled()
    for _ in range(10):
        group.boxes.add(StateMailbox(0))
    late = Stream(group)

    offering = asyncio.create_task(group.boxes.offer(change(1)))
    while group.executed == 0:  # noqa: ASYNC110 - What changes is counted, not announced.
        await asyncio.sleep(0)
    tasks.append(asyncio.create_task(late.run()))
    await settled()

    assert offering.done()
    assert late.told == [1]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_each_asks_for_itself_when_what_is_told_is_not_for_all(group: Group) -> None:
    streams = [Stream(group), Stream(group)]
    group.answers = {2: refusal_of("It broke.", "INTERNAL"), 4: ZeroDivisionError()}

    await followed(group, streams, *map(change, range(1, 4)))
    await followed(group, streams, change(4))

    assert [(stream.handed, stream.read) for stream in streams] == [([1], [2, 3, 4])] * 2


async def test_when_the_feed_ends_each_stream_meets_the_reason(group: Group) -> None:
    streams = [Stream(group), Stream(group)]
    tasks = [asyncio.create_task(stream.run()) for stream in streams]
    await settled()

    group.boxes.close(ZeroDivisionError())
    ended = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(error) for error in ended] == [ZeroDivisionError, ZeroDivisionError]


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_happens_when_all_are_told_everything_once_and_in_order(
    group: Group, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(fan_out, "_AT_ONCE", 1)
    chance = Random(seed)
    changes = 30
    streams = [
        Stream(group, busy=frozenset(chance.sample(range(1, changes + 1), chance.randrange(changes // 2))))
        for _ in range(6)
    ]
    group.answers = {pos: refusal_of("It broke.", "INTERNAL") for pos in chance.sample(range(1, changes + 1), 3)}
    tasks = [asyncio.create_task(stream.run()) for stream in streams]

    for pos in range(1, changes + 1):
        await group.boxes.offer(change(pos))
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
    for _ in range(1_000):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert [stream.told for stream in streams] == [list(range(1, changes + 1))] * 6
