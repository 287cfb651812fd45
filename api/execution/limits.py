"""How large a document may be, measured in one linear pass, whatever its fragments multiply to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from api.execution.errors import ErrorCode, refused

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts are per operation, after fragments are expanded; the first three are per document."""

    characters: int = 100_000
    tokens: int = 4_000
    operations: int = 5
    depth: int = 15
    introspection_depth: int = 20
    fields: int = 5_000
    aliases: int = 100
    directives: int = 50
    mutation_root_fields: int = 10
    field_comparisons: int = 30_000
    "Work allowed to the rule that overlapping fields merge, in graphql-core's units; it is quadratic by nature."
    cost: int = 150_000
    "Objects that an answer may hold, and what fields weigh besides; see cost.py."


@dataclass(slots=True)
class Size:
    """What a selection set comes to, below the place where it stands."""

    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    root_fields: int = 0
    aliases: int = 0
    directives: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    fragment: str
    depth: int
    is_introspection: bool


@dataclass(slots=True)
class Outline:
    """A definition by itself: its own size, and which fragments it spreads where."""

    own: Size
    spreads: list[Spread] = field(default_factory=list)


class Measurement:
    """Sizes of all operations of a document. Each selection is visited once, each spread resolved once.

    A spread that closes a cycle adds nothing; validation refuses it.
    """

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        # Sums stop just above the largest limit, so that their digits cannot grow with the number of fragment levels.
        self._ceiling = 1 + max(
            limits.fields, limits.aliases, limits.directives, limits.mutation_root_fields, limits.tokens
        )
        self.visits = 0
        self._fragments: dict[str, Outline] = {
            node.name.value: self._outline(node)
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._sizes: dict[str, Size] = {}
        for name in self._fragments:
            if name not in self._sizes:
                self._resolve(name)
        self.operations: list[tuple[OperationDefinitionNode, Size]] = [
            (node, self._expanded(self._outline(node)))
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        ]

    def _outline(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> Outline:
        outline = Outline(Size(directives=len(definition.directives or ())))
        pending = [(definition.selection_set, 1, False)]
        while pending:
            selections, depth, is_introspection = pending.pop()
            pending.extend(self._visit(outline, selections, depth, is_introspection=is_introspection))
        return outline

    def _visit(
        self, outline: Outline, selections: SelectionSetNode, depth: int, *, is_introspection: bool
    ) -> Iterator[tuple[SelectionSetNode, int, bool]]:
        own = outline.own
        for selection in selections.selections:
            self.visits += 1
            own.directives += len(selection.directives or ())
            if isinstance(selection, FragmentSpreadNode):
                outline.spreads.append(Spread(selection.name.value, depth, is_introspection))
                continue
            enters_introspection, below = is_introspection, depth
            if isinstance(selection, FieldNode):
                enters_introspection = is_introspection or selection.name.value in INTROSPECTION_FIELDS
                # The depth of introspection is counted from its own root, which costs the rest nothing.
                level = depth if is_introspection or not enters_introspection else 1
                _count_field(own, selection, level, is_root=depth == 1, is_introspection=enters_introspection)
                below = level + 1
            nested = getattr(selection, "selection_set", None)
            if nested is not None:
                yield nested, below, enters_introspection

    def _resolve(self, root: str) -> None:
        # Without recursion: a chain of fragments may be longer than Python's stack.
        path = [(root, iter(self._fragments[root].spreads))]
        open_names = {root}
        while path:
            name, spreads = path[-1]
            for spread in spreads:
                self.visits += 1
                inner = spread.fragment
                if inner in self._fragments and inner not in self._sizes and inner not in open_names:
                    path.append((inner, iter(self._fragments[inner].spreads)))
                    open_names.add(inner)
                    break
            else:
                path.pop()
                open_names.discard(name)
                self._sizes[name] = self._expanded(self._fragments[name])

    def _expanded(self, outline: Outline) -> Size:
        own = outline.own
        total = Size(own.depth, own.introspection_depth, own.fields, own.root_fields, own.aliases, own.directives)
        for spread in outline.spreads:
            self.visits += 1
            size = self._sizes.get(spread.fragment)
            if size is not None:
                self._add(total, size, spread)
        return total

    def _add(self, total: Size, size: Size, spread: Spread) -> None:
        reached = min(self._ceiling, spread.depth - 1 + size.depth)
        if spread.is_introspection:
            total.introspection_depth = max(total.introspection_depth, reached, size.introspection_depth)
        else:
            total.depth = max(total.depth, reached)
            total.introspection_depth = max(total.introspection_depth, size.introspection_depth)
        total.fields = min(self._ceiling, total.fields + size.fields)
        total.aliases = min(self._ceiling, total.aliases + size.aliases)
        total.directives = min(self._ceiling, total.directives + size.directives)
        if spread.depth == 1:
            total.root_fields = min(self._ceiling, total.root_fields + size.root_fields)


def _count_field(own: Size, node: FieldNode, depth: int, *, is_root: bool, is_introspection: bool) -> None:
    own.fields += 1
    own.root_fields += is_root
    own.aliases += node.alias is not None
    if is_introspection:
        own.introspection_depth = max(own.introspection_depth, depth)
    else:
        own.depth = max(own.depth, depth)


def excesses(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    measurement = Measurement(document, limits)
    errors = [_excess("operations", len(measurement.operations), limits.operations)]
    for node, size in measurement.operations:
        errors += [
            _excess("levels of fields", size.depth, limits.depth),
            _excess("levels of introspection", size.introspection_depth, limits.introspection_depth),
            _excess("fields", size.fields, limits.fields),
            _excess("aliases", size.aliases, limits.aliases),
            _excess("directives", size.directives, limits.directives),
        ]
        if node.operation is OperationType.MUTATION:
            errors.append(_excess("root fields in a mutation", size.root_fields, limits.mutation_root_fields))
    return [error for error in errors if error is not None]


def _excess(what: str, count: int, limit: int) -> GraphQLError | None:
    if count <= limit:
        return None
    return refused(f"The document has more than {limit} {what}.", ErrorCode.LIMIT_EXCEEDED)
