"""When stock is held: at once, at the checkout, or with the order; as the channel says, and the product before it."""

import asyncio
from collections import Counter

import pytest

from tests.journeys.stock_operations import expect_books_in_order
from tests.shop import Cart, Shop

pytestmark = pytest.mark.anyio


async def policy(shop: Shop, sku: str, when: str) -> None:
    """Of the product."""
    await shop.run(
        "UPDATE product SET hold_policy = CAST(:policy AS text) FROM variant "
        "WHERE product.id = variant.product_id AND variant.sku = CAST(:sku AS text)",
        policy=when,
        sku=sku,
    )


async def reserved(shop: Shop, *skus: str) -> list[int]:
    return [(await shop.level(sku))["reserved"] for sku in skus]


@pytest.fixture
async def scarce(shop: Shop) -> Shop:
    """Sneakers that are held from the cart on, socks as everything else, and a card that nobody holds."""
    for sku, units in (("sneaker", 2), ("sock", 5), ("card", 5)):
        await shop.stocked(sku, on_hand=units)
    await policy(shop, "sneaker", "AT_CART")
    await policy(shop, "card", "AT_ORDER")
    return shop


async def ready(shop: Shop, units: dict[str, int]) -> Cart:
    return await (await shop.guest_cart(units)).collected_at("berlin")


async def test_what_is_scarce_is_held_from_the_moment_it_is_in_the_cart(scarce: Shop) -> None:
    cart = await scarce.guest_cart({})
    added = await cart.change("cartLinesAdd", lines=[{"variant": {"sku": "sneaker"}, "quantity": 1}])

    assert added["heldUntil"] is not None
    assert added["problems"] == [
        problem for problem in added["problems"] if problem["code"] in ("DELIVERY_MISSING", "EMAIL_MISSING")
    ]
    assert await reserved(scarce, "sneaker") == [1]
    assert [touch["action"] for touch in added["journey"]] == ["CREATED", "CHANGED", "HELD"]
    await expect_books_in_order(scarce)


async def test_a_cart_that_begins_with_it_holds_it_too(scarce: Shop) -> None:
    cart = await scarce.guest_cart({"sneaker": 2})

    assert (await cart.seen())["heldUntil"] is not None
    assert await reserved(scarce, "sneaker") == [2]


async def test_of_many_who_put_the_last_one_into_their_cart_one_has_it_and_the_others_see_it(scarce: Shop) -> None:
    await scarce.receive("sneaker", -1)
    carts = [await scarce.guest_cart({"sock": 1}) for _ in range(12)]

    answers = await asyncio.gather(
        *(cart.do("cartLinesAdd", lines=[{"variant": {"sku": "sneaker"}, "quantity": 1}]) for cart in carts)
    )

    assert {answer["__typename"] for answer in answers} == {"CartPayload"}
    held = [answer["cart"]["heldUntil"] is not None for answer in answers]
    assert Counter(held) == {True: 1, False: 11}
    for answer, is_held in zip(answers, held, strict=True):
        codes = [warning["code"] for warning in answer["warnings"]]
        assert codes == ([] if is_held else ["OUT_OF_STOCK"])
        assert {line["sku"] for line in answer["cart"]["lines"]} == {"sock", "sneaker"}
    assert await reserved(scarce, "sneaker", "sock") == [1, 0]
    await expect_books_in_order(scarce)


async def test_changing_other_lines_keeps_it_held_and_changing_its_own_holds_it_anew(scarce: Shop) -> None:
    cart = await scarce.guest_cart({"sneaker": 1})
    first = await scarce.value("SELECT attempt FROM reservation WHERE state = 'HELD'")

    await cart.change("cartLinesAdd", lines=[{"variant": {"sku": "sock"}, "quantity": 2}])
    kept = await scarce.value("SELECT attempt FROM reservation WHERE state = 'HELD'")
    await cart.change("cartLinesUpdate", lines=[{"lineId": await cart.line("sneaker"), "quantity": 2}])
    both = await reserved(scarce, "sneaker", "sock")
    await cart.change("cartLinesRemove", lineIds=[await cart.line("sneaker")])

    assert kept == first
    assert both == [2, 0]
    assert await reserved(scarce, "sneaker", "sock") == [0, 0]
    await expect_books_in_order(scarce)


async def test_the_checkout_holds_what_is_not_held_yet_and_the_last_one_stays_whose_it_is(scarce: Shop) -> None:
    cart = await ready(scarce, {"sneaker": 2, "sock": 1, "card": 1})

    held = await cart.change("cartHold")

    assert held["heldUntil"] is not None
    assert held["problems"] == []
    assert await reserved(scarce, "sneaker", "sock", "card") == [2, 1, 0]
    placed = await scarce.place(cart)
    assert placed["__typename"] == "OrderPlacePayload"
    assert await reserved(scarce, "sneaker", "sock", "card") == [2, 1, 1]
    assert await scarce.value("SELECT count(*) FROM reservation WHERE state <> 'COMMITTED'") == 0
    await expect_books_in_order(scarce)


async def test_what_was_held_at_once_becomes_an_order_without_being_asked_for_again(scarce: Shop) -> None:
    cart = await ready(scarce, {"sneaker": 2, "card": 1})

    placed = await scarce.place(cart)

    assert placed["__typename"] == "OrderPlacePayload"
    assert await reserved(scarce, "sneaker", "card") == [2, 1]
    await expect_books_in_order(scarce)


async def test_a_refused_checkout_leaves_what_was_held_at_once(scarce: Shop) -> None:
    cart = await ready(scarce, {"sneaker": 1, "sock": 6})

    refused = await cart.do("cartHold")

    assert [(one["sku"], one["requested"]) for one in refused["shortfalls"]] == [("sock", 6)]
    assert await reserved(scarce, "sneaker", "sock") == [1, 0]
    problems = (await cart.seen())["problems"]
    assert [(problem["code"], problem["line"]["sku"]) for problem in problems] == [("INSUFFICIENT_STOCK", "sock")]


async def test_one_scarce_line_that_is_sold_out_does_not_keep_another_from_being_held(scarce: Shop) -> None:
    await scarce.stocked("bag", on_hand=0)
    await policy(scarce, "bag", "AT_CART")

    cart = await ready(scarce, {"sneaker": 1, "bag": 1})

    assert await reserved(scarce, "sneaker", "bag") == [1, 0]
    problems = (await cart.seen())["problems"]
    assert [(problem["code"], problem["line"]["sku"]) for problem in problems] == [("NOT_AVAILABLE_AT_LOCATION", "bag")]


async def test_what_is_held_with_the_order_only_holds_nothing_before(scarce: Shop) -> None:
    await scarce.receive("card", -4)
    first, second = await ready(scarce, {"card": 1}), await ready(scarce, {"card": 1})

    held = await first.change("cartHold")
    bought = await scarce.place(second)
    late = await scarce.place(first)

    assert held["heldUntil"] is None
    assert bought["__typename"] == "OrderPlacePayload"
    assert late["__typename"] == "InsufficientStock"
    await expect_books_in_order(scarce)


@pytest.mark.parametrize(("when", "expected"), [("AT_CART", [1, 1]), ("AT_CHECKOUT", [0, 1]), ("AT_ORDER", [0, 0])])
async def test_the_channel_decides_where_the_product_says_nothing(shop: Shop, when: str, expected: list[int]) -> None:
    await shop.stocked("hat", on_hand=3)
    await shop.run("UPDATE channel SET hold_policy = CAST(:policy AS text) WHERE code = 'web'", policy=when)
    await shop.reread()

    cart = await ready(shop, {"hat": 1})
    in_cart = await reserved(shop, "hat")
    await cart.change("cartHold")

    assert [*in_cart, *(await reserved(shop, "hat"))] == expected
    assert (await shop.place(cart))["__typename"] == "OrderPlacePayload"
    assert await reserved(shop, "hat") == [1]
    await expect_books_in_order(shop)
