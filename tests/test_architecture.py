"""What holds for the whole schema and the whole source, whoever adds to it."""

import ast
import io
import pkgutil
import re
import tokenize
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_specified_scalar_type,
    parse,
    validate,
)

import domain
from api.access import PUBLIC
from api.errors import CODES
from api.execution.access import ACCESS, guard, rule_of
from api.schema import HANDLERS, build_schema
from domain.carts.cart import VersionConflict
from domain.errors import DomainError, Faulty
from domain.orders.order import OrderVersionConflict

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for room in ("api", "domain", "persistence") for path in (ROOT / room).rglob("*.py"))

LONGEST_FUNCTION = 70
LONGEST_FILE = 500


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()


def own_types(schema: GraphQLSchema) -> list[Any]:
    """Those that we have declared ourselves."""
    return [
        type_
        for name, type_ in schema.type_map.items()
        if not name.startswith("__") and not is_specified_scalar_type(type_)
    ]


def fields_of(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    for type_ in own_types(schema):
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field


def undescribed(schema: GraphQLSchema) -> list[str]:
    """Names of everything that a reader of the schema is told nothing about."""
    found = []
    for type_ in own_types(schema):
        if not type_.description:
            found.append(type_.name)
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)):
            found += [f"{type_.name}.{name}" for name, field in type_.fields.items() if not field.description]
    return found


# Arguments whose name says it all, because they mean the same wherever they stand.
SELF_EXPLANATORY = {
    "after", "by", "code", "filter", "first", "id", "ids", "input", "key", "locations", "near", "slug", "variants", "kinds"
}  # fmt: skip


def unexplained_arguments(schema: GraphQLSchema) -> list[str]:
    return [
        f"{name}({argument})"
        for name, field in fields_of(schema)
        for argument, definition in field.args.items()
        if not definition.description and argument not in SELF_EXPLANATORY
    ]


def unguarded(schema: GraphQLSchema) -> list[str]:
    return [name for name, field in fields_of(schema) if rule_of(field) is None]


def test_everything_in_the_schema_is_described(schema: GraphQLSchema) -> None:
    assert undescribed(schema) == []
    assert unexplained_arguments(schema) == []


def test_every_field_declares_who_may_read_it(schema: GraphQLSchema) -> None:
    assert unguarded(schema) == []


@strawberry.type
class Forgetful:
    shown: str = strawberry.field(description="It says who may read it.", default="", metadata={ACCESS: PUBLIC})
    forgotten: str = strawberry.field(default="")


@strawberry.type(description="Whose field has no rule, nor a description.")
class Query:
    @strawberry.field(description="One.", metadata={ACCESS: PUBLIC})
    def forgetful(self, number: int = 1) -> Forgetful:
        return Forgetful(shown=str(number))


def test_a_forgotten_rule_or_description_is_found() -> None:
    schema = strawberry.Schema(Query)._schema

    assert unguarded(schema) == ["Forgetful.forgotten"]
    assert undescribed(schema) == ["Forgetful", "Forgetful.forgotten"]
    assert unexplained_arguments(schema) == ["Query.forgetful(number)"]


def test_a_field_without_a_rule_is_read_by_nobody() -> None:
    declared = strawberry.Schema(Query)
    guard(declared._schema)

    answer = declared.execute_sync("{ forgetful { shown } }")
    refused = declared.execute_sync("{ forgetful { shown forgotten } }")

    assert answer.data == {"forgetful": {"shown": "1"}}
    assert [error.extensions for error in refused.errors or []] == [{"code": "FORBIDDEN"}]


def mutations(schema: GraphQLSchema) -> dict[str, GraphQLField]:
    assert schema.mutation_type is not None
    return dict(schema.mutation_type.fields)


def unions(schema: GraphQLSchema) -> list[GraphQLUnionType]:
    return [type_ for type_ in own_types(schema) if isinstance(type_, GraphQLUnionType)]


def is_refusal(type_: GraphQLObjectType) -> bool:
    return any(interface.name == "UserError" for interface in type_.interfaces)


def test_each_mutation_answers_with_one_payload_or_a_refusal(schema: GraphQLSchema) -> None:
    for name, field in mutations(schema).items():
        union = get_named_type(field.type)
        assert isinstance(union, GraphQLUnionType), name
        payloads = [member.name for member in union.types if not is_refusal(member)]
        assert len(payloads) == 1, f"{name}: {payloads}"
        assert list(field.args) == ["input"], name


def test_each_mutation_that_takes_a_key_can_answer_that_it_was_used_for_something_else(schema: GraphQLSchema) -> None:
    for name, field in mutations(schema).items():
        input_type = get_named_type(field.args["input"].type)
        union = get_named_type(field.type)
        assert isinstance(input_type, GraphQLInputObjectType)
        assert isinstance(union, GraphQLUnionType)
        has_key = bool({"idempotencyKey", "receiptNumber"} & input_type.fields.keys())
        members = {member.name for member in union.types}
        assert (members >= {"IdempotencyMismatch", "IdempotencyInProgress"}) == has_key, name


def everything_of(type_: GraphQLObjectType | GraphQLInterfaceType) -> str:
    """All fields that need no argument; of an object its type."""
    selected = [
        name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ __typename }}"
        for name, field in type_.fields.items()
        if all(argument.default_value is not Undefined for argument in field.args.values())
    ]
    return " ".join(["__typename", *selected])


def test_all_members_of_a_union_can_be_selected_side_by_side_with_the_refusal(schema: GraphQLSchema) -> None:
    user_error = schema.type_map["UserError"]
    assert isinstance(user_error, GraphQLInterfaceType)
    assert len(unions(schema)) > 1
    for name, field in mutations(schema).items():
        union = get_named_type(field.type)
        assert isinstance(union, GraphQLUnionType)
        spread = [f"... on {member.name} {{ {everything_of(member)} }}" for member in union.types]
        document = (
            f"mutation ($input: {field.args['input'].type}) {{ {name}(input: $input) {{ "
            f"... on UserError {{ {everything_of(user_error)} }} {' '.join(spread)} }} }}"
        )
        assert validate(schema, parse(document)) == [], name


# No mutation imports a catalog, so nobody but the operator is refused for these.
ONLY_ON_THE_COMMAND_LINE = {"ImportRunning", "UnreadableFile"}


def refusals() -> set[type[DomainError]]:
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        import_module(module.name)
    found, pending = set(), [DomainError]
    while pending:
        children = pending.pop().__subclasses__()
        found |= {child for child in children if child.__module__.startswith("domain.")}
        pending += children
    return found - {Faulty}


def test_every_refusal_of_the_domain_is_shown_as_a_type_of_its_own() -> None:
    handlers: list[Any] = HANDLERS
    shown = {handler.exception_type: handler.error_type for handler in handlers}
    through_graphql = {refusal.__name__ for refusal in refusals()} - ONLY_ON_THE_COMMAND_LINE

    assert {refusal.__name__ for refusal in shown} == through_graphql
    assert {refusal.__name__ for refusal in CODES} == through_graphql
    assert len(set(shown.values())) == len(shown)
    # Somebody else was faster, with a cart or with an order: programs do the same about both.
    assert CODES[OrderVersionConflict] is CODES[VersionConflict]
    assert len(set(CODES.values())) == len(CODES) - 1


def test_every_refusal_is_a_member_of_some_result(schema: GraphQLSchema) -> None:
    members = {member.name for union in unions(schema) for member in union.types}
    interface = schema.type_map["UserError"]
    assert isinstance(interface, GraphQLInterfaceType)

    assert {type_.name for type_ in schema.get_possible_types(interface)} <= members


def test_every_list_that_is_paged_has_a_default_length(schema: GraphQLSchema) -> None:
    paged = [(name, field) for name, field in fields_of(schema) if "first" in field.args]

    assert len(paged) > 5
    for name, field in paged:
        default = field.args["first"].default_value
        assert isinstance(default, int), name
        assert 1 <= default <= 100, name


def test_every_connection_is_paged(schema: GraphQLSchema) -> None:
    for name, field in fields_of(schema):
        if get_named_type(field.type).name.endswith("Connection"):
            assert {"first", "after"} <= field.args.keys(), name


def test_every_name_is_in_the_case_of_its_kind(schema: GraphQLSchema) -> None:
    for type_ in own_types(schema):
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", type_.name)
        if isinstance(type_, GraphQLEnumType):
            assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", value) for value in type_.values), type_.name
        elif not isinstance(type_, (GraphQLScalarType, GraphQLUnionType)):
            assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", field) for field in type_.fields), type_.name


def exceptions() -> str:
    """What decision records say about sizes."""
    return "\n".join(record.read_text() for record in sorted((ROOT / "docs" / "decisions").glob("*.md")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short_and_finished(path: Path) -> None:
    text = path.read_text()
    name = str(path.relative_to(ROOT))
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    too_long = sorted(function for function, length in lengths.items() if length > LONGEST_FUNCTION)
    unfinished = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if (token.type == tokenize.NAME and token.string == "NotImplementedError")
        or (token.type == tokenize.COMMENT and re.search(r"\b(TODO|FIXME|XXX|HACK)\b", token.string))
    ]
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names} | {
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }

    if name not in exceptions():
        assert too_long == []
        assert len(text.splitlines()) <= LONGEST_FILE
    assert unfinished == []
    assert not {module for module in imported if module.split(".")[0] in ("tests", "pytest", "mock", "hypothesis")}
    assert "unittest.mock" not in imported
    assert text == "" or ast.get_docstring(tree), "it says what belongs here"
