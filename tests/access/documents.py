"""Documents that ask for everything, made from the schema, so that a new field is asked for from its first day."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    ast_from_value,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
    print_ast,
)

LEVELS = 5
"""How deep objects are asked for inside each other; connections take two levels a piece."""


@dataclass
class Node:
    """One selection; its key is what the response calls it."""

    field: str = ""
    arguments: str = ""
    type_condition: str | None = None
    children: dict[str, "Node"] | None = None

    def text(self, key: str) -> str:
        alias = "" if key == self.field else f"{key}: "
        selection = f"{alias}{self.field}{self.arguments}"
        if self.children is not None:
            selection += f" {{ __typename {' '.join(child.text(name) for name, child in self.children.items())} }}"
        return selection if self.type_condition is None else f"... on {self.type_condition} {{ {selection} }}"


@dataclass(frozen=True)
class Asker:
    """Knows what to say for an argument."""

    schema: GraphQLSchema
    values: Callable[[str, str, GraphQLInputType], Sequence[Any]]
    "Candidates for an argument, by its field, name and type; below the root the first is used."

    def everything(self, root: GraphQLObjectType) -> Iterator[Node]:
        """Each field of the root with each candidate of each of its arguments, and all that lies below it."""
        for name, definition in root.fields.items():
            for arguments in self._combinations(name, definition):
                yield Node(name, arguments, None, self.below(definition))

    def below(self, definition: GraphQLField) -> dict[str, Node] | None:
        return self._children(definition, ())

    def _combinations(self, field: str, definition: GraphQLField) -> list[str]:
        """With the optional arguments left out, and with one of them at a time."""
        required = [""]
        optional: list[str] = []
        for name, argument in definition.args.items():
            printed = [f"{name}: {_literal(value, argument)}" for value in self.values(field, name, argument.type)]
            if is_non_null_type(argument.type):
                required = [f"{before} {text}" for before in required for text in printed]
            else:
                optional += printed
        return [_in_parentheses(f"{text} {more}") for text in required for more in ("", *optional)]

    def _children(self, definition: GraphQLField, path: tuple[str, ...]) -> dict[str, Node] | None:
        """No type below itself: what lies there is asked for from elsewhere. Null for a leaf."""
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            return None
        if isinstance(named, GraphQLObjectType):
            return dict(self._fields(named, path))
        assert isinstance(named, GraphQLUnionType | GraphQLInterfaceType)
        return {
            f"{member.name}_{key}": replace(child, type_condition=member.name)
            for member in self.schema.get_possible_types(named)
            for key, child in self._fields(member, path)
        }

    def _fields(self, type_: GraphQLObjectType, path: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
        if type_.name in path or len(path) >= LEVELS:
            return
        for name, definition in type_.fields.items():
            children = self._children(definition, (*path, type_.name))
            if children != {}:
                yield name, Node(name, self._combinations(name, definition)[0], None, children)


def _literal(value: Any, argument: GraphQLArgument) -> str:
    node = ast_from_value(value, argument.type)
    assert node is not None
    return print_ast(node)


def _in_parentheses(arguments: str) -> str:
    stripped = arguments.strip()
    return f"({stripped})" if stripped else ""


def document(operation: str, root: Node) -> str:
    return f"{operation} {{ {root.text(root.field)} }}"


def without(root: Node, paths: Iterable[Sequence[str | int]]) -> bool:
    """Takes out the fields that errors name, so that what they brought down with them is answered. False if none was there."""
    has_changed = False
    for path in paths:
        keys = [key for key in path[1:] if isinstance(key, str)]
        if not keys:
            continue
        parent = root
        for key in keys[:-1]:
            if parent.children is None or key not in parent.children:
                break
            parent = parent.children[key]
        if parent.children is not None and parent.children.pop(keys[-1], None) is not None:
            has_changed = True
    return has_changed
