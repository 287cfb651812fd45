"""One hot variant and many buyers: carts through the coalescer, beside one conditional UPDATE for each.

Both do the whole of a reservation (counter, hold, ledger, one event), durably. `pgbench` with the conditional statement shows
what the database gives a client in C.
"""

import asyncio
import json
import os
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from uuid import UUID, uuid4

import asyncpg
import uvloop

from benchmarks.premises import Store, store
from domain.inventory.sourcing import Allocation
from persistence.embedded.binaries import find_binaries
from persistence.inventory.coalescer import Coalescer
from persistence.inventory.reservations import HoldRequest

SECONDS = float(os.environ.get("ONESHELF_BENCH_SECONDS", "4"))
BUYERS = (16, 64, 256)
POOL = 16
PLENTY = 400_000_000

_SHELF = f"""
INSERT INTO market (code, name, currency_code, tax_included) VALUES ('eu', 'EU', 'EUR', true);
INSERT INTO channel (code, name, kind, market_id) SELECT 'web', 'Web', 'WEB', id FROM market;
INSERT INTO location (code, name, kind, offers_pickup, ships_orders) VALUES ('berlin', 'Berlin', 'STORE', true, true);
INSERT INTO product (id, slug, name) VALUES (gen_random_uuid(), 'shirt', 'Shirt');
INSERT INTO variant (id, product_id, sku, name) SELECT gen_random_uuid(), id, 'shirt', 'Shirt' FROM product;
INSERT INTO stock_level (variant_id, location_id, on_hand) SELECT variant.id, location.id, {PLENTY} FROM variant, location;
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


@dataclass(frozen=True, slots=True)
class Figure:
    """Reservations a second, and milliseconds."""

    rate: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.rate:>9,.0f}/s   p50 {self.p50:6.2f} ms   p99 {self.p99:7.2f} ms"


async def _closed_loop(buyers: int, buy: Callable[[UUID], Awaitable[object]]) -> Figure:
    """Each buyer comes again as soon as it is served; the first second does not count."""
    waits: list[float] = []
    began = perf_counter() + 1

    async def buyer() -> None:
        while (now := perf_counter()) < began + SECONDS:
            await buy(uuid4())
            if now >= began:
                waits.append(perf_counter() - now)

    await asyncio.gather(*(buyer() for _ in range(buyers)))
    waits.sort()
    return Figure(len(waits) / SECONDS, waits[len(waits) // 2] * 1e3, waits[int(len(waits) * 0.99)] * 1e3)


async def _coalesced(url: str, level: int, buyers: int) -> Figure:
    lane = Coalescer(url)

    async def buy(cart: UUID) -> bool:
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
        return await _closed_loop(buyers, buy)
    finally:
        await lane.close()


async def _conditional(url: str, level: int, buyers: int) -> Figure:
    pool = await asyncpg.create_pool(url, min_size=POOL, max_size=POOL)
    statement = _CONDITIONAL.format(level=level, cart="$1")

    async def buy(cart: UUID) -> str:
        return await pool.execute(statement, cart)

    try:
        return await _closed_loop(buyers, buy)
    finally:
        await pool.close()


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


async def _run(there: Store) -> dict[str, object]:
    connection = await asyncpg.connect(there.url)
    await connection.execute(_SHELF)
    level = await connection.fetchval("SELECT id FROM stock_level")
    await connection.close()
    results: dict[str, object] = {}
    for buyers in BUYERS:
        usual = await _conditional(there.url, level, buyers)
        ours = await _coalesced(there.url, level, buyers)
        print(f"{buyers:>4} buyers   conditional UPDATE {usual}")
        print(f"              coalesced          {ours}   {ours.rate / usual.rate:5.1f} times")
        results[str(buyers)] = {"conditional": usual.rate, "coalesced": ours.rate, "ratio": ours.rate / usual.rate,
                                "p99": [usual.p99, ours.p99]}  # fmt: skip
    await _expect_exact(there.url)
    for clients in (16, 64):
        rate = await asyncio.to_thread(_pgbench, there, level, clients)
        print(f"{clients:>4} clients of pgbench, the conditional UPDATE: {rate:,.0f}/s")
        results[f"pgbench-{clients}"] = rate
    return results


def main() -> None:
    with store() as there, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(_run(there))
    folder = Path("build/bench")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reservations.json").write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
