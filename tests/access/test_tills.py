"""What is carried out of a store is paid and gone, so only whoever sells in that very store may say so."""

from typing import Any

import orjson
import pytest
from uuid_utils.compat import uuid4

from domain.access import Permission
from tests.access.world import Headers, World
from tests.shop import Caller

pytestmark = pytest.mark.anyio

AT_BERLIN = {"oneshelf-channel": "till-berlin"}
PASSWORD = "correct horse battery"
CREATE = """
mutation ($input: CartCreateInput!) {
  cartCreate(input: $input) {
    __typename
    ... on CartPayload { cartToken cart { id channel { code } deliveryGroups { method location { code } } } }
  }
}
"""
SIGN_IN_AND_CREATE = CREATE.replace("($input:", "($signIn: SignInInput!, $input:").replace(
    "cartCreate(input", "signIn(input: $signIn) { __typename } cartCreate(input"
)
SHIRT = {"variant": {"sku": "shirt"}, "quantity": 1}


async def asked(world: World, headers: Headers, document: str, **variables: Any) -> Any:
    return orjson.loads(await world.answer(headers, document, variables))


def codes(response: Any) -> list[str]:
    return [error["extensions"]["code"] for error in response["errors"]]


def methods(response: Any) -> list[str]:
    return [group["method"] for group in response["data"]["cartCreate"]["cart"]["deliveryGroups"]]


@pytest.mark.parametrize("shopper", ["anonymous", "guest B", "customer B"])
async def test_a_shopper_who_names_a_till_is_refused(world: World, shopper: str) -> None:
    response = await asked(world, {**world.callers[shopper], **AT_BERLIN}, "{ viewer { kind } }")

    assert codes(response) == ["FORBIDDEN"]


async def test_staff_of_one_store_cannot_use_the_till_of_another(world: World) -> None:
    response = await asked(world, {**world.callers["staff of Hamburg"], **AT_BERLIN}, "{ viewer { kind } }")

    assert codes(response) == ["FORBIDDEN"]


async def test_an_app_speaks_for_its_own_channel_whatever_the_header_says(world: World) -> None:
    headers = {**world.callers["app of another channel"], **AT_BERLIN}

    response = await asked(world, headers, "{ viewer { channel { code } } }")

    assert response["data"]["viewer"]["channel"]["code"] == "app"


async def test_what_is_sold_at_a_till_is_carried_out(world: World) -> None:
    response = await asked(world, world.callers["staff of Berlin"], CREATE, input={"lines": [SHIRT]})

    assert methods(response) == ["CARRY_OUT"]


async def test_without_the_permission_to_sell_nothing_is_carried_out(world: World) -> None:
    _, clerk = await world.staff(Permission.MANAGE_ORDERS, bound_to="berlin", channel="till-berlin")
    token = await world.app(Permission.MANAGE_ORDERS, channel="till-berlin", bound_to="berlin")

    for headers in (clerk, {"authorization": f"Bearer {token}"}, world.callers["customer B"]):
        response = await asked(world, headers, CREATE, input={"lines": [SHIRT]})

        assert methods(response) == []


@pytest.mark.parametrize("channel", ["web", "app", "marketplace"])
async def test_a_shopper_can_neither_carry_out_nor_have_paid(world: World, channel: str) -> None:
    cart = await world.shop.guest(channel).cart({"shirt": 1})

    refused = await cart.do("cartDeliverySet", groups=[{"method": "CARRY_OUT", "location": {"code": "berlin"}}])
    placed = await world.shop.place(await cart.shipped(), payments=[{"gateway": "manual"}])

    assert refused["__typename"] == "InvalidInput"
    assert placed["order"]["paymentStatus"] == "PENDING"


async def test_a_seller_without_a_till_can_neither_carry_out_nor_have_paid(world: World) -> None:
    seller = world.shop.app(Permission.SELL_IN_STORE, channel="marketplace")
    cart = await seller.cart({"shirt": 1})

    refused = await cart.do("cartDeliverySet", groups=[{"method": "CARRY_OUT", "location": {"code": "berlin"}}])
    placed = await world.shop.place(await cart.shipped())

    assert refused["__typename"] == "InvalidInput"
    assert placed["order"]["paymentStatus"] == "PENDING"


async def test_a_sale_at_a_till_is_paid(world: World) -> None:
    cart = await world.shop.staff(Permission.SELL_IN_STORE, bound_to="berlin").cart({"shirt": 1})

    placed = await world.shop.place(cart)

    assert placed["order"]["paymentStatus"] == "PAID"


async def test_what_a_guest_carries_elsewhere_is_not_carried_out_of_a_store_by_its_token(world: World) -> None:
    """A till's cart has no token; a guest's cart stays the guest's, even where staff opens it with the token."""
    guest_cart = await world.shop.guest_cart({"shirt": 1})
    other_store = Caller(world.shop, world.shop.staff(bound_to="hamburg").principal, "till-hamburg")

    there = other_store.holding(guest_cart.token, guest_cart.id)
    refused = await there.do("cartDeliverySet", groups=[{"method": "CARRY_OUT", "location": {"code": "berlin"}}])

    assert refused["__typename"] == "InvalidInput"


async def test_nobody_gets_to_a_till_by_signing_in_over_it(world: World) -> None:
    """The rest of a document is answered for whoever has just signed in, over the channel of the request."""
    await world.give_password("customer B", PASSWORD)
    await world.shop.run(
        """
        UPDATE staff SET email = 'hamburg@example.com', password_hash = CAST(:hash AS text)
        WHERE location_id = (SELECT id FROM location WHERE code = 'hamburg')
        """,
        hash=await world.front.identity.passwords.hash(PASSWORD),
    )
    headers = world.callers["staff of Berlin"]

    before = await world.shop.value("SELECT count(*) FROM cart WHERE staff_channel_id IS NOT NULL")
    for email in ("b@example.com", "hamburg@example.com"):
        variables = {"signIn": {"email": email, "password": PASSWORD}, "input": {"lines": []}}
        response = await asked(world, headers, SIGN_IN_AND_CREATE, **variables)

        assert codes(response) == ["FORBIDDEN"]
        assert response["data"] is None
    assert await world.shop.value("SELECT count(*) FROM cart WHERE staff_channel_id IS NOT NULL") == before


async def test_a_key_is_no_way_around_the_till(world: World) -> None:
    """A replay is for whoever may still do what it repeats."""
    key = str(uuid4())
    cart = await world.shop.staff(Permission.SELL_IN_STORE, bound_to="berlin").cart({"shirt": 1})
    await world.shop.place(cart, key)

    elsewhere = Caller(world.shop, cart.caller.principal, "web").holding(None, cart.id)
    replayed = await world.shop.place(elsewhere, key)

    assert replayed["__typename"] == "NotFound"
