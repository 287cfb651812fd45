"""From bytes of strangers to a GraphQLRequest; whatever is wrong with them is a BadRequest."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from api.execution.engine import GraphQLRequest
from api.execution.errors import ErrorCode
from api.transport.negotiation import reads_content_type
from api.transport.session import TransportSettings

B = TypeVar("B", bytes, bytearray)


class BadRequest(Exception):
    def __init__(self, message: str, status: int = 400, code: ErrorCode = ErrorCode.BAD_USER_INPUT) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code


def json_object(text: bytes | str, what: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{what} is not valid JSON.") from error
    if not isinstance(value, dict):
        raise BadRequest(f"{what} must be a JSON object.")
    return value


def graphql_request(parameters: Mapping[str, Any]) -> GraphQLRequest:
    query = parameters.get("query")
    if not isinstance(query, str):
        raise BadRequest("`query` must be a string.")
    operation_name = parameters.get("operationName")
    if not isinstance(operation_name, str | None):
        raise BadRequest("`operationName` must be a string.")
    return GraphQLRequest(
        query=query,
        variables=_object_or_none(parameters, "variables"),
        # Some clients send an empty name where they mean none.
        operation_name=operation_name or None,
        extensions=_object_or_none(parameters, "extensions"),
    )


def from_query_string(parameters: QueryParams) -> GraphQLRequest:
    fields: dict[str, Any] = {}
    for name, value in parameters.multi_items():
        if name in fields:
            raise BadRequest("A parameter is given twice.")
        if name in {"variables", "extensions"}:
            fields[name] = json_object(value, f"`{name}`") if value and value != "null" else None
        else:
            fields[name] = value
    return graphql_request(fields)


async def from_body(request: Request, settings: TransportSettings) -> GraphQLRequest:
    if not reads_content_type(request.headers.get("content-type")):
        raise BadRequest("The content type must be application/json in UTF-8.", 415)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise BadRequest("The body must not be compressed.", 415)
    return graphql_request(json_object(await _read(request, settings), "The body"))


async def _read(request: Request, settings: TransportSettings) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > settings.max_body:
        raise _too_large(settings)
    try:
        async with asyncio.timeout(settings.body_timeout):
            message = await _next(request)
            if not message.get("more_body", False):
                whole: bytes = message.get("body", b"")
                return _bounded(whole, settings)
            body = bytearray(message.get("body", b""))
            while message.get("more_body", False):
                _bounded(body, settings)
                message = await _next(request)
                body += message.get("body", b"")
            return bytes(_bounded(body, settings))
    except TimeoutError:
        raise BadRequest("The body took too long to arrive.", 408) from None


async def _next(request: Request) -> Message:
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message


def _bounded(body: B, settings: TransportSettings) -> B:
    if len(body) > settings.max_body:
        raise _too_large(settings)
    return body


def _too_large(settings: TransportSettings) -> BadRequest:
    message = f"The body is larger than {settings.max_body} bytes."
    return BadRequest(message, 413, ErrorCode.LIMIT_EXCEEDED)


def _object_or_none(parameters: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = parameters.get(name)
    if not isinstance(value, dict | None):
        raise BadRequest(f"`{name}` must be an object.")
    return value
