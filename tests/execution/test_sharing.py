"""Who shares an execution with whom, without a database: what is read is a number that the test writes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from api.execution.sharing import Sharing

pytestmark = pytest.mark.anyio


@dataclass
class Source:
    """What executions read: each reads when it begins, and answers when the test lets it."""

    value: int = 0
    begun: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, who: str) -> tuple[str, int]:
        self.begun.append(who)
        read = self.value
        await self.gate.wait()
        if read < 0:
            raise ValueError(who)
        return who, read


def sharing() -> Sharing[str, tuple[str, int]]:
    return Sharing(may_share=lambda answer: answer[1] != 13)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def asking(
    shared: Sharing[str, tuple[str, int]], source: Source, *names: str, key: str = "k"
) -> list["asyncio.Task[tuple[str, int]]"]:
    return [asyncio.create_task(shared.answer(key, name, source.read)) for name in names]


async def test_those_who_ask_while_one_is_under_way_share_the_next() -> None:
    source, shared = Source(), sharing()

    tasks = asking(shared, source, "first", "b", "c", "d")
    await settle()
    source.gate.set()
    answers = await asyncio.gather(*tasks)

    assert source.begun == ["first", "d"]
    assert answers == [("first", 0), ("d", 0), ("d", 0), ("d", 0)]
    assert shared.shared == 2


async def test_nobody_is_answered_by_what_began_before_they_asked() -> None:
    source, shared = Source(), sharing()
    early = asking(shared, source, "early")
    await settle()

    source.value = 1
    late = asking(shared, source, "late")
    await settle()
    begun_meanwhile = list(source.begun)
    source.gate.set()

    assert begun_meanwhile == ["early"]
    assert await early[0] == ("early", 0)
    assert await late[0] == ("late", 1)


async def test_whoever_asks_when_the_next_one_has_begun_waits_for_the_one_after() -> None:
    source, shared = Source(), sharing()
    tasks = asking(shared, source, "a", "b")
    await settle()
    source.gate.set()
    await settle()
    source.gate.clear()
    tasks += asking(shared, source, "c", "d")
    await settle()
    source.value = 7
    tasks += asking(shared, source, "e")
    await settle()
    source.gate.set()

    answers = await asyncio.gather(*tasks)

    assert source.begun == ["a", "b", "c", "e"]
    assert answers == [("a", 0), ("b", 0), ("c", 0), ("e", 7), ("e", 7)]


async def test_other_keys_do_not_wait() -> None:
    source, shared = Source(), sharing()

    tasks = asking(shared, source, "a", key="one") + asking(shared, source, "b", key="two")
    await settle()

    assert source.begun == ["a", "b"]
    source.gate.set()
    assert await asyncio.gather(*tasks) == [("a", 0), ("b", 0)]


async def test_nothing_is_kept_when_nobody_asks_any_more() -> None:
    source, shared = Source(), sharing()

    tasks = asking(shared, source, "a", "b", "c")
    await settle()
    source.gate.set()
    await asyncio.gather(*tasks)
    await settle()

    assert (shared._under_way, shared._tasks) == ({}, set())


@pytest.mark.parametrize("leaving", [0, 1, 2, 3])
async def test_a_caller_that_goes_away_takes_nothing_from_the_others(leaving: int) -> None:
    source, shared = Source(), sharing()
    tasks = asking(shared, source, "a", "b", "c", "d")
    await settle()

    tasks[leaving].cancel()
    await settle()
    source.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(answers.pop(leaving), asyncio.CancelledError)
    assert all(isinstance(answer, tuple) for answer in answers)
    await settle()
    assert shared._under_way == {}


async def test_an_answer_that_is_for_one_alone_lets_the_others_ask_for_themselves() -> None:
    source, shared = Source(value=13), sharing()

    tasks = asking(shared, source, "a", "b", "c")
    await settle()
    source.gate.set()
    answers = await asyncio.gather(*tasks)

    assert answers == [("a", 13), ("b", 13), ("c", 13)]
    assert shared.shared == 0


async def test_a_failure_reaches_everybody_who_waited_and_nobody_after() -> None:
    source, shared = Source(), sharing()
    tasks = asking(shared, source, "a", "b", "c")
    await settle()

    source.value = -1
    source.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    source.value = 1
    later = await shared.answer("k", "later", source.read)

    assert answers[0] == ("a", 0)
    assert [str(answer) for answer in answers[1:]] == ["c", "c"]
    assert later == ("later", 1)


@pytest.mark.parametrize("seed", range(20))
async def test_everybody_reads_what_they_wrote_and_time_never_runs_backwards(seed: int) -> None:
    chance, shared = Random(seed), sharing()
    written = executions = 0

    async def pause() -> None:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)

    async def read(who: str) -> tuple[str, int]:
        nonlocal executions
        executions += 1
        await pause()
        value = written
        await pause()
        return who, value

    async def client(name: str, execute: Callable[[str], Awaitable[tuple[str, int]]]) -> None:
        nonlocal written
        seen = 0
        for _ in range(20):
            await pause()
            if chance.random() < 0.3:
                written += 1
                if written == 13:
                    written += 1
                seen = written
            _, value = await shared.answer("k", name, execute)
            assert value >= seen
            seen = value

    await asyncio.gather(*(client(f"client {number}", read) for number in range(8)))

    assert shared.shared > 40
    assert executions + shared.shared == 8 * 20
