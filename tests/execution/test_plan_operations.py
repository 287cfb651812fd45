"""Mutations one after another, streams event by event, and which operations get a plan."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import orjson
import pytest
import strawberry

from api.execution.access import ACCESS
from api.execution.engine import Answer, GraphQLRequest
from api.execution.errors import StreamClosed
from api.execution.fields import column
from api.execution.plan import cache
from api.execution.plan.compile import compile_plan
from tests.execution.laboratory import OPEN, Bench, engine_of, guarded, request, same, same_stream

pytestmark = pytest.mark.anyio

Info = strawberry.Info[Bench, None]


@strawberry.type
class Step:
    name: str = column(OPEN, "")
    strict: int = column(OPEN, "")

    @strawberry.field(metadata={ACCESS: OPEN})
    async def seen(root: strawberry.Parent[Any], info: Info) -> list[str]:  # noqa: N805
        info.context.seen.append(f"completed {root['name']}")
        return list(info.context.seen)


@strawberry.type
class Query:
    @strawberry.field(metadata={ACCESS: OPEN})
    def step(self) -> Step:
        found: Any = {"name": "asked", "strict": 1}
        return found  # type: ignore[no-any-return]


@strawberry.type
class Mutation:
    @strawberry.mutation(metadata={ACCESS: OPEN})
    async def take(self, info: Info, name: str, strict: int | None = 1) -> Step:
        info.context.seen.append(f"begun {name}")
        await asyncio.sleep(0)
        found: Any = {"name": name, "strict": strict}
        return found  # type: ignore[no-any-return]

    @strawberry.mutation(metadata={ACCESS: OPEN})
    def fail(self, info: Info) -> Step | None:
        info.context.seen.append("failed")
        raise ValueError("boom")


@strawberry.type
class Subscription:
    @strawberry.subscription(metadata={ACCESS: OPEN})
    async def steps(self, ends: str) -> AsyncGenerator[Step | None, None]:
        for name, strict in (("a", 1), ("b", None), ("c", 3)):
            event: Any = {"name": name, "strict": strict}
            yield event
        match ends:
            case "closed":
                raise StreamClosed(4410, "slow consumer")
            case "broken":
                raise ValueError("boom")


SCHEMA = guarded(Query, Mutation, Subscription)


async def test_each_mutation_is_completed_before_the_next_begins() -> None:
    query = 'mutation { a: take(name: "a") { name seen } fail { name } b: take(name: "b") { seen } }'

    outcome = await same(SCHEMA, query)

    assert outcome.data == {
        "a": {"name": "a", "seen": ["begun a", "completed a"]},
        "fail": None,
        "b": {"seen": ["begun a", "completed a", "failed", "begun b", "completed b"]},
    }
    assert outcome.errors == {("ValueError('boom')", "fail", "INTERNAL")}


async def test_after_a_mutation_that_takes_the_whole_answer_none_is_begun() -> None:
    query = 'mutation { a: take(name: "a", strict: null) { strict } b: take(name: "b") { name } }'

    outcome = await same(SCHEMA, query)

    assert outcome.data is None
    assert outcome.seen == ["begun a"]


async def test_each_event_of_a_stream_runs_on_the_plan() -> None:
    events = await same_stream(SCHEMA, 'subscription { s: steps(ends: "well") { name strict seen } }')

    assert [event["data"]["s"] and event["data"]["s"]["name"] for event in events] == ["a", None, "c"]
    assert [error["path"] for error in events[1]["errors"]] == [["s", "strict"]]
    assert events[2]["data"]["s"]["seen"][-1] == "completed c"


async def test_a_stream_that_breaks_says_so_last() -> None:
    events = await same_stream(SCHEMA, 'subscription { steps(ends: "broken") { name } }')

    assert len(events) == 4
    assert events[3]["errors"][0]["extensions"]["requestId"] == "ValueError('boom')"


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_closed_stream_closes(*, compiled: bool) -> None:
    engine = engine_of(SCHEMA, compiled=compiled)
    stream = await engine.subscribe(request('subscription { steps(ends: "closed") { name } }', {}), Bench())
    assert not isinstance(stream, Answer)

    with pytest.raises(StreamClosed):
        [answer async for answer in stream]


async def test_an_operation_is_compiled_when_it_is_seen_often_enough() -> None:
    engine = engine_of(SCHEMA, compile_at_sight=3)
    planned = []

    for _ in range(4):
        await engine.execute(request("{ step { name } }", {}), Bench())
        planned.append(engine.planned)

    assert planned == [0, 0, 1, 2]


async def test_operations_that_never_come_again_push_out_none_that_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_OPERATIONS", 4)
    engine = engine_of(SCHEMA, compile_at_sight=2)
    for _ in range(2):
        await engine.execute(request("{ step { name } }", {}), Bench())

    for number in range(20):
        await engine.execute(request(f"{{ step {{ a{number}: name }} }}", {}), Bench())
    await engine.execute(request("{ step { name } }", {}), Bench())

    assert engine.planned == 2


@pytest.mark.parametrize(("limit", "value"), [("MOST_OPERATIONS", 3), ("MOST_FIELDS", 40)])
async def test_plans_are_bounded_and_the_least_recently_used_go_first(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    compiled: list[str] = []

    def counted(schema: Any, outline: Any, *rest: Any) -> Any:
        compiled.append(outline.operation.name.value)
        return compile_plan(schema, outline, *rest)

    monkeypatch.setattr(cache, limit, value)
    monkeypatch.setattr(cache, "compile_plan", counted)
    engine = engine_of(SCHEMA)
    selected = " ".join(f"a{number}: name" for number in range(6))

    for name in "ABACADAB":
        await engine.execute(request(f"query {name} {{ step {{ {selected} }} }}", {}), Bench())

    assert "".join(compiled) == "ABCDB"


async def test_operations_of_one_document_have_plans_of_their_own() -> None:
    engine = engine_of(SCHEMA)
    document = "query A { step { name } } query B { step { b: strict } }"

    bodies = [(await engine.execute(GraphQLRequest(document, operation_name=name), Bench())).body for name in "ABA"]

    assert [orjson.loads(body)["data"]["step"] for body in bodies] == [{"name": "asked"}, {"b": 1}, {"name": "asked"}]
    assert engine.planned == 3
