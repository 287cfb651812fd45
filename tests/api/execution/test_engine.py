from collections.abc import AsyncGenerator
from typing import Any

import orjson
import pytest
from graphql import GraphQLResolveInfo, OperationType, build_schema

from api.execution.engine import Answer, Engine, GraphQLRequest
from api.execution.errors import StreamClosed
from tests.api.transport.sample import Context, World, asked, sample_engine

pytestmark = pytest.mark.anyio


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def engine(world: World) -> Engine:
    return sample_engine(world)


@pytest.fixture
def context(world: World) -> Context:
    return Context(world, "request-1")


async def executed(engine: Engine, request: GraphQLRequest, context: Context) -> dict[str, Any]:
    answer = await engine.execute(request, context)
    assert answer.is_request_error is (b'"data"' not in answer.body)
    return dict(orjson.loads(answer.body))


async def streamed(engine: Engine, query: str, context: Context) -> list[dict[str, Any]]:
    stream = await engine.subscribe(asked(query), context)
    assert not isinstance(stream, Answer)
    return [orjson.loads(answer.body) async for answer in stream]


async def test_a_query_is_answered_with_its_data(engine: Engine, context: Context) -> None:
    answer = await executed(engine, asked("query($n: String!) { hello(name: $n) requestId }", n="you"), context)

    assert answer == {"data": {"hello": "Hello, you!", "requestId": "request-1"}}


async def test_an_unforeseen_error_is_masked_and_reported(engine: Engine, context: Context, world: World) -> None:
    answer = await executed(engine, asked("{ hello broken }"), context)

    assert answer == {
        "data": {"hello": "Hello, world!", "broken": None},
        "errors": [
            {
                "message": "Internal error",
                "locations": [{"line": 1, "column": 9}],
                "path": ["broken"],
                "extensions": {"code": "INTERNAL", "requestId": "request-1"},
            }
        ],
    }
    assert [str(error) for error in world.unexpected] == ["password=hunter2"]


async def test_a_refusal_keeps_its_message_and_extensions(engine: Engine, context: Context, world: World) -> None:
    answer = await executed(engine, asked("{ forbidden }"), context)

    assert answer["data"] == {"forbidden": None}
    assert answer["errors"][0]["message"] == "Not for you."
    assert answer["errors"][0]["extensions"] == {"code": "FORBIDDEN", "hint": "ask"}
    assert world.unexpected == []


@pytest.mark.parametrize("field", ["careless", "neverNull", "tooBig"])
async def test_an_error_without_a_code_is_a_mistake_of_ours(
    engine: Engine, context: Context, world: World, field: str
) -> None:
    answer = await executed(engine, asked(f"{{ {field} }}"), context)

    [error] = answer["errors"]
    assert (error["message"], error["extensions"]) == ("Internal error", {"code": "INTERNAL", "requestId": "request-1"})
    assert len(world.unexpected) == 1


async def test_a_refused_field_that_cannot_be_null_takes_its_parent_along(
    engine: Engine, context: Context, world: World
) -> None:
    answer = await executed(engine, asked("{ neverNullButRefused }"), context)

    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert world.unexpected == []


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (asked("query($n: Int!) { add(first: $n) }"), "Variable '$n' has invalid value: Expected a value of non-null type 'Int!' to be provided."),
        (asked("query($n: Int!) { add(first: $n) }", n="x"), "Variable '$n' has invalid value: Int cannot represent non-integer value: 'x'"),
        (asked("query($n: Int!) { add(first: $n) }", n=10**18), "Variable '$n' has invalid value: Int cannot represent non 32-bit signed integer value: 1000000000000000000"),
        (GraphQLRequest("query A { hello } query B { hello }"), "The document has several operations: operationName must name one."),
        (GraphQLRequest("query A { hello }", operation_name="B"), "The document has no operation with this operationName."),
        (GraphQLRequest("fragment F on Query { hello } query A { ...F }", operation_name="F"), "The document has no operation with this operationName."),
        (asked("query($if: Boolean = true) { hello @skip(if: $if) }", **{"if": None}), "Argument 'if' has invalid value: Expected variable '$if' provided to non-null type 'Boolean!' not to be None."),
        (asked("subscription { count(to: 1) }"), "A subscription needs a transport that streams."),
    ],
    ids=range(8),
)  # fmt: skip
async def test_what_cannot_be_executed_is_the_callers_mistake_and_has_no_data(
    engine: Engine, context: Context, request_: GraphQLRequest, message: str
) -> None:
    answer = await executed(engine, request_, context)

    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        (message, {"code": "BAD_USER_INPUT"})
    ]
    assert "data" not in answer


async def test_a_null_variable_in_an_argument_is_the_callers_mistake(
    engine: Engine, context: Context, world: World
) -> None:
    answer = await executed(engine, asked("query($n: Int = 1) { add(first: $n) }", n=None), context)

    assert [error["extensions"] for error in answer["errors"]] == [{"code": "BAD_USER_INPUT"}]
    assert world.unexpected == []


async def test_at_most_five_mistakes_in_variables_are_told(engine: Engine, context: Context) -> None:
    names = [f"v{number}" for number in range(9)]
    declared = ", ".join(f"${name}: Int!" for name in names)
    used = " ".join(f"{name}: add(first: ${name})" for name in names)

    answer = await executed(engine, asked(f"query({declared}) {{ {used} }}", **dict.fromkeys(names, "x")), context)

    assert len(answer["errors"]) == 5


async def test_a_value_that_json_cannot_hold_is_internal(world: World, context: Context) -> None:
    schema = build_schema("scalar Anything type Query { anything: Anything }")

    def set_of_one(_source: object, _info: GraphQLResolveInfo[Any]) -> set[int]:
        return {1}

    schema.query_type.fields["anything"].resolve = set_of_one  # type: ignore[union-attr]

    def on_unexpected(error: BaseException, _context: object) -> str:
        world.unexpected.append(error)
        return "id-7"

    engine = Engine(schema, on_unexpected=on_unexpected)

    answer = await executed(engine, asked("{ anything }"), context)

    assert answer == {
        "errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL", "requestId": "id-7"}}],
        "data": None,
    }
    assert len(world.unexpected) == 1


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("{ hello }", OperationType.QUERY),
        ("mutation { bump }", OperationType.MUTATION),
        ("subscription { count(to: 1) }", OperationType.SUBSCRIPTION),
    ],
)
def test_the_kind_of_an_operation_is_known_before_it_runs(engine: Engine, query: str, kind: OperationType) -> None:
    found = engine.operation_kind(asked(query))

    assert found is kind


def test_a_bad_document_has_no_kind_but_an_answer(engine: Engine) -> None:
    found = engine.operation_kind(asked("{"))

    assert isinstance(found, Answer)
    assert found.is_request_error


async def test_a_subscription_yields_an_answer_for_each_event(engine: Engine, context: Context) -> None:
    answers = await streamed(engine, "subscription { count(to: 3) }", context)

    assert answers == [{"data": {"count": 1}}, {"data": {"count": 2}}, {"data": {"count": 3}}]


async def test_a_source_that_breaks_ends_in_a_masked_error(engine: Engine, context: Context, world: World) -> None:
    answers = await streamed(engine, "subscription { breaks }", context)

    assert answers == [
        {"data": {"breaks": 1}},
        {"errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL", "requestId": "request-1"}}]},
    ]
    assert [str(error) for error in world.unexpected] == ["password=hunter2"]


async def test_a_source_that_refuses_keeps_its_code(engine: Engine, context: Context) -> None:
    [answer] = await streamed(engine, "subscription { forbidden }", context)

    assert [error["extensions"] for error in answer["errors"]] == [{"code": "FORBIDDEN"}]


async def test_a_closed_stream_passes_through_with_its_code(engine: Engine, context: Context) -> None:
    with pytest.raises(StreamClosed) as closed:
        await streamed(engine, "subscription { fallsBehind }", context)

    assert closed.value.close_code == 4410


async def test_closing_the_answers_closes_the_source(engine: Engine, context: Context, world: World) -> None:
    stream = await engine.subscribe(asked("subscription { forever }"), context)
    assert isinstance(stream, AsyncGenerator)
    await anext(stream)

    await stream.aclose()

    assert (world.streams_opened, world.streams_closed) == (1, 1)
