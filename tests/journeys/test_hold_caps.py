"""Nobody empties the shelves by holding what is on them."""

import asyncio
from uuid import UUID

import pytest

from api.carts import holding
from api.carts.holding import Asking
from api.directory import DirectoryCache
from api.identity.passwords import Attempts
from api.ids import Kind, key_of
from domain.access import ANONYMOUS
from domain.errors import InvalidInput
from domain.inventory.sourcing import InsufficientStock
from persistence.carts import carts as stored
from tests.shop import Cart, Shop

pytestmark = pytest.mark.anyio


async def test_a_guest_is_shown_no_more_than_the_cap_by_what_it_could_have_instead(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=87)
    cart = await shop.guest_cart({"shirt": 99})

    refusal = await cart.do("cartHold")

    (shortfall,) = refusal["shortfalls"]
    lower = [remedy for remedy in shortfall["remedies"] if remedy["kind"] == "LOWER_QUANTITY"]
    assert [remedy["quantity"] for remedy in lower] == [10]


async def test_a_line_of_more_than_a_hundred_units_cannot_be_held_by_a_shopper(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=500)
    cart = await shop.guest_cart({"shirt": 101})

    refusal = await cart.do("cartHold")

    assert refusal["__typename"] == "InvalidInput"


async def test_guests_at_one_address_hold_for_a_limited_number_of_carts_and_refusals_do_not_count(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=3)
    await shop.stocked("sock", on_hand=0)
    directory = await DirectoryCache(shop.database).fresh()
    at_home = Asking(ANONYMOUS, directory, directory.channels_by_code["web"], "203.0.113.7", Attempts(2, 600.0))
    carts = [await shop.guest_cart({sku: 1}) for sku in ("sock", "shirt", "shirt", "shirt")]

    with pytest.raises(InsufficientStock):
        await _hold(shop, at_home, carts[0])
    await _hold(shop, at_home, carts[1])
    await _hold(shop, at_home, carts[2])
    with pytest.raises(InvalidInput):
        await _hold(shop, at_home, carts[3])

    assert (await shop.level("shirt"))["reserved"] == 2


async def _hold(shop: Shop, asking: Asking, cart: Cart) -> None:
    key = key_of(Kind.Cart, cart.id)
    assert isinstance(key, UUID)
    async with shop.database.reading() as reader:
        found = await stored.by_id(reader, key)
    assert found is not None
    await holding.reserve(shop.database, asking, found)


async def test_holding_again_keeps_the_units_and_holds_for_longer_but_not_for_ever(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    cart = await shop.guest_cart({"shirt": 1})
    await cart.change("cartHold")
    ledger = (await shop.level("shirt"))["version"]
    await shop.run(
        "UPDATE reservation SET created_at = now() - interval '9 minutes', expires_at = now() + interval '1 minute'"
    )

    await cart.change("cartHold")

    assert await shop.value(_MINUTES_LEFT) == 10
    await shop.run(
        "UPDATE reservation SET created_at = now() - interval '25 minutes', expires_at = now() + interval '1 minute'"
    )
    await cart.change("cartHold")
    assert await shop.value(_MINUTES_LEFT) == 5
    assert (await shop.level("shirt"))["version"] == ledger


_MINUTES_LEFT = "SELECT round(extract(epoch FROM expires_at - now()) / 60)::int FROM reservation"


async def test_a_buyer_that_is_set_while_the_cart_is_being_held_is_no_conflict(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=50)
    for number in range(5):
        cart = await shop.guest_cart({"shirt": 1})

        held, changed = await asyncio.gather(
            cart.do("cartHold"), cart.do("cartBuyerSet", email=f"ada{number}@example.com")
        )

        assert (held["__typename"], changed["__typename"]) == ("CartPayload", "CartPayload")
    assert (await shop.level("shirt"))["reserved"] == 5


async def test_a_key_of_another_order_is_refused_as_that_even_when_nothing_is_left(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    bought = await (await shop.guest_cart({"shirt": 1})).collected_at("berlin")
    await shop.place(bought, key="mine")
    customer = await shop.customer()
    first = await (await customer.cart({"shirt": 1})).collected_at("berlin")
    await shop.receive("shirt", 1)
    await first.do("orderPlace", idempotencyKey="mine")
    second = await (await customer.cart({"shirt": 1})).collected_at("berlin")

    refusal = await second.do("orderPlace", idempotencyKey="mine")

    assert refusal["__typename"] == "IdempotencyMismatch"
