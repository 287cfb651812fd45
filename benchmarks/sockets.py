"""Many WebSockets in one process, with as little work for each message as can be: frames are counted, not read."""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

_HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


@dataclass(slots=True)
class Arrivals:
    """What came to all sockets together; `wanted` texts set `reached`."""

    texts: int = 0
    wanted: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    last: bytes = b""
    on_text: Callable[[bytes], None] | None = None

    def expect(self, more: int) -> None:
        self.wanted = self.texts + more
        self.reached.clear()

    def came(self, text: bytes) -> None:
        self.texts += 1
        self.last = text
        if self.on_text is not None:
            self.on_text(text)
        if self.texts >= self.wanted:
            self.reached.set()


class Socket(asyncio.Protocol):
    """Speaks just enough of RFC 6455: no fragments, no control frames but pings, which it answers."""

    def __init__(self, arrivals: Arrivals, greeting: list[bytes], counts: bytes) -> None:
        self._arrivals = arrivals
        self._greeting = greeting
        # Only texts that contain this are counted.
        self._counts = counts
        self._buffer = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What uvloop hands over is a transport without being one of asyncio's classes.
        self.transport = cast("asyncio.Transport", transport)

    def begin(self, address: str) -> None:
        there = urlsplit(address)
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(_HANDSHAKE.format(path=there.path, host=there.netloc, key=key).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._is_open = True
            self._buffer = rest
            for text in self._greeting:
                self.transport.write(masked(text))
        self._frames()

    def _frames(self) -> None:
        buffer, start = self._buffer, 0
        while len(buffer) - start >= 2:
            length, body = buffer[start + 1] & 127, start + 2
            if length == 126:
                if len(buffer) < start + 4:
                    break
                (length,), body = struct.unpack_from(">H", buffer, start + 2), start + 4
            if len(buffer) < body + length:
                break
            text = buffer[body : body + length]
            start = body + length
            if self._counts in text:
                self._arrivals.came(text)
        self._buffer = buffer[start:]


def masked(text: bytes, opcode: int = 1) -> bytes:
    """A client's frame. The mask is zero, which the protocol allows and costs nothing."""
    length = len(text)
    head = (
        bytes([128 | opcode, 128 | length]) if length < 126 else bytes([128 | opcode, 254]) + struct.pack(">H", length)
    )
    return head + bytes(4) + text


async def opened(address: str, count: int, greeting: list[bytes], counts: bytes) -> tuple[Arrivals, list[Socket]]:
    """So many sockets, greeted; a few at a time, so that no backlog overflows."""
    arrivals = Arrivals()
    there = urlsplit(address)
    assert there.hostname is not None
    assert there.port is not None
    host, port = there.hostname, there.port
    loop = asyncio.get_running_loop()
    sockets: list[Socket] = []

    async def one() -> None:
        _, socket = await loop.create_connection(lambda: Socket(arrivals, greeting, counts), host, port)
        socket.begin(address)
        sockets.append(socket)

    for begun in range(0, count, 100):
        await asyncio.gather(*(one() for _ in range(min(100, count - begun))))
    return arrivals, sockets


async def all_came(arrivals: Arrivals, patience: float = 120.0) -> float:
    """The moment when the last one came."""
    async with asyncio.timeout(patience):
        await arrivals.reached.wait()
    return time.perf_counter()
