"""Numbers that may depend on a request's variables: added, multiplied and compared once, so far as they are constant."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graphql import DirectiveNode, FieldNode, FragmentSpreadNode, InlineFragmentNode, VariableNode
from graphql.language import BooleanValueNode

Variables = Mapping[str, Any]
"""Coerced, by name."""

Amount = int | Callable[[Variables], int]

Conditions = frozenset[tuple[str, bool]]
"""Variables and what each of them must be, for a selection to be there."""

ALWAYS: Conditions = frozenset()


def total(amounts: Iterable[Amount]) -> Amount:
    constant, varying = _parted(amounts)
    fixed = sum(constant)
    if not varying:
        return fixed
    if not fixed and len(varying) == 1:
        return varying[0]
    return lambda variables: fixed + sum(amount(variables) for amount in varying)


def product(amounts: Iterable[Amount]) -> Amount:
    constant, varying = _parted(amounts)
    fixed = 1
    for factor in constant:
        fixed *= factor
    if not varying or not fixed:
        return fixed

    def multiplied(variables: Variables) -> int:
        result = fixed
        for amount in varying:
            result *= amount(variables)
        return result

    return varying[0] if fixed == 1 and len(varying) == 1 else multiplied


def greatest(amounts: Sequence[Amount]) -> Amount:
    constant, varying = _parted(amounts)
    fixed = max(constant, default=0)
    if not varying:
        return fixed
    return lambda variables: max(fixed, *(amount(variables) for amount in varying))


def when(alternatives: Sequence[Conditions], amount: Amount) -> Amount:
    """Nothing, unless all the conditions of one alternative hold."""
    if ALWAYS in alternatives or amount == 0:
        return amount

    def conditional(variables: Variables) -> int:
        holds = any(all(variables.get(name) is wanted for name, wanted in conditions) for conditions in alternatives)
        if not holds:
            return 0
        return amount if isinstance(amount, int) else amount(variables)

    return conditional


def conditions_of(
    selection: FieldNode | FragmentSpreadNode | InlineFragmentNode, inherited: Conditions
) -> Conditions | None:
    """What its @skip and @include ask for besides; null when they leave it out whatever the variables are."""
    conditions = inherited
    for directive in selection.directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        value = _argument(directive)
        if isinstance(value, VariableNode):
            conditions |= {(value.name.value, wanted)}
        elif isinstance(value, BooleanValueNode) and value.value is not wanted:
            return None
    return conditions


def _argument(directive: DirectiveNode) -> object:
    return next((argument.value for argument in directive.arguments or () if argument.name.value == "if"), None)


def _parted(amounts: Iterable[Amount]) -> tuple[list[int], list[Callable[[Variables], int]]]:
    constant: list[int] = []
    varying: list[Callable[[Variables], int]] = []
    for amount in amounts:
        if isinstance(amount, int):
            constant.append(amount)
        else:
            varying.append(amount)
    return constant, varying
