"""The composition root: what a process that serves consists of."""

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from api.channels.directory import Directory, DirectoryCache, Entry
from api.context import Context
from api.execution.engine import Engine
from api.graphiql import graphiql_response, graphiql_routes
from api.health import health_routes
from api.schema import build_schema
from api.settings import Settings
from api.telemetry import RequestIds
from api.transport import graphql_routes
from api.transport.session import AccessRefused, TransportSettings
from domain.access import ANONYMOUS, Principal
from persistence import migrations
from persistence.database import Database


@dataclass(frozen=True, slots=True)
class Session:
    """Who is asking, over which channel; one for each HTTP request or WebSocket."""

    database: Database
    caller: Principal
    directory: Directory
    channel: Entry
    expires_at: datetime | None = None

    def context(self, request_id: str) -> Context:
        return Context(
            database=self.database,
            caller=self.caller,
            directory=self.directory,
            channel=self.channel,
            request_id=request_id,
        )


class Front:
    """Opens sessions: authenticates the caller and finds its channel."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._directories = DirectoryCache(database)

    async def open_session(self, headers: Mapping[str, str], _request_id: str) -> Session:
        caller, expires_at = ANONYMOUS, None
        directory = await self._directories.current()
        channel = _channel(directory, caller, headers)
        if channel is None:
            directory = await self._directories.fresh()
            channel = _channel(directory, caller, headers)
        if channel is None:
            raise AccessRefused("BAD_USER_INPUT", "The header Oneshelf-Channel names no channel.", 400)
        return Session(self._database, caller, directory, channel, expires_at)


def _channel(directory: Directory, caller: Principal, headers: Mapping[str, str]) -> Entry | None:
    """The credential's own channel, else the header's, else `web`."""
    if caller.channel_id is not None:
        return directory.channels.get(caller.channel_id)
    return directory.channels_by_code.get(headers.get("oneshelf-channel", "web"))


def create_app(settings: Settings, database_url: str) -> Starlette:
    """The database is migrated already; it is opened when the application starts."""
    engine = Engine(build_schema(), introspection=settings.introspection)

    async def open_session(headers: Mapping[str, str], request_id: str) -> Session:
        front: Front = app.state.front
        return await front.open_session(headers, request_id)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = await Database.open(
            database_url, max_size=settings.pool_size, statement_cache_size=settings.statement_cache_size
        )
        app.state.database = database
        app.state.newest_migration = migrations.newest()
        app.state.front = Front(database)
        # What is alive now lives as long as the process: never look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        try:
            yield
        finally:
            await database.close()

    app = Starlette(
        routes=[
            *graphql_routes(
                engine,
                open_session,
                ide=graphiql_response if settings.graphiql else None,
                settings=TransportSettings(allowed_origins=frozenset(settings.cors_origins)),
            ),
            *(graphiql_routes() if settings.graphiql else []),
            *health_routes(),
        ],
        middleware=[
            Middleware(RequestIds),
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.cors_origins),
                allow_methods=["GET", "POST"],
                allow_headers=[
                    "authorization",
                    "content-type",
                    "oneshelf-channel",
                    "oneshelf-cart-token",
                    "x-request-id",
                ],
                expose_headers=["x-request-id", "retry-after"],
                max_age=86400,
            ),
        ],
        lifespan=lifespan,
    )
    return app
