"""Whole sales, from an empty cart to an order, on the web and at the till."""

from typing import Any

import pytest

from tests.shop import ADDRESS, Shop

pytestmark = pytest.mark.anyio


def counters(level: dict[str, int]) -> tuple[int, int, int]:
    return level["on_hand"], level["reserved"], level["available"]


async def test_a_guest_holds_releases_and_orders_for_pickup(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")

    held = await cart.change("cartHold")
    while_held = await shop.level("shirt")
    released = await cart.change("cartRelease")
    while_free = await shop.level("shirt")
    placed = await shop.place(cart, expectedTotal="23.80")

    assert held["heldUntil"] is not None
    assert held["problems"] == []
    assert released["heldUntil"] is None
    assert [counters(while_held), counters(while_free)] == [(5, 2, 3), (5, 0, 5)]
    assert counters(await shop.level("shirt")) == (5, 2, 3)
    assert placed["__typename"] == "OrderPlacePayload"
    order = placed["order"]
    assert (order["status"], order["paymentStatus"], order["fulfillmentStatus"]) == (
        "OPEN",
        "PAY_IN_STORE",
        "UNFULFILLED",
    )
    assert order["totals"] == {
        "subtotal": {"amount": "23.80"},
        "tax": {"amount": "3.80"},
        "total": {"amount": "23.80", "currencyCode": "EUR"},
    }
    assert order["lines"] == [
        {
            "sku": "shirt",
            "name": "Product-1 · SHIRT",
            "quantity": 2,
            "unitPrice": {"amount": "11.90"},
            "lineTotal": {"amount": "23.80"},
            "tax": {"amount": "3.80"},
            "variant": {"sku": "shirt"},
        }
    ]
    assert order["payments"] == [{"gateway": "manual", "status": "PAY_IN_STORE", "amount": {"amount": "23.80"}}]
    assert order["timeline"] == [
        {"type": "PLACED", "actor": "customer", "channel": {"code": "web"}, "message": "The order was placed."}
    ]
    assert [touch["action"] for touch in order["journey"]] == [
        "CREATED",
        "CHANGED",
        "CHANGED",
        "HELD",
        "RELEASED",
        "ORDERED",
    ]


async def test_an_ordered_cart_is_closed_and_shows_its_order(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")
    order = (await shop.place(cart))["order"]

    seen = await cart.seen()
    refused = await cart.do("cartLinesAdd", lines=[{"variant": {"sku": "shirt"}, "quantity": 1}])

    assert (seen["status"], seen["heldUntil"], seen["problems"]) == ("ORDERED", None, [])
    assert seen["order"] == {"id": order["id"], "number": order["number"]}
    assert (refused["__typename"], refused["status"]) == ("CartNotOpen", "ORDERED")
    assert refused["cart"]["order"] == {"number": order["number"]}


async def test_what_is_shipped_comes_from_the_first_place_that_has_all_of_it(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9, at="berlin")
    await shop.receive("shirt", 2, at="warehouse")
    await shop.receive("shirt", 50, at="hamburg")
    two = await (await shop.guest_cart({"shirt": 2})).shipped()
    three = await (await shop.guest_cart({"shirt": 3})).shipped()

    orders = [(await shop.place(two))["order"], (await shop.place(three))["order"]]

    assert [order["paymentStatus"] for order in orders] == ["PENDING", "PENDING"]
    assert [(await shop.level("shirt", at))["reserved"] for at in ("warehouse", "berlin", "hamburg")] == [2, 3, 0]


async def test_what_no_place_has_alone_is_shipped_from_several(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=4, at="berlin")
    await shop.receive("shirt", 2, at="warehouse")
    await shop.receive("shirt", 50, at="hamburg")
    cart = await (await shop.guest_cart({"shirt": 5})).shipped()

    placed = await shop.place(cart)

    assert placed["__typename"] == "OrderPlacePayload"
    assert [(await shop.level("shirt", at))["reserved"] for at in ("warehouse", "berlin", "hamburg")] == [2, 3, 0]


async def test_one_cart_ships_some_lines_and_has_others_collected(shop: Shop) -> None:
    for sku in ("shirt", "hat"):
        await shop.stocked(sku, on_hand=9, at="hamburg")
        await shop.receive(sku, 9, at="warehouse")
    cart = await (await shop.guest_cart({"shirt": 1, "hat": 1})).shipped()
    await cart.change(
        "cartDeliverySet",
        groups=[{"lineIds": [await cart.line("hat")], "method": "PICKUP", "location": {"code": "hamburg"}}],
    )

    order = (await shop.place(cart))["order"]

    assert (order["paymentStatus"], order["totals"]["total"]["amount"]) == ("PENDING", "23.80")
    reserved = {
        (sku, at): (await shop.level(sku, at))["reserved"]
        for sku in ("shirt", "hat")
        for at in ("warehouse", "hamburg")
    }
    assert reserved == {
        ("shirt", "warehouse"): 1,
        ("shirt", "hamburg"): 0,
        ("hat", "warehouse"): 0,
        ("hat", "hamburg"): 1,
    }


async def test_at_the_till_stock_leaves_at_once_and_the_order_is_complete(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await shop.staff().cart({"shirt": 2})

    order = (await shop.place(cart))["order"]

    assert cart.token is None
    assert (order["status"], order["paymentStatus"], order["fulfillmentStatus"]) == ("COMPLETED", "PAID", "FULFILLED")
    assert order["placedIn"] == {"code": "till-berlin"}
    assert order["payments"] == [{"gateway": "manual", "status": "PAID", "amount": {"amount": "23.80"}}]
    assert counters(await shop.level("shirt")) == (3, 0, 3)
    reasons = await shop.value("SELECT array_agg(reason::text ORDER BY version) FROM stock_movement")
    assert reasons == ["RECEIPT", "HOLD", "COLLECTION"]


async def test_a_till_sells_one_line_over_the_counter_and_ships_the_other(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.stocked("hat", on_hand=5, at="warehouse")
    cart = await shop.staff().cart({"shirt": 1, "hat": 1})
    await cart.change(
        "cartDeliverySet", groups=[{"lineIds": [await cart.line("hat")], "method": "SHIP", "address": ADDRESS}]
    )
    await cart.change("cartBuyerSet", email="ada@example.com")

    order = (await shop.place(cart))["order"]

    assert (order["status"], order["paymentStatus"], order["fulfillmentStatus"]) == (
        "OPEN",
        "PENDING",
        "PARTIALLY_FULFILLED",
    )
    assert counters(await shop.level("shirt")) == (4, 0, 4)
    assert counters(await shop.level("hat", "warehouse")) == (5, 1, 4)


async def test_a_till_sells_what_it_has_and_nothing_else(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=50, at="warehouse")
    await shop.receive("shirt", 1, at="berlin")
    cart = await shop.staff().cart({"shirt": 2})

    refused = await shop.place(cart)

    (shortfall,) = refused["shortfalls"]
    assert (shortfall["requested"], shortfall["available"], shortfall["location"]) == (
        2,
        {"quantity": 1, "isCapped": False},
        {"code": "berlin"},
    )
    assert [remedy["kind"] for remedy in shortfall["remedies"]] == ["SHIP_INSTEAD", "LOWER_QUANTITY", "REMOVE_LINE"]


async def test_a_customer_holds_at_most_three_carts_and_a_shopper_100_units_a_line(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=900)
    customer = await shop.customer()
    carts = [await (await customer.cart({"shirt": 1})).collected_at("berlin") for _ in range(4)]
    many = await (await shop.guest_cart({"shirt": 101})).collected_at("berlin")
    enough = await (await shop.guest_cart({"shirt": 100})).collected_at("berlin")

    answers = [(await cart.do("cartHold"))["__typename"] for cart in (*carts, many, enough)]

    assert answers == ["CartPayload"] * 3 + ["InvalidInput", "InvalidInput", "CartPayload"]
    assert (await shop.level("shirt"))["reserved"] == 103


async def test_a_change_of_lines_or_delivery_releases_what_is_held_and_one_of_the_buyer_does_not(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")
    pickup = {"groups": [{"method": "PICKUP", "location": {"code": "berlin"}}]}
    changes: list[tuple[str, dict[str, Any], int]] = [
        ("cartBuyerSet", {"phone": "+49301234567"}, 2),
        ("cartLinesAdd", {"lines": [{"variant": {"sku": "shirt"}, "quantity": 1}]}, 0),
        ("cartDeliverySet", pickup, 0),
        ("cartLinesUpdate", {"lines": [{"lineId": await cart.line("shirt"), "quantity": 2}]}, 0),
        ("cartLinesRemove", {"lineIds": [await cart.line("shirt")]}, 0),
    ]

    for mutation, input_, reserved in changes:
        await cart.change("cartHold")
        await cart.change(mutation, **input_)
        assert (await shop.level("shirt"))["reserved"] == reserved, mutation


async def test_holding_again_holds_each_unit_once(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")

    await cart.change("cartHold")
    again = await cart.change("cartHold")

    assert again["heldUntil"] is not None
    assert counters(await shop.level("shirt")) == (2, 2, 0)


async def test_a_cart_that_is_not_ready_hears_everything_that_is_missing(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt"):
        await shop.stocked(sku, on_hand=9)
    cart = await shop.guest_cart({"shirt": 1, "hat": 1, "belt": 1})
    await cart.change("cartDeliverySet", groups=[{"lineIds": [await cart.line("belt")], "method": "SHIP"}])
    await shop.run("UPDATE variant SET withdrawn_at = now() WHERE sku = 'shirt'")
    await shop.run("DELETE FROM price WHERE variant_id = (SELECT id FROM variant WHERE sku = 'belt')")
    empty = await shop.guest().cart({})
    before = await shop.everything()

    refused = await shop.place(cart)
    refused_empty = await shop.place(empty)

    assert refused["__typename"] == "CartNotReady"
    assert [(problem["code"], problem["line"] and problem["line"]["sku"]) for problem in refused["problems"]] == [
        ("WITHDRAWN", "shirt"),
        ("NOT_SOLD_IN_MARKET", "belt"),
        ("DELIVERY_MISSING", "shirt"),
        ("DELIVERY_MISSING", "hat"),
        ("ADDRESS_MISSING", None),
        ("EMAIL_MISSING", None),
    ]
    assert [problem["code"] for problem in refused_empty["problems"]] == ["CART_EMPTY"]
    assert await shop.everything() == before


async def test_nothing_is_ordered_at_a_price_that_the_buyer_did_not_expect(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")
    await shop.set_price("shirt", 1290)
    before = await shop.everything()

    refused = await shop.place(cart, expectedTotal="23.80")
    unchanged = await shop.everything() == before
    placed = await shop.place(cart, expectedTotal="25.80")

    assert (refused["__typename"], refused["path"]) == ("PriceChanged", ["input", "expectedTotal"])
    assert (refused["expectedTotal"], refused["currentTotal"]) == ({"amount": "23.80"}, {"amount": "25.80"})
    assert unchanged
    assert placed["order"]["totals"]["total"]["amount"] == "25.80"


@pytest.mark.parametrize(
    ("payments", "path"),
    [
        ([{"gateway": "manual", "amount": "23.79"}], ["input", "payments"]),
        ([{"gateway": "manual", "amount": "23.81"}], ["input", "payments", "0", "amount"]),
        ([{"gateway": "manual", "amount": "-1"}, {"gateway": "manual"}], ["input", "payments", "0", "amount"]),
        ([{"gateway": "manual", "amount": "1.001"}], ["input", "payments", "0", "amount"]),
        ([{"gateway": "manual"}, {"gateway": "manual", "amount": "1"}], ["input", "payments", "1", "amount"]),
        ([{"gateway": "gold"}], ["input", "payments", "0", "gateway"]),
    ],
)
async def test_payments_that_do_not_add_up_order_nothing_and_keep_what_was_held(
    shop: Shop, payments: list[dict[str, str]], path: list[str]
) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")
    await cart.change("cartHold")
    before = await shop.everything()

    refused = await shop.place(cart, payments=payments)

    assert (refused["__typename"], refused["path"]) == ("InvalidInput", path)
    assert await shop.everything() == before


async def test_payments_that_do_not_add_up_give_back_what_was_held_for_the_order_alone(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")

    refused = await shop.place(cart, payments=[{"gateway": "manual", "amount": "1"}])

    assert refused["__typename"] == "InvalidInput"
    assert counters(await shop.level("shirt")) == (9, 0, 9)


async def test_a_total_is_split_over_payments_as_asked(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await (await shop.guest_cart({"shirt": 2})).shipped()

    placed = await shop.place(cart, payments=[{"gateway": "manual", "amount": "3.80"}, {"gateway": "manual"}])

    assert [payment["amount"]["amount"] for payment in placed["order"]["payments"]] == ["3.80", "20.00"]
