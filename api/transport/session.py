"""What the transports ask of the application: who is calling, and how much they may send."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

from starlette.requests import HTTPConnection


class Session(Protocol):
    @property
    def expires_at(self) -> datetime | None:
        """When streams of this session end; aware of its time zone."""

    def context(self, request_id: str) -> object:
        """A fresh resolver context, asked for once per operation."""

    def watched(self, leave: Callable[[], None]) -> AbstractContextManager[None]:
        """In the block `leave` is called once the credential is no longer good, whether or not there is anything to tell."""


class AccessRefused(Exception):
    """Raised by OpenSession; the three are shown to the client."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever opens a session: what its headers say, their names in lower case, and where it calls from."""

    headers: Mapping[str, str]
    request_id: str
    # Of the peer, which behind a proxy is the proxy unless the server was told to trust it; null on a Unix socket.
    address: str | None


OpenSession = Callable[[Visitor], Awaitable[Session]]


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """Sizes in bytes, durations in seconds."""

    max_body: int = 256 * 1024
    body_timeout: float = 10.0
    max_message: int = 64 * 1024
    init_timeout: float = 10.0
    max_operations_per_socket: int = 50
    idle_timeout: float = 300.0
    "How long a socket may stay open without an operation."
    ping_interval: float = 12.0
    heartbeat: float = 12.0
    send_timeout: float = 10.0
    "How long one event may wait for a client that does not read."
    allowed_origins: frozenset[str] = frozenset()
    'Origins beside our own that may open a WebSocket, such as "https://shop.example"; "*" allows all.'


@dataclass(frozen=True, slots=True)
class Unidentified:
    """Stands in for a context where something breaks before there is a session."""

    request_id: str


def request_id_of(connection: HTTPConnection) -> str:
    """The one that a middleware gave the request, else a new one."""
    given = connection.scope.get("state", {}).get("request_id")
    return given if isinstance(given, str) else uuid4().hex


def visitor_of(connection: HTTPConnection, headers: Mapping[str, str], request_id: str) -> Visitor:
    return Visitor(headers, request_id, connection.client.host if connection.client else None)


def header_map(connection: HTTPConnection) -> dict[str, str]:
    """Repeated headers are joined, so that a second credential cannot hide behind the first."""
    headers: dict[str, str] = {}
    for name, value in connection.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def seconds_left(session: Session) -> float | None:
    if session.expires_at is None:
        return None
    return max(0.0, (session.expires_at - datetime.now(UTC)).total_seconds())
