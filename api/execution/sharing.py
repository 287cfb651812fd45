"""One execution for many who ask the same thing at the same time, each of whom sees all that was written before they asked.

An execution that is under way may have read already, so nobody joins it. Whoever asks meanwhile waits for the next one,
which begins when the present one has ended: after everybody whom it answers has asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson
from graphql import OperationDefinitionNode, OperationType

from api.execution.documents import Document

C = TypeVar("C")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Shareable:
    """Which queries may be shared, and between whom.

    `audience_of` gives, from a request's context, everything that these fields and those below them read of it, or null for
    a caller that shares with nobody. A field that is not public is never shared.
    """

    root_fields: frozenset[str]
    audience_of: Callable[[Any], Hashable | None]

    def key(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        variables: dict[str, Any] | None,
        context: object,
    ) -> Hashable | None:
        """Everything that the answer depends on, besides what is stored; null when it may not be shared."""
        appraisal = document.appraisal(operation)
        if operation.operation is not OperationType.QUERY or not appraisal.is_public:
            return None
        if not appraisal.root_fields <= self.root_fields:
            return None
        audience = self.audience_of(context)
        if audience is None:
            return None
        try:
            canonical = orjson.dumps(variables or {}, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            # Nested deeper than can be written.
            return None
        return document, id(operation), canonical, audience


@dataclass(slots=True)
class _Next(Generic[C, A]):
    """The execution that others wait for. Its context is that of whoever came last, so that nothing in it is older."""

    context: C
    execute: Callable[[C], Awaitable[A]]
    answer: "asyncio.Future[A]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Sharing(Generic[C, A]):
    """One execution at a time for each key; whatever an answer depends on must be in its key.

    `may_share` is asked of each answer: one that tells about a single request is for that request alone.
    """

    def __init__(self, may_share: Callable[[A], bool]) -> None:
        self._may_share = may_share
        self._under_way: dict[Hashable, _Next[C, A] | None] = {}
        # The event loop itself keeps only weak references to its tasks.
        self._tasks: set[asyncio.Task[None]] = set()
        self.shared = 0
        """How many were answered with what was executed for somebody else."""

    async def answer(self, key: Hashable, context: C, execute: Callable[[C], Awaitable[A]]) -> A:
        """What `execute` answers, for this caller or for another with the same key; begun after this was called."""
        if key not in self._under_way:
            self._under_way[key] = None
            try:
                return await execute(context)
            finally:
                self._go_on(key)
        following = self._under_way[key]
        if following is None:
            following = self._under_way[key] = _Next(context, execute)
        else:
            following.context = context
        # A caller that goes away does not take the answer from the others.
        answer = await asyncio.shield(following.answer)
        if following.context is context:
            return answer
        if not self._may_share(answer):
            return await execute(context)
        self.shared += 1
        return answer

    def _go_on(self, key: Hashable) -> None:
        following = self._under_way[key]
        if following is None:
            del self._under_way[key]
            return
        self._under_way[key] = None
        task = asyncio.get_running_loop().create_task(self._execute(key, following))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _execute(self, key: Hashable, following: _Next[C, A]) -> None:
        try:
            following.answer.set_result(await following.execute(following.context))
        except Exception as error:  # noqa: BLE001 - It belongs to those who wait.
            following.answer.set_exception(error)
        finally:
            # When this is canceled, everything is being stopped.
            following.answer.cancel()
            self._go_on(key)
