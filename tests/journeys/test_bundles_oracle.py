"""What the database says of bundles is what plain Python makes of the levels, and exactly that can be held."""

from collections.abc import Mapping
from random import Random

import pytest

from domain.inventory.bundles import Component, Pair, units_at
from domain.inventory.stock import seen_by
from persistence.catalog import bundles
from persistence.inventory import offers, stock_levels
from persistence.statements import Statement
from tests.shop import Shop

pytestmark = pytest.mark.anyio

ARTICLES, BUNDLES, PLACES = 6, 25, ("berlin", "hamburg", "warehouse")
_COUNTERS = Statement("""
UPDATE stock_level SET safety_stock = :safety_stock, backorder_limit = :backorder_limit WHERE id = :id AND shortfall = 0
""")


async def stock(shop: Shop, random: Random) -> None:
    """Articles with any counters at most places, and bundles of some of them."""
    for number in range(ARTICLES):
        await shop.product(f"article-{number}")
        for place in PLACES:
            if random.random() < 0.85:
                await shop.receive(f"article-{number}", random.randint(-3, 12), at=place)
    async with shop.database.transaction() as connection:
        for id_ in [row["id"] for row in await connection.fetch(Statement("SELECT id FROM stock_level"))]:
            counters = {"safety_stock": random.randint(0, 2), "backorder_limit": random.choice((0, 0, 4))}
            await connection.execute(_COUNTERS, id=id_, **counters)
    for number in range(BUNDLES):
        parts = random.sample(range(ARTICLES), random.randint(1, 3))
        await shop.bundle(f"bundle-{number}", {f"article-{part}": random.randint(1, 3) for part in parts})
    await shop.run("UPDATE location SET online_buffer = 1 WHERE code = 'berlin'")
    await shop.reread()


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_is_shown_of_bundles_is_what_their_components_make(shop: Shop, seed: int) -> None:
    random = Random(seed)
    await stock(shop, random)
    buffers = shop.directory.buffers_of(shop.directory.channels_by_code["web"])
    ids = {await shop.variant_id(f"bundle-{number}"): f"bundle-{number}" for number in range(BUNDLES)}

    async with shop.database.reading() as reader:
        made_of = await bundles.components_of(reader, ids)
        article_ids = {part.variant_id for parts in made_of.values() for part in parts}
        levels = seen_by(await stock_levels.by_variants(reader, article_ids), buffers)
        shown = await offers.availability(reader, ids, buffers)
        promised = {row["variant_id"]: row["available"] for row in await offers.to_promise(reader, ids, buffers)}

    available = {(level.variant_id, level.location_id): level.available - level.buffer for level in levels}
    sellable = {(level.variant_id, level.location_id): level.sellable for level in levels}
    expected = {
        (id_, place): (units_at(place, parts, available), units_at(place, parts, sellable))
        for id_, parts in made_of.items()
        for place in buffers
        if _carries(place, parts, sellable)
    }
    told = {
        (row["variant_id"], row["location_id"]): (
            max(0, row["available"]),
            max(0, row["available"] + row["backorder_limit"]),
        )
        for row in shown
    }
    assert told == expected
    assert promised == {
        id_: sum(units for (of, _), (units, _) in expected.items() if of == id_) for id_ in {of for of, _ in expected}
    }
    assert len({units for units, _ in expected.values()}) > 3, "the stock is not all alike"
    for id_ in random.sample(sorted(ids), 8):
        at_berlin = expected.get((id_, shop.directory.locations_by_code["berlin"]["id"]), (0, 0))[1]
        await _expect_held_exactly(shop, ids[id_], at_berlin)


def _carries(place: int, parts: tuple[Component, ...], levels: Mapping[Pair, int]) -> bool:
    return all((part.variant_id, place) in levels for part in parts)


async def _expect_held_exactly(shop: Shop, sku: str, most: int) -> None:
    cart = await (await shop.guest_cart({sku: most + 1})).collected_at("berlin")
    refused = await cart.do("cartHold")
    assert [(one["sku"], one["available"]["quantity"]) for one in refused["shortfalls"]] == [(sku, min(10, most))]
    if most:
        await cart.change("cartLinesUpdate", lines=[{"lineId": await cart.line(sku), "quantity": most}])
        await cart.change("cartHold")
        await cart.change("cartRelease")
