"""What an operation may cost, known from its document and variables before anything is read.

The cost is the number of objects that the answer can hold as far as arguments bound it, and what fields declare besides.
It is worked out as a template once per operation of a document; with the variables of a request it is a few additions.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from strawberry.types.field import StrawberryField

from api.execution.access import NOBODY, rule_of
from api.execution.amounts import (
    ALWAYS,
    Amount,
    Conditions,
    Variables,
    conditions_of,
    greatest,
    length_given,
    number_given,
    product,
    total,
    when,
)
from api.execution.errors import ErrorCode, refused

COST = "cost"
"""The key of a field's metadata that holds its FieldCost."""

USUAL_ITEMS = 10
"""Items that a list counts for when no argument says how many."""

UNASKED_ITEMS = 25
"""Items that a page counts for at most when its size is left to the schema's default, which is meant for the rare long list:
whoever nests pages without a word should not be refused for what is not there.
"""

MUTATION_WEIGHT = 10
"""What a mutation weighs besides the objects of its answer."""

_PAGE_SIZE = "first"
_ITEMS_OF_A_PAGE = frozenset({"nodes", "edges"})
_MOST_VISITS = 50_000
_LARGEST = 2**53 - 1
"""What every client can read as a number."""

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class FieldCost:
    """`weight` counts each time the field is read, besides the objects that it gives.

    `sized_by` names arguments that are lists: the field gives as many items as they have, each with each.
    """

    weight: int = 0
    sized_by: tuple[str, ...] = ()


def costing(weight: int = 0, *, sized_by: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Declares the cost of the field that it stands above."""

    def declare(field: F) -> F:
        assert isinstance(field, StrawberryField)
        field.metadata = MappingProxyType({**field.metadata, COST: FieldCost(weight, sized_by)})
        return field

    return declare


def told(requested: int, limit: int) -> dict[str, int]:
    """What clients read under `extensions.cost`."""
    return {"requested": requested, "limit": limit}


def too_dear(requested: int, limit: int) -> GraphQLError:
    error = refused(f"The operation may cost {requested}; the limit is {limit}.", ErrorCode.LIMIT_EXCEEDED)
    error.extensions = {**(error.extensions or {}), "cost": told(requested, limit)}
    return error


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What is known of an operation before it runs."""

    amount: Amount
    root_fields: frozenset[str]
    is_public: bool
    """Whether no field in it needs a check of who reads it."""

    def cost(self, variables: Variables) -> int:
        """`variables` are coerced."""
        amount = self.amount
        return min(_LARGEST, amount if isinstance(amount, int) else amount(variables))


def appraise(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Appraisal:
    """Of a valid document. Raises GraphQLError when its abstract types multiply its selections beyond measure."""
    root = schema.get_root_type(operation.operation)
    assert root is not None
    survey = _Survey(schema, document, _weight_of_root(operation))
    fields = survey.collect(root, ((operation.selection_set, ALWAYS),))
    names = frozenset(nodes[0][0].name.value for nodes in fields.values())
    amount = survey.selections(root, ((operation.selection_set, ALWAYS),), None, is_root=True)
    return Appraisal(amount, names, survey.is_public)


def _weight_of_root(operation: OperationDefinitionNode) -> int:
    return MUTATION_WEIGHT if operation.operation is OperationType.MUTATION else 0


Selections = tuple[tuple[SelectionSetNode, Conditions], ...]
Nodes = list[tuple[FieldNode, Conditions]]


class _Survey:
    """Selections are merged as execution merges them, so that fragments that ask for the same thing cost it once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, root_weight: int) -> None:
        self._schema = schema
        self._root_weight = root_weight
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._visits = 0
        self.is_public = True

    def selections(
        self, type_: GraphQLObjectType, sets: Selections, page: Amount | None, *, is_root: bool = False
    ) -> Amount:
        """Of one object of this type; `page` says how many items it has where it is a page of a list."""
        amounts: list[Amount] = []
        leaves: set[str] = set()
        for nodes in self.collect(type_, sets).values():
            name = nodes[0][0].name.value
            field = self._schema.get_field(type_, name)
            assert field is not None
            amount = self._field(field, nodes, page if name in _ITEMS_OF_A_PAGE else None)
            if is_root:
                amount = total([self._root_weight, amount])
            if is_leaf_type(get_named_type(field.type)):
                # The same again by another name makes the answer longer, as an object would.
                amount = total([amount, int(name in leaves)])
                leaves.add(name)
            amounts.append(when([conditions for _, conditions in nodes], amount))
        return total(amounts)

    def collect(self, type_: GraphQLObjectType, sets: Selections) -> dict[str, Nodes]:
        fields: dict[str, Nodes] = {}
        seen: set[Hashable] = set()
        pending = list(reversed(sets))
        while pending:
            selection_set, inherited = pending.pop()
            below: list[tuple[SelectionSetNode, Conditions]] = []
            for selection in selection_set.selections:
                self._count_visit()
                assert isinstance(selection, FieldNode | FragmentSpreadNode | InlineFragmentNode)
                conditions = conditions_of(selection, inherited)
                if conditions is None:
                    continue
                if isinstance(selection, FieldNode):
                    key = (selection.alias or selection.name).value
                    fields.setdefault(key, []).append((selection, conditions))
                    continue
                inner = self._inner(selection)
                if (id(inner), conditions) not in seen and self._applies(inner, type_):
                    seen.add((id(inner), conditions))
                    below.append((inner.selection_set, conditions))
            pending.extend(reversed(below))
        return fields

    def _inner(self, selection: FragmentSpreadNode | InlineFragmentNode) -> FragmentDefinitionNode | InlineFragmentNode:
        return self._fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection

    def _applies(self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: GraphQLObjectType) -> bool:
        if fragment.type_condition is None or fragment.type_condition.name.value == type_.name:
            return True
        named = self._schema.get_type(fragment.type_condition.name.value)
        return is_abstract_type(named) and self._schema.is_sub_type(named, type_)

    def _field(self, field: GraphQLField, nodes: Nodes, page: Amount | None) -> Amount:
        if not _is_type_name(nodes):
            self.is_public = self.is_public and (rule_of(field) or NOBODY).is_public
        declared = _declared(field)
        named = get_named_type(field.type)
        if is_leaf_type(named):
            return declared.weight
        node = nodes[0][0]
        given = self._items(field, node, declared)
        size = given if given is not None else page
        is_list = is_list_type(get_nullable_type(field.type))
        below = self._below(field.type, nodes, None if is_list else given)
        one = total([1, below])
        if is_list:
            one = product([USUAL_ITEMS if size is None else size, one])
        return total([declared.weight, one])

    def _below(self, type_: GraphQLOutputType, nodes: Nodes, page: Amount | None) -> Amount:
        named = get_named_type(type_)
        # A condition that holds for all of them stands before the field already.
        is_shared = len({conditions for _, conditions in nodes}) == 1
        sets = tuple(
            (node.selection_set, ALWAYS if is_shared else conditions)
            for node, conditions in nodes
            if node.selection_set is not None
        )
        if is_object_type(named):
            return self.selections(named, sets, page)
        assert is_abstract_type(named)
        return greatest([self.selections(type_, sets, page) for type_ in self._schema.get_possible_types(named)])

    def _items(self, field: GraphQLField, node: FieldNode, declared: FieldCost) -> Amount | None:
        """How many items the arguments ask for; null when they do not say."""
        if declared.sized_by:
            return product([length_given(field, node, name, USUAL_ITEMS) for name in declared.sized_by])
        return number_given(field, node, _PAGE_SIZE, USUAL_ITEMS, UNASKED_ITEMS) if _PAGE_SIZE in field.args else None

    def _count_visit(self) -> None:
        self._visits += 1
        if self._visits > _MOST_VISITS:
            raise refused("The document takes too long to appraise.", ErrorCode.LIMIT_EXCEEDED)


def _declared(field: GraphQLField) -> FieldCost:
    definition = field.extensions.get("strawberry-definition")
    declared = definition.metadata.get(COST) if isinstance(definition, StrawberryField) else None
    return declared if isinstance(declared, FieldCost) else FieldCost()


def _is_type_name(nodes: Nodes) -> bool:
    return nodes[0][0].name.value == "__typename"
