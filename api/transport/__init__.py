"""GraphQL over HTTP, server-sent events and WebSocket, for any schema; nothing here knows what is asked about."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from api.execution.engine import Engine
from api.transport.departure import Departure
from api.transport.http import GraphQLOverHTTP
from api.transport.session import OpenSession, TransportSettings
from api.transport.websocket import GraphQLOverWebSocket


def graphql_routes(
    engine: Engine,
    open_session: OpenSession,
    *,
    path: str = "/graphql",
    ide: Callable[[Request], Response] | None = None,
    settings: TransportSettings | None = None,
    departure: Departure | None = None,
) -> list[BaseRoute]:
    """`departure` is for a server that wants to send sockets and streams away before it stops."""
    settings = settings or TransportSettings()
    departure = departure or Departure()
    return [
        Route(path, GraphQLOverHTTP(engine, open_session, settings, departure, ide)),
        WebSocketRoute(path, GraphQLOverWebSocket(engine, open_session, settings, departure)),
    ]
