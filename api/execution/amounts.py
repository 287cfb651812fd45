"""Numbers that may depend on a request's variables: added, multiplied and compared once, so far as they are constant."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)

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


def number_given(field: GraphQLField, node: FieldNode, argument: str, usual: int, most_unasked: int) -> Amount:
    """A whole number; null and what is not given are as the schema says, to so many at most, else as is usual."""
    declared = _default(field, argument)
    default = min(declared, most_unasked) if isinstance(declared, int) else usual
    value = _value(node, argument)
    if isinstance(value, VariableNode):
        name = value.name.value

        def given(variables: Variables) -> int:
            number = variables.get(name)
            return default if number is None else max(0, number)

        return given
    return max(0, int(value.value)) if isinstance(value, IntValueNode) else default


def length_given(field: GraphQLField, node: FieldNode, argument: str, usual: int) -> Amount:
    """Of a list."""
    declared = _default(field, argument)
    default = len(declared) if isinstance(declared, list) else usual
    value = _value(node, argument)
    if isinstance(value, VariableNode):
        name = value.name.value

        def given(variables: Variables) -> int:
            items = variables.get(name)
            return default if items is None else len(items)

        return given
    if value is None or isinstance(value, NullValueNode):
        return default
    # By the rules of coercion a value that is no list stands for a list of itself.
    return len(value.values) if isinstance(value, ListValueNode) else 1


def _value(node: FieldNode, argument: str) -> ValueNode | None:
    return next((given.value for given in node.arguments or () if given.name.value == argument), None)


def _default(field: GraphQLField, argument: str) -> object:
    definition = field.args[argument]
    if definition.default_value is not Undefined:
        return definition.default_value
    if definition.default is None:
        return None
    literal = definition.default.literal
    return definition.default.value if literal is None else value_from_ast_untyped(literal)


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
