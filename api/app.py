"""The composition root: what a process that serves consists of."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from api.catalog.fused import DECLARATIONS
from api.demo.pictures import demo_media_routes
from api.events.allowance import Allowance
from api.events.audience import AUDIENCE
from api.events.worker import EventWorker
from api.execution.engine import Engine
from api.execution.fusing.fields import Fuser
from api.front import Front, Session, explain
from api.graphiql import graphiql_response, graphiql_routes
from api.health import health_routes
from api.housekeeping import Housekeeper
from api.identity.identity import Identity
from api.schema import build_schema
from api.security_headers import SecurityHeaders
from api.settings import Settings
from api.sharing import SHAREABLE
from api.telemetry import RequestIds
from api.transport import graphql_routes
from api.transport.departure import Departure
from api.transport.session import OpenSession, TransportSettings, Visitor
from persistence import migrations
from persistence.database import Database


def create_app(settings: Settings, database_url: str) -> Starlette:
    """The database is migrated already; it is opened when the application starts."""
    departure = Departure()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with _running(settings, database_url) as (database, front):
            app.state.database = database
            app.state.newest_migration = migrations.newest()
            app.state.front = front
            # What is alive now lives as long as the process: never look at it again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 50)
            yield

    async def open_session(visitor: Visitor) -> Session:
        front: Front = app.state.front
        return await front.open_session(visitor)

    answering = _answering_routes(settings, open_session, departure) if settings.role.answers else []
    app = Starlette(routes=[*answering, *health_routes()], middleware=_middleware(settings), lifespan=lifespan)
    app.state.departure = departure
    return app


@asynccontextmanager
async def _running(settings: Settings, database_url: str) -> AsyncIterator[tuple[Database, Front]]:
    """What works beside the requests, as far as it is this process's part."""
    role = settings.role
    database = await Database.open(
        database_url, max_size=settings.pool_size, statement_cache_size=settings.statement_cache_size
    )
    identity = Identity.of(settings)
    events = EventWorker(
        database, redis_url=settings.redis_url, leads=role.works_in_the_background, follows=role.follows_events
    )
    await events.start()
    housekeeper = Housekeeper(database, keep_events=timedelta(hours=settings.event_retention_hours))
    if role.works_in_the_background:
        housekeeper.start()
    allowance = Allowance(settings.streams_per_caller, settings.streams_per_address)
    front = Front(database, identity, events.hub, shopper_cap=settings.shopper_quantity_cap, allowance=allowance)
    front.watch.start()
    try:
        yield database, front
    finally:
        await front.watch.stop()
        await housekeeper.stop()
        await events.stop()
        await identity.close()
        await database.close()


def _answering_routes(settings: Settings, open_session: OpenSession, departure: Departure) -> list[BaseRoute]:
    engine = Engine(
        build_schema(),
        introspection=settings.introspection,
        explain=explain,
        compiled=settings.compiled,
        # Operations that are sent once are not worth it.
        compile_at_sight=2,
        fuse=Fuser(DECLARATIONS) if settings.fused else None,
        audience=AUDIENCE,
        shareable=SHAREABLE if settings.shared else None,
        tells_cost=True,
    )
    return [
        *graphql_routes(
            engine,
            open_session,
            ide=graphiql_response if settings.graphiql else None,
            settings=TransportSettings(allowed_origins=frozenset(settings.cors_origins)),
            departure=departure,
        ),
        *(graphiql_routes() if settings.graphiql else []),
        *demo_media_routes(),
    ]


def _middleware(settings: Settings) -> list[Middleware]:
    return [
        Middleware(RequestIds),
        Middleware(SecurityHeaders, over_https=(settings.public_url or "").startswith("https://")),
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
                "last-event-id",
            ],
            expose_headers=["x-request-id", "retry-after"],
            max_age=86400,
        ),
    ]
