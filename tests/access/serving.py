"""A server on a socket of its own, and clients that hold a WebSocket to it."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.access.world import Headers

_PATIENCE_SECONDS = 10


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Its address, without a scheme."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws="websockets-sansio", log_level="warning", lifespan="on", loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)
        listener.close()


@dataclass
class Socket:
    """Everything that it received, as it came."""

    connection: ClientConnection

    async def subscribe(self, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))

    async def receive(self) -> Any:
        """The next message that is not about the connection itself."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                message = json.loads(await self.connection.recv())
                if message["type"] not in ("ping", "pong"):
                    return message

    async def closed(self) -> int | None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self.connection.wait_closed()
        return self.connection.close_code


@asynccontextmanager
async def connected(address: str, headers: Headers) -> AsyncIterator[Socket]:
    """As a browser does it, which cannot send headers: the credential goes with connection_init."""
    protocols = [Subprotocol("graphql-transport-ws")]
    async with connect(f"ws://{address}/graphql", subprotocols=protocols) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": dict(headers)}))
        assert json.loads(await connection.recv()) == {"type": "connection_ack"}
        yield Socket(connection)
