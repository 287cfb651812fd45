"""Small schemas executed twice, on the plan and on graphql-core: whatever they answer must be the same."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import strawberry
from graphql import GraphQLSchema, is_interface_type, is_object_type, is_union_type
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig

from api.execution.access import Refused, guard
from api.execution.engine import Engine, GraphQLRequest
from api.execution.fields import read


class Open:
    is_public = True

    def refusal(self, context: Any, source: Any) -> None:  # noqa: ARG002
        return None


OPEN = Open()


@dataclass
class Closed:
    """Refuses those for whom `refuses` is true, and writes down whom it was asked about."""

    refuses: Callable[[Any], bool]
    looks_at_source: bool = True
    is_public: bool = False
    asked: list[Any] = field(default_factory=list)

    def refusal(self, context: Any, source: Any) -> Refused | None:  # noqa: ARG002
        self.asked.append(source)
        return Refused("Not for you.", "FORBIDDEN") if self.refuses(source) else None


@dataclass
class Bench:
    """The context: what resolvers read, and what they write down."""

    data: Any = None
    seen: list[Any] = field(default_factory=list)
    loaders: dict[object, DataLoader[Any, Any]] = field(default_factory=dict)


def guarded(
    query: type, mutation: type | None = None, subscription: type | None = None, **options: Any
) -> GraphQLSchema:
    """As the application builds its schema: rows for sources, and each field behind its rule."""
    config = StrawberryConfig(default_resolver=read)
    schema = strawberry.Schema(query, mutation, subscription, config=config, **options)._schema
    for type_ in schema.type_map.values():
        if is_object_type(type_):
            type_.is_type_of = None
        elif is_interface_type(type_) or is_union_type(type_):
            type_.resolve_type = lambda source, _info, _type: source["__typename"]
    guard(schema)
    return schema


def engine_of(schema: GraphQLSchema, *, compiled: bool = True, **options: Any) -> Engine:
    """Masked errors tell their cause as the id of the request."""
    return Engine(schema, compiled=compiled, on_unexpected=lambda error, _context: repr(error), **options)


def request(query: str, variables: Mapping[str, Any]) -> GraphQLRequest:
    return GraphQLRequest(query, orjson.loads(orjson.dumps(variables)))


@dataclass
class Outcome:
    response: dict[str, Any]
    seen: list[Any]
    body: bytes

    @property
    def data(self) -> Any:
        return self.response["data"]

    @property
    def errors(self) -> set[tuple[Any, ...]]:
        """Message, path and code of each; what was masked with its cause."""
        return {
            (
                error["extensions"].get("requestId", error["message"]),
                ".".join(map(str, error.get("path", ()))),
                error["extensions"]["code"],
            )
            for error in self.response.get("errors", ())
        }

    @property
    def told(self) -> set[bytes]:
        """The errors at nulls that can be seen, whole. Those further down may be left out."""
        return {
            orjson.dumps(error, option=orjson.OPT_SORT_KEYS)
            for error in self.response.get("errors", ())
            if _is_visible(self.response.get("data"), error.get("path", ()))
        }


def _is_visible(data: Any, path: list[str | int]) -> bool:
    for key in path:
        if data is None:
            return False
        data = data[key]
    return True


async def run(schema: GraphQLSchema, query: str, data: Any = None, *, compiled: bool, **variables: Any) -> Outcome:
    engine = engine_of(schema, compiled=compiled)
    bench = Bench(data)
    answer = await engine.execute(request(query, variables), bench)
    assert (engine.planned, engine.fallbacks) == (int(compiled), {})
    return Outcome(orjson.loads(answer.body), bench.seen, answer.body)


async def same(schema: GraphQLSchema, query: str, data: Any = None, **variables: Any) -> Outcome:
    """The outcome on the plan, which is also graphql-core's: to the order of the keys, and to the place of each error."""
    reference = await run(schema, query, data, compiled=False, **variables)
    outcome = await run(schema, query, data, compiled=True, **variables)
    assert orjson.dumps(outcome.response.get("data")) == orjson.dumps(reference.response.get("data"))
    assert outcome.told == reference.told
    assert bool(outcome.errors) == bool(reference.errors)
    return outcome


async def same_stream(schema: GraphQLSchema, query: str, data: Any = None) -> list[dict[str, Any]]:
    answers: list[list[bytes]] = []
    for compiled in (False, True):
        stream = await engine_of(schema, compiled=compiled).subscribe(request(query, {}), Bench(data))
        assert isinstance(stream, AsyncGenerator)
        answers.append([answer.body async for answer in stream])
    assert answers[1] == answers[0]
    return [orjson.loads(body) for body in answers[1]]
