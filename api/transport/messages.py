"""The messages and close codes of graphql-transport-ws, read from whatever a client sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, cast

import orjson

from api.execution.engine import GraphQLRequest
from api.execution.errors import ErrorCode
from api.transport.body import BadRequest, graphql_request, json_object
from api.transport.session import AccessRefused

PROTOCOL = "graphql-transport-ws"


class CloseCode(IntEnum):
    NORMAL = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    INTERNAL = 1011
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INIT_TIMEOUT = 4408
    DUPLICATE_ID = 4409
    SLOW_CONSUMER = 4410
    TOO_MANY_INITS = 4429


class SocketClosed(Exception):
    """Ends a connection with a close code, or without one where the client is gone already."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason

    @property
    def short_reason(self) -> str:
        """At most 123 bytes, as many as a close frame holds."""
        return self.reason.encode()[:123].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ping:
    pass


@dataclass(frozen=True, slots=True)
class Pong:
    pass


@dataclass(frozen=True, slots=True)
class Subscribe:
    id: str
    request: GraphQLRequest


@dataclass(frozen=True, slots=True)
class Complete:
    id: str


Message = ConnectionInit | Ping | Pong | Subscribe | Complete


def message_from(text: str) -> Message:
    """Raises SocketClosed for everything that the protocol does not know."""
    try:
        return _message(json_object(text, "The message"))
    except BadRequest as error:
        raise SocketClosed(CloseCode.BAD_REQUEST, f"Invalid message: {error.message}") from error


def _message(fields: dict[str, Any]) -> Message:
    match fields.get("type"):
        case "connection_init":
            return ConnectionInit(_payload(fields))
        case "ping":
            _payload(fields)
            return Ping()
        case "pong":
            _payload(fields)
            return Pong()
        case "subscribe":
            return Subscribe(_id(fields), graphql_request(_payload(fields)))
        case "complete":
            return Complete(_id(fields))
        case _:
            raise BadRequest("unknown `type`.")


def _payload(fields: dict[str, Any]) -> dict[str, Any]:
    payload = fields.get("payload")
    if not isinstance(payload, dict | None):
        raise BadRequest("`payload` must be an object.")
    return payload or {}


def _id(fields: dict[str, Any]) -> str:
    if not isinstance(fields.get("id"), str) or not fields["id"]:
        raise BadRequest("`id` must be a string that is not empty.")
    return cast("str", fields["id"])


def encoded(id: str, type: str, payload: bytes | None = None) -> bytes:
    """`payload` is JSON already and is spliced in as it is."""
    message: dict[str, Any] = {"id": id, "type": type}
    if payload is not None:
        message["payload"] = orjson.Fragment(payload)
    return orjson.dumps(message)


def close_code_for(refused: AccessRefused) -> CloseCode:
    match refused.code:
        case ErrorCode.UNAUTHENTICATED:
            return CloseCode.UNAUTHORIZED
        case ErrorCode.FORBIDDEN:
            return CloseCode.FORBIDDEN
        case ErrorCode.THROTTLED | ErrorCode.BUSY | ErrorCode.LIMIT_EXCEEDED:
            return CloseCode.TRY_AGAIN_LATER
        case _:
            return CloseCode.BAD_REQUEST
