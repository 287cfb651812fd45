"""From a selection to the statement that answers it, or the finding that no statement can."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)
from strawberry.types.field import StrawberryField

from api.execution.access import guarding_rule
from api.execution.fusing.declarations import Declarations
from api.execution.fusing.known import Entries
from api.execution.fusing.refusing import NotFusable
from api.execution.plan.arguments import Arguments
from api.execution.plan.fusion import Candidate
from persistence.json_text import writing
from persistence.json_text.shapes import (
    Embedded,
    Identifier,
    Items,
    Known,
    Leaf,
    ListRows,
    Many,
    One,
    PageRows,
    Pages,
    Relation,
    Shape,
    Source,
)
from persistence.json_text.templates import JsonStatement, Pieces, Sql
from persistence.json_text.writing import Page, Scope, members

MOST_FIELDS = 300
MOST_RELATIONS = 24
MOST_LEVELS = 8
MOST_CHARACTERS = 15_000
"""asyncpg does not keep longer statements prepared."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A field with arguments, somewhere in the statement."""

    prefix: str
    arguments: Arguments
    coordinate: tuple[str, str]


@dataclass(slots=True)
class Written:
    statement: JsonStatement
    occurrences: list[Occurrence]
    entries: dict[str, Entries]
    """By the parameter that takes their texts."""
    relations: int
    """How many reads the statement stands for."""


@dataclass(slots=True)
class Writer:
    """Writes one statement."""

    candidate: Candidate
    declarations: Declarations
    _occurrences: list[Occurrence] = field(default_factory=list)
    _entries: dict[str, Entries] = field(default_factory=dict)
    _fields: int = 0
    _relations: int = 0
    _levels: int = 0

    def below_parents(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> tuple[Relation, Written]:
        """One text for each of some objects. Raises NotFusable."""
        definition = self._definition(type_, nodes)
        relation = self.declarations.shapes.get(type_.name, {}).get(_python_name(definition))
        if not isinstance(relation, One | Many | Pages):
            raise NotFusable
        statement = writing.for_each_parent(
            relation, lambda scope: self._relation(type_, definition, relation, scope, nodes)
        )
        return relation, self._written(statement)

    def root(self, type_: GraphQLObjectType, nodes: list[FieldNode], source: Source) -> Written:
        """Raises NotFusable."""
        definition = self._definition(type_, nodes)
        self._relations += 1
        if isinstance(source, PageRows):
            return self._written(writing.one_page(source, lambda page: self._page(definition, page, nodes)))
        object_, shape = self._mapped_type(_item(definition) if isinstance(source, ListRows) else definition.type)
        write = partial(self._object, object_, shape, nodes)
        return self._written(
            writing.all_rows(source, write) if isinstance(source, ListRows) else writing.one_row(source, write)
        )

    def _written(self, statement: JsonStatement) -> Written:
        if len(statement.text) > MOST_CHARACTERS:
            raise NotFusable
        return Written(statement, self._occurrences, self._entries, self._relations)

    def _definition(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> GraphQLField:
        """Raises NotFusable unless everybody may read the field."""
        definition: GraphQLField = type_.fields[nodes[0].name.value]
        rule = guarding_rule(definition)
        if rule is None or not rule.is_public:
            raise NotFusable
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise NotFusable
        return definition

    def _object(self, type_: GraphQLObjectType, shape: Shape, nodes: Sequence[FieldNode], scope: Scope) -> Pieces:
        self._levels += 1
        if self._levels > MOST_LEVELS:
            raise NotFusable
        collected = self.candidate.collector.below(nodes, type_)
        written = members([(key, self._member(type_, shape, scope, found)) for key, found in collected.items()])
        self._levels -= 1
        return written

    def _member(self, type_: GraphQLObjectType, shape: Shape, scope: Scope, nodes: list[FieldNode]) -> Pieces:
        if nodes[0].name.value == "__typename":
            return (f'"{type_.name}"',)
        definition = self._definition(type_, nodes)
        mapped = shape.get(_python_name(definition))
        if isinstance(mapped, Leaf | Identifier):
            return self._scalar(type_, definition, mapped, scope)
        if isinstance(mapped, Items):
            return self._listed(definition, mapped, scope, nodes)
        if isinstance(mapped, Embedded):
            object_ = self._object_type(definition.type)
            body = self._object(object_, mapped.shape, nodes, scope)
            return self._maybe(definition, body, mapped.exists and scope.condition(mapped.exists))
        if isinstance(mapped, Known):
            return self._known(definition, mapped, scope, nodes)
        if mapped is None:
            raise NotFusable
        return self._relation(type_, definition, mapped, scope, nodes)

    def _scalar(
        self, type_: GraphQLObjectType, definition: GraphQLField, mapped: Leaf | Identifier, scope: Scope
    ) -> Pieces:
        if not is_leaf_type(get_nullable_type(definition.type)):
            raise NotFusable
        if isinstance(mapped, Identifier):
            return scope.identifier(mapped, self.declarations.prefix(type_.name))
        if not mapped.is_nullable:
            return scope.leaf(mapped)
        if is_non_null_type(definition.type):
            raise NotFusable
        return scope.leaf_or_null(mapped)

    def _listed(self, definition: GraphQLField, items: Items, scope: Scope, nodes: list[FieldNode]) -> Pieces:
        item = items.item
        if isinstance(item, Leaf):
            return scope.items(items, lambda inner: inner.leaf(item))
        object_ = self._object_type(_item(definition))
        return scope.items(items, partial(self._object, object_, item, nodes))

    def _maybe(self, definition: GraphQLField, body: Pieces, exists: Sql | None) -> Pieces:
        """What is null unless the condition holds; always there without one."""
        if exists is None:
            return body
        if is_non_null_type(definition.type):
            raise NotFusable
        return writing.if_exists(exists, body)

    def _relation(
        self,
        type_: GraphQLObjectType,
        definition: GraphQLField,
        relation: Relation,
        scope: Scope,
        nodes: list[FieldNode],
    ) -> Pieces:
        self._relations += 1
        if self._relations > MOST_RELATIONS:
            raise NotFusable
        if isinstance(relation, One):
            object_, shape = self._mapped_type(definition.type)
            inner = scope.joining(relation)
            body = self._object(object_, shape, nodes, inner)
            exists = relation.exists and inner.condition(relation.exists)
            return self._maybe(definition, body, exists)
        prefix = self._occurrence(type_, definition, nodes[0])
        if isinstance(relation, Pages):
            return self._page(definition, scope.page(relation, prefix), nodes)
        object_, shape = self._mapped_type(_item(definition))
        return scope.many(relation, prefix, partial(self._object, object_, shape, nodes))

    def _occurrence(self, type_: GraphQLObjectType, definition: GraphQLField, node: FieldNode) -> str:
        if not definition.args:
            return ""
        coordinate = (type_.name, node.name.value)
        if coordinate not in self.declarations.arguments:
            raise NotFusable
        prefix = f"field_{len(self._occurrences)}_"
        self._occurrences.append(Occurrence(prefix, self.candidate.arguments(definition, node), coordinate))
        return prefix

    def _page(self, definition: GraphQLField, page: Page, nodes: list[FieldNode]) -> Pieces:
        """A connection."""
        type_ = self._object_type(definition.type)
        return self._members(type_, nodes, lambda found: self._of_page(type_, page, found))

    def _members(
        self, type_: GraphQLObjectType, nodes: list[FieldNode], write: Callable[[list[FieldNode]], Pieces]
    ) -> Pieces:
        """Of an object that no row stands for."""
        collected = self.candidate.collector.below(nodes, type_)
        return members(
            [
                (key, (f'"{type_.name}"',) if found[0].name.value == "__typename" else write(found))
                for key, found in collected.items()
            ]
        )

    def _of_page(self, type_: GraphQLObjectType, page: Page, nodes: list[FieldNode]) -> Pieces:
        definition = self._definition(type_, nodes)
        match nodes[0].name.value:
            case "nodes":
                node, shape = self._mapped_type(_item(definition))
                return page.listed(partial(self._object, node, shape, nodes))
            case "edges":
                edge = self._object_type(_item(definition))
                return page.listed(
                    lambda scope: self._members(edge, nodes, lambda found: self._of_edge(edge, page, scope, found))
                )
            case "pageInfo":
                about = self._object_type(definition.type)
                return self._members(about, nodes, lambda found: self._about(about, page, found))
            case "totalCount":
                return page.total
        raise NotFusable

    def _of_edge(self, type_: GraphQLObjectType, page: Page, scope: Scope, nodes: list[FieldNode]) -> Pieces:
        definition = self._definition(type_, nodes)
        if nodes[0].name.value == "cursor":
            return page.cursor(scope)
        node, shape = self._mapped_type(definition.type)
        return self._object(node, shape, nodes, scope)

    def _about(self, type_: GraphQLObjectType, page: Page, nodes: list[FieldNode]) -> Pieces:
        self._definition(type_, nodes)
        match nodes[0].name.value:
            case "hasNextPage":
                return page.has_next
            case "hasPreviousPage":
                return page.has_previous
            case "startCursor":
                return page.end(is_last=False)
            case "endCursor":
                return page.end(is_last=True)
        raise NotFusable

    def _known(self, definition: GraphQLField, known: Known, scope: Scope, nodes: list[FieldNode]) -> Pieces:
        entries = Entries(self._object_type(definition.type), nodes, self.candidate.collector, known.directory)
        name = f"entries_{len(self._entries)}"
        self._entries[name] = entries
        return scope.entry(known, name)

    def _mapped_type(self, type_: Any) -> tuple[GraphQLObjectType, Shape]:
        object_ = self._object_type(type_)
        shape = self.declarations.shapes.get(object_.name)
        if shape is None:
            raise NotFusable
        return object_, shape

    def _object_type(self, type_: Any) -> GraphQLObjectType:
        object_ = get_nullable_type(type_)
        if not is_object_type(object_):
            raise NotFusable
        return object_


def _item(definition: GraphQLField) -> Any:
    list_ = get_nullable_type(definition.type)
    if not isinstance(list_, GraphQLList):
        raise NotFusable
    return list_.of_type


def _python_name(definition: GraphQLField) -> str:
    declared = definition.extensions.get("strawberry-definition")
    assert isinstance(declared, StrawberryField)
    return declared.python_name
