"""GraphQL over server-sent events, in the distinct connections mode of the graphql-sse protocol."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.execution.engine import Answer, refusal_of
from api.execution.errors import ErrorCode, StreamClosed
from api.transport.departure import Departure
from api.transport.session import Session, TransportSettings, seconds_left

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "Vary": "Accept",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
HEARTBEAT = b":\n\n"
# Browsers do not dispatch an event without data.
COMPLETE = b"event: complete\ndata: \n\n"
EXPIRED = refusal_of("The session has expired.", ErrorCode.UNAUTHENTICATED.value)

REVOKED = refusal_of("Access was revoked.", ErrorCode.FORBIDDEN.value)


class EventStream(Response):
    """Ends without `complete` where the client should come back: on departure, and when its stream is closed early."""

    def __init__(
        self,
        answers: AsyncGenerator[Answer, None],
        session: Session,
        settings: TransportSettings,
        departure: Departure,
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._answers = answers
        self._session = session
        self._settings = settings
        self._departure = departure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature.
        self._send = send
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        leaving, revoked = asyncio.Event(), asyncio.Event()
        parts = (self._events(), self._heartbeats(), leaving.wait(), revoked.wait(), _disconnected(receive))
        tasks = [asyncio.create_task(part) for part in parts]
        revocation, disconnect = tasks[-2:]
        try:
            with self._departure.told(leaving.set), self._session.watched(revoked.set):
                lifetime = seconds_left(self._session)
                ended, _ = await asyncio.wait(tasks, timeout=lifetime, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            # The iterator is closed when this returns, not some time later.
            await asyncio.gather(*tasks, return_exceptions=True)
        if disconnect in ended or any(task.exception() for task in ended):
            # Nobody listens, or nobody reads: the server closes a response that is left open.
            return
        with suppress(TimeoutError, OSError):
            if not ended or revocation in ended:
                await self._write(_next(REVOKED if ended else EXPIRED) + COMPLETE)
            await self._write(b"", more=False)

    async def _events(self) -> None:
        async with aclosing(self._answers) as answers:
            try:
                async for answer in answers:
                    await self._write(_next(answer))
                    # Sending to a fast client never waits; a source that always has more must let others in.
                    await asyncio.sleep(0)
            except StreamClosed:
                return
        await self._write(COMPLETE)

    async def _heartbeats(self) -> None:
        while True:
            await asyncio.sleep(self._settings.heartbeat)
            await self._write(HEARTBEAT)

    async def _write(self, chunk: bytes, *, more: bool = True) -> None:
        async with asyncio.timeout(self._settings.send_timeout):
            await self._send({"type": "http.response.body", "body": chunk, "more_body": more})


def _next(answer: Answer) -> bytes:
    # orjson writes no line breaks, so the data is one line.
    named = b"" if answer.event_id is None else b"id: " + answer.event_id.encode() + b"\n"
    return b"event: next\n" + named + b"data: " + answer.body + b"\n\n"


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
