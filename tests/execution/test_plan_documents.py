"""What documents may do with a selection: aliases, fragments, conditions, types that only the value tells."""

# ruff: noqa: N805 - The first argument of a batched field is its parents.

from typing import Annotated, Any

import orjson
import pytest
import strawberry
from graphql import GraphQLResolveInfo, GraphQLScalarType, GraphQLSchema, build_schema, print_ast

from api.execution.fields import Wanted, batched, column, inline
from api.execution.plan.cache import MOST_VARIANTS
from tests.execution.laboratory import OPEN, Bench, engine_of, guarded, request, run, same

pytestmark = pytest.mark.anyio


@strawberry.interface
class Named:
    name: str = column(OPEN, "")


@strawberry.type
class Cat(Named):
    lives: int = column(OPEN, "")

    @batched(OPEN, "")
    async def friends(rows: Any, context: Bench, wanted: Wanted, *, first: int = 9) -> "list[Pet]":
        context.seen.append((len(rows), first, wanted))
        return [row["friends"][:first] for row in rows]


@strawberry.type
class Dog(Named):
    tricks: list[str] = column(OPEN, "")
    owner: Named | None = column(OPEN, "")


Pet = Annotated[Cat | Dog, strawberry.union("Pet")]


@strawberry.type
class Query:
    pets: list[Pet | None] = inline(lambda _root: CURRENT, OPEN, "")
    named: list[Named] = inline(lambda _root: CURRENT, OPEN, "")

    @batched(OPEN, "")
    async def pet(rows: Any, context: Bench, wanted: Wanted) -> Named | None:
        context.seen.append(wanted)
        return [context.data]  # type: ignore[return-value]


CURRENT: list[Any] = []


@pytest.fixture(autouse=True)
def pets() -> list[Any]:
    tom = {"__typename": "Cat", "name": "Tom", "lives": 9, "friends": []}
    rex = {"__typename": "Dog", "name": "Rex", "tricks": ["sit"], "owner": tom}
    kit = {"__typename": "Cat", "name": "Kit", "lives": 7, "friends": [rex, tom]}
    CURRENT[:] = [tom, rex, kit]
    return CURRENT


SCHEMA = guarded(Query)


async def test_objects_of_several_types_keep_their_places_and_run_one_level_for_each_type() -> None:
    query = """{ pets { __typename ... on Named { name } ... on Cat { friends(first: 1) { ... on Dog { tricks } } } ... on Dog {
        owner { name } } } }"""

    outcome = await same(SCHEMA, query)

    assert outcome.data["pets"] == [
        {"__typename": "Cat", "name": "Tom", "friends": []},
        {"__typename": "Dog", "name": "Rex", "owner": {"name": "Tom"}},
        {"__typename": "Cat", "name": "Kit", "friends": [{"tricks": ["sit"]}]},
    ]
    assert outcome.seen == [(2, 1, frozenset({"tricks"}))]


@pytest.mark.parametrize(
    "bad",
    [
        None,
        ValueError("boom"),
        {"__typename": "Fish"},
        {"__typename": "Query"},
        {"__typename": 5},
        {"__typename": None},
        {},
    ],
    ids=range(7),
)
@pytest.mark.parametrize("field", ["pets { __typename }", "named { name }"])
async def test_an_object_without_a_type_is_the_error_of_its_place(pets: list[Any], bad: Any, field: str) -> None:
    pets[1] = bad

    outcome = await same(SCHEMA, f"{{ {field} }}")

    assert (outcome.data is None) == field.startswith("named")
    assert len(outcome.errors) == (0 if bad is None and field.startswith("pets") else 1)


async def test_what_is_wanted_of_an_interface_is_what_any_of_its_types_wants() -> None:
    query = "{ pet { name ... on Cat { lives } ... on Dog { t: tricks } ...F } } fragment F on Dog { owner { name } }"

    outcome = await run(SCHEMA, query, CURRENT[0], compiled=True)

    assert outcome.data == {"pet": {"name": "Tom", "lives": 9}}
    assert outcome.seen == [frozenset({"name", "lives", "tricks", "owner"})]


@pytest.mark.parametrize(
    "selection",
    [
        "a: name b: name name",
        "name ...N name ...N | fragment N on Named { z: name ...M } fragment M on Cat { lives n: name }",
        "... { name } ... on Cat { name lives } ... on Dog { name tricks }",
        "... on Cat { f: friends(first: 1) { ... on Dog { name } } } ... on Cat { f: friends(first: 1) { ... on Dog { tricks } } }",
        "... on Cat { a: friends(first: 1) { __typename } b: friends(first: 2) { __typename } }",
        "__typename t: __typename ... on Named { __typename }",
        "name @skip(if: true) kept: name @include(if: true) gone: name @include(if: false) both: name @skip(if: true) @include(if: true)",
        "x: __typename ... @skip(if: true) { name } ... on Cat @include(if: false) { lives } ...N @skip(if: false) | fragment N on Named { name }",
    ],
    ids=range(8),
)
async def test_selections_merge_as_the_specification_says(selection: str) -> None:
    selected, _, fragments = selection.partition("|")

    outcome = await same(SCHEMA, f"{{ named {{ {selected} }} }} {fragments}")

    assert outcome.errors == set()
    assert len(outcome.data["named"]) == 3


CONDITIONAL = """query($a: Boolean!, $b: Boolean! = true) {
  named { name @include(if: $a) ...F @skip(if: $b) x: __typename }
}
fragment F on Named { f: name @skip(if: $a) ... on Dog @include(if: $a) { tricks } }"""


async def test_conditions_are_those_of_each_request() -> None:
    engine = engine_of(SCHEMA)
    given = [{"a": True, "b": True}, {"a": False, "b": False}, {"a": True, "b": False}, {"a": True}, {"a": False}] * 2

    bodies = [(await engine.execute(request(CONDITIONAL, variables), Bench())).body for variables in given]

    for variables, body in zip(given, bodies, strict=True):
        reference = await engine_of(SCHEMA, compiled=False).execute(request(CONDITIONAL, variables), Bench())
        assert body == reference.body
    assert (engine.planned, engine.fallbacks) == (10, {})


async def test_too_many_conditions_are_left_to_graphql_core() -> None:
    names = [f"v{number}" for number in range(5)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    selected = " ".join(f"{name}: __typename @skip(if: ${name})" for name in names)
    query = f"query({declared}) {{ always: __typename {selected} }}"
    engine = engine_of(SCHEMA)

    for number in range(32):
        truths = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        answer = await engine.execute(request(query, truths), Bench())
        expected = {"always": "Query"} | {name: "Query" for name in names if not truths[name]}
        assert dict.fromkeys(expected, "Query") == orjson_data(answer.body)

    assert (engine.planned, engine.fallbacks) == (MOST_VARIANTS, {"variants": 32 - MOST_VARIANTS})


def orjson_data(body: bytes) -> Any:
    return orjson.loads(body)["data"]


@pytest.mark.parametrize(
    ("query", "variables", "reason"),
    [
        ("{ __schema { queryType { name } } }", {}, "introspection"),
        ('{ ...F } fragment F on Query { t: __type(name: "Cat") { name } }', {}, "introspection"),
        ("query($if: Boolean = true) { pets { __typename @skip(if: $if) } }", {"if": None}, "condition"),
    ],
)
async def test_what_is_not_compiled_runs_on_graphql_core_and_is_counted(
    query: str, variables: dict[str, Any], reason: str
) -> None:
    told: list[str] = []
    engine = engine_of(SCHEMA, on_fallback=told.append)

    answers = [(await engine.execute(request(query, variables), Bench())).body for _ in range(2)]

    reference = await engine_of(SCHEMA, compiled=False).execute(request(query, variables), Bench())
    assert answers == [reference.body] * 2
    assert (engine.planned, engine.fallbacks, told) == (0, {reason: 2}, [reason] * 2)


def foreign_schema() -> GraphQLSchema:
    """One that neither Strawberry nor `guard` has seen."""
    schema = build_schema("""
        directive @upper on FIELD
        type Query { pets: [Pet] me(n: Int = 3): Cat count: Int wait: [Int] stream: [Int!] }
        interface Pet { name: String } type Cat implements Pet { name: String up: String! } type Dog implements Pet { name: String }
    """)

    async def wait(_root: Any, _info: GraphQLResolveInfo[Any]) -> Any:
        async def number(value: int) -> int:
            return value

        return [number(1), 2, number(3)]

    async def stream(_root: Any, _info: GraphQLResolveInfo[Any]) -> Any:
        async def numbers() -> Any:
            yield 1
            yield 2

        return numbers()

    def is_cat(value: Any, _info: GraphQLResolveInfo[Any]) -> bool:
        return "up" in value

    async def is_dog(value: Any, _info: GraphQLResolveInfo[Any]) -> bool:
        return "up" not in value

    assert schema.query_type is not None
    fields = schema.query_type.fields
    fields["wait"].resolve, fields["stream"].resolve = wait, stream
    fields["pets"].resolve = lambda _root, _info: [
        {"name": "Rex"},
        {"name": "Tom", "up": "x"},
        {"name": "Kit", "up": None},
    ]
    fields["me"].resolve = lambda _root, _info, n: {"name": lambda _info: f"me {n}", "up": "up"}
    schema.type_map["Cat"].is_type_of = is_cat  # type: ignore[attr-defined]
    schema.type_map["Dog"].is_type_of = is_dog  # type: ignore[attr-defined]
    return schema


async def test_any_schema_of_graphql_core_runs_by_its_own_resolvers() -> None:
    query = "{ pets { __typename name ... on Cat { up } } me { name up } again: me(n: 4) { name } count wait stream }"

    outcome = await same(foreign_schema(), query)

    assert outcome.data == {
        "pets": [{"__typename": "Dog", "name": "Rex"}, {"__typename": "Cat", "name": "Tom", "up": "x"}, None],
        "me": {"name": "me 3", "up": "up"}, "again": {"name": "me 4"}, "count": None, "wait": [1, 2, 3], "stream": [1, 2],
    }  # fmt: skip


@pytest.mark.parametrize("literal", ["$n", "[$n]", "{a: [1, {b: $n}]}"])
async def test_a_variable_inside_the_literal_of_a_scalar_is_that_of_each_request(literal: str) -> None:
    schema = build_schema("scalar Text type Query { echo(text: Text): String }")
    text, query_type = schema.type_map["Text"], schema.query_type
    assert isinstance(text, GraphQLScalarType)
    assert query_type is not None
    text.coerce_input_literal = lambda node, *_: print_ast(node)
    text.coerce_input_value = str
    query_type.fields["echo"].resolve = lambda _root, _info, text=None: text
    engines = [engine_of(schema, compiled=compiled) for compiled in (True, False)]

    for n in ("one", "two"):
        asked = request(f"query($n: Text) {{ echo(text: {literal}) }}", {"n": n})
        on_plan, reference = [(await engine.execute(asked, Bench())).body for engine in engines]
        assert on_plan == reference
        assert n.encode() in on_plan


async def test_a_directive_that_nobody_knows_is_left_to_graphql_core() -> None:
    engine = engine_of(foreign_schema())

    await engine.execute(request("{ count @upper }", {}), Bench())

    assert engine.fallbacks == {"directive": 1}
