"""How texts go out over a socket: at once where it has room, without a timer set or a task woken."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from types import coroutine
from typing import Any

import orjson
from starlette.types import Send
from starlette.websockets import WebSocketDisconnect

from api.execution.engine import Answer
from api.transport.messages import CloseCode, SocketClosed

# What servers raise where a connection is closed, also when they closed it by themselves: for a broken frame or a lost ping.
_GONE = (WebSocketDisconnect, OSError, RuntimeError)


def sent(send: Send, text: str) -> Awaitable[None] | None:
    """Null where that was all; else what remains, to be awaited in a task. Raises SocketClosed where there is no client.

    A server's `send` that has to wait waits for a future; up to there it runs right here, whichever task this is.
    """
    steps: Generator[Any, Any, None] = send({"type": "websocket.send", "text": text}).__await__()
    try:
        awaited = next(steps)
    except StopIteration:
        return None
    except _GONE:
        raise SocketClosed(None) from None
    return _rest(steps, awaited)


@coroutine
def _rest(steps: Generator[Any, Any, None], awaited: object) -> Generator[Any, Any, None]:
    try:
        yield awaited
    except BaseException:
        steps.close()
        raise
    yield from steps


async def in_time(rest: Awaitable[None], seconds: float) -> None:
    """Raises SocketClosed where the client is gone, or reads too slowly."""
    try:
        async with asyncio.timeout(seconds) as limit:
            await rest
    except _GONE:
        if limit.expired():
            raise SocketClosed(CloseCode.SLOW_CONSUMER, "Slow consumer") from None
        raise SocketClosed(None) from None


class SocketOutlet:
    """Of one subscription. When the socket fails `end` is told so, which ends its streams, too."""

    def __init__(self, send: Send, id: str, send_timeout: float, end: Callable[[SocketClosed], None]) -> None:
        self._send = send
        self._head = f'{{"id":{orjson.dumps(id).decode()},"type":"next","payload":'
        self._send_timeout = send_timeout
        self._end = end
        self._rest: Awaitable[None] | None = None

    def push(self, answer: Answer) -> bool:
        try:
            self._rest = sent(self._send, f"{self._head}{answer.text}}}")
        except SocketClosed as ending:
            self._end(ending)
            return False
        return self._rest is None

    async def cleared(self) -> None:
        rest, self._rest = self._rest, None
        if rest is not None:
            try:
                await in_time(rest, self._send_timeout)
            except SocketClosed as ending:
                self._end(ending)
