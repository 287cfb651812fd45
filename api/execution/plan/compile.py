"""From an operation to the plan that answers it."""

from collections.abc import Sequence
from typing import Any

from graphql import (
    ExecutionResult,
    Executor,
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_union_type,
)
from graphql.execution.execute import default_field_resolver

from api.execution.access import Rule, guarding_rule
from api.execution.fields import Batched as BatchedSource
from api.execution.fields import Column, Inline, Wanted, source_of, wanted_of
from api.execution.plan.arguments import Arguments
from api.execution.plan.collect import Collector, Conditions, Fields, Outline
from api.execution.plan.completing import Completer, LeafCompleter, ListCompleter
from api.execution.plan.fusion import Candidate, Fuse, FusedField
from api.execution.plan.leaves import Leaf, Namespace
from api.execution.plan.levels import Constant, Immediate, Level
from api.execution.plan.objects import AbstractCompleter, ObjectCompleter
from api.execution.plan.origin import Origin
from api.execution.plan.places import Root, Step
from api.execution.plan.running import Run
from api.execution.plan.steps import Batched, Computed, Deferred, Plain


class Plan:
    def __init__(self, level: Level, compiler: "Compiler") -> None:
        self._level = level
        self._compiler = compiler

    @property
    def fields(self) -> int:
        """How many have been compiled, which is what it takes of memory."""
        return self._compiler.fields

    async def execute(self, executor: Executor[Any]) -> ExecutionResult:
        """For the operation and the conditions that the plan was compiled for."""
        run = Run(executor)
        [data] = await self._level.run([executor.root_value], run, Root())
        return run.result(data)


def compile_plan(schema: GraphQLSchema, outline: Outline, conditions: Conditions, fuse: Fuse | None = None) -> Plan:
    operation = outline.operation
    root = schema.get_root_type(operation.operation)
    assert root is not None, "validation has seen to it"
    compiler = Compiler(schema, Collector(schema, outline.fragments, conditions), fuse)
    fields = compiler.collector.fields([operation.selection_set], root)
    # Whatever stands in a mutation runs in the order in which it stands there.
    level = compiler.level(root, fields, by_resolvers=operation.operation is not OperationType.QUERY)
    return Plan(level, compiler)


class Compiler:
    def __init__(self, schema: GraphQLSchema, collector: Collector, fuse: Fuse | None = None) -> None:
        self.schema = schema
        self.collector = collector
        self.fields = 0
        self._fuse = fuse
        self._namespace = Namespace()

    def level(self, type_: GraphQLObjectType, fields: Fields, *, by_resolvers: bool = False) -> Level:
        """`by_resolvers`: every field is given by its own resolver, even where the plan knows of a shorter way."""
        self.fields += len(fields)
        return Level(
            [self._field(type_, key, nodes, by_resolvers=by_resolvers) for key, nodes in fields.items()],
            self._namespace,
        )

    def _field(
        self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], *, by_resolvers: bool
    ) -> Constant | Immediate | Deferred:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(key, parent.name)
        definition = parent.fields[name]
        origin = Origin(parent, definition, nodes)
        step = Step(key, parent.name, not is_non_null_type(definition.type))
        rule = None if by_resolvers or _may_have_handlers(definition) else guarding_rule(definition)
        source = None if rule is None else source_of(definition)
        if rule is not None and isinstance(source, (Column, Inline)):
            return self._of_source(origin, step, rule, source)
        ordinary = self._asked_for(origin, step, rule, source)
        return ordinary if by_resolvers else self._fused(origin, step, ordinary)

    def _of_source(self, origin: Origin, step: Step, rule: Rule, source: Column | Inline) -> Immediate | Deferred:
        type_ = _nullable(origin.definition.type)
        if is_leaf_type(type_):
            leaf = Leaf(type_, origin.coordinate, is_nullable=step.is_nullable)
            return Immediate(step, origin.nodes, rule, leaf, source)
        return Computed(step, self._completer(origin, origin.definition.type), rule, source)

    def _asked_for(self, origin: Origin, step: Step, rule: Rule | None, source: Any) -> Deferred:
        definition, nodes = origin.definition, origin.nodes
        completer = self._completer(origin, definition.type)
        arguments = Arguments(self.schema, definition, nodes[0])
        if rule is not None and isinstance(source, BatchedSource):
            return Batched(step, completer, rule, arguments, source.load, self._wanted(origin))
        return Plain(step, completer, arguments, definition.resolve or default_field_resolver)

    def _fused(self, origin: Origin, step: Step, ordinary: Deferred) -> Deferred:
        fused = self._fuse(Candidate(self.schema, origin, self.collector)) if self._fuse else None
        # No rule can look at what is fused, so there must be none.
        if fused is None or not self._is_public(origin):
            return ordinary
        return FusedField(step, fused, ordinary)

    def _completer(self, origin: Origin, type_: GraphQLOutputType) -> Completer:
        is_nullable = not is_non_null_type(type_)
        type_ = _nullable(type_)
        if is_list_type(type_):
            return ListCompleter(self._completer(origin, type_.of_type), is_nullable=is_nullable)
        if is_leaf_type(type_):
            leaf = Leaf(type_, origin.coordinate, is_nullable=is_nullable)
            return LeafCompleter(origin, leaf, self._namespace)
        if is_abstract_type(type_):
            return AbstractCompleter(
                origin, type_, lambda runtime_type: self._below(origin, runtime_type), is_nullable=is_nullable
            )
        assert is_object_type(type_)
        return ObjectCompleter(origin, type_, self._below(origin, type_), is_nullable=is_nullable)

    def _below(self, origin: Origin, type_: GraphQLObjectType) -> Level:
        return self.level(type_, self.collector.below(origin.nodes, type_))

    def _object_types(self, definition: GraphQLField) -> Sequence[GraphQLObjectType]:
        type_ = get_named_type(definition.type)
        if is_abstract_type(type_):
            return self.schema.get_possible_types(type_)
        return [type_] if is_object_type(type_) else []

    def _wanted(self, origin: Origin) -> Wanted:
        field: Origin | None = origin
        return wanted_of(field, self._selected_below)

    def _selected_below(self, origin: Origin | None) -> list[tuple[str, Origin | None]]:
        """No origin has, and is below, `__typename`."""
        if origin is None:
            return []
        return [
            (name, None if name == "__typename" else Origin(type_, type_.fields[name], nodes))
            for type_ in self._object_types(origin.definition)
            for nodes in self.collector.below(origin.nodes, type_).values()
            for name in (nodes[0].name.value,)
        ]

    def _is_public(self, origin: Origin) -> bool:
        """Whether nobody is refused anything at this field or below it."""
        rule = guarding_rule(origin.definition)
        if rule is None or not rule.is_public:
            return False
        return all(below is None or self._is_public(below) for _, below in self._selected_below(origin))


def _nullable(type_: GraphQLOutputType) -> Any:
    return type_.of_type if is_non_null_type(type_) else type_


def _may_have_handlers(definition: GraphQLField) -> bool:
    """Strawberry turns expected exceptions into members of a union, in the field's resolver."""
    return is_union_type(get_named_type(definition.type))
