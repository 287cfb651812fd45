"""Objects that the process knows, such as locations: written as JSON once, and handed to statements as texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from graphql import (
    Executor,
    FieldNode,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)

from api.execution.access import guarding_rule
from api.execution.fields import Column, Inline, read, source_of
from api.execution.fusing.refusing import NotFusable
from api.execution.plan.collect import Collector

Complete = Callable[[Any], Any]


class Entries:
    """Writes the entries of one directory as one selection asks for them."""

    __slots__ = ("_directory", "_object", "_texts", "directory_name")

    def __init__(
        self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], collector: Collector, directory_name: str
    ) -> None:
        """Raises NotFusable."""
        self.directory_name = directory_name
        self._object = _object(type_, nodes, collector)
        self._directory: Mapping[Any, Any] | None = None
        self._texts: list[str] = []

    def texts(self, directory: Mapping[Any, Any]) -> list[str]:
        """In the order of the directory. Raises whatever is wrong with an entry."""
        if directory is not self._directory:
            self._texts = [orjson.dumps(self._object(entry)).decode() for entry in directory.values()]
            self._directory = directory
        return self._texts


def _object(type_: GraphQLObjectType, nodes: Sequence[FieldNode], collector: Collector) -> Complete:
    members = {key: _member(type_, found, collector) for key, found in collector.below(nodes, type_).items()}
    return lambda entry: {key: member(entry) for key, member in members.items()}


def _member(type_: GraphQLObjectType, nodes: list[FieldNode], collector: Collector) -> Complete:
    if nodes[0].name.value == "__typename":
        return lambda _entry: type_.name
    definition = type_.fields[nodes[0].name.value]
    rule, source = guarding_rule(definition), source_of(definition)
    if rule is None or not rule.is_public:
        raise NotFusable
    complete = _completed(definition.type, nodes, collector)
    if isinstance(source, Column):
        name = source.name
        return lambda entry: complete(read(entry, name))
    if isinstance(source, Inline):
        compute = source.compute
        return lambda entry: complete(compute(entry))
    raise NotFusable


def _completed(type_: GraphQLOutputType, nodes: list[FieldNode], collector: Collector) -> Complete:
    complete = _present(get_nullable_type(type_), nodes, collector)
    if not is_non_null_type(type_):
        return lambda value: None if value is None else complete(value)

    def demand(value: Any) -> Any:
        if value is None:
            raise TypeError(f"null where a {type_} must be")
        return complete(value)

    return demand


def _present(type_: Any, nodes: list[FieldNode], collector: Collector) -> Complete:
    if is_leaf_type(type_):
        return lambda value: Executor.complete_leaf_value(type_, value)
    if isinstance(type_, GraphQLList):
        item = _completed(type_.of_type, nodes, collector)
        return lambda values: [item(value) for value in values]
    if is_object_type(type_):
        return _object(type_, nodes, collector)
    raise NotFusable
