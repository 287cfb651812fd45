"""What is declared of fields must be true of the schema: nothing can be fused that somebody may not see."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_non_null_type,
    is_object_type,
    parse,
)

from api.access import CUSTOMER
from api.catalog.fused import DECLARATIONS
from api.execution.access import ACCESS, guard, rule_of
from api.execution.fusing.fields import Fuser
from api.execution.plan.collect import Collector
from api.execution.plan.fusion import Candidate
from api.execution.plan.origin import Origin
from api.schema import build_schema
from persistence.json_text.shapes import Embedded, Items, Leaf, One, Shape


def _mapped(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, Shape]]:
    """Every type that is read from a row, and those within it."""
    pending = [(schema.type_map[name], shape) for name, shape in DECLARATIONS.shapes.items()]
    while pending:
        type_, shape = pending.pop()
        assert is_object_type(type_)
        yield type_, shape
        for name, mapped in shape.items():
            item = mapped.item if isinstance(mapped, Items) else None
            inner = mapped.shape if isinstance(mapped, Embedded) else item
            if inner is not None and not isinstance(inner, Leaf):
                pending.append((schema.type_map[get_named_type(_field(type_, name).type).name], inner))


def _field(type_: GraphQLObjectType, name: str) -> GraphQLField:
    field: GraphQLField
    for field in type_.fields.values():
        if field.extensions["strawberry-definition"].python_name == name:
            return field
    raise KeyError(f"{type_.name}.{name}")


def test_every_field_that_is_declared_exists_and_is_for_everybody() -> None:
    schema = build_schema()

    seen = 0
    for type_, shape in _mapped(schema):
        for name in shape:
            rule = rule_of(_field(type_, name))
            assert rule is not None, (type_, name)
            assert rule.is_public, (type_, name)
            seen += 1

    assert seen > 60


def test_no_null_can_stand_where_the_schema_allows_none() -> None:
    schema = build_schema()

    for type_, shape in _mapped(schema):
        for name, mapped in shape.items():
            may_be_null = (isinstance(mapped, Leaf) and mapped.is_nullable) or (
                isinstance(mapped, One | Embedded) and mapped.exists is not None
            )
            assert not (may_be_null and is_non_null_type(_field(type_, name).type)), (type_, name)


def test_every_field_with_arguments_has_values_for_them() -> None:
    schema = build_schema()

    for type_, shape in _mapped(schema):
        for name in shape:
            field = _field(type_, name)
            graphql_name = next(key for key, value in type_.fields.items() if value is field)
            assert bool(field.args) == ((type_.name, graphql_name) in DECLARATIONS.arguments), (type_, name)


@pytest.mark.parametrize(
    ("coordinate", "selection"),
    [
        ("Query.products", "nodes { id }"),
        ("ProductConnection.nodes", "nodes { id }"),
        ("ProductConnection.pageInfo", "pageInfo { hasNextPage }"),
        ("PageInfo.hasNextPage", "pageInfo { hasNextPage }"),
        ("ProductEdge.cursor", "edges { cursor }"),
        ("Product.name", "nodes { name }"),
        ("Product.tags", "nodes { tags }"),
        ("Product.variants", "nodes { variants { nodes { id } } }"),
        ("Money.amount", "nodes { priceRange { min { amount } } }"),
        ("LocationAvailability.location", "nodes { variants { nodes { availability { location { id } } } } }"),
        ("Location.name", "nodes { variants { nodes { availability { location { name } } } } }"),
        ("AvailableQuantity.quantity", "nodes { variants { nodes { availability { available { quantity } } } } }"),
        ("ProductOption.values", "nodes { options { values } }"),
    ],
)
def test_a_field_that_not_everybody_may_read_keeps_all_that_contains_it_from_being_fused(
    coordinate: str, selection: str
) -> None:
    assert _is_fused(build_schema(), selection)
    schema = build_schema()
    type_name, field_name = coordinate.split(".")
    type_ = schema.type_map[type_name]
    assert is_object_type(type_)
    definition = type_.fields[field_name]
    before = definition.extensions["strawberry-definition"].metadata
    definition.extensions["strawberry-definition"].metadata = {**before, ACCESS: CUSTOMER}
    try:
        guard(schema)

        assert not _is_fused(schema, selection)
    finally:
        # Declarations are shared by all schemas of this process.
        definition.extensions["strawberry-definition"].metadata = before


def _is_fused(schema: GraphQLSchema, selection: str) -> bool:
    document = parse(f"{{ products {{ {selection} }} }}")
    query = schema.query_type
    assert query is not None
    collector = Collector(schema, {}, {})
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    nodes = collector.fields([operation.selection_set], query)["products"]
    candidate = Candidate(schema, Origin(query, query.fields["products"], nodes), collector)
    return Fuser(DECLARATIONS)(candidate) is not None
