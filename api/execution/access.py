"""Who may read a field: a rule declared with the field, enforced before its resolver runs. No rule means nobody.

Knows nothing of commerce: what a rule looks at is the application's own context.
"""

from collections.abc import Callable
from typing import Any, Protocol

from graphql import GraphQLError, GraphQLField, GraphQLResolveInfo, GraphQLSchema, is_object_type
from strawberry.types.field import StrawberryField

ACCESS = "access"
"""The key of a field's metadata that holds its rule."""


class Refused(GraphQLError):
    """The caller may not see this. `code` is UNAUTHENTICATED or FORBIDDEN."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, extensions={"code": code})


class Rule(Protocol):
    """Decides about one field."""

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it, so that no check needs to run."""

    def refusal(self, context: Any, source: Any) -> Refused | None:
        """Null when the caller may read the field of this source."""


class _Nobody:
    is_public = False

    def refusal(self, context: Any, source: Any) -> Refused | None:  # noqa: ARG002
        return Refused("This field has no access rule, so nobody may read it.", "FORBIDDEN")


NOBODY: Rule = _Nobody()


def rule_of(field: GraphQLField) -> Rule | None:
    """The rule declared with a field; null when it was forgotten."""
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField):
        return None
    rule: Rule | None = definition.metadata.get(ACCESS)
    return rule


def guard(schema: GraphQLSchema) -> None:
    """Put each field's rule in front of its resolver."""
    for type_ in schema.type_map.values():
        if not is_object_type(type_) or type_.name.startswith("__"):
            continue
        for field in type_.fields.values():
            rule = rule_of(field) or NOBODY
            if rule.is_public:
                continue
            if field.subscribe is not None:
                field.subscribe = _guarded(field.subscribe, rule)
            else:
                assert field.resolve is not None
                field.resolve = _guarded(field.resolve, rule)


def _guarded(resolve: Callable[..., Any], rule: Rule) -> Callable[..., Any]:
    def guarded(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        refusal = rule.refusal(info.context, source)
        if refusal is not None:
            raise refusal
        return resolve(source, info, **arguments)

    return guarded
