"""Arguments of random documents: literals, variables, and the values that a request sends for them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    Undefined,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

Pick = Callable[[int], int]
"""A number below the given one, drawn by the strategy; 0 is the simplest."""


def rarely(pick: Pick, sides: int) -> bool:
    """Once in so many times. Strategies like to draw the ends of a range, so it is not one of them."""
    return pick(sides) == sides // 2 + 1


class EnumName(str):
    """In JSON it is a string, in a document it is not."""

    __slots__ = ()


class VariableName(str):
    __slots__ = ()


SCALARS: dict[str, tuple[Any, ...]] = {
    "Int": (1, 0, 3, -7, 2**31 - 1),
    "Float": (1.5, 0, -52.5),
    "String": ("text", "", '“ünï” \\ "', "shirts"),
    "ID": ("id", "5", "UHJvZHVjdDox"),
    "Boolean": (True, False),
    "DateTime": ("2026-03-01T12:00:00Z",),
    "Decimal": ("129.95", "0", "-1.5"),
    "Cursor": ("cursor",),
}

UNACCEPTABLE: tuple[Any, ...] = (2**31, "no such", [], {}, {"unknown": 1}, 1.5, True, None, [None], [["nested"]])
"""Of these a type accepts none or few."""


@dataclass
class Variables:
    """What a document declares, and what is sent for it."""

    declared: dict[str, str] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)
    # A request with an unacceptable value is refused before anything runs: few are.
    may_be_unacceptable: bool = False

    def text(self) -> str:
        return f"({', '.join(f'${name}: {rest}' for name, rest in self.declared.items())})" if self.declared else ""

    def declare(
        self, pick: Pick, type_: GraphQLInputType, *, has_default: bool, in_one_of: bool = False
    ) -> VariableName:
        """A variable that may stand where `type_` is asked for; `has_default` says that this place can do without."""
        name = f"v{len(self.declared)}"
        required = is_non_null_type(type_)
        nullable: Any = type_.of_type if is_non_null_type(type_) else type_
        own_default = Undefined if pick(3) else value_of(pick, GraphQLNonNull(nullable) if required else nullable, None)
        if in_one_of:
            declared, own_default = f"{nullable}!", Undefined
        elif required and own_default is Undefined and not has_default:
            declared = f"{nullable}!"
        else:
            declared = f"{nullable}!" if rarely(pick, 4) else str(nullable)
        if own_default is None:
            declared = declared.rstrip("!")
        rest = declared if own_default is Undefined else f"{declared} = {literal(own_default)}"
        self.declared[name] = rest
        must_be_sent = declared.endswith("!") and own_default is Undefined
        self._send(pick, name, nullable, must_be_sent=must_be_sent, may_be_null=not declared.endswith("!"))
        return VariableName(name)

    def _send(self, pick: Pick, name: str, type_: Any, *, must_be_sent: bool, may_be_null: bool) -> None:
        if self.may_be_unacceptable and rarely(pick, 3):
            if pick(4):
                self.sent[name] = UNACCEPTABLE[pick(len(UNACCEPTABLE))]
        elif not must_be_sent and rarely(pick, 8):
            pass
        elif may_be_null and rarely(pick, 8):
            self.sent[name] = None
        else:
            self.sent[name] = value_of(pick, type_, None)


def value_of(pick: Pick, type_: Any, variables: Variables | None, *, depth: int = 0, has_default: bool = False) -> Any:
    """A value for this type, in which there may be variables when there is somewhere to declare them."""
    if variables is not None and pick(3) == 1:
        return variables.declare(pick, type_, has_default=has_default)
    if not is_non_null_type(type_) and rarely(pick, 8):
        return None
    return _present(pick, _nullable(type_), variables, depth)


def _present(pick: Pick, type_: Any, variables: Variables | None, depth: int) -> Any:
    if is_list_type(type_):
        if rarely(pick, 6) and not is_list_type(type_.of_type):
            # One item stands for a list of one.
            return _present(pick, _nullable(type_.of_type), None, depth + 1)
        return [value_of(pick, type_.of_type, variables, depth=depth + 1) for _ in range(pick(3))]
    if is_input_object_type(type_):
        return _object_of(pick, type_, variables, depth)
    choices = [EnumName(name) for name in type_.values] if is_enum_type(type_) else SCALARS[type_.name]
    return choices[pick(len(choices))]


def _nullable(type_: Any) -> Any:
    return type_.of_type if is_non_null_type(type_) else type_


def _object_of(pick: Pick, type_: GraphQLInputObjectType, variables: Variables | None, depth: int) -> dict[str, Any]:
    if _is_one_of(type_):
        names = list(type_.fields)
        name = names[pick(len(names))]
        inner = _nullable(type_.fields[name].type)
        if variables is not None and pick(3) == 1:
            return {name: variables.declare(pick, inner, has_default=False, in_one_of=True)}
        return {name: value_of(pick, GraphQLNonNull(inner), None, depth=depth + 1)}
    given: dict[str, Any] = {}
    for name, input_field in type_.fields.items():
        has_default = input_field.default_value not in (Undefined, None)
        must_be_given = is_non_null_type(input_field.type) and input_field.default_value is Undefined
        if must_be_given or (depth < 3 and pick(3) == 1):
            given[name] = value_of(pick, input_field.type, variables, depth=depth + 1, has_default=has_default)
    return given


def _is_one_of(type_: GraphQLInputObjectType) -> bool:
    # Strawberry sees to it by itself, and tells graphql-core nothing of it.
    return type_.is_one_of or bool(type_.extensions["strawberry-definition"].is_one_of)


def literal(value: Any) -> str:
    if isinstance(value, VariableName):
        return f"${value}"
    if isinstance(value, EnumName):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value)
