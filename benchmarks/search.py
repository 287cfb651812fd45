"""Ten searches of 100,000 variants beside the same page without a search, in the same process and the same run.

python -m benchmarks.search [--database-url URL] [--products 28500] [--rounds 40]

Without a URL a server of its own is started, which forgets everything. A database given must be empty; it is migrated.
"""

import argparse
import asyncio
import shutil
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.search_catalog import LOCATIONS, catalog_of, write
from domain.catalog.search import chunks_typed, corrections_of, query_of
from persistence.database import Database, Reader, connect
from persistence.embedded import EmbeddedPostgres
from persistence.migrations import migrate
from persistence.search import facets, pages
from persistence.search.criteria import Criteria
from persistence.search.pages import Order

_PAGE = 25
_EVERYWHERE = dict.fromkeys(range(1, LOCATIONS + 1), 0)

# What is asked for, beside how: what is typed, the order, the filters.
_QUERIES: dict[str, tuple[str | None, Order, dict[str, Any]]] = {
    "no search, newest (the floor)": (None, Order.NEWEST, {}),
    "one word": ("shirt", Order.RELEVANCE, {}),
    "two words": ("linen shirt", Order.RELEVANCE, {}),
    "two words, a typo in each": ("linnen shrit", Order.RELEVANCE, {}),
    "two letters of a word": ("sh", Order.RELEVANCE, {}),
    "a barcode": ("4000000000121", Order.RELEVANCE, {}),
    "a word, in stock, by price": ("shirt", Order.PRICE_ASC, {"in_stock": True}),
    "a word, two attributes": (
        "jacket",
        Order.RELEVANCE,
        {"attributes": [("Color", ["Navy"]), ("Material", ["Wool"])]},
    ),
    "a category, between two prices": (
        None,
        Order.PRICE_ASC,
        {"categories": ["kitchen-teapot"], "price_min": 1_000, "price_max": 9_000},
    ),
    "a category of 8,000 products": (None, Order.NAME, {"categories": ["clothing"]}),
    "everything, with facets of all": (None, Order.NAME, {}),
}


async def _ask(reader: Reader, typed: str | None, order: Order, filters: dict[str, Any]) -> tuple[float, float]:
    """Seconds until the page is there, and until its facets are."""
    began = perf_counter()
    criteria = Criteria(market_id=1, selling=_EVERYWHERE, **filters)
    if typed is not None:
        chunks = await pages.read_typed(reader, chunks_typed(typed))
        query = query_of(chunks, corrections_of(chunks))
        criteria = Criteria(market_id=1, selling=_EVERYWHERE, query=query, typed=typed, **filters)
    await pages.page(reader, criteria, order, after=None, count=_PAGE)
    page = perf_counter() - began
    await facets.of_list(reader, criteria)
    return page, perf_counter() - began


async def _measure(database: Database, rounds: int) -> None:
    print(f"{'milliseconds':32} {'page p50':>9} {'p99':>8} {'with facets p50':>16} {'p99':>8}")
    async with database.reading() as reader:
        for name, (typed, order, filters) in _QUERIES.items():
            # The first ones plan their statements.
            times = [await _ask(reader, typed, order, filters) for _ in range(rounds + 6)][6:]
            page, whole = (sorted(1_000 * each[place] for each in times) for place in (0, 1))
            at_50, at_99 = len(times) // 2, int(len(times) * 0.99)
            print(f"{name:32} {page[at_50]:9.1f} {page[at_99]:8.1f} {whole[at_50]:16.1f} {whole[at_99]:8.1f}")


async def _fill_and_measure(url: str, products: int, rounds: int) -> None:
    catalog = catalog_of(products)
    connection = await connect(url)
    try:
        began = perf_counter()
        await write(connection, catalog)
    finally:
        await connection.close()
    print(f"{products:,} products, {len(catalog.variants):,} variants, written in {perf_counter() - began:.0f} s\n")
    database = await Database.open(url, min_size=1, max_size=1)
    try:
        await _measure(database, rounds)
    finally:
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database-url")
    parser.add_argument("--products", type=int, default=28_500)
    parser.add_argument("--rounds", type=int, default=40)
    chosen = parser.parse_args()
    if chosen.database_url:
        migrate(chosen.database_url)
        asyncio.run(_fill_and_measure(chosen.database_url, chosen.products, chosen.rounds))
        return
    root = Path(tempfile.mkdtemp(prefix="oneshelf-search-"))
    root.chmod(0o711)
    try:
        with EmbeddedPostgres(root / "data", settings={"fsync": "off", "shared_buffers": "512MB"}) as url:
            migrate(url)
            asyncio.run(_fill_and_measure(url, chosen.products, chosen.rounds))
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
