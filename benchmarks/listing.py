"""The page of a shop: our server beside `pgbench` selecting the same data in one statement, in the same run.

`pgbench` runs two statements: the best that was found by hand, and the one that our server makes of the document.

`python -m benchmarks.listing`, or `make bench`.
"""

import asyncio
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.table import Table

from api.pagination import encode_cursor
from benchmarks import stocked_shop
from benchmarks.load import Client, body_of, connected, measure, percentile
from benchmarks.own_statement import script
from benchmarks.premises import REPOSITORY, Server, Store, serving, store
from persistence.embedded.binaries import find_binaries

SECONDS = float(os.environ.get("ONESHELF_BENCH_SECONDS", "8"))
WARM_UP_SECONDS = SECONDS / 4
CLIENTS = (1, 16)
COUNTED_REQUESTS = 100
RESULTS = REPOSITORY / "build" / "bench" / "listing.json"
_SCRIPT = Path(__file__).with_name("listing.sql")

DOCUMENT = """
query Listing($after: String) {
  products(first: 24, after: $after) {
    nodes {
      id slug name
      priceRange { min { amount currencyCode } max { amount currencyCode } }
      media(first: 1) { url alt }
      variants(first: 3) {
        nodes {
          id sku name
          price { amount currencyCode }
          availability { location { code name } available { quantity isCapped } status }
        }
      }
    }
    pageInfo { hasNextPage }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Browse:
    """Asks for one page after another, each after another cursor."""

    bodies: list[bytes]

    async def __call__(self, client: Client, number: int) -> bool:
        # Neighboring requests ask for pages far apart, as different visitors do.
        await client.post(self.bodies[number * 7 % len(self.bodies)])
        return True


Figures = dict[str, float]


def main() -> None:
    with store() as there:
        after = asyncio.run(stocked_shop.fill(there.url))
        bodies = [body_of(DOCUMENT, after=encode_cursor(key)) for key in after]
        own = there.folder / "own.sql"
        own.write_text(asyncio.run(script(there.url, DOCUMENT, encode_cursor(after[0]))), encoding="utf-8")
        figures: dict[str, Figures] = {}
        with serving(there) as server:
            asyncio.run(_expect_the_same_data(there.url, server, bodies, own))
            statements = _statements_of_one(there, server, bodies)
            for clients in CLIENTS:
                figures[f"ours, {clients}"] = {**_ours(server, bodies, clients), "statements": statements}
                figures[f"pgbench, {clients}"] = _pgbench(there, _SCRIPT, clients)
                figures[f"pgbench of our statement, {clients}"] = _pgbench(there, own, clients)
    for clients in CLIENTS:
        ours = figures[f"ours, {clients}"]
        ours["ratio"] = ours["per_second"] / figures[f"pgbench, {clients}"]["per_second"]
        ours["own_ratio"] = ours["per_second"] / figures[f"pgbench of our statement, {clients}"]["per_second"]
    _show(figures)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


async def _expect_the_same_data(url: str, server: Server, bodies: list[bytes], own: Path) -> None:
    """A benchmark that compares different things says nothing."""
    by_hand, ours = (
        path.read_text(encoding="utf-8").partition("\n")[2].replace(":n)", "$1)") for path in (_SCRIPT, own)
    )
    connection = await asyncpg.connect(url)
    try:
        async with connected(server.address) as client:
            for number in (1, 100, 250, len(bodies)):
                answered = {"data": json.loads(await client.post(bodies[number - 1]))["data"]}
                for selected in (
                    json.loads(await connection.fetchval(by_hand, number)),
                    {"data": {"products": json.loads(await connection.fetchval(ours, number))}},
                ):
                    if answered != selected:
                        raise RuntimeError(f"Page {number} differs:\n{answered}\n{selected}"[:4000])
    finally:
        await connection.close()


def _statements_of_one(there: Store, server: Server, bodies: list[bytes]) -> float:
    async def ask() -> None:
        async with connected(server.address) as client:
            for body in bodies[:COUNTED_REQUESTS]:
                await client.post(body)

    return there.statements_of(ask) / COUNTED_REQUESTS


def _ours(server: Server, bodies: list[bytes], clients: int) -> Figures:
    measured = measure(server, Browse(bodies), clients=clients, seconds=SECONDS, warm_up=WARM_UP_SECONDS)
    return {
        "per_second": measured.per_second,
        "p50_ms": measured.milliseconds(50),
        "p99_ms": measured.milliseconds(99),
        "server_cpu_ms": measured.cpu_milliseconds,
    }


def _pgbench(there: Store, sql: Path, clients: int) -> Figures:
    _run_pgbench(there, sql, clients, WARM_UP_SECONDS)
    log = there.folder / f"pgbench-{sql.stem}-{clients}"
    _run_pgbench(there, sql, clients, SECONDS, "--log", f"--log-prefix={log}")
    # The third column of each line is the time that the transaction took, in microseconds.
    lines = [line for part in there.folder.glob(f"{log.name}.*") for line in part.read_text().splitlines()]
    seconds = [int(line.split()[2]) / 1e6 for line in lines]
    return {
        "per_second": len(seconds) / max(1, int(SECONDS)),
        "p50_ms": percentile(seconds, 50) * 1000,
        "p99_ms": percentile(seconds, 99) * 1000,
        "statements": 1.0,
    }


def _run_pgbench(there: Store, sql: Path, clients: int, seconds: float, *more: str) -> None:
    program = find_binaries(None).directory / "pgbench"
    asked = (f"--client={clients}", "--jobs=1", f"--time={max(1, int(seconds))}", "--protocol=prepared")
    subprocess.run([program, "--no-vacuum", f"--file={sql}", *asked, *more, there.url], check=True, capture_output=True)


def _show(figures: dict[str, Figures]) -> None:
    table = Table(title="The listing: 24 products, 3 variants each, 5 locations each")
    table.add_column("who, clients")
    columns = {
        "requests/s": ("per_second", ",.0f"),
        "p50 ms": ("p50_ms", ".1f"),
        "p99 ms": ("p99_ms", ".1f"),
        "statements": ("statements", ".1f"),
        "server CPU ms": ("server_cpu_ms", ".2f"),
        "of pgbench": ("ratio", ".1%"),
        "of its own": ("own_ratio", ".1%"),
    }
    for heading in columns:
        table.add_column(heading, justify="right")
    for who, row in figures.items():
        table.add_row(who, *(format(row[key], form) if key in row else "" for key, form in columns.values()))
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
