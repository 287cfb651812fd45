"""Subtrees that are answered as encoded JSON by whoever knows how to ask for them at once."""

# ruff: noqa: N805, ARG002 - A batched field has its parents for a first argument, and the plan decides on the others.

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
import strawberry
from graphql import Executor

from api.execution.fields import Wanted, batched, column
from api.execution.plan.fusion import Candidate, Fused, NotFused
from tests.execution.laboratory import OPEN, Bench, Closed, engine_of, guarded, request

pytestmark = pytest.mark.anyio

ADMITS = Closed(lambda _source: False)


@strawberry.type
class Part:
    size: int = column(OPEN, "")
    secret: int = column(ADMITS, "")


@strawberry.type
class Thing:
    id: str = column(OPEN, "")

    @batched(OPEN, "")
    async def parts(rows: Any, context: Bench, wanted: Wanted, *, most: int = 3) -> list[Part] | None:
        context.seen.append("loaded")
        return [[{"size": most, "secret": 1}] for _ in rows]  # type: ignore[misc]


@strawberry.type
class Query:
    @batched(OPEN, "")
    async def things(rows: Any, context: Bench, wanted: Wanted) -> list[Thing]:
        return [[{"id": "1"}, {"id": "2"}, {"id": "3"}]]  # type: ignore[list-item]


SCHEMA = guarded(Query)


async def answered(values: Any, query: str, **variables: Any) -> tuple[dict[str, Any], Bench]:
    def fuse(candidate: Candidate) -> Fused | None:
        if candidate.origin.coordinate != "Thing.parts":
            return None
        arguments = candidate.arguments(candidate.origin.definition, candidate.origin.nodes[0])

        async def fused(parents: Sequence[Any], executor: Executor[Any]) -> Sequence[Any]:
            given = arguments.converted(arguments.coerced(executor))
            executor.context_value.seen.append(("fused", [parent["id"] for parent in parents], given))
            if isinstance(values, Exception):
                raise values
            return [orjson.Fragment(value) if isinstance(value, bytes) else value for value in values]

        return fused

    bench = Bench()
    answer = await engine_of(SCHEMA, fuse=fuse).execute(request(query, variables), bench)
    response: dict[str, Any] = orjson.loads(answer.body)
    return response, bench


async def test_what_is_fused_is_placed_as_it_is() -> None:
    values = [b'[{"size":7}]', b"[]", None]

    response, bench = await answered(values, "query($n: Int!) { things { p: parts(most: $n) { size } id } }", n=5)

    assert response == {
        "data": {"things": [{"p": [{"size": 7}], "id": "1"}, {"p": [], "id": "2"}, {"p": None, "id": "3"}]}
    }
    assert bench.seen == [("fused", ["1", "2", "3"], {"most": 5})]


async def test_what_cannot_be_fused_this_time_runs_as_ever() -> None:
    response, bench = await answered(NotFused(), "{ things { parts(most: 2) { size } } }")

    assert response == {"data": {"things": [{"parts": [{"size": 2}]}] * 3}}
    assert bench.seen[-1] == "loaded"


async def test_a_failure_of_what_is_fused_is_an_error_of_each() -> None:
    response, _ = await answered(ValueError("boom"), "{ things { parts { size } } }")

    assert response["data"] == {"things": [{"parts": None}] * 3}
    assert {error["extensions"]["requestId"] for error in response["errors"]} == {"ValueError('boom')"}


async def test_nothing_is_fused_over_a_rule() -> None:
    response, bench = await answered([b"[]"] * 3, "{ things { parts { size ... on Part { secret } } } }")

    assert response["data"] == {"things": [{"parts": [{"size": 3, "secret": 1}]}] * 3}
    assert bench.seen == ["loaded"]
