"""A search knows at once what was written, whoever wrote it."""

import asyncio
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from api.demo.loader import load
from persistence import importing
from persistence.database import Database
from persistence.statements import Statement
from tests.journeys import search_oracle as oracle
from tests.journeys.test_search import FACETS, FIND, find, named
from tests.shop import Shop

pytestmark = pytest.mark.anyio

# What the search tables would hold if they were made anew, beside what they hold.
DIFFERENCES = Statement("""
WITH search AS (
  SELECT product_id, document, ARRAY(SELECT unnest(codes) ORDER BY 1), attributes FROM product_search
), anew AS (
  SELECT product_id, document, ARRAY(SELECT unnest(codes) ORDER BY 1), attributes
  FROM search_documents(ARRAY(SELECT id FROM product))
), ranges AS (
  SELECT product_id, market_id, lowest, highest, amounts FROM product_price_range
), ranges_anew AS (
  SELECT variant.product_id, price.market_id, min(price.amount), max(price.amount), array_agg(DISTINCT price.amount)
  FROM variant JOIN price ON price.variant_id = variant.id
  WHERE variant.withdrawn_at IS NULL
  GROUP BY variant.product_id, price.market_id
), copied AS (
  SELECT product_id, brand, category_id, tags FROM product_search
), copied_anew AS (
  SELECT id, brand, category_id, tags FROM product WHERE published_at IS NOT NULL
)
SELECT 'search: ' || row(stale.*)::text FROM (TABLE search EXCEPT TABLE anew) stale
UNION ALL SELECT 'missing: ' || row(lost.*)::text FROM (TABLE anew EXCEPT TABLE search) lost
UNION ALL SELECT 'prices: ' || row(stale.*)::text FROM (TABLE ranges EXCEPT TABLE ranges_anew) stale
UNION ALL SELECT 'missing prices: ' || row(lost.*)::text FROM (TABLE ranges_anew EXCEPT TABLE ranges) lost
UNION ALL SELECT 'copied: ' || row(stale.*)::text FROM (TABLE copied EXCEPT TABLE copied_anew) stale
UNION ALL SELECT 'not copied: ' || row(lost.*)::text FROM (TABLE copied_anew EXCEPT TABLE copied) lost
""")


async def differences(database: Database) -> list[str]:
    async with database.reading() as reader:
        return [row[0] for row in await reader.fetch(DIFFERENCES)]


@pytest.fixture
async def one(shop: Shop) -> Shop:
    """With one article."""
    await oracle.write(shop, [named("vase", "Glass Vase", "V-1", "V-2", brand="Nordlys", category="pots")])
    return shop


@pytest.mark.parametrize(
    ("command", "typed", "slugs"),
    [
        ("UPDATE product SET name = 'Copper Bowl'", "copper", ["vase"]),
        ("UPDATE product SET name = 'Copper Bowl'", "glass", []),
        ("UPDATE product SET brand = 'Aldine'", "aldine", ["vase"]),
        ("UPDATE product SET tags = '{festive}'", "festive", ["vase"]),
        ("""UPDATE product SET attributes = '[{"name": "Origin", "value": "Portugal"}]'""", "portugal", ["vase"]),
        ("UPDATE product SET category_id = NULL", "pots", []),
        ("UPDATE product SET published_at = NULL", "vase", []),
        ("UPDATE variant SET withdrawn_at = now() WHERE sku = 'V-1'", "v-1", []),
        ("UPDATE variant SET withdrawn_at = now() WHERE sku = 'V-1'", "v-2", ["vase"]),
        ("UPDATE variant SET withdrawn_at = now()", "vase", ["vase"]),
        ("UPDATE variant SET sku = 'NEW' || sku", "newv1", ["vase"]),
        ("UPDATE variant SET barcode = '4006381333931' WHERE sku = 'V-2'", "4006381333931", ["vase"]),
        ("""UPDATE variant SET selected_options = '[{"name": "Color", "value": "Teal"}]'""", "teal", ["vase"]),
        ("UPDATE category SET name = 'Cookware' WHERE slug = 'pots'", "cookware", ["vase"]),
        ("UPDATE category SET name = 'Household' WHERE slug = 'home'", "household", ["vase"]),
        ("UPDATE category SET parent_id = NULL WHERE slug = 'pots'", "home", []),
        ("DELETE FROM price", "vase", ["vase"]),
        ("DELETE FROM price; DELETE FROM variant", "v-1", []),
    ],
)
async def test_a_search_follows_what_is_written(one: Shop, command: str, typed: str, slugs: list[str]) -> None:
    for part in command.split(";"):
        await one.run(part)

    assert await find(one, typed) == slugs
    assert await differences(one.database) == []


async def test_a_product_comes_back_with_all_it_has(one: Shop) -> None:
    await one.run("UPDATE product SET published_at = NULL")
    await one.run("UPDATE product SET name = 'Copper Bowl'")
    hidden = await find(one, "copper")

    await one.run("UPDATE product SET published_at = now()")

    assert hidden == []
    assert await find(one, "copper v-1") == ["vase"]
    assert await differences(one.database) == []


@pytest.mark.parametrize("command", ["UPDATE price SET amount = 777", "DELETE FROM price WHERE amount = 1000"])
async def test_prices_are_followed(one: Shop, command: str) -> None:
    await one.run(command)

    assert await differences(one.database) == []
    page = await one.guest().ask(FIND, filter={"priceMin": "10", "priceMax": "10"})
    assert page["products"]["nodes"] == []


async def test_a_variant_that_moves_takes_its_code_and_price_along(one: Shop) -> None:
    await oracle.write_product(one, named("bowl", "Copper Bowl"))

    await one.run("UPDATE variant SET product_id = (SELECT id FROM product WHERE slug = 'bowl') WHERE sku = 'V-1'")

    assert await find(one, "v-1") == ["bowl"]
    assert await find(one, "v-2") == ["vase"]
    assert await differences(one.database) == []


async def test_what_two_write_to_one_product_at_the_same_time_is_both_found(one: Shop) -> None:
    rename = Statement("UPDATE product SET name = 'Copper Bowl' WHERE slug = 'vase'")
    relabel = Statement("UPDATE variant SET barcode = '4006381333931' WHERE sku = 'V-1'")

    async def later() -> None:
        async with one.database.transaction() as connection:
            await connection.execute(relabel)

    async with one.database.transaction() as connection:
        await connection.execute(rename)
        waiting = asyncio.create_task(later())
        # Long enough for it to reach the product that this transaction has locked.
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done
    await waiting

    assert await find(one, "copper 4006381333931") == ["vase"]
    assert await differences(one.database) == []


async def test_words_are_learned_from_every_product_published(one: Shop) -> None:
    await oracle.write_product(one, named("hidden", "Secret Prototype", is_published=False))

    words: Any = await one.value("SELECT array_agg(word ORDER BY word) FROM search_word")

    assert words == ["glass", "home", "kitchen", "nordlys", "pots", "vase"]


async def test_the_importer_is_followed(one: Shop) -> None:
    items: list[dict[str, Any]] = [
        {
            "id": str(uuid7()),
            "slug": slug,
            "name": "Imported Vase",
            "description": None,
            "brand": "Aldine",
            "category_id": None,
            "tags": [],
            "options": [],
            "attributes": [],
            "is_published": slug != "hidden",
        }
        for slug in ("vase", "bowl", "hidden")
    ]
    async with one.database.transaction() as connection:
        await importing.upsert_products(connection, items, frozenset({"name", "brand", "published_at"}))

    assert set(await find(one, "imported")) == {"vase", "bowl"}
    assert await differences(one.database) == []


async def test_the_demo_is_found_and_every_table_of_it_agrees(database: Database) -> None:
    await load(database)

    assert await differences(database) == []
    async with database.reading() as reader:
        products = await reader.fetch_value(Statement("SELECT count(*) FROM product WHERE published_at IS NOT NULL"))
        found = await reader.fetch_value(Statement("SELECT count(*) FROM product_search"))
    assert found == products > 0


async def test_stock_is_read_where_it_stands(one: Shop) -> None:
    document = f"query ($in: Boolean) {{ products(filter: {{inStock: $in}}) {{ nodes {{ slug }} {FACETS} }} }}"
    before = await one.guest().ask(document, **{"in": True})

    await one.receive("V-1", 2, at="hamburg")
    after = await one.guest().ask(document, **{"in": True})

    assert before["products"]["nodes"] == []
    assert after["products"]["nodes"] == [{"slug": "vase"}]
    assert {"name": "Availability", "values": [{"value": "IN_STOCK", "count": 1}]} in after["products"]["facets"]
