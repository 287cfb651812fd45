"""Scalars and enums: one expression for what the value nearly always is, the type's own serializer for everything else."""

from collections.abc import Callable
from typing import Any

from graphql import (
    Executor,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)

_NAMES = {"__builtins__": {}, "type": type, "str": str, "int": int, "float": float, "bool": bool}

_AS_IT_IS = {
    GraphQLString: "type(v) is str",
    GraphQLID: "type(v) is str",
    GraphQLInt: "type(v) is int and -2147483649 < v < 2147483648",
    GraphQLFloat: "type(v) is float and v - v == 0",
    GraphQLBoolean: "type(v) is bool",
}


class Namespace:
    """The names that generated expressions may use, and the only place where such expressions are evaluated.

    Their text is made of response keys and Python names, both through `repr`, and of names bound here.
    """

    def __init__(self) -> None:
        self._names: dict[str, Any] = dict(_NAMES)

    def bind(self, value: object) -> str:
        name = f"_{len(self._names)}"
        self._names[name] = value
        return name

    def evaluate(self, text: str) -> Callable[..., Any]:
        function: Callable[..., Any] = eval(text, self._names)  # noqa: S307
        return function


class Leaf:
    """How one field's scalar or enum is written."""

    __slots__ = ("_coerce", "_coordinate", "_type", "is_nullable")

    def __init__(self, type_: GraphQLLeafType, coordinate: str, *, is_nullable: bool) -> None:
        self._type = type_
        self._coerce = type_.coerce_output_value
        self._coordinate = coordinate
        self.is_nullable = is_nullable

    def complete(self, value: Any) -> Any:
        """Raises whatever is wrong with it."""
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            if self.is_nullable:
                return None
            raise missing(self._coordinate)
        coerced = self._coerce(value)
        if coerced is None or coerced is Undefined:
            # It says in its own words that this may not be.
            return Executor.complete_leaf_value(self._type, value)
        return coerced

    def expression(self, value: str, namespace: Namespace) -> str:
        """The same as text, for a value given as text."""
        whole = namespace.bind(self.complete)
        if isinstance(self._type, GraphQLEnumType):
            names, members = namespace.bind(_names_of(self._type)), namespace.bind(_members_of(self._type))
            # By the value, because members themselves are hashed in Python.
            return f"({names}.get(v._value_ if type(v := {value}) is {members} else v) or {whole}(v))"
        as_it_is = _AS_IT_IS.get(self._type)
        if as_it_is is None:
            return f"{whole}({value})"
        if self.is_nullable:
            return f"(v if (v := {value}) is None or {as_it_is} else {whole}(v))"
        return f"(v if {as_it_is.replace('(v)', f'(v := {value})', 1)} else {whole}(v))"


def missing(coordinate: str) -> TypeError:
    return TypeError(f"Cannot return null for non-nullable field {coordinate}.")


def _members_of(type_: GraphQLEnumType) -> type | None:
    """The Python enum that Strawberry has made the type from."""
    members = getattr(type_, "wrapped_cls", None)
    return members if isinstance(members, type) else None


def _names_of(type_: GraphQLEnumType) -> dict[Any, str]:
    """The name of each value; that of a member of the Python enum is the name of the member's value."""
    names: dict[Any, str] = {}
    for value in type_.values.values():
        try:
            names[value.value] = type_.coerce_output_value(value.value)
        except Exception:  # noqa: BLE001, S112 - Then its serializer says so, each time it is asked.
            continue
    return names
