"""GraphQL over HTTP: what may be asked by which method, and with which status it is answered."""

from collections.abc import Callable
from dataclasses import dataclass

from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.execution.engine import Answer, Engine, GraphQLRequest, refusal_of
from api.transport.body import BadRequest, from_body, from_query_string
from api.transport.departure import Departure
from api.transport.negotiation import MediaType, Wishes, prefers_html, wishes
from api.transport.operation import answers
from api.transport.session import (
    AccessRefused,
    OpenSession,
    Session,
    TransportSettings,
    Unidentified,
    header_map,
    request_id_of,
    visitor_of,
)
from api.transport.sse import EventStream

METHODS = "GET, HEAD, OPTIONS, POST"
HEADERS = {"Cache-Control": "no-store", "Vary": "Accept", "X-Content-Type-Options": "nosniff"}


class WrongMethod(BadRequest):
    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message, 405)
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class GraphQLOverHTTP:
    engine: Engine
    open_session: OpenSession
    settings: TransportSettings
    departure: Departure
    ide: Callable[[Request], Response] | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._response(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        accept = ", ".join(request.headers.getlist("accept")) or None
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": METHODS})
        if self.ide and _is_visit(request, accept):
            return self.ide(request)
        wished = wishes(accept)
        try:
            return await self._operation(request, wished)
        except BadRequest as error:
            headers = {"Allow": error.allowed} if isinstance(error, WrongMethod) else {}
            if error.status in {408, 413}:
                # The rest of the body may still be on its way; it must not be read as the next request.
                headers["Connection"] = "close"
            return _refusal(wished, error.message, error.code.value, error.status, headers)
        except AccessRefused as error:
            return _refusal(wished, error.message, error.code, error.status, _WHAT_TO_DO.get(error.status, {}))

    async def _operation(self, request: Request, wished: Wishes) -> Response:
        if request.method not in {"GET", "HEAD", "POST"}:
            raise WrongMethod("Use POST, or GET for queries.", METHODS)
        if wished.best is None:
            known = ", ".join(media_type.value for media_type in MediaType)
            raise BadRequest(f"Nothing that is accepted can be answered; there are {known}.", 406)
        is_post = request.method == "POST"
        asked = await from_body(request, self.settings) if is_post else from_query_string(request.query_params)
        request_id = request_id_of(request)
        try:
            session = await self.open_session(visitor_of(request, header_map(request), request_id))
            context = session.context(request_id)
        except AccessRefused:
            raise
        except Exception as error:  # noqa: BLE001 - Nobody else would answer; it is reported.
            return _response(self.engine.unexpected(error, Unidentified(request_id)), MediaType.JSON, 500)
        kind = self.engine.operation_kind(asked)
        if kind is OperationType.MUTATION and not is_post:
            raise WrongMethod("A mutation needs POST.", "POST")
        if wished.best is MediaType.EVENT_STREAM or kind is OperationType.SUBSCRIPTION:
            return self._stream(asked, wished, session, context)
        return _response(await self.engine.execute(asked, context), wished.best)

    def _stream(self, asked: GraphQLRequest, wished: Wishes, session: Session, context: object) -> Response:
        # A client that names event streams last, after JSON, still wants them for what cannot be sent otherwise.
        if not wished.takes_event_stream:
            raise BadRequest("A subscription needs text/event-stream or a WebSocket.", 406)
        return EventStream(answers(self.engine, asked, context), session, self.settings, self.departure)


_WHAT_TO_DO = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}
"""Headers that tell a client how to get in after all."""


def _is_visit(request: Request, accept: str | None) -> bool:
    return request.method in {"GET", "HEAD"} and "query" not in request.query_params and prefers_html(accept)


def _refusal(wished: Wishes, message: str, code: str, status: int, headers: dict[str, str]) -> Response:
    media_type = MediaType.JSON if wished.best is None else wished.best
    if media_type is MediaType.EVENT_STREAM:
        media_type = MediaType.JSON
    return _response(refusal_of(message, code), media_type, status, headers)


def _response(
    answer: Answer, media_type: MediaType, status: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    if status is None:
        # By the specification, application/json answers 200 to all that was a well-formed request.
        status = 400 if answer.is_request_error and media_type is MediaType.GRAPHQL_RESPONSE else 200
    content_type = f"{media_type.value}; charset=utf-8"
    return Response(answer.body, status, {**HEADERS, **(headers or {}), "Content-Type": content_type})
