"""What operations cost, by hand; `test_cost_bounds.py` compares with what answers really hold."""

from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, get_introspection_query, parse
from graphql.execution.values import VariableValues, get_variable_values

from api.access import CUSTOMER, PUBLIC
from api.execution.access import ACCESS
from api.execution.cost import MUTATION_WEIGHT, Appraisal, appraise, costing
from api.execution.limits import Limits
from api.schema import build_schema as build_shop_schema
from benchmarks.listing import DOCUMENT as LISTING

SCHEMA = build_schema("""
    type Query {
      item(id: ID): Item
      items(first: Int = 24, after: String): ItemConnection!
      paged(first: Int): [Item!]!
      all: [Item!]!
      thing: Thing
    }
    type Mutation { make(names: [String!]!): Item, count: Int }
    type Subscription { changed(first: Int = 3): [Item!]! }
    interface Thing { id: ID! }
    union Either = Item | Box
    type Item implements Thing { id: ID! name: String tags: [String!]! inner: Item boxes(first: Int = 2): [Box!]! either: Either }
    type Box implements Thing { id: ID! width: Int items: [Item!]! owner: Item }
    type ItemConnection { nodes: [Item!]! edges: [ItemEdge!]! pageInfo: PageInfo! facets: [Box!]! }
    type ItemEdge { node: Item! cursor: String! }
    type PageInfo { hasNextPage: Boolean! }
""")


def appraised(document: str, schema: GraphQLSchema = SCHEMA) -> Appraisal:
    node = parse(document)
    operation = next(found for found in node.definitions if isinstance(found, OperationDefinitionNode))
    return appraise(schema, node, operation)


def cost(document: str, schema: GraphQLSchema = SCHEMA, **variables: Any) -> int:
    node = parse(document)
    operation = next(found for found in node.definitions if isinstance(found, OperationDefinitionNode))
    coerced = get_variable_values(schema, operation.variable_definitions or (), variables)
    assert isinstance(coerced, VariableValues)
    return appraise(schema, node, operation).cost(coerced.coerced)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ __typename }", 0),
        ("{ item { id name tags } }", 1),
        ("{ item { inner { inner { id } } } }", 3),
        ("{ all { id } }", 10),
        ("{ all { inner { id } } }", 20),
        ("{ paged { id } }", 10),
        ("{ paged(first: 7) { id } }", 7),
        ("{ paged(first: null) { id } }", 10),
        ("{ paged(first: -7) { id } }", 0),
        ("{ items { nodes { id } } }", 25),
        ("{ items(first: null) { nodes { id } } }", 25),
        ("{ items(first: 3) { nodes { id } } }", 4),
        ("{ items(first: 3) { nodes { id } pageInfo { hasNextPage } } }", 5),
        ("{ items(first: 3) { edges { node { id } } } }", 7),
        ("{ items(first: 3) { edges { node { id } } nodes { id } } }", 10),
        ("{ items(first: 3) { facets { id } } }", 11),
        ("{ items(first: 100) { nodes { boxes(first: 100) { items { id } } } } }", 1 + 100 * (1 + 100 * (1 + 10))),
        ("{ items(first: 0) { nodes { boxes(first: 100) { id } } } }", 1),
    ],
)
def test_lists_multiply_what_lies_in_them(document: str, expected: int) -> None:
    assert cost(document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ a: item { id } b: item { id } c: item { id } }", 3),
        ("{ item { id } item { id name } }", 1),
        ("{ items { ...A } items { ...B } } fragment A on ItemConnection { nodes { id } } fragment B on ItemConnection { nodes { inner { id } } }", 49),
        ("{ item { ...A ...A ... { ...A } } } fragment A on Item { inner { id } }", 2),
        ("{ item { a: inner { ...A } b: inner { ...A } } } fragment A on Item { c: inner { id } d: inner { id } }", 7),
        ("{ item { id a: id b: id c: name d: tags } }", 3),
    ],
)  # fmt: skip
def test_aliases_count_again_and_repetitions_do_not(document: str, expected: int) -> None:
    assert cost(document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ thing { id } }", 1),
        ("{ thing { ... on Item { inner { id } } } }", 2),
        ("{ thing { ... on Item { inner { id } } ... on Box { items { id } } } }", 11),
        ("{ thing { ... on Thing { ... on Box { owner { id } } } ... on Item { boxes(first: 5) { id } } } }", 6),
        ("{ item { either { ... on Item { id } ... on Box { items { id } } } } }", 12),
        ("{ thing { ...F } } fragment F on Item { ... on Box { items { id } } inner { id } }", 2),
    ],
)
def test_of_an_abstract_type_the_dearest_counts(document: str, expected: int) -> None:
    assert cost(document) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, 6), ({"first": 50}, 51), ({"first": None}, 25), ({"first": 0}, 1), ({"first": -5}, 1)],
)
def test_a_variable_says_how_many(variables: dict[str, Any], expected: int) -> None:
    assert cost("query ($first: Int = 5) { items(first: $first) { nodes { id } } }", **variables) == expected


def test_a_variable_that_is_left_out_is_the_default_of_the_field() -> None:
    assert cost("query ($first: Int) { items(first: $first) { nodes { id } } }") == 25


@pytest.mark.parametrize(("a", "b", "expected"), [(1, 1, 22), (1, 0, 21), (0, 1, 1), (0, 0, 0)])  # fmt: skip
def test_what_conditions_leave_out_costs_nothing(a: int, b: int, expected: int) -> None:
    document = """
        query ($a: Boolean!, $b: Boolean!) {
          all @include(if: $a) { id inner { id } }
          item @include(if: $a) { id }
          ... @include(if: $b) { other: item { id } gone: all @skip(if: true) { id } }
        }
    """

    assert cost(document, a=bool(a), b=bool(b)) == expected


@pytest.mark.parametrize(("a", "b", "expected"), [(1, 1, 6), (1, 0, 2), (0, 1, 5), (0, 0, 0)])  # fmt: skip
def test_merged_fields_each_have_their_own_condition(a: int, b: int, expected: int) -> None:
    document = """
        query ($a: Boolean!, $b: Boolean!) {
          item @include(if: $a) { inner { id } }
          item @include(if: $b) { boxes(first: 4) { id } }
        }
    """

    assert cost(document, a=bool(a), b=bool(b)) == expected


def test_each_field_of_a_mutation_weighs() -> None:
    assert cost('mutation { a: make(names: ["x"]) { id } b: make(names: []) { inner { id } } count }') == 3 + 3 * MUTATION_WEIGHT  # fmt: skip


def test_a_subscription_costs_what_one_event_does() -> None:
    assert cost("subscription { changed { inner { id } } }") == 6


def test_a_huge_figure_stays_a_number_that_clients_can_read() -> None:
    document = "{ items(first: 2000000000) { nodes { boxes(first: 2000000000) { id } } } }"

    assert cost(document) == 2**53 - 1


def test_selections_that_multiply_by_abstract_types_are_refused_in_time() -> None:
    types = " ".join(f"type T{n} implements Any {{ any: Any }}" for n in range(100))
    schema = build_schema(f"interface Any {{ any: Any }} type Query {{ any: Any }} {types}")
    document = "{ any { any { any { any { any { __typename } } } } } }"

    with pytest.raises(Exception, match="takes too long to appraise"):
        appraised(document, schema)


@strawberry.type
class Thing:
    id: strawberry.ID = strawberry.field(metadata={ACCESS: PUBLIC})
    secret: str = strawberry.field(metadata={ACCESS: CUSTOMER})


@strawberry.type
class Query:
    @strawberry.field(metadata={ACCESS: PUBLIC})
    def thing(self) -> Thing | None:
        return None

    @costing(sized_by=("ids", "places"))
    @strawberry.field(metadata={ACCESS: PUBLIC})
    def things(self, ids: list[strawberry.ID], places: list[str] | None = None) -> list[Thing]:
        return [Thing(id=id_, secret=str(places)) for id_ in ids]

    @costing(weight=200)
    @strawberry.field(metadata={ACCESS: PUBLIC})
    def heavy(self) -> Thing | None:
        return None


DECLARED = strawberry.Schema(Query)._schema


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('{ things(ids: ["a", "b", "c"]) { id } }', 30),
        ('{ things(ids: ["a", "b", "c"], places: ["x", "y"]) { id } }', 6),
        ('{ things(ids: "a", places: "x") { id } }', 1),
        ("{ heavy { id } }", 201),
    ],
)
def test_a_field_declares_what_it_costs(document: str, expected: int) -> None:
    assert cost(document, DECLARED) == expected


def test_variables_size_what_is_looked_up() -> None:
    document = "query ($ids: [ID!]!, $places: [String!]) { things(ids: $ids, places: $places) { id } }"

    assert cost(document, DECLARED, ids=["a", "b"], places=["x"] * 7) == 14
    assert cost(document, DECLARED, ids="a") == 10


@pytest.mark.parametrize(
    "document",
    [
        "{ thing { secret } }",
        "{ thing { secret } __typename }",
        "{ thing { ...F } } fragment F on Thing { secret }",
        "query ($a: Boolean!) { thing { id secret @include(if: $a) } }",
        "{ __schema { types { name } } }",
    ],
)
def test_one_field_that_is_checked_makes_the_operation_private(document: str) -> None:
    assert not appraised(document, DECLARED).is_public


def test_an_operation_without_such_a_field_is_public() -> None:
    assert appraised("{ thing { __typename ...F } } fragment F on Thing { id }", DECLARED).is_public


def test_the_names_of_root_fields_are_known_without_their_aliases() -> None:
    appraisal = appraised("{ a: item { id } ...F } fragment F on Query { all { id } paged { id } }")

    assert appraisal.root_fields == {"item", "all", "paged"}


SHOP = build_shop_schema()


WIDE_LISTING = """
    { products(first: 24) { nodes { variants(first: 10) { nodes { sku availability { location { code } available { quantity } } } } } } }
"""


@pytest.mark.parametrize("document", [LISTING, WIDE_LISTING, get_introspection_query()])
def test_what_people_do_ask_is_allowed_with_room_to_spare(document: str) -> None:
    assert 2 * cost(document, SHOP) < Limits().cost


@pytest.mark.parametrize(
    "document",
    [
        "{ products(first: 100) { nodes { variants(first: 100) { nodes { availability(first: 250) { status } } } } } }",
        "{ collections { products(first: 100) { nodes { collections { products(first: 100) { nodes { id } } } } } } }",
        "{ categories { children { children { children { children { children { id } } } } } } }",
    ],
)
def test_what_nobody_needs_is_too_dear(document: str) -> None:
    assert cost(document, SHOP) > Limits().cost


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 3),
        ('{ availability(variants: [{sku: "a"}, {sku: "b"}]) { status } }', 20),
        ('{ availability(variants: [{sku: "a"}, {sku: "b"}], locations: [{code: "x"}]) { status } }', 2),
        ("{ products(first: 1) { facets { values { count } } } }", 1 + 200 + 10 * (1 + 10)),
    ],
)
def test_the_shop_declares_what_its_lists_and_facets_cost(document: str, expected: int) -> None:
    assert cost(document, SHOP) == expected
