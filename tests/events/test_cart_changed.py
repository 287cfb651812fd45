"""`cartChanged`, over a real socket."""

from typing import Any

import pytest
from uuid_utils.compat import uuid4

from domain.access import Permission
from persistence.carts import carts
from persistence.database import connect
from tests.events.premises import Premises
from tests.shop import Cart

pytestmark = pytest.mark.anyio

WATCH = """
subscription ($cart: ID!, $after: Cursor) {
  cartChanged(cartId: $cart, after: $after) {
    __typename
    ... on CartChanged { cursor occurredAt cart { id version status lines { sku quantity } heldUntil } }
    ... on StreamLagged { resumeFrom }
  }
}
"""


def token_of(cart: Cart) -> dict[str, str]:
    assert cart.token is not None
    return {"oneshelf-cart-token": cart.token}


def seen(update: Any) -> tuple[int, dict[str, int]]:
    return update["cart"]["version"], {line["sku"]: line["quantity"] for line in update["cart"]["lines"]}


async def test_first_comes_the_cart_then_every_change_of_it(premises: Premises) -> None:
    sku = await premises.shop.stocked(on_hand=9)
    cart = await premises.shop.guest_cart({sku: 1})
    await premises.published()

    async with premises.following(WATCH, token_of(cart), cart=cart.id) as client:
        told = [await client.told()]
        await cart.change("cartLinesAdd", lines=[{"variant": {"sku": sku}, "quantity": 2}])
        told.append(await client.told())
        await cart.change("cartBuyerSet", email="ada@example.com")
        told.append(await client.told())

    assert [seen(update) for update in told] == [(1, {sku: 1}), (2, {sku: 3}), (3, {sku: 3})]


async def test_every_command_on_a_cart_is_told(premises: Premises) -> None:
    sku = await premises.shop.stocked(on_hand=9)
    cart = await (await premises.shop.guest_cart({sku: 1})).shipped()
    line = await cart.line(sku)
    after = await premises.cursor()

    async with premises.following(WATCH, token_of(cart), cart=cart.id, after=after) as client:
        versions, states = [], []
        for mutation, input_ in (
            ("cartLinesAdd", {"lines": [{"variant": {"sku": sku}, "quantity": 1}]}),
            ("cartLinesUpdate", {"lines": [{"lineId": line, "quantity": 3}]}),
            ("cartBuyerSet", {"email": "b@example.com"}),
            ("cartHold", {}),
            ("cartRelease", {}),
            ("orderPlace", {"idempotencyKey": "once"}),
        ):
            done = await cart.do(mutation, **input_)
            assert done["__typename"] in ("CartPayload", "OrderPlacePayload"), done
            update = await client.told()
            versions.append(update["cart"]["version"])
            states.append((update["cart"]["status"], update["cart"]["heldUntil"] is not None))

    assert versions == [4, 5, 6, 7, 8, 9]
    assert states == [("OPEN", False)] * 3 + [("OPEN", True), ("OPEN", False), ("ORDERED", False)]


async def test_a_cursor_resumes_with_the_changes_that_were_missed(premises: Premises) -> None:
    sku = await premises.shop.stocked(on_hand=9)
    cart = await premises.shop.guest_cart({sku: 1})
    await premises.published()

    async with premises.following(WATCH, token_of(cart), cart=cart.id) as client:
        first = await client.told()
    for quantity in (1, 2):
        await cart.change("cartLinesAdd", lines=[{"variant": {"sku": sku}, "quantity": quantity}])
    async with premises.following(WATCH, token_of(cart), cart=cart.id, after=first["cursor"]) as client:
        missed = [await client.told(), await client.told()]
    async with premises.following(WATCH, token_of(cart), cart=cart.id, after=missed[0]["cursor"]) as client:
        again = await client.told()

    # Each is told with the cart as it is by then.
    assert [seen(update) for update in missed] == [(3, {sku: 4})] * 2
    assert again["cursor"] == missed[1]["cursor"] != missed[0]["cursor"]


async def test_changes_of_other_carts_are_not_told(premises: Premises) -> None:
    sku = await premises.shop.stocked(on_hand=9)
    cart = await premises.shop.guest_cart({sku: 1})
    other = await premises.shop.guest_cart({sku: 1})
    await premises.published()

    async with premises.following(WATCH, token_of(cart), cart=cart.id) as client:
        await client.told()
        await other.change("cartBuyerSet", email="b@example.com")
        await cart.change("cartBuyerSet", email="a@example.com")
        update = await client.told()

    assert update["cart"]["id"] == cart.id


async def test_a_cart_of_somebody_else_cannot_be_followed(premises: Premises) -> None:
    sku = await premises.shop.stocked(on_hand=9)
    cart = await premises.shop.guest_cart({sku: 1})
    stranger = await premises.shop.guest_cart({sku: 1})
    _, customer = await premises.customer()
    partner = await premises.partner(*Permission)

    async def codes(headers: dict[str, str], cart_id: str) -> list[str]:
        async with premises.following(WATCH, headers, cart=cart_id) as client:
            return await client.refused()

    assert await codes({}, cart.id) == ["UNAUTHENTICATED"]
    assert await codes(token_of(stranger), cart.id) == ["UNAUTHENTICATED"]
    assert await codes(dict(customer), cart.id) == ["FORBIDDEN"]
    assert await codes(dict(partner), cart.id) == ["FORBIDDEN"]
    assert await codes({}, "no id") == ["UNAUTHENTICATED"]


async def test_the_stream_of_a_token_ends_when_the_cart_becomes_a_customers(premises: Premises) -> None:
    sku = await premises.shop.stocked(on_hand=9)
    cart = await premises.shop.guest_cart({sku: 1})
    caller, headers = await premises.customer()
    await premises.published()

    async with premises.following(WATCH, token_of(cart), cart=cart.id) as guest:
        await guest.told()
        await cart.given_to(caller)
        ending = await guest.closed()
    async with premises.following(WATCH, headers, cart=cart.id) as customer:
        told = await customer.told()

    assert ending == (4403, "The cart is no longer yours to see")
    assert seen(told) == (2, {sku: 1})


async def test_the_stream_of_a_token_ends_when_another_is_handed_out(premises: Premises) -> None:
    sku, guest, key = await premises.shop.stocked(on_hand=9), premises.shop.guest(), str(uuid4())
    cart = await guest.cart({sku: 1}, idempotencyKey=key)
    await premises.published()

    async with premises.following(WATCH, token_of(cart), cart=cart.id) as client:
        await client.told()
        again = await guest.cart({sku: 1}, idempotencyKey=key)
        ending = await client.closed()

    assert again.id == cart.id
    assert again.token != cart.token
    assert ending == (4403, "The cart is no longer yours to see")


async def test_the_stream_of_a_token_ends_when_a_repeated_claim_hands_out_another(premises: Premises) -> None:
    cart = await premises.shop.guest_cart({await premises.shop.stocked(on_hand=5): 1})
    claim = {"handoffCode": (await cart.do("cartHandoffCreate"))["handoffCode"], "idempotencyKey": str(uuid4())}
    first = await premises.shop.guest().do("cartHandoffClaim", **claim)
    await premises.published()

    async with premises.following(WATCH, {"oneshelf-cart-token": first["cartToken"]}, cart=cart.id) as client:
        await client.told()
        again = await premises.shop.guest().do("cartHandoffClaim", **claim)
        ending = await client.closed()

    assert again["cartToken"] not in (None, first["cartToken"])
    assert ending == (4403, "The cart is no longer yours to see")


async def test_a_change_while_the_snapshot_is_read_is_told_once(
    premises: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku = await premises.shop.stocked(on_hand=9)
    cart = await premises.shop.guest_cart({sku: 1})
    await premises.published()
    read = carts.by_ids
    has_interfered = False

    async def by_ids(*arguments: Any) -> Any:
        nonlocal has_interfered
        if not has_interfered:
            has_interfered = True
            # In the server's thread, where the connections of the tests cannot be used.
            writer = await connect(premises.shop.database.url)
            await writer.execute("UPDATE cart SET version = 2, email = 'a@example.com'")
            await writer.execute(
                "INSERT INTO outbox (topic, key, version, payload) SELECT 'cart', id::text, 2, '{}' FROM cart"
            )
            await writer.close()
        return await read(*arguments)

    monkeypatch.setattr(carts, "by_ids", by_ids)

    async with premises.following(WATCH, token_of(cart), cart=cart.id) as client:
        told = [await client.told()]
        await cart.change("cartLinesAdd", lines=[{"variant": {"sku": sku}, "quantity": 1}])
        told.append(await client.told())

    assert [seen(update)[0] for update in told] == [2, 3]
