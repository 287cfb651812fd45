"""No answer holds more objects than its operation costs, whatever is asked and however it is written."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    execute_sync,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values
from hypothesis import given, settings
from hypothesis import strategies as st

from api.execution.cost import UNASKED_ITEMS, USUAL_ITEMS, appraise
from tests.execution.test_cost import SCHEMA

LEVELS = 6
MOST_ITEMS = 4
DEAREST = 1_000
"""Answers that are larger prove no more and take their time."""


@dataclass
class Author:
    """Writes documents at random, with what can be used to write more shortly than what is answered."""

    chance: Random
    fragments: list[str] = field(default_factory=list)
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    """The arguments of each field by its type and name, so that fields can merge."""

    def document(self) -> str:
        assert SCHEMA.query_type is not None
        body = self.selections(SCHEMA.query_type, LEVELS)
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self.variables.items())
        return " ".join([f"query {f'({declared})' if declared else ''} {{ {body} }}", *self.fragments])

    def selections(self, type_: Any, levels: int) -> str:
        if not levels:
            return "__typename"
        return " ".join(
            ["__typename", *(self.selection(type_, levels) for _ in range(self.chance.choice((1, 2, 2, 3))))]
        )

    def selection(self, type_: Any, levels: int) -> str:
        kind = self.chance.randrange(6)
        if is_abstract_type(type_):
            chosen = self.chance.choice(SCHEMA.get_possible_types(type_))
            return f"... on {chosen.name} {self.condition()} {{ {self.selections(chosen, levels - 1)} }}"
        if kind == 0:
            name = f"F{len(self.fragments)}"
            # Its place is taken before what lies in it takes one.
            self.fragments.append("")
            body = self.selections(type_, levels - 1)
            self.fragments[int(name[1:])] = f"fragment {name} on {type_.name} {{ {body} }}"
            return f"...{name} {self.condition()} ...{name}"
        if kind == 1:
            return f"... {self.condition()} {{ {self.selections(type_, levels - 1)} }}"
        return self.field(type_, levels)

    def field(self, type_: GraphQLObjectType, levels: int) -> str:
        name = self.chance.choice(list(type_.fields))
        definition = type_.fields[name]
        alias = self.chance.choice(["", "", f"{name}1: ", f"{name}2: "])
        key = f"{type_.name} {alias}{name}"
        if key not in self.written:
            self.written[key] = self.arguments(definition)
        head = f"{alias}{name}{self.written[key]} {self.condition()}"
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            return head
        return f"{head} {{ {self.selections(named, levels - 1)} }}"

    def arguments(self, definition: GraphQLField) -> str:
        if "first" not in definition.args or self.chance.random() < 0.3:
            return ""
        if self.chance.random() < 0.5:
            return f"(first: {self.chance.randint(0, MOST_ITEMS)})"
        return f"(first: ${self.variable('Int', self.chance.choice([None, *range(MOST_ITEMS)]))})"

    def condition(self) -> str:
        if self.chance.random() < 0.6:
            return ""
        directive = self.chance.choice(["skip", "include"])
        return f"@{directive}(if: ${self.variable('Boolean!', self.chance.random() < 0.5)})"

    def variable(self, type_: str, value: Any) -> str:
        known = [name for name, (of_type, _) in self.variables.items() if of_type == type_]
        if len(known) > 3:
            return self.chance.choice(known)
        name = f"v{len(self.variables)}"
        self.variables[name] = (type_, value)
        return name


@dataclass
class Plenty:
    """A source with as many items in each list as arguments allow, and as are usual where they say nothing."""

    chance: Random
    items: int = USUAL_ITEMS

    def resolve(self, source: "Plenty | None", info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        type_ = get_nullable_type(info.return_type)
        named = get_named_type(type_)
        page = source.items if source is not None and info.field_name in {"nodes", "edges"} else USUAL_ITEMS
        size = arguments.get("first") if "first" in info.parent_type.fields[info.field_name].args else page
        if size is None:
            default = info.parent_type.fields[info.field_name].args["first"].default
            size = min(int(default.literal.value), UNASKED_ITEMS) if default is not None else USUAL_ITEMS
        if is_leaf_type(named):
            return ["x"] if is_list_type(type_) else {"Int": 1, "Boolean": True}.get(named.name, "x")
        if is_list_type(type_):
            return [Plenty(self.chance) for _ in range(size)]
        return Plenty(self.chance, size)

    def type_of(self, _source: Any, info: GraphQLResolveInfo[Any], abstract: Any) -> str:
        return self.chance.choice(info.schema.get_possible_types(abstract)).name


def objects_in(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(objects_in, value.values()))
    return sum(map(objects_in, value)) if isinstance(value, list) else 0


def answered(schema: GraphQLSchema, text: str, variables: dict[str, Any], chance: Random) -> tuple[int, int] | None:
    """The cost, and the objects that there are; null where fields conflict, and where there are too many objects."""
    document = parse(text)
    if validate(schema, document):
        return None
    operation = next(found for found in document.definitions if isinstance(found, OperationDefinitionNode))
    coerced = get_variable_values(schema, operation.variable_definitions or (), variables)
    assert isinstance(coerced, VariableValues)
    cost = appraise(schema, document, operation).cost(coerced.coerced)
    if cost > DEAREST:
        return None
    plenty = Plenty(chance)
    result = execute_sync(
        schema, document, None, variable_values=variables, field_resolver=plenty.resolve, type_resolver=plenty.type_of
    )
    assert isinstance(result, ExecutionResult)
    assert result.errors is None, result.errors
    # The root is an object that nobody pays for.
    return cost, objects_in(result.data) - 1


@given(st.integers(min_value=0, max_value=2**32))
@settings(max_examples=150, deadline=None)
def test_no_answer_holds_more_objects_than_its_operation_costs(seed: int) -> None:
    author = Author(Random(seed))
    text = author.document()
    variables = {name: value for name, (_, value) in author.variables.items()}

    found = answered(SCHEMA, text, variables, Random(seed))

    if found is not None:
        cost, objects = found
        assert cost >= objects, (text, variables)


def test_enough_of_these_documents_are_valid_and_cost_exactly_what_they_hold() -> None:
    exact = valid = 0

    for seed in range(100):
        author = Author(Random(seed))
        text = author.document()
        found = answered(SCHEMA, text, {name: value for name, (_, value) in author.variables.items()}, Random(seed))
        valid += found is not None
        exact += found is not None and found[0] == found[1]

    assert valid > 60
    assert exact > 20
