"""Serves the schema with Strawberry's own view: `python -m benchmarks.stock_strawberry DATABASE_URL`."""

import gc
import socket
import sys
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from benchmarks.stock_strawberry.loading import Loaders, Sessions
from benchmarks.stock_strawberry.running import sessions_on
from benchmarks.stock_strawberry.schema import SCHEMA


class View(GraphQL[dict[str, Any], None]):
    """With loaders for each request."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(SCHEMA, graphql_ide=None)
        self._sessions = sessions

    async def get_context(
        self,
        request: Request | WebSocket,  # noqa: ARG002 - Strawberry's signature.
        response: Response | WebSocket,  # noqa: ARG002
    ) -> dict[str, Any]:
        return {"loaders": Loaders(self._sessions), "sessions": self._sessions}


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    view = View(sessions_on(sys.argv[1]))
    # The benchmark waits for this line.
    print(f"GraphQL  http://127.0.0.1:{listener.getsockname()[1]}/graphql", flush=True)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    config = uvicorn.Config(view, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
