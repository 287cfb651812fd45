"""Which fields a selection set comes to for a type, and what of an operation cannot be compiled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

Fields = dict[str, list[FieldNode]]
"""By response key, in the order of the response."""

Fragments = Mapping[str, FragmentDefinitionNode]
Conditions = Mapping[str, bool]
"""The values of the variables that @skip and @include look at."""

_INTROSPECTION = frozenset({"__schema", "__type"})


class NotCompilable(Exception):
    """The operation is left to graphql-core. The reason is one of a few words, to be counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Outline:
    """What of an operation must be known before it is compiled."""

    operation: OperationDefinitionNode
    fragments: Fragments
    conditions: tuple[str, ...]
    "Names of the variables that decide what is selected."


def outline_of(document: DocumentNode, operation: OperationDefinitionNode) -> Outline:
    """Raises NotCompilable."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    if operation.directives:
        raise NotCompilable("directive")
    conditions: dict[str, None] = {}
    for selection in _selections_below(operation.selection_set, fragments):
        if isinstance(selection, FieldNode) and selection.name.value in _INTROSPECTION:
            raise NotCompilable("introspection")
        conditions.update(dict.fromkeys(_condition_names(selection)))
    return Outline(operation, fragments, tuple(conditions))


def _selections_below(selections: SelectionSetNode, fragments: Fragments) -> Iterator[SelectionNode]:
    """Each selection once, through all fragments; without recursion, because fragments may be nested deeply."""
    pending = [selections]
    seen: set[str] = set()
    while pending:
        for selection in pending.pop().selections:
            yield selection
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name not in seen:
                    seen.add(name)
                    if fragments[name].variable_definitions or fragments[name].directives:
                        raise NotCompilable("directive")
                    pending.append(fragments[name].selection_set)
            elif isinstance(selection, (FieldNode, InlineFragmentNode)) and selection.selection_set:
                pending.append(selection.selection_set)


def _condition_names(selection: SelectionNode) -> Iterator[str]:
    for directive in selection.directives or ():
        if directive.name.value not in ("skip", "include"):
            raise NotCompilable("directive")
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                yield argument.value.name.value


class Collector:
    """Knows a document and the truth of its conditions."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments, conditions: Conditions) -> None:
        self._schema = schema
        self._fragments = fragments
        self._conditions = conditions

    def below(self, nodes: Sequence[FieldNode], type_: GraphQLObjectType) -> Fields:
        """The merged selections of all nodes of one response key."""
        return self.fields([node.selection_set for node in nodes if node.selection_set], type_)

    def fields(self, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType) -> Fields:
        collected: Fields = {}
        seen: set[str] = set()
        # Without recursion, because inline fragments may be nested deeply.
        pending = [iter(selections.selections) for selections in reversed(sets)]
        while pending:
            selection = next(pending[-1], None)
            if selection is None:
                pending.pop()
            elif not self._is_included(selection):
                continue
            elif isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                collected.setdefault(key, []).append(selection)
            else:
                inner = self._entered(selection, type_, seen)
                if inner is not None:
                    pending.append(iter(inner.selections))
        return collected

    def _entered(self, selection: SelectionNode, type_: GraphQLObjectType, seen: set[str]) -> SelectionSetNode | None:
        if isinstance(selection, InlineFragmentNode):
            return selection.selection_set if self._applies(selection, type_) else None
        assert isinstance(selection, FragmentSpreadNode)
        name = selection.name.value
        fragment = self._fragments[name]
        if name in seen or not self._applies(fragment, type_):
            return None
        seen.add(name)
        return fragment.selection_set

    def _applies(self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType) -> bool:
        if fragment.type_condition is None:
            return True
        condition = self._schema.get_type(fragment.type_condition.name.value)
        return condition is type_ or (is_abstract_type(condition) and self._schema.is_sub_type(condition, type_))

    def _is_included(self, selection: SelectionNode) -> bool:
        for directive in selection.directives or ():
            value = (directive.arguments or ())[0].value
            is_true = (
                value.value if isinstance(value, BooleanValueNode) else self._conditions[value.name.value]  # type: ignore[attr-defined]
            )
            if is_true is (directive.name.value == "skip"):
                return False
        return True
