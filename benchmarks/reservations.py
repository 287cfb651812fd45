"""One hot variant and many buyers: carts through the coalescer, beside one conditional UPDATE for each.

Both do the whole of a reservation (counter, hold, ledger, one event), durably. `pgbench` with the conditional statement shows
what the database gives a client in C, and `cartHold` what a hold costs with its cart, its key and its plan, in this process.
`python -m benchmarks.reservations`, or `make bench`.
"""

import asyncio
import json
import os
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import count
from time import perf_counter, process_time
from typing import Any

import asyncpg
import psutil
import uvloop
from rich.console import Console
from rich.table import Table
from uuid_utils.compat import uuid4, uuid7

from api.carts import holds
from api.carts.holding import Asking
from api.directory import DirectoryCache
from benchmarks.load import percentile
from benchmarks.premises import REPOSITORY, Store, store
from domain.access import Principal
from domain.inventory.sourcing import Allocation
from persistence.database import Database
from persistence.embedded.binaries import find_binaries
from persistence.inventory.coalescer import Coalescer
from persistence.inventory.reservations import HoldRequest

SECONDS = float(os.environ.get("ONESHELF_BENCH_SECONDS", "4"))
BUYERS = (16, 64, 256)
POOL = 16
PLENTY = 400_000_000
CARTS = 40_000
"""Each is held once; there are more than a run can hold."""
RESULTS = REPOSITORY / "build" / "bench" / "reservations.json"

_SHELF = f"""
INSERT INTO market (code, name, currency_code, tax_included) VALUES ('eu', 'EU', 'EUR', true);
INSERT INTO channel (code, name, kind, market_id) SELECT 'web', 'Web', 'WEB', id FROM market;
INSERT INTO location (code, name, kind, offers_pickup, ships_orders) VALUES ('berlin', 'Berlin', 'STORE', true, true);
INSERT INTO product (id, slug, name, published_at) VALUES (gen_random_uuid(), 'shirt', 'Shirt', now());
INSERT INTO variant (id, product_id, sku, name) SELECT gen_random_uuid(), id, 'shirt', 'Shirt' FROM product;
INSERT INTO price (variant_id, market_id, amount) SELECT variant.id, market.id, 1900 FROM variant, market;
INSERT INTO stock_level (variant_id, location_id, on_hand, version)
SELECT variant.id, location.id, {PLENTY}, 1 FROM variant, location;
INSERT INTO stock_movement (stock_level_id, version, reason, on_hand_delta, actor)
SELECT id, 1, 'INITIAL', on_hand, 'system' FROM stock_level;
"""
_CARTS = """
WITH made AS (
  INSERT INTO cart (id, token_hash, channel_id, market_id, expires_at)
  SELECT given.id, sha256(uuid_send(given.id)), channel.id, channel.market_id, now() + interval '1 day'
  FROM unnest($1::uuid[]) AS given (id), channel RETURNING id, channel_id
)
INSERT INTO cart_line (id, cart_id, variant_id, sku, name, quantity, unit_amount, channel_id)
SELECT made.id, made.id, variant.id, variant.sku, 'Shirt', 1, 1900, made.channel_id FROM made, variant
"""

# The usual way, in one round trip: guarded by the row's own lock.
_CONDITIONAL = """
WITH taken AS (
  UPDATE stock_level SET reserved = reserved + 1, version = version + 1, updated_at = clock_timestamp()
  WHERE id = {level} AND available + backorder_limit >= 1
  RETURNING id, version, variant_id, location_id, available
), held AS (
  INSERT INTO reservation (cart_id, attempt, stock_level_id, quantity, open_quantity, state, expires_at)
  SELECT {cart}, gen_random_uuid(), id, 1, 1, 'HELD', clock_timestamp() + interval '10 minutes' FROM taken
  RETURNING id, cart_id
), recorded AS (
  INSERT INTO stock_movement (stock_level_id, version, reason, reserved_delta, reference, actor, channel_id)
  SELECT taken.id, taken.version, 'HOLD', 1, 'cart:' || held.cart_id, 'guest', 1 FROM taken, held
)
INSERT INTO outbox (topic, key, version, payload)
SELECT 'stock', id::text, version,
       jsonb_build_object('variant', variant_id, 'location', location_id, 'available', available) FROM taken
"""

Buy = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Figure:
    """Microseconds of CPU are of this process and of PostgreSQL for each reservation."""

    per_second: float
    p50_ms: float
    p99_ms: float
    client_us: float
    database_us: float

    @property
    def cells(self) -> tuple[str, ...]:
        return (
            f"{self.per_second:,.0f}",
            f"{self.p50_ms:.2f}",
            f"{self.p99_ms:.2f}",
            f"{self.client_us:,.0f}",
            f"{self.database_us:,.0f}",
        )


async def _closed_loop(there: Store, buyers: int, buy: Buy) -> Figure:
    """Each buyer comes again as soon as it is served; the first second does not count."""
    waits: list[float] = []
    served = 0
    began = perf_counter() + 1

    async def buyer() -> None:
        nonlocal served
        while (now := perf_counter()) < began + SECONDS:
            await buy()
            served += 1
            if now >= began:
                waits.append(perf_counter() - now)

    client, database = process_time(), _cpu_seconds(there)
    await asyncio.gather(*(buyer() for _ in range(buyers)))
    return Figure(
        per_second=len(waits) / SECONDS,
        p50_ms=percentile(waits, 50) * 1e3,
        p99_ms=percentile(waits, 99) * 1e3,
        client_us=(process_time() - client) / served * 1e6,
        database_us=(_cpu_seconds(there) - database) / served * 1e6,
    )


def _cpu_seconds(there: Store) -> float:
    """Of PostgreSQL with all of its processes, those that have ended too."""
    postmaster = psutil.Process(int((there.folder / "data" / "pgdata" / "postmaster.pid").read_text().split()[0]))
    ended = postmaster.cpu_times()
    alive = (process.cpu_times() for process in (postmaster, *postmaster.children()))
    return ended.children_user + ended.children_system + sum(times.user + times.system for times in alive)


async def _coalesced(there: Store, level: int, buyers: int) -> Figure:
    lane = Coalescer(there.url)

    async def buy() -> bool:
        cart = uuid7()
        return await lane.reserve(
            HoldRequest(
                cart_id=cart,
                attempt=uuid4(),
                actor="guest",
                channel_id=1,
                seconds=600,
                allocations=(Allocation(cart, level, 1),),
            )
        )

    try:
        return await _closed_loop(there, buyers, buy)
    finally:
        await lane.close()


async def _conditional(there: Store, level: int, buyers: int) -> Figure:
    pool = await asyncpg.create_pool(there.url, min_size=POOL, max_size=POOL)
    statement = _CONDITIONAL.format(level=level, cart="$1")

    async def buy() -> str:
        return await pool.execute(statement, uuid7())

    try:
        return await _closed_loop(there, buyers, buy)
    finally:
        await pool.close()


async def _cart_hold(there: Store, buyers: int) -> Figure:
    """The command as the mutation calls it: reads its cart and the stock, plans, holds, writes journey, event and key."""
    carts = [uuid7() for _ in range(CARTS)]
    connection = await asyncpg.connect(there.url)
    await connection.execute(_CARTS, carts)
    # As autovacuum does within a minute, which is longer than a run.
    await connection.execute("ANALYZE")
    await connection.close()
    database = await Database.open(there.url)
    directory = await DirectoryCache(database).current()
    number = count()

    async def buy() -> None:
        cart = carts[next(number)]
        caller = Principal(cart_token_hash=sha256(cart.bytes).digest())
        asking = Asking(caller, directory, directory.channels_by_code["web"])
        await holds.hold(database, asking, cart, expected_version=None, key=str(uuid4()), request={"cart": cart.hex})

    try:
        return await _closed_loop(there, buyers, buy)
    finally:
        await database.close()


async def _expect_exact(url: str) -> None:
    connection = await asyncpg.connect(url)
    wrong = await connection.fetchval("""
        SELECT count(*) FROM stock_level level
        WHERE reserved <> (SELECT sum(open_quantity) FROM reservation WHERE stock_level_id = level.id)
           OR version <> (SELECT count(*) FROM stock_movement WHERE stock_level_id = level.id)
    """)
    await connection.close()
    assert wrong == 0, "the counter, the holds and the ledger must agree"


def _pgbench(there: Store, level: int, clients: int) -> float:
    script = there.folder / "conditional.sql"
    script.write_text(_CONDITIONAL.format(level=level, cart="gen_random_uuid()") + ";\n", encoding="utf-8")
    programs = find_binaries(None)
    socket = there.url.split("host=", 1)[1].split("&", 1)[0]
    connecting = f"-h {socket} -U oneshelf oneshelf"
    measuring = f"-n -M prepared -c {clients} -j 1 -T {max(1, int(SECONDS))} -f {script}"
    command = [str(programs.directory / "pgbench"), *measuring.split(), *connecting.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(next(line for line in done.stdout.splitlines() if line.startswith("tps")).split()[2])


async def _run(there: Store) -> dict[str, Any]:
    connection = await asyncpg.connect(there.url)
    await connection.execute(_SHELF)
    level = await connection.fetchval("SELECT id FROM stock_level")
    await connection.close()
    results: dict[str, Any] = {}
    table = Table(title="One hot variant: each buyer holds one unit, again and again")
    for heading in ("buyers", "", "holds/s", "p50 ms", "p99 ms", "client CPU µs", "database CPU µs", "times"):
        table.add_column(heading, justify="right")
    for buyers in BUYERS:
        usual = await _conditional(there, level, buyers)
        ours = await _coalesced(there, level, buyers)
        cart_hold = await _cart_hold(there, buyers)
        ratio = ours.per_second / usual.per_second
        table.add_row(str(buyers), "conditional UPDATE", *usual.cells)
        table.add_row("", "coalesced", *ours.cells, f"{ratio:.1f}")
        table.add_row("", "cartHold", *cart_hold.cells, end_section=True)
        results[str(buyers)] = {
            "conditional": asdict(usual),
            "coalesced": asdict(ours),
            "cart_hold": asdict(cart_hold),
            "ratio": ratio,
        }
    await _expect_exact(there.url)
    for clients in (16, 64):
        rate = results[f"pgbench-{clients}"] = await asyncio.to_thread(_pgbench, there, level, clients)
        table.add_row(str(clients), "pgbench, conditional", f"{rate:,.0f}")
    Console(width=110).print(table)
    return results


def main() -> None:
    with store() as there, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(_run(there))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
