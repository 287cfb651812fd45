"""No field is read past its rule, whatever way the plan takes to it."""

# ruff: noqa: N805, ARG002 - A batched field has its parents for a first argument, and the plan decides on the others.

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import strawberry
from graphql import (
    Executor,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    NameNode,
    SelectionSetNode,
    get_named_type,
    parse,
)

from api.execution.access import ACCESS, Refused, Rule
from api.execution.fields import Wanted, batched, column, inline
from api.execution.plan.collect import Collector
from api.execution.plan.compile import Compiler
from api.execution.plan.places import Root
from api.execution.plan.running import Run
from api.schema import build_schema
from tests.execution.laboratory import OPEN, Bench, Closed, guarded, run, same

pytestmark = pytest.mark.anyio

NOBODY = Closed(lambda _source: True, looks_at_source=False)
NOT_THE_SECOND = Closed(lambda row: row["id"] == "2")


@strawberry.type
class Part:
    secret: str | None = column(NOBODY, "")
    open: str = column(OPEN, "")


@strawberry.type
class Row:
    id: str = column(OPEN, "")
    never: str | None = column(NOBODY, "")
    not_second: str | None = column(NOT_THE_SECOND, "")
    computed: str | None = inline(lambda row: row["secret"], NOT_THE_SECOND, "")
    part: Part | None = inline(lambda row: row, NOT_THE_SECOND, "")
    strict: str = column(NOT_THE_SECOND, "")
    forgotten: str | None = strawberry.field(default=None)

    @batched(NOT_THE_SECOND, "")
    async def loaded(rows: Any, context: Bench, wanted: Wanted) -> Part | None:
        context.seen.append([row["id"] for row in rows])
        return list(rows)  # type: ignore[return-value]

    @batched(NOBODY, "")
    async def never_loaded(rows: Any, context: Bench, wanted: Wanted) -> Part | None:
        context.seen.append("never")
        return list(rows)  # type: ignore[return-value]

    @strawberry.field(metadata={ACCESS: NOT_THE_SECOND})
    def plain(root: strawberry.Parent[Any], info: strawberry.Info[Bench, None]) -> str | None:
        info.context.seen.append(root["id"])
        secret: str = root["secret"]
        return secret


@strawberry.type
class Query:
    @batched(OPEN, "")
    async def rows(rows: Any, context: Bench, wanted: Wanted) -> list[Row | None]:
        return [context.data]


SCHEMA = guarded(Query)
DATA = [
    {"id": id_, "never": "x", "not_second": "x", "secret": "x", "strict": "x", "forgotten": "x", "open": "o"}
    for id_ in ("1", "2", "3")
]


@pytest.mark.parametrize("field", ["notSecond", "computed", "plain", "part { open }", "loaded { open }"])
async def test_who_is_refused_an_object_is_not_refused_its_neighbors(field: str) -> None:
    outcome = await same(SCHEMA, f"{{ rows {{ id {field} }} }}", DATA)

    name = field.split(" ", 1)[0]
    assert [row[name] is None for row in outcome.data["rows"]] == [False, True, False]
    assert outcome.errors == {("Not for you.", f"rows.1.{name}", "FORBIDDEN")}
    assert "2" not in orjson.dumps(outcome.seen).decode()


async def test_a_refusal_where_null_may_not_be_takes_the_object_along() -> None:
    outcome = await same(SCHEMA, "{ rows { strict loaded { open } } }", DATA)

    assert outcome.data["rows"][1] is None
    assert outcome.errors == {("Not for you.", "rows.1.strict", "FORBIDDEN")}


@pytest.mark.parametrize("field", ["never", "neverLoaded { open }", "part { secret }", "forgotten"])
async def test_what_nobody_may_read_or_has_no_rule_is_read_by_nobody(field: str) -> None:
    outcome = await same(SCHEMA, f"{{ rows {{ id {field} }} }}", DATA)

    assert {code for _, _, code in outcome.errors} == {"FORBIDDEN"}
    assert len(outcome.errors) == 3
    assert b'"x"' not in outcome.body
    assert outcome.seen == []


async def test_a_rule_that_does_not_look_at_the_source_is_asked_once_a_level() -> None:
    admits = Closed(lambda _source: False, looks_at_source=False)

    @strawberry.type
    class Thing:
        one: str = column(admits, "")
        two: str = column(admits, "")

    @strawberry.type
    class Root:
        @batched(OPEN, "")
        async def things(rows: Any, context: Bench, wanted: Wanted) -> list[Thing]:
            return [context.data]

    outcome = await run(guarded(Root), "{ things { one two } }", [{"one": "1", "two": "2"}] * 50, compiled=True)

    assert outcome.data["things"] == [{"one": "1", "two": "2"}] * 50
    assert admits.asked == [None]


async def test_a_rule_that_fails_admits_nobody() -> None:
    broken = Closed(lambda row: row["absent"])

    @strawberry.type
    class Thing:
        one: str | None = column(broken, "")

    @strawberry.type
    class Root:
        @batched(OPEN, "")
        async def things(rows: Any, context: Bench, wanted: Wanted) -> list[Thing]:
            return [context.data]

    outcome = await same(guarded(Root), "{ things { one } }", [{"one": "secret"}])

    assert outcome.data == {"things": [{"one": None}]}
    assert outcome.errors == {("KeyError('absent')", "things.0.one", "INTERNAL")}


async def test_a_resolver_that_was_wrapped_after_the_rules_is_not_passed_by() -> None:
    schema = guarded(Query)
    field = schema.type_map["Row"].fields["id"]  # type: ignore[attr-defined]
    field.resolve = lambda _source, _info: "wrapped"

    outcome = await same(schema, "{ rows { id } }", DATA)

    assert outcome.data["rows"] == [{"id": "wrapped"}] * 3


class Untouchable:
    """A source that nothing may be asked of."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        raise AssertionError(f"{name} was read")


class RefusesAll:
    is_public = False

    def __init__(self, *, looks_at_source: bool) -> None:
        self.looks_at_source = looks_at_source

    def refusal(self, context: Any, source: Any) -> Refused:
        return Refused("Nobody.", "FORBIDDEN")


def fields_of(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, str]]:
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield from ((type_, name) for name in type_.fields)


def refusing(monkeypatch: pytest.MonkeyPatch, rule: Rule) -> GraphQLSchema:
    """The application's schema, with this rule before each of its fields, which take no arguments."""
    monkeypatch.setattr("api.execution.access.rule_of", lambda _field: rule)
    schema = build_schema()
    for type_, name in fields_of(schema):
        type_.fields[name].args.clear()
    return schema


def node_for(schema: GraphQLSchema, type_: GraphQLObjectType, name: str) -> FieldNode:
    below = get_named_type(type_.fields[name].type)
    has_fields = isinstance(below, (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType))
    typename = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
    return FieldNode(
        name=NameNode(value=name),
        arguments=(),
        directives=(),
        selection_set=SelectionSetNode(selections=(typename,)) if has_fields else None,
    )


@pytest.mark.parametrize("looks_at_source", [True, False])
async def test_no_field_of_the_schema_is_reached_without_its_rule(
    monkeypatch: pytest.MonkeyPatch,
    *,
    looks_at_source: bool,
) -> None:
    schema = refusing(monkeypatch, RefusesAll(looks_at_source=looks_at_source))
    reached = []
    tried = 0
    for type_, name in fields_of(schema):
        if type_ is schema.subscription_type:
            continue  # Its fields open streams; the rule stands before that.
        for by_resolvers in (False, True):
            executor = Executor.build(schema, parse("{ viewer { kind } }"), context_value=Bench())
            assert isinstance(executor, Executor)
            compiler = Compiler(schema, Collector(schema, {}, {}))
            level = compiler.level(type_, {"k": [node_for(schema, type_, name)]}, by_resolvers=by_resolvers)
            current = Run(executor)
            [object_] = await level.run([Untouchable()], current, Root())
            codes = [(error.extensions or {}).get("code") for _, error in current.failures]
            tried += 1
            if codes != ["FORBIDDEN"]:
                reached.append((type_.name, name, by_resolvers, object_))

    assert reached == []
    assert tried > 600


def test_streams_are_opened_only_past_their_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = refusing(monkeypatch, RefusesAll(looks_at_source=False))

    assert schema.subscription_type is not None
    for field in schema.subscription_type.fields.values():
        assert field.subscribe is not None
        with pytest.raises(Refused):
            field.subscribe(None, type("Info", (), {"context": None}))
