"""Who may read a field: a rule declared with the field, enforced before its resolver runs. No rule means nobody.

Knows nothing of commerce: what a rule looks at is the application's own context.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from graphql import GraphQLError, GraphQLField, GraphQLResolveInfo, GraphQLSchema, is_object_type
from strawberry.types.field import StrawberryField

ACCESS = "access"
"""The key of a field's metadata that holds its rule."""


class Refused(GraphQLError):
    """The caller may not see this. `code` is UNAUTHENTICATED or FORBIDDEN."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, extensions={"code": code})


class Rule(Protocol):
    """Decides about one field.

    A rule whose attribute `looks_at_source` is false decides alike for all sources, so it is asked once for many.
    """

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it, so that no check needs to run."""

    def refusal(self, context: Any, source: Any) -> Refused | None:
        """Null when the caller may read the field of this source."""


class _Nobody:
    is_public = False
    looks_at_source = False

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


class _Guarded(NamedTuple):
    rule: Rule
    resolve: Callable[..., Any] | None


_GUARDED = "guarded"
"""The key of a field's extensions that holds what `guard` has made of it."""


def guard(schema: GraphQLSchema) -> None:
    """Put each field's rule in front of its resolver."""
    for type_ in schema.type_map.values():
        if not is_object_type(type_) or type_.name.startswith("__"):
            continue
        for field in type_.fields.values():
            rule = rule_of(field) or NOBODY
            if not rule.is_public:
                _put_before(field, rule)
            field.extensions[_GUARDED] = _Guarded(rule, field.resolve)


def guarding_rule(field: GraphQLField) -> Rule | None:
    """The rule that whoever passes by the field's resolver must enforce himself.

    Null where the resolver may do more than Strawberry and `guard` have put into it: then nobody may pass by it.
    """
    guarded = field.extensions.get(_GUARDED)
    return guarded.rule if isinstance(guarded, _Guarded) and guarded.resolve is field.resolve else None


def refusals(rule: Rule, context: Any, sources: Sequence[Any]) -> Sequence[Exception | None]:
    """For each source why the field may not be read; nothing at all when it may be read of all of them."""
    if rule.is_public or not sources:
        return ()
    if not getattr(rule, "looks_at_source", True):
        refusal = _refusal(rule, context, None)
        return () if refusal is None else [refusal] * len(sources)
    found = [_refusal(rule, context, source) for source in sources]
    return found if any(found) else ()


def _refusal(rule: Rule, context: Any, source: Any) -> Exception | None:
    try:
        return rule.refusal(context, source)
    except Exception as error:  # noqa: BLE001 - A rule that cannot decide admits nobody.
        return error


def _put_before(field: GraphQLField, rule: Rule) -> None:
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
