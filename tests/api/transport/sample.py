"""A schema about nothing, and an application around it, to exercise engine and transports."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSchema
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from strawberry.types import Info

from api.execution.engine import Engine, GraphQLRequest
from api.execution.errors import StreamClosed
from api.execution.limits import Limits
from api.transport import graphql_routes
from api.transport.departure import Departure
from api.transport.session import AccessRefused, TransportSettings, Visitor


@dataclass
class World:
    """What the resolvers did, for tests to look at."""

    bumps: int = 0
    streams_opened: int = 0
    streams_closed: int = 0
    contexts: int = 0
    sessions: list[Mapping[str, str]] = field(default_factory=list)
    unexpected: list[BaseException] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    watched: set[Callable[[], None]] = field(default_factory=set)


@dataclass
class Context:
    world: World
    request_id: str


@strawberry.type
class Node:
    name: str = "node"

    @strawberry.field
    def inner(self) -> "Node":
        return Node()


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}!"

    @strawberry.field
    def add(self, first: int, second: int = 0) -> int:
        return first + second

    @strawberry.field
    def node(self) -> Node:
        return Node()

    @strawberry.field
    def request_id(self, info: Info[Any, Any]) -> str:
        return str(info.context.request_id)

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("password=hunter2")

    @strawberry.field
    def forbidden(self) -> str | None:
        raise GraphQLError("Not for you.", extensions={"code": "FORBIDDEN", "hint": "ask"})

    @strawberry.field
    def careless(self) -> str | None:
        raise GraphQLError("select * from secrets")

    @strawberry.field
    def never_null(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def never_null_but_refused(self) -> str:
        raise GraphQLError("Not for you.", extensions={"code": "FORBIDDEN"})

    @strawberry.field
    def too_big(self) -> int:
        return 2**40

    @strawberry.field
    async def gated(self, info: Info[Any, Any]) -> str:
        await info.context.world.gate.wait()
        return "through"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def bump(self, info: Info[Any, Any]) -> int:
        info.context.world.bumps += 1
        return int(info.context.world.bumps)

    @strawberry.mutation
    async def bump_slowly(self, info: Info[Any, Any]) -> int:
        info.context.world.streams_opened += 1
        await asyncio.sleep(0.2)
        info.context.world.bumps += 1
        return int(info.context.world.bumps)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[int, None]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription
    async def forever(self, info: Info[Any, Any], closing: float = 0.01) -> AsyncGenerator[int, None]:
        world = info.context.world
        world.streams_opened += 1
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            # Closing takes a moment, as it does where something is released.
            await asyncio.sleep(closing)
            world.streams_closed += 1

    @strawberry.subscription
    async def flood(self, info: Info[Any, Any]) -> AsyncGenerator[str, None]:
        world = info.context.world
        world.streams_opened += 1
        try:
            while True:
                yield "x" * 100_000
        finally:
            world.streams_closed += 1

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError("password=hunter2")

    @strawberry.subscription
    async def falls_behind(self) -> AsyncGenerator[int, None]:
        yield 1
        raise StreamClosed(4410, "slow consumer, resume after cursor")

    @strawberry.subscription
    async def forbidden(self, password: str = "") -> AsyncGenerator[int, None]:
        if password != "sesame":
            raise GraphQLError("Not for you.", extensions={"code": "FORBIDDEN"})
        yield 1


def sample_schema() -> GraphQLSchema:
    return strawberry.Schema(Query, Mutation, Subscription)._schema


@dataclass
class SampleSession:
    world: World
    expires_at: datetime | None

    def context(self, request_id: str) -> Context:
        self.world.contexts += 1
        return Context(self.world, request_id)

    @contextmanager
    def watched(self, leave: Callable[[], None]) -> Iterator[None]:
        self.world.watched.add(leave)
        yield
        self.world.watched.discard(leave)


@dataclass
class Sample:
    """The application under test with everything that a test may want to reach."""

    world: World
    engine: Engine
    departure: Departure
    app: Starlette


def sample(
    settings: TransportSettings | None = None, *, limits: Limits | None = None, introspection: bool = True
) -> Sample:
    world = World()
    engine = sample_engine(world, limits=limits, introspection=introspection)

    async def open_session(visitor: Visitor) -> SampleSession:
        world.sessions.append(visitor.headers)
        match visitor.headers.get("authorization"):
            case None | "Bearer good":
                return SampleSession(world, None)
            case "Bearer short":
                return SampleSession(world, datetime.now(UTC) + timedelta(seconds=0.3))
            case "Bearer suspended":
                raise AccessRefused("FORBIDDEN", "The account is suspended.", 403)
            case "Bearer busy":
                raise AccessRefused("BUSY", "Come back later.", 503)
            case "Bearer crash":
                raise RuntimeError("password=hunter2")
            case _:
                raise AccessRefused("UNAUTHENTICATED", "The token is not valid.", 401)

    departure = Departure()
    routes = graphql_routes(engine, open_session, ide=_ide, settings=settings, departure=departure)
    return Sample(world, engine, departure, Starlette(routes=routes))


def sample_engine(world: World, *, limits: Limits | None = None, introspection: bool = True) -> Engine:
    def on_unexpected(error: BaseException, context: object) -> str:
        world.unexpected.append(error)
        return str(getattr(context, "request_id", "none"))

    return Engine(sample_schema(), limits=limits, introspection=introspection, on_unexpected=on_unexpected)


def asked(query: str, **variables: object) -> GraphQLRequest:
    return GraphQLRequest(query, variables=variables or None)


def _ide(_request: Request) -> Response:
    return HTMLResponse("<title>IDE</title>")
