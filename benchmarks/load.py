"""Clients that keep a server busy, in a process of their own: each waits for its answer before it asks again."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlsplit

import orjson
import uvloop

from benchmarks.premises import Server


@dataclass(slots=True)
class Client:
    """One connection, kept open, with as little between the socket and the caller as can be."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str

    async def post(self, body: bytes, headers: str = "") -> bytes:
        """The body of the answer; `headers` end with a line break each."""
        self.writer.write(
            f"POST /graphql HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
            f"{headers}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        start = lowered.index(b"content-length:") + 15
        answer = await self.reader.readexactly(int(lowered[start : lowered.index(b"\r\n", start)]))
        if not head.startswith(b"HTTP/1.1 200") or b'"errors":' in answer:
            raise RuntimeError(answer.decode())
        return answer


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Client]:
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=1 << 20)
    try:
        yield Client(reader, writer, place.netloc)
    finally:
        writer.close()


Round = Callable[[Client, int], Awaitable[bool]]
"""What one client does again and again; the number differs each time. False where it does not count."""


@dataclass(slots=True)
class Measured:
    seconds: float
    latencies: list[float] = field(default_factory=list)
    """Of the rounds that began and ended within the time, in seconds."""
    failures: int = 0
    rounds: int = 0
    """All that were begun within the time: the server works for those too that end later."""
    elapsed: float = 0.0
    """Until the last of them ended."""
    server_cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def per_second_to_the_end(self) -> float:
        """For a server so slow that few rounds begin and end within the time."""
        return self.rounds / self.elapsed

    @property
    def cpu_milliseconds(self) -> float:
        """Of the server, for each round."""
        return 1000 * self.server_cpu_seconds / max(1, self.rounds)

    def milliseconds(self, percent: float) -> float:
        return percentile(self.latencies, percent) * 1000


def percentile(values: list[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def measure(server: Server, one_round: Round, *, clients: int, seconds: float, warm_up: float) -> Measured:
    """`one_round` is pickled: a function of a module, or a dataclass that can be called."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        elsewhere.submit(_run, server.address, one_round, clients, warm_up).result()
        before = server.cpu_seconds()
        measured = elsewhere.submit(_run, server.address, one_round, clients, seconds).result()
        measured.server_cpu_seconds = server.cpu_seconds() - before
    return measured


def _run(address: str, one_round: Round, clients: int, seconds: float) -> Measured:
    return uvloop.run(_all(address, one_round, clients, seconds))


async def _all(address: str, one_round: Round, clients: int, seconds: float) -> Measured:
    measured = Measured(seconds)
    began = time.perf_counter()
    end = began + seconds

    async def keep_asking(first: int) -> None:
        number = first
        async with connected(address) as client:
            while (start := time.perf_counter()) < end:
                counts = await one_round(client, number)
                took = time.perf_counter() - start
                measured.rounds += 1
                if not counts:
                    measured.failures += 1
                elif start + took < end:
                    measured.latencies.append(took)
                number += clients

    await asyncio.gather(*(keep_asking(first) for first in range(clients)))
    measured.elapsed = time.perf_counter() - began
    return measured


def body_of(document: str, **variables: Any) -> bytes:
    return orjson.dumps({"query": document, "variables": variables})
