"""The arguments of one field: coerced once for a whole level, or once for ever where no variable is in them."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from graphql import (
    Executor,
    FieldNode,
    GraphQLField,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import get_argument_values
from strawberry.schema import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

_UNCHANGEABLE = (str, int, float, type(None), Decimal, datetime, Enum)


class Arguments:
    __slots__ = ("_constant", "_converted", "_definition", "_node", "_schema", "_strawberry_field")

    def __init__(self, schema: GraphQLSchema, definition: GraphQLField, node: FieldNode) -> None:
        self._schema = schema.extensions.get("strawberry-definition")
        self._strawberry_field = definition.extensions.get("strawberry-definition")
        self._definition = definition
        self._node = node
        self._constant: dict[str, Any] | None = None if definition.args else {}
        self._converted: dict[str, Any] | None = None
        if definition.args and not any(_has_variable(argument.value) for argument in node.arguments or ()):
            try:
                values = get_argument_values(definition, node, None, None, True)
            except Exception:  # noqa: BLE001 - Whatever is wrong with them is said when the field is asked for.
                return
            if all(isinstance(value, _UNCHANGEABLE) for value in values.values()):
                self._constant = values

    def coerced(self, executor: Executor[Any]) -> dict[str, Any]:
        """As graphql-core gives them to resolvers. Raises GraphQLError."""
        if self._constant is not None:
            return self._constant
        return get_argument_values(self._definition, self._node, executor.variable_values, None, True)

    def converted(self, coerced: dict[str, Any]) -> dict[str, Any]:
        """As Strawberry gives them to functions: under their Python names, inputs as instances of their classes."""
        if not coerced:
            return coerced
        if self._converted is not None:
            return self._converted
        assert isinstance(self._schema, Schema)
        assert isinstance(self._strawberry_field, StrawberryField)
        converted = convert_arguments(
            coerced,
            self._strawberry_field.arguments,
            scalar_registry=self._schema.schema_converter.scalar_registry,
            config=self._schema.config,
        )
        if coerced is self._constant:
            self._converted = converted
        return converted


def _has_variable(value: ValueNode) -> bool:
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, VariableNode):
            return True
        if isinstance(node, ListValueNode):
            pending.extend(node.values)
        elif isinstance(node, ObjectValueNode):
            pending.extend(field.value for field in node.fields)
    return False
