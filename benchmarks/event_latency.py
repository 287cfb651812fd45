"""From a commit to the subscriber's socket at a steady rate, beside the floor: PostgreSQL's own NOTIFY and back.

And how many events a second the sequencer gives their place, beside a plain deletion of the same rows.
`python -m benchmarks.event_latency`, or `make bench`.
"""

import asyncio
import json
import os
import time
from dataclasses import dataclass

import asyncpg
import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.load import percentile
from benchmarks.premises import REPOSITORY, Server, Store, serving, store
from benchmarks.sockets import opened
from domain.events import Event, Topic
from persistence.database import Connection, Database
from persistence.events import outbox
from persistence.events.sequencer import OUTBOX_CHANNEL, move

SECONDS = float(os.environ.get("ONESHELF_BENCH_SECONDS", "8"))
RATE = 200
BACKLOG = 50_000
RESULTS = REPOSITORY / "build" / "bench" / "events.json"

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
  availabilityChanged(variants: [{ sku: "shirt" }]) { ... on AvailabilityChanged { availability { version } } }
}
"""
_GREETING = [
    b'{"type":"connection_init"}',
    orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": _WATCH}}),
]
_FILL_OUTBOX = """
INSERT INTO outbox (topic, key, version, payload)
SELECT 'stock', '1', n, '{"variant": "00000000-0000-7000-8000-000000000000", "location": 1}' FROM generate_series(1, $1::int) AS n
"""
_DELETE_SOME = """
DELETE FROM outbox WHERE seq = ANY (ARRAY(SELECT seq FROM outbox ORDER BY seq LIMIT 1000 FOR UPDATE SKIP LOCKED))
"""


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds."""

    p50: float
    p99: float
    worst: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Waits":
        return cls(percentile(seconds, 50) * 1e3, percentile(seconds, 99) * 1e3, max(seconds) * 1e3)


def main() -> None:
    with store() as there, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_fill(there))
        drained, deleted = runner.run(_drain(there))
        floor = runner.run(_notify(there))
        with serving(there) as server:
            ours = runner.run(_deliver(there, server))
    table = Table(title=f"Milliseconds from commit to socket, {RATE} events/s, one worker")
    for heading in ("way", "p50", "p99", "worst"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for way, waits in (("NOTIFY and back, nothing else", floor), ("ours", ours)):
        table.add_row(way, f"{waits.p50:.2f}", f"{waits.p99:.2f}", f"{waits.worst:.2f}")
    console = Console(width=110)
    console.print(table)
    console.print(f"The sequencer places {drained:,.0f} events/s; deleting the same rows: {deleted:,.0f}/s.")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    figures = {name: [waits.p50, waits.p99, waits.worst] for name, waits in (("floor", floor), ("ours", ours))}
    RESULTS.write_text(json.dumps({**figures, "drained": drained, "deleted": deleted}, indent=2) + "\n")


async def _fill(there: Store) -> None:
    connection = await asyncpg.connect(there.url)
    await connection.execute(_SHELF)
    await connection.close()


async def _drain(there: Store) -> tuple[float, float]:
    """Events a second: placed by the sequencer's own statement, and merely deleted."""
    connection = await asyncpg.connect(there.url)
    await connection.execute(_FILL_OUTBOX, BACKLOG)
    began, moved = time.perf_counter(), 0
    while done := await move(Connection(connection, None)):
        moved += done[1]
    drained = moved / (time.perf_counter() - began)
    assert moved == BACKLOG, "every event has its place"
    await connection.execute(_FILL_OUTBOX, BACKLOG)
    began = time.perf_counter()
    while await connection.execute(_DELETE_SOME) != "DELETE 0":
        pass
    deleted = BACKLOG / (time.perf_counter() - began)
    await connection.close()
    return drained, deleted


async def _notify(there: Store) -> Waits:
    """One connection sends, another listens."""
    sending, hearing = await asyncpg.connect(there.url), await asyncpg.connect(there.url)
    heard = asyncio.Event()
    await hearing.add_listener("floor", lambda *_: heard.set())
    waits = []
    for _ in range(int(SECONDS * RATE)):
        heard.clear()
        began = time.perf_counter()
        await sending.execute("SELECT pg_notify('floor', '')")
        await heard.wait()
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 1 / RATE - waits[-1]))
    await sending.close()
    await hearing.close()
    return Waits.of(waits)


async def _deliver(there: Store, server: Server) -> Waits:
    arrivals, sockets = await opened(f"{server.address}/graphql", 1, _GREETING, b'"type":"next"')
    arrivals.expect(1)
    await arrivals.reached.wait()
    database = await Database.open(there.url, min_size=2, max_size=2)
    committed: dict[int, float] = {}
    waits: list[float] = []

    def came(text: bytes) -> None:
        version = orjson.loads(text)["payload"]["data"]["availabilityChanged"]["availability"]["version"]
        # A state that overtook others stands for them, too.
        now = time.perf_counter()
        waits.extend(now - committed.pop(told) for told in sorted(committed) if told <= version)

    arrivals.on_text = came
    try:
        for _ in range(int(SECONDS * RATE)):
            began = time.perf_counter()
            committed[await _change(database)] = time.perf_counter()
            async with database.reading() as reader:
                await reader.raw.execute(f"SELECT pg_notify('{OUTBOX_CHANNEL}', '')")
            await asyncio.sleep(max(0.0, 1 / RATE - (time.perf_counter() - began)))
        await asyncio.sleep(1)
    finally:
        await database.close()
        sockets[0].transport.abort()
    assert not committed, "every change was told"
    return Waits.of(waits)


async def _change(database: Database) -> int:
    """Another quantity than shoppers saw before, lest there be nothing to tell; the version that tells of it."""
    async with database.transaction() as connection:
        level = await connection.raw.fetchrow(
            "UPDATE stock_level SET on_hand = on_hand % 9 + 1, version = version + 1 RETURNING *"
        )
        assert level is not None
        payload = {"variant": str(level["variant_id"]), "location": level["location_id"]}
        await outbox.append(connection, [Event(Topic.STOCK, str(level["id"]), level["version"], payload)])
    version: int = level["version"]
    return version


if __name__ == "__main__":
    main()
