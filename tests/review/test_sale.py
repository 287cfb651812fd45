"""What a review of the sale found and mended."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from uuid_utils.compat import uuid4

from api.carts import holding
from api.carts.changing import reachable
from api.carts.holding import Asking
from api.ids import Kind, key_of
from tests.shop import Cart, Shop

pytestmark = pytest.mark.anyio

MAIL = "ada@example.com"


def id_of(cart: Cart) -> UUID:
    key = key_of(Kind.Cart, cart.id)
    assert isinstance(key, UUID)
    return key


async def test_the_key_of_a_creation_shows_nobody_the_cart_once_it_is_a_customers(shop: Shop) -> None:
    key = str(uuid4())
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1}, idempotencyKey=key, email=MAIL)
    customer = await shop.customer()
    await cart.given_to(customer)

    replayed = await _created_again(shop, key)

    assert (replayed["__typename"], replayed["path"]) == ("NotFound", ["input", "idempotencyKey"])


async def test_the_key_of_a_creation_shows_nobody_what_was_ordered(shop: Shop) -> None:
    key = str(uuid4())
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1}, idempotencyKey=key, email=MAIL)
    await shop.place(await cart.shipped())

    replayed = await _created_again(shop, key)

    assert replayed["__typename"] == "NotFound"


async def _created_again(shop: Shop, key: str) -> dict[str, object]:
    lines = [{"variant": {"sku": "sku-1"}, "quantity": 1}]
    return await shop.guest().do("cartCreate", lines=lines, idempotencyKey=key, email=MAIL)


async def test_a_hold_that_is_over_for_good_is_made_anew(shop: Shop) -> None:
    sku = await shop.stocked(on_hand=1)
    cart = await shop.guest_cart({sku: 1})
    await cart.change("cartHold")
    await shop.run("UPDATE reservation SET created_at = now() - interval '31 minutes', expires_at = now()")

    held = await cart.change("cartHold")

    assert datetime.fromisoformat(held["heldUntil"]) > datetime.now(UTC)
    assert (await shop.level(sku))["reserved"] == 1


async def test_what_a_cart_holds_twice_never_refuses_it_its_own_order(shop: Shop) -> None:
    # Somebody cancelled the first request while its hold was being made, and asked again.
    sku = await shop.stocked(on_hand=2)
    cart = await (await shop.guest_cart({sku: 1})).collected_at("berlin")
    asking = Asking(cart.caller.principal, shop.directory, shop.directory.channels_by_code["web"])
    for _ in range(2):
        await holding.reserve(shop.database, asking, await reachable(shop.database, asking, id_of(cart)))

    placed = await shop.place(cart)

    assert placed["__typename"] == "OrderPlacePayload"
    assert (await shop.level(sku))["reserved"] == 1
