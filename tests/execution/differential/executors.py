"""One request, given to both executors."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema, is_interface_type, is_object_type
from strawberry.exceptions import WrongNumberOfResultsReturned
from strawberry.types.base import StrawberryObjectDefinition

from api.execution.engine import Answer, Engine, GraphQLRequest
from api.execution.limits import Limits
from tests.execution.differential.comparison import differences, told_more_than_once
from tests.execution.differential.declarations import generated_schema
from tests.execution.differential.documents import Asked
from tests.execution.differential.sources import Columns, World

_NO_LIMITS = Limits(10**6, 10**6, 10, 100, 100, 10**6, 10**6, 10**6, 100, 10**9, 10**12)


def _named(error: BaseException, _context: object) -> str:
    """Stands where the request's id would: so the cause of a masked error is compared as well."""
    if isinstance(error, _OF_A_BAD_LOAD) and any(phrase in str(error) for phrase in _ABOUT_A_BAD_LOAD):
        return "The load did not return one value for each parent."
    return f"{type(error).__name__}: {error}"


_OF_A_BAD_LOAD = (WrongNumberOfResultsReturned, RuntimeError, TypeError)
_ABOUT_A_BAD_LOAD = ("wrong number of results", "values for", "is not iterable", "has no len()")
"""The one thing that each executor says in its own words; clients see neither."""


@dataclass(frozen=True)
class Executors:
    schema: GraphQLSchema
    columns: Columns
    reference: Engine
    compiled: Engine

    def world(self, asked: Asked, seed: int, faults: int) -> World:
        return World(self.schema, self.columns, seed, faults, asked.conditions)

    async def disagreements(self, asked: Asked, seed: int, faults: int) -> list[str]:
        """Empty when both give the same answer, or the same stream of answers."""
        expected = await answers(self.reference, asked, self.world(asked, seed, faults))
        accounted = self._accounted()
        found = await answers(self.compiled, asked, self.world(asked, seed, faults))
        if b'"data"' in b"".join(found) and self._accounted() == accounted:
            return [f"no plan ran, because of {self.compiled.fallbacks}"]
        if len(expected) != len(found):
            return [f"{len(expected)} or {len(found)} answers"]
        return [
            difference
            for one, other in zip(expected, found, strict=True)
            for difference in (*differences(one, other), *told_more_than_once(other))
        ]

    def _accounted(self) -> int:
        """How many operations ran on a plan, or on none for a reason that is known."""
        return self.compiled.planned + sum(self.compiled.fallbacks.get(reason, 0) for reason in EXCUSES)


EXCUSES = ("condition", "variants")
"""A null in a condition, and more combinations of conditions than are kept of one operation."""


async def answers(engine: Engine, asked: Asked, world: World) -> list[bytes]:
    request = GraphQLRequest(asked.document, dict(asked.variables), asked.operation_name)
    if asked.kind != "subscription":
        return [(await engine.execute(request, world)).body]
    stream = await engine.subscribe(request, world)
    return [stream.body] if isinstance(stream, Answer) else [answer.body async for answer in stream]


def executors_of(build: Callable[[], GraphQLSchema]) -> Executors:
    schema, columns = generated_schema(build, _definitions(build()))
    return Executors(schema, columns, _engine(schema, compiled=False), _engine(schema, compiled=True))


def _engine(schema: GraphQLSchema, *, compiled: bool) -> Engine:
    return Engine(schema, limits=_NO_LIMITS, on_unexpected=_named, compiled=compiled)


def _definitions(schema: GraphQLSchema) -> list[StrawberryObjectDefinition]:
    return [
        type_.extensions["strawberry-definition"]
        for type_ in schema.type_map.values()
        if (is_object_type(type_) or is_interface_type(type_)) and "strawberry-definition" in type_.extensions
    ]


FUZZ_EXAMPLES = int(os.environ.get("ONESHELF_FUZZ_EXAMPLES", "2000"))


@contextmanager
def one_loop() -> Iterator[Callable[[Any], Any]]:
    """Runs coroutines on one event loop: making a new one for each example costs more than the example."""
    with asyncio.Runner() as runner:
        yield runner.run
