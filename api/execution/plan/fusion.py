"""Where a whole subtree may be answered as encoded JSON, by something that knows how to ask for it at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import Executor, FieldNode, GraphQLField, GraphQLSchema

from api.execution.plan.arguments import Arguments
from api.execution.plan.collect import Collector
from api.execution.plan.completing import Completer
from api.execution.plan.origin import Origin
from api.execution.plan.places import Place, Step
from api.execution.plan.running import Run
from api.execution.plan.steps import Deferred, as_many


class NotFused(Exception):
    """Raised by a fused field that cannot answer this time: then the field runs as if nobody had fused it."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A batched or plain field. It is fused only if its own rule, and those of all fields selected below it, are public."""

    schema: GraphQLSchema
    origin: Origin
    collector: Collector
    "What is selected below, with the operation's conditions decided."

    def arguments(self, definition: GraphQLField, node: FieldNode) -> Arguments:
        """Those of this field, or of one below it."""
        return Arguments(self.schema, definition, node)


Fused = Callable[[Sequence[Any], Executor[Any]], Awaitable[Sequence[Any]]]
"""From all parents to what the field is for each: an `orjson.Fragment`, null, or an exception. The executor has the
context and the variables. May raise NotFused."""

Fuse = Callable[[Candidate], Fused | None]
"""Asked while a plan is compiled; null for a field that is to run like any other."""


class _Opaque(Completer):
    async def of_sound(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:  # noqa: ARG002
        return list(values)


class FusedField(Deferred):
    def __init__(self, step: Step, fused: Fused, ordinary: Deferred) -> None:
        origin = ordinary.completer.origin
        super().__init__(step, _Opaque(origin, is_nullable=step.is_nullable))
        self._fused = fused
        self._ordinary = ordinary

    async def completed(self, sources: Sequence[Any], run: Run, place: Place) -> list[Any]:
        try:
            return await super().completed(sources, run, place)
        except NotFused:
            return await self._ordinary.completed(sources, run, place)

    async def values(self, sources: Sequence[Any], run: Run, place: Place) -> Sequence[Any]:  # noqa: ARG002
        try:
            return as_many(await self._fused(sources, run.executor), sources)
        except NotFused:
            raise
        except Exception as error:  # noqa: BLE001 - Becomes the error of each of them.
            return [error] * len(sources)
