"""A client of graphql-transport-ws that shows every message and close code as it is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("graphql-transport-ws")
ACK = {"type": "connection_ack"}


class Reachable(Protocol):
    @property
    def ws_url(self) -> str: ...


class Client:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def receive(self) -> Any:
        async with asyncio.timeout(5):
            return json.loads(await self.socket.recv())

    async def subscribe(self, id: str, query: str, **payload: Any) -> None:
        await self.send(type="subscribe", id=id, payload={"query": query, **payload})

    async def closed(self) -> tuple[int, str]:
        async with asyncio.timeout(5):
            await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code, self.socket.close_reason or ""

    async def drained(self) -> None:
        with suppress(ConnectionClosed):
            async with asyncio.timeout(5):
                while True:
                    await self.socket.recv()


@asynccontextmanager
async def connected(live: Reachable, **options: Any) -> AsyncIterator[Client]:
    async with connect(live.ws_url, subprotocols=[PROTOCOL], **options) as socket:
        yield Client(socket)


@asynccontextmanager
async def initialised(live: Reachable, payload: dict[str, Any] | None = None) -> AsyncIterator[Client]:
    async with connected(live) as client:
        await client.send(type="connection_init", payload=payload)
        assert await client.receive() == ACK
        yield client
