"""Rules that say they do not look at what they guard."""

from dataclasses import dataclass
from typing import Any

import pytest
from graphql import is_object_type

from api.access import CUSTOMER, NOT_FOR_GUEST_LOOKUPS, Needs
from api.execution.access import Rule, rule_of
from api.schema import build_schema
from domain.access import ANONYMOUS, Permission, Principal, ViewerKind

CALLERS = [
    ANONYMOUS,
    Principal(kind=ViewerKind.CUSTOMER),
    *(Principal(kind=ViewerKind.STAFF, permissions=frozenset({permission})) for permission in Permission),
    Principal(kind=ViewerKind.APP, permissions=frozenset(Permission)),
]


@dataclass
class Asking:
    caller: Principal


class Untouchable:
    """A source that nobody looks at without being found out."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)

    def __getitem__(self, name: str) -> Any:
        raise AssertionError(name)


def rules() -> list[Rule]:
    fields = (
        field
        for type_ in build_schema().type_map.values()
        if is_object_type(type_) and not type_.name.startswith("__")
        for field in type_.fields.values()
    )
    return list({id(rule): rule for field in fields if (rule := rule_of(field)) is not None}.values())


def told(rule: Rule, caller: Principal, source: Any) -> tuple[str, Any] | None:
    refusal = rule.refusal(Asking(caller), source)
    return None if refusal is None else (refusal.message, refusal.extensions)


def test_a_rule_that_says_so_decides_alike_for_every_source() -> None:
    without = [rule for rule in rules() if not rule.is_public and not getattr(rule, "looks_at_source", True)]

    assert {type(rule) for rule in without} == {Needs, type(CUSTOMER)}
    for rule in without:
        verdicts = [told(rule, caller, None) for caller in CALLERS]
        assert verdicts == [told(rule, caller, Untouchable()) for caller in CALLERS]
        assert None in verdicts, rule
        assert verdicts[0] is not None, rule


def test_a_rule_that_looks_at_its_source_does_not_say_otherwise() -> None:
    assert getattr(NOT_FOR_GUEST_LOOKUPS, "looks_at_source", True)
    with pytest.raises(AssertionError):
        NOT_FOR_GUEST_LOOKUPS.refusal(Asking(ANONYMOUS), Untouchable())
