"""Events of subscriptions: each is executed and encoded once for all streams that tell it alike.

Alike are streams of one operation of one document with the same variables for the same audience. An answer is kept for a
moment only, so that it is as fresh for those who are told late.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import orjson
from graphql import OperationDefinitionNode, VariableNode

from api.execution.documents import Document

MOST_ANSWERS = 512
"""Kept of each group of streams that are alike."""

FRESH_SECONDS = 1.0

A = TypeVar("A")
A_contra = TypeVar("A_contra", contravariant=True)


class Told(Protocol):
    """What a source may say of an event of its own; one that says nothing of it is executed for each stream."""

    @property
    def event_id(self) -> str | None:
        """What a client names to go on after it."""

    @property
    def sameness(self) -> Hashable | None:
        """Equal for two events of streams that are alike exactly when their answers are."""


class Outlet(Protocol[A_contra]):
    """Where a transport takes what a stream tells without making anybody wait."""

    def push(self, answer: A_contra) -> bool:
        """False when it is still on its way, and nothing more may be pushed until `cleared` has returned."""

    async def cleared(self) -> None: ...


class Live(ABC, Generic[A]):
    """What a source may yield where an event could be, once it tells nothing that others like it are not told as well."""

    @abstractmethod
    async def follow(self, alike: Hashable, tell: Callable[[object], Awaitable[A]], outlet: Outlet[A]) -> None:
        """Push what `tell` answers to events. Returns when the source has to be asked for the next event again.

        `alike` is the same for all whose `tell` answers the same.
        """


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
        for selection in operation.selection_set.selections:
            for argument in getattr(selection, "arguments", None) or ():
                if argument.name.value == self.beginning and isinstance(argument.value, VariableNode):
                    yield argument.value.name.value


@dataclass(slots=True)
class _Work(Generic[A]):
    began: float
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    # Of one element once it has succeeded.
    outcome: tuple[A] | None = None


class Recent(Generic[A]):
    """What was worked out a moment ago, once for all who want the same. What `may_share` refuses is for one alone."""

    def __init__(self, may_share: Callable[[A], bool] = lambda _: True) -> None:
        self._may_share = may_share
        self._work: dict[Hashable, _Work[A]] = {}

    async def answer(self, key: Hashable, execute: Callable[[], Awaitable[A]]) -> A:
        """What `execute` answers, for this caller or for another one. Whatever the answer depends on must be in the key."""
        now = asyncio.get_running_loop().time()
        while (work := self._work.get(key)) is not None and now - work.began <= FRESH_SECONDS:
            if work.outcome is None:
                await work.is_over.wait()
            if work.outcome is not None:
                return work.outcome[0] if self._may_share(work.outcome[0]) else await execute()
            # It failed, or whoever was at it left: the first to notice takes it on.
            if self._work.get(key) is work:
                del self._work[key]
        return await self._work_out(key, now, execute)

    async def _work_out(self, key: Hashable, now: float, execute: Callable[[], Awaitable[A]]) -> A:
        # Put last, so that the first is the oldest.
        self._work.pop(key, None)
        work = self._work[key] = _Work[A](now)
        if len(self._work) > MOST_ANSWERS:
            del self._work[next(iter(self._work))]
        try:
            answer = await execute()
            work.outcome = (answer,)
        finally:
            work.is_over.set()
        return answer


class Group(Recent[A]):
    """Of streams that are alike."""

    streams = 0

    async def told(self, execute: Callable[[object], Awaitable[A]], event: object) -> A:
        sameness = getattr(event, "sameness", None)
        return await execute(event) if sameness is None else await self.answer(sameness, partial(execute, event))


class Groups(Generic[A]):
    """Streams that are alike share what they were told of late."""

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
