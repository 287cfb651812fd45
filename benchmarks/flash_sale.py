"""A flash sale through HTTP: 1,000 units, 20,000 shoppers who place their order once, one worker.

Every request is one `orderPlace` of a cart that lacks nothing, so that it takes its unit and becomes an order, or is told in the
same answer that nothing is left. `python -m benchmarks.flash_sale`, or `make bench`.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from uuid import UUID, uuid4

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table
from uuid_utils.compat import uuid7

from api.ids import Kind, encode
from benchmarks.load import body_of, connected, percentile
from benchmarks.premises import REPOSITORY, serving, store
from persistence.inventory.verification import verify

UNITS = 1_000
SHOPPERS = 20_000
CLIENTS = 64
RESULTS = REPOSITORY / "build" / "bench" / "flash_sale.json"

_SHELF = f"""
INSERT INTO market (code, name, currency_code, tax_included, tax_rate_basis_points, countries)
VALUES ('eu', 'Europe', 'EUR', true, 1900, '{{DE}}');
INSERT INTO channel (code, name, kind, market_id) SELECT 'web', 'Web shop', 'WEB', id FROM market;
INSERT INTO location (code, name, kind, offers_pickup, ships_orders) VALUES ('berlin', 'Berlin', 'STORE', true, true);
INSERT INTO product (id, slug, name, published_at) VALUES (gen_random_uuid(), 'sneaker', 'Sneaker', now());
INSERT INTO variant (id, product_id, sku, name) SELECT gen_random_uuid(), id, 'sneaker', 'Sneaker' FROM product;
INSERT INTO price (variant_id, market_id, amount) SELECT variant.id, market.id, 19900 FROM variant, market;
INSERT INTO stock_level (variant_id, location_id, on_hand, version)
SELECT variant.id, location.id, {UNITS}, 1 FROM variant, location;
INSERT INTO stock_movement (stock_level_id, version, reason, on_hand_delta, actor)
SELECT id, 1, 'INITIAL', on_hand, 'system' FROM stock_level;
INSERT INTO outbox (topic, key, version, payload) SELECT 'stock', id::text, 1, '{{}}' FROM stock_level;
"""
# A guest's secret is the cart's id, which does for a benchmark.
_CARTS = """
WITH made AS (
  INSERT INTO cart (id, token_hash, email, channel_id, market_id, expires_at)
  SELECT given.id, sha256(convert_to(given.id::text, 'UTF8')), 'ada@example.com', channel.id, channel.market_id,
         now() + interval '1 day'
  FROM unnest($1::uuid[]) AS given (id), channel RETURNING id, channel_id
), delivered AS (
  INSERT INTO cart_delivery_group (id, cart_id, method, address)
  SELECT id, id, 'SHIP', '{"name": "Ada", "line1": "Ufer 1", "city": "Berlin", "postal_code": "10785",
                           "country_code": "DE"}' FROM made
)
INSERT INTO cart_line (id, cart_id, variant_id, sku, name, quantity, unit_amount, channel_id, delivery_group_id)
SELECT made.id, made.id, variant.id, variant.sku, 'Sneaker', 1, 19900, made.channel_id, made.id FROM made, variant
"""
_PLACE = """
mutation Place($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    __typename
    ... on OrderPlacePayload { order { id number } }
    ... on UserError { code message }
  }
}
"""


@dataclass(slots=True)
class Rush:
    seconds: float
    answers: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)


async def _fill(url: str) -> list[UUID]:
    carts = [uuid7() for _ in range(SHOPPERS)]
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_SHELF)
        await connection.execute(_CARTS, carts)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return carts


def _rush(address: str, carts: list[UUID]) -> Rush:
    return uvloop.run(_place_all(address, carts))


async def _place_all(address: str, carts: list[UUID]) -> Rush:
    rush = Rush(0)
    waiting = iter(carts)
    began = time.perf_counter()
    await asyncio.gather(*(_place_some(address, waiting, rush) for _ in range(CLIENTS)))
    rush.seconds = time.perf_counter() - began
    return rush


async def _place_some(address: str, waiting: Iterator[UUID], rush: Rush) -> None:
    async with connected(address) as client:
        for cart in waiting:
            wish = {"cartId": encode(Kind.Cart, cart), "idempotencyKey": str(uuid4())}
            start = time.perf_counter()
            answer = await client.post(body_of(_PLACE, input=wish), f"Oneshelf-Cart-Token: {cart}\r\n")
            rush.latencies.append(time.perf_counter() - start)
            rush.answers[json.loads(answer)["data"]["orderPlace"]["__typename"]] += 1


async def _expect_sold_exactly(url: str) -> None:
    connection = await asyncpg.connect(url)
    orders = await connection.fetchval("SELECT count(*) FROM sales_order")
    free = await connection.fetchval("SELECT available FROM stock_level")
    broken = [finding.check.name async for finding in verify(connection) if not finding.is_clean]
    await connection.close()
    assert (orders, free, broken) == (UNITS, 0, []), (orders, free, broken)


def main() -> None:
    with store() as there:
        carts = asyncio.run(_fill(there.url))
        with serving(there) as server, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
            before = server.cpu_seconds()
            rush = elsewhere.submit(_rush, server.address, carts).result()
            cpu = server.cpu_seconds() - before
        asyncio.run(_expect_sold_exactly(there.url))
    assert rush.answers == {"OrderPlacePayload": UNITS, "InsufficientStock": SHOPPERS - UNITS}, rush.answers
    figures = {
        "units": UNITS,
        "requests": SHOPPERS,
        "clients": CLIENTS,
        "granted": rush.answers["OrderPlacePayload"],
        "refused": rush.answers["InsufficientStock"],
        "seconds": rush.seconds,
        "answers_per_second": SHOPPERS / rush.seconds,
        "p50_ms": percentile(rush.latencies, 50) * 1000,
        "p99_ms": percentile(rush.latencies, 99) * 1000,
        "server_cpu_ms": cpu / SHOPPERS * 1000,
    }
    _show(figures)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _show(figures: dict[str, float]) -> None:
    table = Table(title=f"A flash sale: {SHOPPERS:,} orderPlace for {UNITS:,} units, {CLIENTS} connections, one worker")
    for heading in ("granted", "refused", "answers/s", "p50 ms", "p99 ms", "server CPU ms an answer"):
        table.add_column(heading, justify="right")
    table.add_row(
        f"{figures['granted']:,.0f}",
        f"{figures['refused']:,.0f}",
        f"{figures['answers_per_second']:,.0f}",
        f"{figures['p50_ms']:.1f}",
        f"{figures['p99_ms']:.1f}",
        f"{figures['server_cpu_ms']:.2f}",
    )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
