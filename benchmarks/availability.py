"""The availability of 100 variants at 20 locations, asked in one query over HTTP.

`python -m benchmarks.availability`, or `make bench`.
"""

import asyncio
import json
import os
from dataclasses import dataclass

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks import stocked_shop
from benchmarks.load import Client, body_of, connected, measure
from benchmarks.premises import REPOSITORY, Server, Store, serving, store

SECONDS = float(os.environ.get("ONESHELF_BENCH_SECONDS", "8"))
CLIENTS = (1, 16)
VARIANTS = 100
PLACES = 20
COUNTED_QUERIES = 50
RESULTS = REPOSITORY / "build" / "bench" / "availability.json"

_MORE_PLACES = f"""
INSERT INTO location (code, name, kind, offers_pickup, ships_orders, sourcing_priority)
SELECT 'store-' || n, 'Store ' || n, 'STORE', true, true, n * 10
FROM generate_series({stocked_shop.LOCATIONS + 1}, {PLACES}) AS n;
WITH opened AS (
  INSERT INTO stock_level (variant_id, location_id, on_hand, version)
  SELECT variant.id, location.id, 5, 1 FROM variant, location
  WHERE location.sourcing_priority > {stocked_shop.LOCATIONS * 10} RETURNING id, on_hand
)
INSERT INTO stock_movement (stock_level_id, version, reason, on_hand_delta, actor)
SELECT id, 1, 'INITIAL', on_hand, 'system' FROM opened;
"""
_AVAILABILITY = """
query Availability($variants: [ProductVariantBy!]!) {
  availability(variants: $variants) { location { code } status available { quantity isCapped } version }
}
"""


@dataclass(frozen=True, slots=True)
class Query:
    """Each asks for other variants."""

    async def __call__(self, client: Client, number: int) -> bool:
        first = number * VARIANTS % (stocked_shop.PRODUCTS * stocked_shop.VARIANTS)
        variants = [{"sku": f"SKU-{first + place + 1}"} for place in range(VARIANTS)]
        answer = await client.post(body_of(_AVAILABILITY, variants=variants))
        if number == 0:
            assert len(json.loads(answer)["data"]["availability"]) == VARIANTS * PLACES
        return True


def main() -> None:
    figures: dict[str, dict[str, float]] = {}
    with store() as there:
        asyncio.run(_fill(there.url))
        with serving(there) as server:
            statements = _statements_of_one(there, server)
            for clients in CLIENTS:
                measured = measure(server, Query(), clients=clients, seconds=SECONDS, warm_up=SECONDS / 4)
                figures[f"{clients}"] = {
                    "per_second": measured.per_second,
                    "p50_ms": measured.milliseconds(50),
                    "p99_ms": measured.milliseconds(99),
                    "statements": statements,
                    "server_cpu_ms": measured.cpu_milliseconds,
                }
    _show(figures)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


async def _fill(url: str) -> None:
    await stocked_shop.fill(url)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_MORE_PLACES)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _statements_of_one(there: Store, server: Server) -> float:
    async def ask() -> None:
        async with connected(server.address) as client:
            for number in range(COUNTED_QUERIES):
                await Query()(client, number)

    return there.statements_of(ask) / COUNTED_QUERIES


def _show(figures: dict[str, dict[str, float]]) -> None:
    table = Table(title=f"Availability of {VARIANTS} variants at {PLACES} locations in one query")
    for heading in ("clients", "queries/s", "p50 ms", "p99 ms", "statements", "server CPU ms"):
        table.add_column(heading, justify="right")
    for clients, row in figures.items():
        table.add_row(
            clients,
            f"{row['per_second']:,.1f}",
            f"{row['p50_ms']:.1f}",
            f"{row['p99_ms']:.1f}",
            f"{row['statements']:.1f}",
            f"{row['server_cpu_ms']:.1f}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
