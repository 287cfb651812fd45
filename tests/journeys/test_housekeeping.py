"""What expired is taken back without anybody asking, and what has served its time is forgotten."""

import asyncio

import pytest

from api.housekeeping import Housekeeper
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_expired_holds_are_taken_back_with_a_row_in_the_ledger_and_an_event(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=3)
    await (await shop.guest_cart({"shirt": 2})).change("cartHold")
    await (await shop.guest_cart({"shirt": 1})).change("cartHold")
    await shop.run("UPDATE reservation SET expires_at = now() - interval '1 second' WHERE quantity = 2")

    await Housekeeper(shop.database).sweep()

    level = await shop.level("shirt")
    assert (level["reserved"], level["available"]) == (1, 2)
    assert await shop.value("SELECT reserved_delta FROM stock_movement WHERE reason = 'EXPIRY'") == -2
    assert await shop.value("SELECT max(version) FROM outbox WHERE topic = 'stock'") == level["version"]


async def test_a_hold_that_is_being_ordered_is_left_alone_however_late_it_is(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    cart = await (await shop.guest_cart({"shirt": 1})).collected_at("berlin")
    await cart.change("cartHold")
    await shop.run("UPDATE reservation SET expires_at = now() - interval '1 second'")

    async with shop.database.transaction() as connection:
        await connection.raw.execute("SELECT id FROM reservation FOR UPDATE")
        await Housekeeper(shop.database).sweep()

    assert (await shop.place(cart))["__typename"] == "OrderPlacePayload"


async def test_many_holds_are_swept_by_several_processes_at_once_and_each_once(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=600)
    carts = [await shop.guest_cart({"shirt": 1}) for _ in range(20)]
    await asyncio.gather(*(cart.change("cartHold") for cart in carts))
    await shop.run("UPDATE reservation SET expires_at = now() - interval '1 second'")

    await asyncio.gather(*(Housekeeper(shop.database).sweep() for _ in range(4)))

    assert (await shop.level("shirt"))["reserved"] == 0
    assert await shop.value("SELECT count(*) FROM stock_movement WHERE reason = 'EXPIRY'") == 20


async def test_old_keys_are_forgotten_and_young_ones_are_not(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    cart = await shop.guest_cart({"shirt": 1})
    for key in ("old", "young"):
        await cart.change("cartBuyerSet", email="ada@example.com", idempotencyKey=key)
    await shop.run("UPDATE idempotency SET expires_at = now() - interval '1 second' WHERE key = 'old'")

    await Housekeeper(shop.database).prune()

    assert await shop.value("SELECT string_agg(key, ' ') FROM idempotency") == "young"
