"""Cases of what an execution must answer, and the ways in which a schema's fields may be declared to answer so.

Each case is a schema in GraphQL's own language, what its root has, a document, and the answer: the facts of the public tests
of other implementations, which each table names. Every case runs with every way of declaring fields, on both executors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from graphql import GraphQLError, GraphQLField, GraphQLResolveInfo, GraphQLSchema, build_schema, is_object_type
from strawberry.dataloader import DataLoader
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from api.access import PUBLIC
from api.execution.access import ACCESS, guard
from api.execution.engine import Engine, GraphQLRequest
from api.execution.fields import BATCHED, read

Resolve = Callable[..., Any]


@dataclass(frozen=True)
class Raises:
    """Stands for a field whose resolver raises."""

    message: str

    @property
    def error(self) -> Exception:
        return ValueError(self.message)


@dataclass(frozen=True)
class Later:
    """Stands for a field whose value is there only after waiting."""

    value: Any


@dataclass(frozen=True)
class Failure:
    message: str
    locations: tuple[tuple[int, int], ...]
    path: tuple[str | int, ...] | None = None

    @classmethod
    def of(cls, error: Mapping[str, Any]) -> "Failure":
        path = error.get("path")
        return cls(
            error["extensions"].get("requestId", error["message"]),
            tuple((location["line"], location["column"]) for location in error.get("locations", ())),
            None if path is None else tuple(path),
        )


def fails(message: str, line: int, column: int, *path: str | int) -> Failure:
    return Failure(message, ((line, column),), path or None)


@dataclass(frozen=True)
class Case:
    name: str
    schema: str
    document: str
    root: Mapping[str, Any]
    "By the names of root fields, and in them by the names of fields; a row of an abstract type has a `__typename`."
    data: Mapping[str, Any] | None = None
    failures: tuple[Failure, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    resolvers: Mapping[str, Resolve] = field(default_factory=dict)
    "By `Type.field`, for those that have arguments."
    is_refused: bool = False
    "Before anything is executed: the answer has no data."
    is_any_of: bool = False
    "Whether one of the failures is enough, where several propagate to the same null."


@dataclass
class Asker:
    """The context."""

    root: Mapping[str, Any]
    loaders: dict[object, DataLoader[Any, Any]] = field(default_factory=dict)


Binding = Callable[[str, GraphQLField, bool], None]
"""Declares one field, by its name; the last says whether it is a field of a root."""


def _given(value: Any) -> Any:
    if isinstance(value, Raises):
        raise value.error
    return _waited_for(value.value) if isinstance(value, Later) else value


async def _waited_for(value: Any) -> Any:
    return _given(value)


def _source(source: Any, context: Asker, *, is_root: bool) -> Any:
    return context.root if is_root else source


def _resolver(name: str, declared: GraphQLField, is_root: bool) -> None:  # noqa: FBT001
    def resolve(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        return _given(read(_source(source, info.context, is_root=is_root), name))

    declared.resolve = resolve


def _async_resolver(name: str, declared: GraphQLField, is_root: bool) -> None:  # noqa: FBT001
    async def resolve(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        value = read(_source(source, info.context, is_root=is_root), name)
        return _given(value.value if isinstance(value, Later) else value)

    declared.resolve = resolve


def _column(name: str, declared: GraphQLField, is_root: bool) -> None:  # noqa: FBT001
    """Of roots, which have no row, a resolver. A value that is waited for has no place in a column."""

    def resolve(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        return read(source, name)

    if is_root:
        _resolver(name, declared, is_root)
        _declare(declared, StrawberryField(python_name=name, base_resolver=StrawberryResolver(lambda: None)))
    else:
        declared.resolve = resolve
        _declare(declared, StrawberryField(python_name=name))


def _batched(name: str, declared: GraphQLField, is_root: bool) -> None:  # noqa: FBT001
    async def load(parents: Sequence[Any], context: Asker, wanted: frozenset[str]) -> Sequence[Any]:
        return [_outcome(read(_source(parent, context, is_root=is_root), name)) for parent in parents]

    async def resolve(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        return (await load([source], info.context, frozenset()))[0]

    declared.resolve = resolve
    _declare(declared, StrawberryField(python_name=name, base_resolver=StrawberryResolver(lambda: None)), load)


def _outcome(value: Any) -> Any:
    """What a load returns for one parent, and a column holds."""
    if isinstance(value, Later):
        return _outcome(value.value)
    return value.error if isinstance(value, Raises) else value


def _declare(declared: GraphQLField, definition: StrawberryField, load: Resolve | None = None) -> None:
    definition.metadata = {ACCESS: PUBLIC} if load is None else {ACCESS: PUBLIC, BATCHED: load}  # type: ignore[assignment]
    declared.extensions = {**declared.extensions, "strawberry-definition": definition}


BINDINGS: dict[str, Binding] = {
    "resolver": _resolver,
    "async resolver": _async_resolver,
    "column": _column,
    "batched": _batched,
}


def schema_of(case: Case, binding: str) -> GraphQLSchema:
    schema = build_schema(case.schema)
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    for type_ in schema.type_map.values():
        if not is_object_type(type_) or type_.name.startswith("__"):
            continue
        for name, declared in type_.fields.items():
            resolver = case.resolvers.get(f"{type_.name}.{name}")
            if resolver is None:
                BINDINGS[binding](name, declared, type_ in roots)
            else:
                declared.resolve = resolver
                _declare(declared, StrawberryField(python_name=name, base_resolver=StrawberryResolver(lambda: None)))
    if binding in ("column", "batched"):
        guard(schema)
    return schema


def without_waiting(value: Any) -> Any:
    """Rows whose columns are there at once, as columns always are."""
    if isinstance(value, dict):
        return {key: without_waiting(_outcome(inner)) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_waiting(_outcome(item)) for item in value]
    return value


def _message(error: BaseException, _context: object) -> str:
    """Stands where the request's id would, in what clients see of a masked error."""
    return error.message if isinstance(error, GraphQLError) else str(error)


COMPILED, REFERENCE = "compiled", "reference"


async def hold(case: Case, binding: str, executor: str) -> None:
    """Execute the case and assert that it answers as it must."""
    engine = Engine(schema_of(case, binding), on_unexpected=_message, compiled=executor == COMPILED)
    root = without_waiting(case.root) if binding in ("column", "batched") else case.root
    request = GraphQLRequest(case.document, dict(case.variables), case.operation_name)

    answer = await engine.execute(request, Asker(root))

    shown = orjson.loads(answer.body)
    failures = sorted(map(Failure.of, shown.get("errors", [])), key=repr)
    assert ("data" not in shown) == case.is_refused
    assert orjson.dumps(shown.get("data")) == orjson.dumps(case.data)
    if case.is_any_of:
        assert failures
        assert set(failures) <= set(case.failures)
    else:
        assert failures == sorted(case.failures, key=repr)
    assert engine.planned == (executor == COMPILED and not case.is_refused)


def conforms(*cases: Case) -> Callable[[Callable[..., Any]], Any]:
    """Runs the test for each case, way of declaring fields, and executor."""

    def parametrized(test: Callable[..., Any]) -> Any:
        test = pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])(test)
        test = pytest.mark.parametrize("binding", BINDINGS)(test)
        return pytest.mark.parametrize("executor", [COMPILED, REFERENCE])(test)

    return parametrized
