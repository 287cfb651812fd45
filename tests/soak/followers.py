"""Subscribers that come back with their last cursor whenever they are cut off, over WebSocket and server-sent events."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.soak.load import World

# Long enough for something to happen that has to be caught up with.
_MOST_PAUSE_SECONDS = 1.5
# A server that lives on remembers what a client missed in another way than one that has just been started.
_SHARE_OF_OWN_ACCORD = 0.03
_PATIENCE_SECONDS = 30.0
_NAP_SECONDS = 12.0

AVAILABILITY = """
subscription ($after: Cursor, $variants: [ProductVariantBy!]!) {
  availabilityChanged(variants: $variants, after: $after) {
    __typename ... on AvailabilityChanged { cursor availability { id version } }
  }
}
"""
ORDERS = """
subscription ($after: Cursor) {
  orderChanged(after: $after) { __typename ... on OrderChanged { cursor order { id } event { type } } }
}
"""

JOURNAL = """
subscription ($after: Cursor) {
  events(after: $after, types: [STOCK_LEVEL_CHANGED]) {
    __typename ... on StockLevelChanged { cursor version stockLevel { id } }
  }
}
"""


class CutOffError(Exception):
    """The stream ended; whoever wants to know more comes back."""


@dataclass(slots=True, kw_only=True)
class Follower(ABC):
    world: World
    name: str
    headers: Mapping[str, str]
    after: str
    by_websocket: bool = True
    # How often out of a hundred messages it falls asleep over one, for longer than the server waits for it.
    sleepiness: int = 0
    tries: int = 0
    messages: int = 0

    async def follow(self) -> None:
        while True:
            self.began()
            stream = self._over_websocket() if self.by_websocket else self._over_sse()
            try:
                async with aclosing(stream) as answers:
                    async for answer in answers:
                        self._take(answer)
                        if self.world.random.random() * 100 < self.sleepiness:
                            await asyncio.sleep(_NAP_SECONDS)
            except (CutOffError, OSError, TimeoutError, WebSocketException, httpx.HTTPError):
                await asyncio.sleep(self.world.random.uniform(0, _MOST_PAUSE_SECONDS))

    def _take(self, answer: dict[str, Any]) -> None:
        if "errors" in answer:
            raise CutOffError(answer)
        (update,) = answer["data"].values()
        if update["__typename"] == "StreamLagged":
            self.world.diary.contradictions.append(f"{self.name} was told that the stream does not reach back so far")
            raise CutOffError(answer)
        self.messages += 1
        self.heard(update)
        self.after = update["cursor"]
        if self.world.random.random() < _SHARE_OF_OWN_ACCORD:
            raise CutOffError("left of its own accord, as a phone in a tunnel does")

    @abstractmethod
    def request(self) -> dict[str, Any]:
        """What to subscribe to, after the last cursor."""

    @abstractmethod
    def heard(self, update: dict[str, Any]) -> None: ...

    def began(self) -> None:
        self.tries += 1

    async def _over_websocket(self) -> AsyncGenerator[dict[str, Any], None]:
        protocol = Subprotocol("graphql-transport-ws")
        url = f"{self.world.address.replace('http', 'ws', 1)}/graphql"
        async with connect(url, subprotocols=[protocol], open_timeout=_PATIENCE_SECONDS) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": dict(self.headers)}))
            async for text in socket:
                message = json.loads(text)
                match message["type"]:
                    case "connection_ack":
                        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": self.request()}))
                    case "next":
                        yield message["payload"]
                    case "error" | "complete":
                        raise CutOffError(message)
        raise CutOffError("closed")

    async def _over_sse(self) -> AsyncGenerator[dict[str, Any], None]:
        headers = {**self.headers, "Accept": "text/event-stream"}
        async with (
            httpx.AsyncClient(timeout=_PATIENCE_SECONDS, trust_env=False) as client,
            client.stream("POST", f"{self.world.address}/graphql", json=self.request(), headers=headers) as response,
        ):
            if response.status_code != 200:
                raise CutOffError(response.status_code)
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    yield json.loads(line.removeprefix("data: "))
        raise CutOffError("closed")


@dataclass(slots=True, kw_only=True)
class StockFollower(Follower):
    """Sees the newest version of each level: within a connection they rise, across a cut none is taken back."""

    versions: dict[str, int] = field(default_factory=dict)
    _in_this_connection: set[str] = field(default_factory=set)

    def began(self) -> None:
        Follower.began(self)
        self._in_this_connection.clear()

    def request(self) -> dict[str, Any]:
        variants = [{"sku": sku} for sku in self.world.skus]
        return {"query": AVAILABILITY, "variables": {"after": self.after, "variants": variants}}

    def heard(self, update: dict[str, Any]) -> None:
        level, version = update["availability"]["id"], update["availability"]["version"]
        # What the cursor led to may have been told already, with the change before it.
        least = self.versions.get(level, -1) + (level in self._in_this_connection)
        if version < least:
            self.world.diary.contradictions.append(
                f"{self.name}: {level} went from {self.versions[level]} to {version}"
            )
        self.versions[level] = version
        self._in_this_connection.add(level)


@dataclass(slots=True, kw_only=True)
class OrderFollower(Follower):
    """Hears of every order of one customer, of each once: what it stores with its cursor is not told again."""

    orders: list[str] = field(default_factory=list)

    def request(self) -> dict[str, Any]:
        return {"query": ORDERS, "variables": {"after": self.after}}

    def heard(self, update: dict[str, Any]) -> None:
        self.orders.append(update["order"]["id"])


@dataclass(slots=True, kw_only=True)
class JournalFollower(Follower):
    """Hears of every version of every level, of each once and in order."""

    versions: dict[str, list[int]] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        return {"query": JOURNAL, "variables": {"after": self.after}}

    def heard(self, update: dict[str, Any]) -> None:
        self.versions.setdefault(update["stockLevel"]["id"], []).append(update["version"])
