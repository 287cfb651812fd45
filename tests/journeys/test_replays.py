"""The same request sent again: nothing happens twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from uuid_utils.compat import uuid4

from tests.shop import Cart, Shop

pytestmark = pytest.mark.anyio


async def ready_cart(shop: Shop) -> Cart:
    await shop.stocked("shirt", on_hand=9)
    return await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")


async def _lines(cart: Cart, quantity: int) -> dict[str, Any]:
    return {"lines": [{"lineId": await cart.line("shirt"), "quantity": quantity}]}


async def _line_ids(cart: Cart, _: int) -> dict[str, Any]:
    return {"lineIds": [await cart.line("shirt")]}


async def _added(_: Cart, quantity: int) -> dict[str, Any]:
    return {"lines": [{"variant": {"sku": "shirt"}, "quantity": quantity}]}


async def _buyer(_: Cart, number: int) -> dict[str, Any]:
    return {"phone": f"+4930123456{number}"}


async def _delivery(_: Cart, number: int) -> dict[str, Any]:
    return {"groups": [{"method": "PICKUP", "location": {"code": ("berlin", "hamburg")[number - 1]}}]}


async def _version(_: Cart, number: int) -> dict[str, Any]:
    return {"expectedVersion": number + 2} if number > 1 else {}


InputOf = Callable[[Cart, int], Awaitable[dict[str, Any]]]

MUTATIONS: list[tuple[str, InputOf]] = [
    ("cartLinesAdd", _added),
    ("cartLinesUpdate", _lines),
    ("cartLinesRemove", _line_ids),
    ("cartBuyerSet", _buyer),
    ("cartDeliverySet", _delivery),
    ("cartHold", _version),
    ("cartRelease", _version),
    ("orderPlace", _version),
]


@pytest.mark.parametrize(("mutation", "input_of"), MUTATIONS, ids=[name for name, _ in MUTATIONS])
async def test_the_same_key_with_the_same_input_changes_nothing_the_second_time(
    shop: Shop, mutation: str, input_of: InputOf
) -> None:
    cart = await ready_cart(shop)
    if mutation == "cartRelease":
        await cart.change("cartHold")
    input_ = await input_of(cart, 1)
    first = await cart.do(mutation, idempotencyKey="key", **input_)
    before = await shop.everything()

    second = await cart.do(mutation, idempotencyKey="key", **input_)

    assert first["__typename"] in ("CartPayload", "OrderPlacePayload")
    assert second == first
    assert await shop.everything() == before


@pytest.mark.parametrize(
    ("mutation", "input_of"),
    [entry for entry in MUTATIONS if entry[0] != "cartLinesRemove"],
    ids=[name for name, _ in MUTATIONS if name != "cartLinesRemove"],
)
async def test_the_same_key_with_other_input_is_refused(shop: Shop, mutation: str, input_of: InputOf) -> None:
    cart = await ready_cart(shop)
    first, other = await input_of(cart, 1), await input_of(cart, 2)
    await cart.do(mutation, idempotencyKey="key", **first)
    before = await shop.everything()

    refused = await cart.do(mutation, idempotencyKey="key", **other)

    assert (refused["__typename"], refused["path"]) == ("IdempotencyMismatch", ["input", "idempotencyKey"])
    assert await shop.everything() == before


async def test_the_same_key_for_another_mutation_is_refused(shop: Shop) -> None:
    cart = await ready_cart(shop)
    await cart.do("cartHold", idempotencyKey="key")

    refused = await cart.do("cartRelease", idempotencyKey="key")

    assert refused["__typename"] == "IdempotencyMismatch"
    assert (await shop.level("shirt"))["reserved"] == 2


async def test_a_refusal_leaves_its_key_to_the_next_try(shop: Shop) -> None:
    cart = await ready_cart(shop)
    await shop.receive("shirt", -8)

    refused = await cart.do("orderPlace", idempotencyKey="key")
    await shop.receive("shirt", 1)
    placed = await cart.do("orderPlace", idempotencyKey="key")

    assert refused["__typename"] == "InsufficientStock"
    assert placed["__typename"] == "OrderPlacePayload"


async def test_a_replay_after_the_cart_was_ordered_says_what_was_done_then(shop: Shop) -> None:
    cart = await ready_cart(shop)
    await cart.do("cartBuyerSet", idempotencyKey="buyer", phone="+49301234567")
    await shop.place(cart)

    replayed = await cart.do("cartBuyerSet", idempotencyKey="buyer", phone="+49301234567")

    assert replayed["__typename"] == "CartPayload"
    assert replayed["cart"]["status"] == "ORDERED"


async def test_a_replayed_creation_hands_out_a_fresh_token_and_kills_the_first(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    key = str(uuid4())
    lines = [{"variant": {"sku": "shirt"}, "quantity": 1}]

    first = await shop.guest().do("cartCreate", lines=lines, idempotencyKey=key)
    second = await shop.guest().do("cartCreate", lines=lines, idempotencyKey=key)

    assert second["cart"]["id"] == first["cart"]["id"]
    assert second["cartToken"] not in (None, first["cartToken"])
    assert await shop.guest().holding(first["cartToken"], first["cart"]["id"]).seen() is None
    assert (await shop.guest().holding(second["cartToken"], first["cart"]["id"]).seen())["id"] == first["cart"]["id"]
    assert await shop.value("SELECT count(*) FROM cart") == 1


async def test_a_creation_replayed_with_other_input_or_long_after_hands_out_no_token(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    key = str(uuid4())
    made = await shop.guest().do("cartCreate", idempotencyKey=key)
    await shop.run("UPDATE cart SET created_at = now() - interval '11 minutes'")

    other = await shop.guest().do("cartCreate", email="eve@example.com", idempotencyKey=key)
    late = await shop.guest().do("cartCreate", idempotencyKey=key)
    with_token = (
        await shop.guest().holding(made["cartToken"], made["cart"]["id"]).caller.do("cartCreate", idempotencyKey=key)
    )

    assert other["__typename"] == "IdempotencyMismatch"
    assert (late["__typename"], late["path"]) == ("NotFound", ["input", "idempotencyKey"])
    assert (with_token["cart"]["id"], with_token["cartToken"]) == (made["cart"]["id"], None)
    assert await shop.guest().holding(made["cartToken"], made["cart"]["id"]).seen() is not None


async def test_a_customers_replayed_creation_needs_no_token(shop: Shop) -> None:
    customer = await shop.customer()

    made = [await customer.do("cartCreate", idempotencyKey="mine") for _ in range(2)]

    assert made[0] == made[1]
    assert made[0]["cartToken"] is None


async def test_a_key_belongs_to_its_caller(shop: Shop) -> None:
    customers = [await shop.customer(f"{name}@example.com") for name in ("ada", "bob")]

    made = [await customer.do("cartCreate", idempotencyKey="same") for customer in customers]

    assert made[0]["cart"]["id"] != made[1]["cart"]["id"]


async def test_one_order_comes_of_a_key_sent_twenty_times_at_once(shop: Shop) -> None:
    # Nothing is left for a twin that would hold the units a second time; several rounds, because it is a race.
    for number in range(6):
        sku = await shop.stocked(on_hand=2)
        cart = await (await shop.guest_cart({sku: 2})).collected_at("berlin")

        answers = await asyncio.gather(*(shop.place(cart, "key") for _ in range(20)))

        assert {answer["__typename"] for answer in answers} == {"OrderPlacePayload"}
        assert len({answer["order"]["number"] for answer in answers}) == 1
        assert await shop.value("SELECT count(*) FROM sales_order") == number + 1
        assert (await shop.level(sku))["reserved"] == 2


async def test_one_order_comes_of_one_cart_whatever_keys_are_sent(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")

    answers = await asyncio.gather(shop.place(cart, "one"), shop.place(cart, "two"))

    by_type = {answer["__typename"]: answer for answer in answers}
    assert by_type.keys() == {"OrderPlacePayload", "CartNotOpen"}
    assert by_type["CartNotOpen"]["status"] == "ORDERED"
    assert by_type["CartNotOpen"]["cart"]["order"] == {"number": by_type["OrderPlacePayload"]["order"]["number"]}
    assert (await shop.level("shirt"))["reserved"] == 2


@pytest.mark.parametrize("on_hand", [2, 5, 90])
async def test_a_hold_sent_twenty_times_at_once_holds_once(shop: Shop, on_hand: int) -> None:
    for _ in range(3):
        sku = await shop.stocked(on_hand=on_hand)
        cart = await (await shop.guest_cart({sku: 2})).collected_at("berlin")

        answers = await asyncio.gather(*(cart.do("cartHold", idempotencyKey="key") for _ in range(20)))

        assert {answer["__typename"] for answer in answers} == {"CartPayload"}
        assert (await shop.level(sku))["reserved"] == 2


async def test_additions_add_up_whoever_sends_them_at_once(shop: Shop) -> None:
    cart = await ready_cart(shop)
    line = [{"variant": {"sku": "shirt"}, "quantity": 1}]

    await asyncio.gather(
        *(cart.change("cartLinesAdd", lines=line, idempotencyKey=f"key {number % 10}") for number in range(20))
    )

    assert (await cart.seen())["lines"][0]["quantity"] == 12
