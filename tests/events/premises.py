"""A shop with a server of its own, whose streams are followed over real sockets."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from uuid_utils.compat import uuid7
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from api.events.hub import Hub
from api.front import Front
from api.identity.identity import Identity
from api.identity.tokens import new_app_token
from api.transport.departure import Departure
from domain.access import Permission
from persistence.events import log
from tests.shop import Caller, Shop

PATIENCE_SECONDS = 10

Headers = Mapping[str, str]


class _Server(uvicorn.Server):
    """As the product's server does: sockets are told before uvicorn cuts them off."""

    departure: Departure

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.departure.announce()
        await super().shutdown(sockets)


@contextmanager
def served(app: Starlette, *, send_buffer: int | None = None) -> Iterator[tuple[str, _Server]]:
    """Its address, without a scheme."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    config = uvicorn.Config(
        app, ws="websockets-sansio", ws_per_message_deflate=False, log_level="warning", lifespan="on", loop="asyncio"
    )
    server = _Server(config)
    server.departure = app.state.departure
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", server
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        listener.close()
        assert not thread.is_alive()


@dataclass
class Premises:
    """The tests change things through `shop`, in this thread; what is told of it comes from the server, in another."""

    shop: Shop
    identity: Identity
    app: Starlette
    address: str
    server: _Server
    _carts: dict[str, str] = field(default_factory=dict)

    @property
    def front(self) -> Front:
        front: Front = self.app.state.front
        return front

    @property
    def hub(self) -> Hub:
        return self.front.hub

    async def partner(self, *permissions: Permission, channel: str = "partner") -> Headers:
        """The credential of a new app."""
        id_ = uuid7()
        token = new_app_token(id_)
        await self.shop.run(
            """
            INSERT INTO app (id, name, channel_id, permissions, token_hash)
            SELECT :id, 'App', channel.id, CAST(:permissions AS text[]), :token_hash
            FROM channel WHERE code = CAST(:channel AS text)
            """,
            id=id_,
            channel=channel,
            permissions=[permission.value for permission in permissions],
            token_hash=token.hash,
        )
        return {"authorization": f"Bearer {token.text}"}

    async def customer(self, email: str = "ada@example.com", began: datetime | None = None) -> tuple[Caller, Headers]:
        """Signed in, on the web."""
        caller = await self.shop.customer(email)
        principal, session_id = caller.principal, uuid7()
        assert principal.id is not None
        await self.shop.run(
            "INSERT INTO session (id, customer_id, expires_at) VALUES (:id, :owner, now() + interval '1 day')",
            id=session_id,
            owner=principal.id,
        )
        began = began or datetime.now(UTC)
        token, _ = self.identity.access_tokens.issue(principal.kind, principal.id, session_id, began)
        return caller, {"authorization": f"Bearer {token}"}

    async def published(self) -> None:
        """Everything that was committed so far has its position, and the server knows it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.shop.value("SELECT count(*) FROM outbox"):  # noqa: ASYNC110 - What changes is in the database.
                await asyncio.sleep(0.01)
            async with self.shop.database.reading() as reader:
                newest = (await log.state(reader)).position
            while self.hub.position != newest:  # noqa: ASYNC110 - What changes is in another thread.
                await asyncio.sleep(0.01)

    async def registered(self, count: int) -> None:
        """So many streams are live: what happens from now on comes to their mailboxes."""
        await until(lambda: self.hub.followers == count)

    async def ask(self, query: str, headers: Headers | None = None, **variables: Any) -> Any:
        """The whole response to a query over HTTP."""
        async with httpx.AsyncClient(trust_env=False) as client:
            body = {"query": query, "variables": variables}
            response = await client.post(f"http://{self.address}/graphql", json=body, headers=dict(headers or {}))
        return response.json()

    async def cursor(self) -> str:
        """Where the stream stands now, with everything that was committed so far."""
        await self.published()
        cursor: str = (await self.ask("{ streamCursor }"))["data"]["streamCursor"]
        return cursor

    @asynccontextmanager
    async def connected(self, headers: Headers | None = None, **options: Any) -> AsyncIterator["Client"]:
        """As a browser does it, which cannot send headers: the credential goes with connection_init."""
        protocols = [Subprotocol("graphql-transport-ws")]
        async with connect(f"ws://{self.address}/graphql", subprotocols=protocols, **options) as connection:
            await connection.send(json.dumps({"type": "connection_init", "payload": dict(headers or {})}))
            assert json.loads(await connection.recv()) == {"type": "connection_ack"}
            yield Client(connection)

    @asynccontextmanager
    async def following(self, query: str, headers: Headers | None = None, **variables: Any) -> AsyncIterator["Client"]:
        """One subscription on a connection of its own."""
        async with self.connected(headers) as client:
            await client.subscribe(query, **variables)
            yield client


@dataclass
class Client:
    """Everything that it received, as it came."""

    connection: ClientConnection

    async def subscribe(self, query: str, id: str = "1", **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.connection.send(json.dumps({"type": "subscribe", "id": id, "payload": payload}))

    async def complete(self, id: str = "1") -> None:
        await self.connection.send(json.dumps({"type": "complete", "id": id}))

    async def receive(self) -> Any:
        """The next message that is not about the connection itself."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                message = json.loads(await self.connection.recv())
                if message["type"] not in ("ping", "pong"):
                    return message

    async def told(self) -> Any:
        """The only root field of the next answer, which has no errors."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (value,) = message["payload"]["data"].values()
        return value

    async def refused(self) -> list[str]:
        """The codes of the errors with which the operation ends."""
        message = await self.receive()
        assert message["type"] == "error", message
        return [error["extensions"]["code"] for error in message["payload"]]

    async def closed(self) -> tuple[int | None, str | None]:
        """The close code and its reason."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.connection.wait_closed()
        return self.connection.close_code, self.connection.close_reason


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        # The condition is about another thread, which sets no event of ours.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
