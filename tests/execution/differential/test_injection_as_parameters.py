"""Whatever text a client sends, the database is asked the same statements: by graphql-core, by plans, and by fused ones."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import GraphQLNamedType, get_named_type, is_input_object_type, is_object_type

from api.catalog.fused import DECLARATIONS
from api.directory import DirectoryCache
from api.execution.engine import Engine, GraphQLRequest
from api.execution.fusing.fields import Fuser
from api.execution.limits import Limits
from api.transport.session import Visitor
from tests.access.arguments import values_of
from tests.access.conftest import built, data, database_url, world  # noqa: F401 - Fixtures.
from tests.access.inputs import filled
from tests.access.test_foreign_ids import input_of, named
from tests.access.test_injection import HOSTILE, MARK, with_hostile
from tests.access.world import SCHEMA, World

pytestmark = pytest.mark.anyio

_LIMITS = Limits(cost=10**9)
ENGINES = {
    "graphql-core": Engine(SCHEMA, limits=_LIMITS, compiled=False),
    "plan": Engine(SCHEMA, limits=_LIMITS),
    "fused": Engine(SCHEMA, limits=_LIMITS, fuse=Fuser(DECLARATIONS)),
}
HARMLESS = "harmless"
# Texts that are refused for their length or for U+0000 reach no statement; they are tested beside those of tests/access.
MISUNDERSTOOD = tuple(text for text in HOSTILE if "\0" not in text and len(text) < 100)

PAGE = "{ nodes { __typename } pageInfo { hasNextPage } }"
NESTED: Mapping[tuple[str, str, str], str] = {
    ("Category", "products", "after"): '{ category(slug: "shirts") { products(after: %s) { nodes { slug } } } }',
    ("Collection", "products", "after"): '{ collection(slug: "summer") { products(after: %s) { nodes { slug } } } }',
    ("Product", "variants", "after"): "{ products { nodes { name variants(after: %s) { nodes { sku } } } } }",
    ("ProductVariant", "availability", "locations"): "{ products { nodes { variants { nodes { sku availability("
    "locations: [{code: %s}]) { status } } } } } }",
    ("Customer", "orders", "after"): f"{{ me {{ orders(after: %s) {PAGE} }} }}",
    ("Customer", "carts", "after"): f"{{ me {{ carts(after: %s) {PAGE} }} }}",
    ("StockLevel", "movements", "after"): f"{{ stockLevels {{ nodes {{ movements(after: %s) {PAGE} }} }} }}",
    (
        "StockCount",
        "lines",
        "after",
    ): f"{{ nodes(ids: $counts) {{ ... on StockCount {{ lines(after: %s) {PAGE} }} }} }}",
}
"""Arguments below the root that text can be in."""


def takes_text(type_: GraphQLNamedType, seen: frozenset[str] = frozenset()) -> bool:
    if is_input_object_type(type_) and type_.name not in seen:
        return any(takes_text(get_named_type(field.type), seen | {type_.name}) for field in type_.fields.values())
    return type_.name in ("String", "ID", "Cursor")


def test_every_argument_that_text_can_be_in_is_tried() -> None:
    below_roots = {
        (type_.name, name, argument)
        for type_ in SCHEMA.type_map.values()
        if is_object_type(type_) and type_.name not in ("Query", "Mutation", "Subscription")
        for name, field in type_.fields.items()
        for argument, definition in field.args.items()
        if takes_text(get_named_type(definition.type)) and not type_.name.startswith("__")
    }

    assert below_roots == set(NESTED)


Question = tuple[str, str, Mapping[str, Any]]
"""Caller, document and variables."""


def of_roots(world: World, text: str) -> Iterator[Question]:  # noqa: F811
    assert SCHEMA.query_type is not None
    values = values_of(world, knows_email=True)
    for name, field in SCHEMA.query_type.fields.items():
        below = "{ __typename }" if hasattr(get_named_type(field.type), "fields") else ""
        required = {other for other, definition in field.args.items() if str(definition.type).endswith("!")}
        for argument, definition in field.args.items():
            if not takes_text(get_named_type(definition.type)):
                continue
            given = sorted(required | {argument})
            declared = ", ".join(f"${other}: {field.args[other].type}" for other in given)
            passed = ", ".join(f"{other}: ${other}" for other in given)
            others = {other: values(name, other, field.args[other].type)[0] for other in given if other != argument}
            for base in [*values(name, argument, definition.type), "text"][:3]:
                for value in with_hostile(base, text):
                    yield "manager", f"query ({declared}) {{ {name}({passed}) {below} }}", {**others, argument: value}


def below_roots(world: World, text: str) -> Iterator[Question]:  # noqa: F811
    from_ids = {"counts": [id_ for of_kind in world.ids.values() for id_ in of_kind][-20:]}
    for document in NESTED.values():
        counts = "$counts: [ID!]!" if "$counts" in document else ""
        sent = from_ids if counts else {}
        for caller in ("manager", "customer B"):
            yield caller, f"query ($text: String!, {counts}) {document % '$text'}", {**sent, "text": text}
            yield caller, f"query Literal{f'({counts})' if counts else ''} {document % json.dumps(text)}", sent


def of_mutations(world: World, text: str) -> Iterator[Question]:  # noqa: F811
    assert SCHEMA.mutation_type is not None
    reach = named(world.own_carts["customer B"].id, world.lines["customer"], world.app_id, "token")
    for name in SCHEMA.mutation_type.fields:
        document = f"mutation ($input: {input_of(name).name}!) {{ {name}(input: $input) {{ __typename }} }}"
        base = filled(input_of(name), reach, with_optional=True)
        base = {key: value for key, value in base.items() if key != "expectedVersion"}
        for caller in ("customer B", "manager"):
            for input_ in with_hostile(base, text):
                yield caller, document, {"input": input_}


async def asked(world: World, engine: Engine, questions: Iterator[Question], statements: list[str]) -> set[str]:  # noqa: F811
    """The statements that these questions come to, without those by which every process now and then looks around."""
    del statements[:]
    await DirectoryCache(world.shop.database).fresh()
    now_and_then = set(statements)
    del statements[:]
    for caller, document, variables in questions:
        session = await world.front.open_session(Visitor(world.callers[caller], "test", None))
        await engine.execute(GraphQLRequest(document, dict(variables)), session.context("test"))
    return set(statements) - now_and_then


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("questions", [of_roots, below_roots])
async def test_what_is_asked_for_changes_no_statement(
    world: World,  # noqa: F811
    statements: list[str],
    engine: str,
    questions: Any,
) -> None:
    await world.warm_up()
    harmless = await asked(world, ENGINES[engine], questions(world, HARMLESS), statements)
    assert len(harmless) > 3

    for text in MISUNDERSTOOD:
        hostile = await asked(world, ENGINES[engine], questions(world, text), statements)

        assert hostile == harmless, text
    assert not any(MARK in statement or HARMLESS in statement for statement in harmless)


@pytest.mark.parametrize("engine", ["graphql-core", "plan"])
async def test_no_input_changes_a_statement(world: World, statements: list[str], engine: str) -> None:  # noqa: F811
    await world.warm_up()
    harmless = await asked(world, ENGINES[engine], of_mutations(world, HARMLESS), statements)
    assert len(harmless) > 30

    for text in MISUNDERSTOOD:
        hostile = await asked(world, ENGINES[engine], of_mutations(world, text), statements)

        assert hostile <= harmless, text
        assert not any(MARK in statement for statement in hostile)
