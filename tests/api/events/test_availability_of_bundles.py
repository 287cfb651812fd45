"""What there is of a bundle, followed: it changes with any of its components."""

from typing import Any

import pytest

from persistence.statements import Statement
from tests.api.events.shop import Shop
from tests.api.events.test_availability_changed import WATCH, seen

pytestmark = pytest.mark.anyio

_VARIANT = Statement("""
INSERT INTO variant (id, product_id, sku, name, is_bundle)
SELECT gen_random_uuid(), product_id, 'pack', 'pack', true FROM variant LIMIT 1
""")
_COMPOSE = Statement("""
WITH made AS (INSERT INTO bundle (variant_id) SELECT id FROM variant WHERE sku = 'pack' RETURNING variant_id)
INSERT INTO bundle_component (bundle_variant_id, component_variant_id, quantity)
SELECT made.variant_id, variant.id, CASE sku WHEN 'white' THEN 2 ELSE 1 END
FROM made, variant WHERE sku IN ('white', 'black')
""")


@pytest.fixture
async def packs(shop: Shop) -> Shop:
    """Packs of two white shirts and a black one."""
    async with shop.database.transaction() as connection:
        await connection.execute(_VARIANT)
        await connection.execute(_COMPOSE)
    await shop.move("white", "store", 4)
    await shop.move("black", "store", 9)
    await shop.settled()
    return shop


async def test_a_shopper_is_told_when_a_component_makes_more_or_fewer_bundles(packs: Shop) -> None:
    async with packs.subscribed(WATCH, skus=[{"sku": "pack"}]) as subscriber:
        snapshot = await subscriber.next()
        # One white shirt more makes no pack.
        await packs.move("white", "store", 1)
        await packs.settled()
        await packs.move("black", "store", -8)
        change = await subscriber.next()

    assert [seen(update) for update in (snapshot, change)] == [
        ("pack", "store", 2, False, 2),
        ("pack", "store", 1, False, 4),
    ]


async def test_a_cut_between_a_component_and_its_bundle_loses_neither(packs: Shop) -> None:
    both: list[dict[str, Any]] = [{"sku": "white"}, {"sku": "pack"}]
    async with packs.subscribed(WATCH, skus=both) as subscriber:
        snapshot = [await subscriber.next() for _ in range(2)]
        await packs.move("white", "store", -2)
        first, second = await subscriber.next(), await subscriber.next()
    async with packs.subscribed(WATCH, skus=both, after=first["cursor"]) as subscriber:
        again = [seen(await subscriber.next()) for _ in range(2)]

    assert {seen(update) for update in snapshot} == {("white", "store", 4, False, 1), ("pack", "store", 2, False, 2)}
    assert [seen(first), seen(second)] == [("white", "store", 2, False, 2), ("pack", "store", 1, False, 3)]
    assert again == [seen(first), seen(second)]
