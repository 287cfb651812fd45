"""Calling an order off: what was promised is for sale again, once, and only for whoever may."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from domain.access import Permission
from tests.journeys.stock_operations import expect_books_in_order, key, nothing_changes
from tests.shop import ADDRESS, Caller, Cart, Shop

pytestmark = pytest.mark.anyio

Order = dict[str, Any]


async def sold(shop: Shop, cart: Cart) -> Order:
    placed = await shop.place(cart)
    assert placed["__typename"] == "OrderPlacePayload", placed
    order: Order = placed["order"]
    return order


async def cancel(caller: Caller, order: Order, **input_: Any) -> Order:
    return await caller.do("orderCancel", **{"orderId": order["id"], "idempotencyKey": key(), **input_})


async def guest_order(shop: Shop, units: int = 2) -> tuple[Cart, Order]:
    """Of five shirts, collected in Berlin."""
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": units})).collected_at("berlin")
    return cart, await sold(shop, cart)


async def test_what_was_promised_is_for_sale_again(shop: Shop) -> None:
    cart, order = await guest_order(shop)

    cancelled = await cancel(cart.caller, order, reason="Wrong size", expectedVersion=1)

    assert cancelled["__typename"] == "OrderPayload"
    now = cancelled["order"]
    assert (now["status"], now["paymentStatus"], now["fulfillmentStatus"]) == ("CANCELLED", "VOIDED", "CANCELLED")
    assert [payment["status"] for payment in now["payments"]] == ["VOIDED"]
    assert (now["version"], now["allowedActions"]) == (2, [])
    assert now["totals"] == order["totals"]
    assert now["timeline"][1:] == [
        {
            "type": "CANCELLED",
            "actor": "customer",
            "channel": {"code": "web"},
            "message": "The order was cancelled: Wrong size",
        }
    ]
    level = await shop.level("shirt")
    assert (level["on_hand"], level["reserved"], level["available"], level["version"]) == (5, 0, 5, 3)
    ledger = "SELECT array_agg(reason::text || ' ' || reserved_delta ORDER BY version) FROM stock_movement"
    assert await shop.value(ledger) == ["RECEIPT 0", "HOLD 2", "RELEASE -2"]
    reservations = "SELECT array_agg(state || ' ' || open_quantity) FROM reservation"
    assert await shop.value(reservations) == ["RELEASED 0"]
    events = "SELECT array_agg(topic || ' ' || version ORDER BY seq) FROM outbox WHERE topic <> 'cart'"
    assert await shop.value(events) == ["stock 1", "stock 2", "order 1", "stock 3", "order 2"]
    await expect_books_in_order(shop)


async def test_what_was_cancelled_is_sold_to_somebody_else(shop: Shop) -> None:
    cart, order = await guest_order(shop, units=5)
    other = await (await shop.guest_cart({"shirt": 5})).collected_at("berlin")

    before = await shop.place(other)
    await cancel(cart.caller, order)
    after = await shop.place(other)

    assert [answer["__typename"] for answer in (before, after)] == ["InsufficientStock", "OrderPlacePayload"]
    await expect_books_in_order(shop)


async def test_an_order_that_several_locations_serve_is_released_at_each(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2, at="warehouse")
    await shop.receive("shirt", 2, at="berlin")
    cart = await (await shop.guest_cart({"shirt": 4})).shipped()
    order = await sold(shop, cart)

    await cancel(cart.caller, order)

    assert [(await shop.level("shirt", at))["available"] for at in ("warehouse", "berlin")] == [2, 2]
    await expect_books_in_order(shop)


async def test_the_units_of_a_cancelled_order_end_a_shortfall(shop: Shop) -> None:
    cart, order = await guest_order(shop)
    await shop.receive("shirt", -4, reason="COUNT")
    short = (await shop.level("shirt"))["shortfall"]

    await cancel(cart.caller, order)

    level = await shop.level("shirt")
    assert (short, level["shortfall"], level["available"]) == (1, 0, 1)
    await expect_books_in_order(shop)


async def test_who_owns_an_order_may_cancel_it_and_is_told_so(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    customer = await shop.customer()
    guest = await (await shop.guest_cart({"shirt": 1})).collected_at("berlin")
    own = await (await customer.cart({"shirt": 1})).collected_at("berlin")
    orders = [(guest.caller, await sold(shop, guest)), (customer, await sold(shop, own))]

    cancelled = [await cancel(caller, order) for caller, order in orders]

    assert [order["allowedActions"] for _, order in orders] == [["CANCEL"], ["CANCEL"]]
    assert [answer["__typename"] for answer in cancelled] == ["OrderPayload", "OrderPayload"]


async def test_whoever_is_somebody_else_learns_nothing_and_changes_nothing(shop: Shop) -> None:
    _, order = await guest_order(shop)
    stranger = await shop.guest_cart({"shirt": 1})
    hamburg = shop.staff(Permission.MANAGE_ORDERS, Permission.READ_ORDERS, bound_to="hamburg")
    others = [
        shop.guest(),
        stranger.caller,
        await shop.customer(),
        shop.staff(Permission.READ_ORDERS, Permission.SELL_IN_STORE),
        shop.app(Permission.MANAGE_ORDERS, channel="marketplace"),
        hamburg,
    ]
    nothing = {"id": "ord_" + "0" * 32}

    async with nothing_changes(shop):
        refused = [await cancel(caller, order) for caller in others]
    missing = [await cancel(caller, nothing) for caller in others]

    assert {answer["__typename"] for answer in refused} == {"NotFound"}
    assert refused == missing


ALLOWED = "query ($by: OrderBy!) { order(by: $by) { allowedActions } }"


async def test_number_and_mail_show_an_order_but_do_not_cancel_it(shop: Shop) -> None:
    cart, order = await guest_order(shop)
    by = {"guest": {"number": order["number"], "email": "ada@example.com"}}

    seen = await shop.guest().ask(ALLOWED, by=by)
    seen_by_its_guest = await cart.caller.ask(ALLOWED, by=by)

    assert (seen["order"], seen_by_its_guest["order"]) == ({"allowedActions": []}, {"allowedActions": ["CANCEL"]})


async def test_staff_cancels_everywhere_and_in_a_store_what_is_that_stores_alone(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    await shop.receive("shirt", 9, at="hamburg")
    await shop.stocked("hat", on_hand=9)
    both = await shop.guest_cart({"shirt": 1, "hat": 1})
    await both.collected_at("hamburg")
    shipped_part = {"method": "SHIP", "lineIds": [await both.line("hat")], "address": {**ADDRESS}}
    await both.change("cartDeliverySet", groups=[shipped_part])
    at_till = await shop.staff(Permission.SELL_IN_STORE).cart({"shirt": 1})
    await at_till.collected_at("hamburg")
    carts = {
        "collected in Hamburg": await (await shop.guest_cart({"shirt": 1})).collected_at("hamburg"),
        "collected in Berlin": await (await shop.guest_cart({"shirt": 1})).collected_at("berlin"),
        "shipped": await (await shop.guest_cart({"shirt": 1})).shipped(),
        "collected in Hamburg and shipped": both,
        "sold in Berlin, collected in Hamburg": at_till,
    }
    orders = {name: await sold(shop, cart) for name, cart in carts.items()}
    callers = {
        "manager": shop.staff(Permission.MANAGE_ORDERS),
        "Berlin": shop.staff(Permission.MANAGE_ORDERS, bound_to="berlin"),
        "Hamburg": shop.staff(Permission.MANAGE_ORDERS, bound_to="hamburg"),
        "ERP": shop.app(Permission.MANAGE_ORDERS, channel="partner"),
        "app": shop.app(Permission.MANAGE_ORDERS, channel="web"),
    }

    allowed = {
        name: {
            which
            for which, order in orders.items()
            if (await caller.ask(ALLOWED, by={"id": order["id"]}))["order"] == {"allowedActions": ["CANCEL"]}
        }
        for name, caller in callers.items()
    }

    assert allowed == {
        "manager": set(orders),
        "ERP": set(orders),
        "app": set(orders) - {"sold in Berlin, collected in Hamburg"},
        "Berlin": {"collected in Berlin", "sold in Berlin, collected in Hamburg"},
        "Hamburg": {"collected in Hamburg", "sold in Berlin, collected in Hamburg"},
    }
    # What is said is what is done.
    for name, caller in callers.items():
        for which, order in orders.items():
            if which not in allowed[name]:
                assert (await cancel(caller, order))["__typename"] == "NotFound", (name, which)
    for which, name in {"shipped": "ERP", "collected in Berlin": "Berlin", "collected in Hamburg": "Hamburg"}.items():
        assert (await cancel(callers[name], orders[which]))["__typename"] == "OrderPayload"


async def test_what_was_handed_over_is_not_cancelled(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.stocked("hat", on_hand=5)
    till = shop.staff()
    carried = await sold(shop, await till.cart({"shirt": 1}))
    mixed = await till.cart({"shirt": 1, "hat": 1})
    await mixed.change(
        "cartDeliverySet", groups=[{"method": "SHIP", "lineIds": [await mixed.line("hat")], "address": {**ADDRESS}}]
    )
    await mixed.change("cartBuyerSet", email="ada@example.com")
    partly = await sold(shop, mixed)

    async with nothing_changes(shop):
        answers = [await cancel(till, order) for order in (carried, partly)]

    assert [order["fulfillmentStatus"] for order in (carried, partly)] == ["FULFILLED", "PARTIALLY_FULFILLED"]
    assert [order["allowedActions"] for order in (carried, partly)] == [[], []]
    assert [(answer["__typename"], answer["path"]) for answer in answers] == [
        ("InvalidTransition", ["input", "orderId"])
    ] * 2


async def test_an_order_is_cancelled_once(shop: Shop) -> None:
    cart, order = await guest_order(shop)
    first = await cancel(cart.caller, order, idempotencyKey="key")

    async with nothing_changes(shop):
        replayed = await cancel(cart.caller, order, idempotencyKey="key")
        other_input = await cancel(cart.caller, order, idempotencyKey="key", reason="Other")
        again = await cancel(cart.caller, order)

    assert replayed == first
    assert [answer["__typename"] for answer in (other_input, again)] == ["IdempotencyMismatch", "InvalidTransition"]


async def test_whoever_may_no_longer_cancel_is_not_shown_what_it_did(shop: Shop) -> None:
    await guest_order(shop)
    customer = await shop.customer()
    order = await sold(shop, await (await customer.cart({"shirt": 1})).collected_at("berlin"))
    await cancel(customer, order, idempotencyKey="key")
    await shop.run("UPDATE sales_order SET customer_id = NULL")

    replayed = await cancel(customer, order, idempotencyKey="key")

    assert replayed["__typename"] == "NotFound"


async def test_another_version_than_expected_is_refused_with_the_order(shop: Shop) -> None:
    cart, order = await guest_order(shop)

    async with nothing_changes(shop):
        refused = await cancel(cart.caller, order, expectedVersion=7)

    assert (refused["__typename"], refused["code"], refused["path"]) == (
        "OrderVersionConflict",
        "VERSION_CONFLICT",
        ["input", "expectedVersion"],
    )
    assert refused["order"] == {"id": order["id"], "version": 1, "status": "OPEN"}


async def test_lines_must_name_the_whole_order(shop: Shop) -> None:
    await shop.stocked("hat", on_hand=5)
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 2, "hat": 1})).collected_at("berlin")
    order = await sold(shop, cart)
    ids = await shop.value("SELECT array_agg(id ORDER BY quantity DESC) FROM order_line")
    shirts, hat = (f"orl_{id_.hex}" for id_ in ids)

    def lines(*units: tuple[str, int]) -> list[dict[str, Any]]:
        return [{"orderLineId": id_, "quantity": quantity} for id_, quantity in units]

    partly = [
        [],
        lines((shirts, 2)),
        lines((shirts, 1), (hat, 1)),
        lines((shirts, 3), (hat, 1)),
        lines((shirts, 3), (shirts, -1), (hat, 1)),
        lines((shirts, 2), (hat, 1), (order["id"], 1)),
        lines(*[(hat, 1)] * 201),
    ]
    async with nothing_changes(shop):
        refused = [await cancel(cart.caller, order, lines=asked) for asked in partly]
    whole = await cancel(cart.caller, order, lines=lines((hat, 1), (shirts, 1), (shirts, 1)))

    assert [(answer["__typename"], answer["path"]) for answer in refused] == [("InvalidInput", ["input", "lines"])] * 7
    assert whole["__typename"] == "OrderPayload"


async def test_a_reason_is_short(shop: Shop) -> None:
    cart, order = await guest_order(shop)

    refused = await cancel(cart.caller, order, reason="x" * 201)

    assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", "reason"])


@pytest.mark.parametrize("paid", ["status = 'PAID'", "gateway = 'card', status = 'AUTHORIZED'"])
async def test_money_that_cannot_be_given_back_from_here_keeps_the_order(shop: Shop, paid: str) -> None:
    cart, order = await guest_order(shop)
    await shop.run(f"UPDATE payment SET {paid}")

    async with nothing_changes(shop):
        refused = await cancel(cart.caller, order)

    assert (refused["__typename"], refused["code"], refused["reason"]) == (
        "PaymentDeclined",
        "PAYMENT_DECLINED",
        "NOT_REFUNDABLE",
    )


async def test_of_many_that_cancel_at_once_one_does(shop: Shop) -> None:
    cart, order = await guest_order(shop)

    with_one_key = await asyncio.gather(*(cancel(cart.caller, order, idempotencyKey="key") for _ in range(8)))
    again = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")
    other = await sold(shop, again)
    with_many = await asyncio.gather(*(cancel(again.caller, other) for _ in range(8)))

    assert [answer["__typename"] for answer in with_one_key] == ["OrderPayload"] * 8
    assert Counter(answer["__typename"] for answer in with_many) == {"OrderPayload": 1, "InvalidTransition": 7}
    level = await shop.level("shirt")
    assert (level["reserved"], level["version"]) == (0, 5)
    await expect_books_in_order(shop)


async def test_buyers_and_cancellations_of_the_last_units_lose_none(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=4)
    first = [await (await shop.guest_cart({"shirt": 1})).collected_at("berlin") for _ in range(4)]
    orders = [await sold(shop, cart) for cart in first]
    others = [await (await shop.guest_cart({"shirt": 1})).collected_at("berlin") for _ in range(12)]

    answers = await asyncio.gather(
        *(cancel(cart.caller, order) for cart, order in zip(first, orders, strict=True)),
        *(shop.place(cart) for cart in others),
    )

    cancelled, bought = answers[:4], Counter(answer["__typename"] for answer in answers[4:])
    assert [answer["__typename"] for answer in cancelled] == ["OrderPayload"] * 4
    level = await shop.level("shirt")
    assert bought["OrderPlacePayload"] + bought["InsufficientStock"] == 12
    assert (level["reserved"], level["available"]) == (
        bought["OrderPlacePayload"],
        4 - bought["OrderPlacePayload"],
    )
    await expect_books_in_order(shop)
