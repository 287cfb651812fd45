"""One event for thousands of subscribers on one worker, beside bare sockets that send the same bytes in the same run.

`python -m benchmarks.fan_out`, or `make bench`. The subscribers live in a process of their own, which takes one of the cores.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg
import httpx
import orjson
import psutil
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.premises import REPOSITORY, Server, Store, serving, store
from benchmarks.sockets import Arrivals, Socket, all_came, opened
from domain.events import Event, Topic
from persistence.database import Database
from persistence.events import outbox
from persistence.events.sequencer import OUTBOX_CHANNEL

SUBSCRIBERS = tuple(int(count) for count in os.environ.get("ONESHELF_BENCH_SUBSCRIBERS", "1000,5000").split(","))
EVENTS = 20
RESULTS = REPOSITORY / "build" / "bench" / "fan_out.json"
_COUNTS = b'"type":"next"'

_SHELF = """
INSERT INTO market (code, name, currency_code, tax_included, countries) VALUES ('eu', 'EU', 'EUR', true, '{DE}');
INSERT INTO channel (code, name, kind, market_id) SELECT 'web', 'Web', 'WEB', id FROM market;
INSERT INTO location (code, name, kind, offers_pickup, ships_orders) VALUES ('berlin', 'Berlin', 'STORE', true, true);
INSERT INTO product (id, slug, name, published_at) VALUES (gen_random_uuid(), 'shirt', 'Shirt', now());
INSERT INTO variant (id, product_id, sku, name) SELECT gen_random_uuid(), id, 'shirt', 'Shirt' FROM product;
INSERT INTO stock_level (variant_id, location_id, on_hand) SELECT variant.id, location.id, 5 FROM variant, location;
"""
_WATCH = """
subscription {
  availabilityChanged(variants: [{ sku: "shirt" }]) {
    ... on AvailabilityChanged { cursor availability { id version available { quantity isCapped } status } }
  }
}
"""
_GREETING = [
    b'{"type":"connection_init"}',
    orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": _WATCH}}),
]


@dataclass(frozen=True, slots=True)
class Figure:
    deliveries_per_second: float
    one_event_ms: float
    cpu_microseconds_each: float
    kilobytes_each: float


def main() -> None:
    # All of them come from this machine, and no limit is what is measured here.
    os.environ["ONESHELF_STREAMS_PER_ADDRESS"] = "1000000"
    os.environ["ONESHELF_STREAMS_PER_CALLER"] = "1000000"
    figures: dict[str, Figure] = {}
    with store() as there, serving(there) as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_fill(there))
        for subscribers in SUBSCRIBERS:
            ours, text = runner.run(_ours(there, server, subscribers))
            with _bare() as floor:
                bare = runner.run(_floor(floor, subscribers, text))
            figures[f"ours, {subscribers}"], figures[f"bare, {subscribers}"] = ours, bare
    _show(figures)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({name: vars_of(figure) for name, figure in figures.items()}, indent=2) + "\n")


def vars_of(figure: Figure) -> dict[str, float]:
    return {name: getattr(figure, name) for name in Figure.__slots__}


async def _fill(there: Store) -> None:
    connection = await asyncpg.connect(there.url)
    await connection.execute(_SHELF)
    await connection.close()


async def _ours(there: Store, server: Server, subscribers: int) -> tuple[Figure, bytes]:
    memory = server.process.memory_info().rss
    arrivals, sockets = await opened(f"{server.address}/graphql", subscribers, _GREETING, _COUNTS)
    arrivals.expect(subscribers - arrivals.texts)
    await all_came(arrivals)
    each = (server.process.memory_info().rss - memory) / subscribers / 1024
    database = await Database.open(there.url, min_size=1, max_size=1)
    try:
        spent = server.cpu_seconds()
        seconds = [await _seconds_to_tell(arrivals, subscribers, _change(database)) for _ in range(EVENTS)]
        spent = server.cpu_seconds() - spent
        text = arrivals.last
    finally:
        await database.close()
        await _close(sockets)
    return _figure(subscribers, seconds, spent, each), text


async def _change(database: Database) -> None:
    """A sale of the last unit, or a return of it."""
    async with database.transaction() as connection:
        level = await connection.raw.fetchrow(
            "UPDATE stock_level SET on_hand = 11 - on_hand, version = version + 1 RETURNING *"
        )
        assert level is not None
        payload = {"variant": str(level["variant_id"]), "location": level["location_id"]}
        await outbox.append(connection, [Event(Topic.STOCK, str(level["id"]), level["version"], payload)])
    # As every process that serves does once it has committed.
    async with database.reading() as reader:
        await reader.raw.execute(f"SELECT pg_notify('{OUTBOX_CHANNEL}', '')")


async def _seconds_to_tell(arrivals: Arrivals, subscribers: int, work: Awaitable[None]) -> float:
    """From the beginning of the work until the last subscriber has it; the next begins after that, so that nothing is told
    together with something else.
    """
    arrivals.expect(subscribers)
    began = time.perf_counter()
    await work
    return await all_came(arrivals) - began


def _figure(subscribers: int, seconds: list[float], spent: float, kilobytes_each: float) -> Figure:
    told = subscribers * EVENTS
    return Figure(told / sum(seconds), sorted(seconds)[EVENTS // 2] * 1000, spent / told * 1e6, kilobytes_each)


@contextmanager
def _bare() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.bare_sockets", str(port)], cwd=REPOSITORY)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def _floor(address: str, subscribers: int, text: bytes) -> Figure:
    (process,) = [child for child in psutil.Process().children() if "benchmarks.bare_sockets" in child.cmdline()]
    memory = process.memory_info().rss
    arrivals, sockets = await opened(f"{address}/graphql", subscribers, [], _COUNTS)
    await asyncio.sleep(1)
    each = (process.memory_info().rss - memory) / subscribers / 1024
    async with httpx.AsyncClient(timeout=120) as client:

        async def tell() -> None:
            await client.post(f"{address}/tell", content=text)

        spent = sum(process.cpu_times()[:2])
        seconds = [await _seconds_to_tell(arrivals, subscribers, tell()) for _ in range(EVENTS)]
        spent = sum(process.cpu_times()[:2]) - spent
    await _close(sockets)
    return _figure(subscribers, seconds, spent, each)


async def _close(sockets: list[Socket]) -> None:
    for one in sockets:
        one.transport.abort()
    await asyncio.sleep(1)


def _show(figures: dict[str, Figure]) -> None:
    table = Table(title=f"One event to everybody, {EVENTS} times")
    for heading in ("who, subscribers", "deliveries/s", "of bare", "one event, ms", "server CPU µs each", "KiB each"):
        table.add_column(heading, justify="left" if heading.startswith("who") else "right")
    for who, figure in figures.items():
        beside = figures[who.replace("ours", "bare")].deliveries_per_second
        table.add_row(
            who,
            f"{figure.deliveries_per_second:,.0f}",
            f"{figure.deliveries_per_second / beside:.0%}",
            f"{figure.one_event_ms:,.1f}",
            f"{figure.cpu_microseconds_each:,.1f}",
            f"{figure.kilobytes_each:,.1f}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
