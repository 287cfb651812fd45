"""Events of subscriptions: each is executed and encoded once for all streams that tell it alike.

Alike are streams of one operation of one document with the same variables for the same audience. An answer is kept for a
moment only, so that it is as fresh for those who are told late.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import orjson
from graphql import OperationDefinitionNode, VariableNode

from api.execution.documents import Document

MOST_ANSWERS = 512
"""Kept by each group of streams that are alike."""

FRESH_SECONDS = 1.0

A = TypeVar("A")


class Told(Protocol):
    """What a source may say of an event of its own; one that says nothing of it is executed for each stream."""

    @property
    def event_id(self) -> str | None:
        """What a client names to go on after it."""

    @property
    def sameness(self) -> Hashable | None:
        """Equal for two events of streams that are alike exactly when their answers are."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Between whom events may be shared: `of` gives, from a stream's context, all that its fields read of it.

    `of` is told whether every field of the operation is public, and the names of its root fields.
    """

    of: Callable[[Any, bool, frozenset[str]], Hashable]
    # The argument of root fields that says where a stream begins, and nothing about what it tells.
    beginning: str = "after"

    def key(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
        context: object,
    ) -> Hashable:
        appraisal = document.appraisal(operation)
        beginnings = set(self._beginnings(operation))
        rest = {name: value for name, value in (variables or {}).items() if name not in beginnings}
        try:
            encoded = orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            # Nested deeper than can be written: alike with no other.
            return object()
        return document, id(operation), encoded, self.of(context, appraisal.is_public, appraisal.root_fields)

    def _beginnings(self, operation: OperationDefinitionNode) -> Iterator[str]:
        """Variables of a type that only such an argument takes."""
        for field in operation.selection_set.selections:
            for argument in getattr(field, "arguments", None) or ():
                if argument.name.value == self.beginning and isinstance(argument.value, VariableNode):
                    yield argument.value.name.value


@dataclass(slots=True)
class _Telling(Generic[A]):
    began: float
    task: "asyncio.Task[A]"


class Group(Generic[A]):
    """Streams that are alike, and what they were told of late."""

    def __init__(self, may_share: Callable[[A], bool]) -> None:
        self.streams = 0
        self._may_share = may_share
        self._told: dict[Hashable, _Telling[A]] = {}

    async def answer(self, sameness: Hashable, execute: Callable[[], Awaitable[A]]) -> A:
        """What `execute` answers, for this stream or for another one."""
        loop = asyncio.get_running_loop()
        telling = self._told.get(sameness)
        is_own = telling is None or loop.time() - telling.began > FRESH_SECONDS
        if telling is None or is_own:
            telling = self._begin(sameness, loop, execute)
        if telling.task.done() and not telling.task.cancelled():
            answer = telling.task.result()
        else:
            # A stream that ends does not take the answer from the others.
            answer = await asyncio.shield(telling.task)
        return answer if is_own or self._may_share(answer) else await execute()

    def _begin(
        self, sameness: Hashable, loop: asyncio.AbstractEventLoop, execute: Callable[[], Awaitable[A]]
    ) -> _Telling[A]:
        async def executed() -> A:
            return await execute()

        # Put last, so that the first is the oldest.
        self._told.pop(sameness, None)
        telling = self._told[sameness] = _Telling(loop.time(), loop.create_task(executed()))
        if len(self._told) > MOST_ANSWERS:
            del self._told[next(iter(self._told))]
        return telling


class Groups(Generic[A]):
    """All groups that have a stream."""

    def __init__(self, may_share: Callable[[A], bool]) -> None:
        self._may_share = may_share
        self._groups: dict[Hashable, Group[A]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    @contextmanager
    def joined(self, key: Hashable) -> Iterator[Group[A]]:
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(self._may_share)
        group.streams += 1
        try:
            yield group
        finally:
            group.streams -= 1
            if not group.streams:
                del self._groups[key]


@asynccontextmanager
async def closing(source: AsyncIterable[Any]) -> AsyncGenerator[AsyncIterable[Any], None]:
    """Closes what can be closed, which is every generator."""
    try:
        yield source
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()
