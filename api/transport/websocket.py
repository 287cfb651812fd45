"""GraphQL over WebSocket: the handshake, and one connection of the graphql-transport-ws protocol."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.execution.engine import Answer, Engine, GraphQLRequest, refusal_of
from api.execution.errors import ErrorCode, StreamClosed
from api.transport.departure import Departure
from api.transport.messages import (
    PROTOCOL,
    CloseCode,
    Complete,
    ConnectionInit,
    Ping,
    SocketClosed,
    Subscribe,
    close_code_for,
    encoded,
    message_from,
)
from api.transport.operation import answers
from api.transport.origins import is_allowed_origin
from api.transport.outlet import SocketOutlet, in_time, sent
from api.transport.session import (
    AccessRefused,
    OpenSession,
    Session,
    TransportSettings,
    Unidentified,
    header_map,
    request_id_of,
    seconds_left,
    visitor_of,
)

# What a proxy says about the connection is not for the client to overwrite.
NOT_FROM_PAYLOAD = frozenset({"host", "origin", "cookie", "forwarded", "x-real-ip"})

SENT_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class GraphQLOverWebSocket:
    engine: Engine
    open_session: OpenSession
    settings: TransportSettings
    departure: Departure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        if not is_allowed_origin(socket.headers, self.settings.allowed_origins):
            await _deny(socket)
            return
        try:
            if PROTOCOL not in scope.get("subprotocols", []):
                # A refused handshake would not tell a browser why; a close code does.
                await socket.accept()
                await socket.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")
                return
            await socket.accept(PROTOCOL)
        except (WebSocketDisconnect, RuntimeError):
            return
        await Connection(socket, send, self.engine, self.open_session, self.settings).serve(self.departure)


async def _deny(socket: WebSocket) -> None:
    await socket.receive()
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(Response("Foreign origin", 403))
    else:
        await socket.close()


class Connection:
    """Reads in one task and runs each operation in one of its own; each waits until what it sent is on its way."""

    def __init__(
        self,
        socket: WebSocket,
        send: Send,
        engine: Engine,
        open_session: OpenSession,
        settings: TransportSettings,
    ) -> None:
        self._socket = socket
        self._send_asgi = send
        self._engine = engine
        self._open_session = open_session
        self._settings = settings
        self._request_id = request_id_of(socket)
        self._session: Session | None = None
        self._by_id: dict[str, asyncio.Task[None]] = {}
        # Also those that the client has completed but that are still tidying up; they count against the limit.
        self._tasks: set[asyncio.Task[None]] = set()
        self._pings: asyncio.Task[None] | None = None
        self._watch = ExitStack()
        self._operations = 0
        self._idle_since = 0.0
        self._is_ending = False
        self._deadline = asyncio.timeout(settings.init_timeout)
        self._ending = SocketClosed(CloseCode.INIT_TIMEOUT, "Connection initialisation timeout")

    async def serve(self, departure: Departure) -> None:
        with departure.told(lambda: self._end(SocketClosed(CloseCode.GOING_AWAY, "Going away"))):
            try:
                async with self._deadline:
                    await self._read()
            except SocketClosed as ending:
                self._ending = ending
            except TimeoutError:
                # The deadline passed, or was moved by `_end`, which said why.
                pass
            finally:
                await self._stop()
            await self._close()

    async def _read(self) -> None:
        while True:
            frame = await self._socket.receive()
            if frame["type"] == "websocket.disconnect":
                raise SocketClosed(None)
            text = frame.get("text")
            if text is None:
                raise SocketClosed(CloseCode.BAD_REQUEST, "Only text messages are understood")
            if len(text) > self._settings.max_message or len(text.encode()) > self._settings.max_message:
                raise SocketClosed(CloseCode.TOO_BIG, "Message too big")
            await self._take(text)

    async def _take(self, text: str) -> None:
        match message_from(text):
            case ConnectionInit(payload):
                await self._initialise(payload)
            case Ping():
                await self._send(b'{"type":"pong"}')
            case Subscribe(id, request):
                await self._subscribe(id, request)
            case Complete(id):
                task = self._by_id.pop(id, None)
                if task is not None:
                    task.cancel()
            case _:
                pass

    async def _initialise(self, payload: Mapping[str, Any]) -> None:
        if self._session is not None:
            raise SocketClosed(CloseCode.TOO_MANY_INITS, "Too many initialisation requests")
        headers = header_map(self._socket) | _headers_in(payload)
        try:
            session = await self._open_session(visitor_of(self._socket, headers, self._request_id))
        except AccessRefused as refused:
            raise SocketClosed(close_code_for(refused), refused.message) from refused
        except Exception as error:
            self._engine.unexpected(error, Unidentified(self._request_id))
            raise SocketClosed(CloseCode.INTERNAL, "Internal error") from error
        self._session = session
        self._watch.enter_context(
            session.watched(lambda: self._end(SocketClosed(CloseCode.FORBIDDEN, "Access was revoked")))
        )
        self._ending = SocketClosed(CloseCode.FORBIDDEN, "Session expired")
        lifetime = seconds_left(session)
        self._deadline.reschedule(None if lifetime is None else asyncio.get_running_loop().time() + lifetime)
        await self._send(b'{"type":"connection_ack"}')
        self._idle_since = asyncio.get_running_loop().time()
        self._pings = asyncio.create_task(self._keep_alive())

    async def _subscribe(self, id: str, request: GraphQLRequest) -> None:
        if self._session is None:
            raise SocketClosed(CloseCode.UNAUTHORIZED, "Unauthorized")
        if id in self._by_id:
            raise SocketClosed(CloseCode.DUPLICATE_ID, f"Subscriber for {id} already exists")
        limit = self._settings.max_operations_per_socket
        if len(self._tasks) >= limit:
            message = f"A connection runs at most {limit} operations at a time."
            await self._send_answer(id, refusal_of(message, ErrorCode.LIMIT_EXCEEDED.value))
            return
        self._operations += 1
        request_id = f"{self._request_id}-{self._operations}"
        task = asyncio.create_task(self._run(id, request, self._session, request_id))
        self._by_id[id] = task
        self._tasks.add(task)
        task.add_done_callback(self._count_out)

    def _count_out(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._idle_since = asyncio.get_running_loop().time()

    async def _run(self, id: str, request: GraphQLRequest, session: Session, request_id: str) -> None:
        context: object = Unidentified(request_id)
        try:
            context = session.context(request_id)
            outlet = SocketOutlet(self._send_asgi, id, self._settings.send_timeout, self._end)
            async with aclosing(answers(self._engine, request, context, outlet)) as stream:
                sent = 0
                async for answer in stream:
                    await self._send_answer(id, answer)
                    if answer.is_request_error:
                        return
                    sent += 1
                    if sent % SENT_AT_ONCE == 0:
                        # Sending to a fast client never waits; a source that always has more must let others in.
                        await asyncio.sleep(0)
            # The client may use the id again as soon as it reads this.
            self._forget(id)
            await self._send(encoded(id, "complete"))
        except StreamClosed as closed:
            self._end(SocketClosed(closed.close_code, closed.reason))
        except SocketClosed as ending:
            self._end(ending)
        except Exception as error:  # noqa: BLE001 - One operation broke, not the connection; it is reported.
            await self._send_unexpected(id, error, context)
        finally:
            self._forget(id)

    def _forget(self, id: str) -> None:
        if self._by_id.get(id) is asyncio.current_task():
            del self._by_id[id]

    async def _send_unexpected(self, id: str, error: Exception, context: object) -> None:
        with suppress(SocketClosed):
            await self._send_answer(id, self._engine.unexpected(error, context))

    async def _send_answer(self, id: str, answer: Answer) -> None:
        if answer.is_request_error:
            self._forget(id)
            await self._send(encoded(id, "error", orjson.dumps(answer.errors())))
        else:
            await self._send(encoded(id, "next", answer.body))

    async def _send(self, message: bytes) -> None:
        rest = sent(self._send_asgi, message.decode())
        if rest is not None:
            await in_time(rest, self._settings.send_timeout)

    async def _keep_alive(self) -> None:
        try:
            while True:
                await asyncio.sleep(self._settings.ping_interval)
                idle = asyncio.get_running_loop().time() - self._idle_since
                if not self._tasks and idle > self._settings.idle_timeout:
                    self._end(SocketClosed(CloseCode.NORMAL, "Idle"))
                    return
                await self._send(b'{"type":"ping"}')
        except SocketClosed as ending:
            self._end(ending)

    def _end(self, ending: SocketClosed) -> None:
        """Interrupt the reader; the first reason given is the one that counts."""
        if not self._is_ending and not self._deadline.expired():
            self._is_ending = True
            self._ending = ending
            self._deadline.reschedule(0)

    async def _stop(self) -> None:
        # From here on nothing is left to interrupt.
        self._is_ending = True
        self._watch.close()
        tasks = [*self._tasks, *([self._pings] if self._pings else [])]
        for task in tasks:
            task.cancel()
        # Iterators are closed when this returns, not some time later.
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self) -> None:
        if self._ending.code is None:
            return
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(self._settings.send_timeout):
                await self._socket.close(self._ending.code, self._ending.short_reason)


def _headers_in(payload: Mapping[str, Any]) -> dict[str, str]:
    headers = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
    return {
        name: value
        for name, value in headers.items()
        if name not in NOT_FROM_PAYLOAD and not name.startswith("x-forwarded-")
    }
