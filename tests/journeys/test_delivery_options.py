"""What delivery costs and when it comes: said with the cart, paid with the order."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.channels.shipping import remove_delivery_option, set_delivery_option
from api.ids import Kind, encode
from tests.journeys.stock_operations import expect_books_in_order
from tests.shop import ADDRESS, Caller, Cart, Shop

pytestmark = pytest.mark.anyio

DELIVERY = """
query ($id: ID!) { cart(id: $id) {
  deliveryGroups {
    method lines { sku } option { name } options { id name price { amount currencyCode } earliest latest }
    price { amount } readyAt
  }
  totals { subtotal { amount } discount { amount } delivery { amount } tax { amount } total { amount } }
  problems { code line { sku } } lines { sku problems { code } }
} }
"""
ORDER_TOTALS = """
query ($id: ID!) { order(by: {id: $id}) {
  paymentStatus
  totals { subtotal { amount } discount { amount } delivery { amount } tax { amount } total { amount } }
  payments { amount { amount } status }
} }
"""
FRANCE = {"name": "Ada", "line1": "1 rue de Rivoli", "city": "Paris", "postalCode": "75001", "countryCode": "FR"}
# A Wednesday.
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def ships_by(shop: Shop, code: str, price: str, market: str = "eu", **values: Any) -> None:
    """It takes two to four days."""
    await set_delivery_option(
        shop.database,
        market_code=market,
        code=code,
        name=code.title(),
        price=Decimal(price),
        **{
            "free_from": None,
            "earliest_days": 2,
            "latest_days": 4,
            "countries": (),
            "is_default": False,
            "position": 100,
            **values,
        },
    )
    await shop.reread()


async def seen(cart: Cart, at: datetime = NOON) -> Any:
    return (await cart.caller.at(at).ask(DELIVERY, id=cart.id))["cart"]


async def ship(cart: Cart, address: dict[str, str] = ADDRESS, **group: Any) -> dict[str, Any]:
    await cart.change("cartBuyerSet", email="ada@example.com")
    return await cart.do("cartDeliverySet", groups=[{"method": "SHIP", "address": address, **group}])


async def option_id(cart: Cart, name: str) -> str:
    (group,) = (await seen(cart))["deliveryGroups"]
    found: str = next(option["id"] for option in group["options"] if option["name"] == name)
    return found


def amounts(totals: dict[str, Any]) -> dict[str, str]:
    return {name: money["amount"] for name, money in totals.items()}


async def order_of(caller: Caller, placed: dict[str, Any]) -> Any:
    assert placed["__typename"] == "OrderPlacePayload", placed
    return (await caller.ask(ORDER_TOTALS, id=placed["order"]["id"]))["order"]


@pytest.fixture
async def cart(shop: Shop) -> Cart:
    """Two shirts for 23.80 euro, of a shop that ships by Standard and, if it is asked to, by Express."""
    await ships_by(shop, "express", "12.90", earliest_days=1, latest_days=1, position=2)
    await ships_by(shop, "standard", "4.90", free_from=Decimal("50.00"), is_default=True, position=1)
    await shop.stocked("shirt", on_hand=50)
    return await shop.guest_cart({"shirt": 2})


async def test_a_cart_is_shipped_by_the_default_and_shows_what_else_there_is_with_prices_and_dates(cart: Cart) -> None:
    await ship(cart)

    shown = await seen(cart)

    (group,) = shown["deliveryGroups"]
    assert (group["option"], group["price"], group["readyAt"]) == ({"name": "Standard"}, {"amount": "4.90"}, None)
    assert [
        {name: option[name] for name in ("name", "price", "earliest", "latest")} for option in group["options"]
    ] == [
        {
            "name": "Standard",
            "price": {"amount": "4.90", "currencyCode": "EUR"},
            "earliest": "2026-03-06T00:00:00.000Z",
            "latest": "2026-03-09T00:00:00.000Z",
        },
        {
            "name": "Express",
            "price": {"amount": "12.90", "currencyCode": "EUR"},
            "earliest": "2026-03-05T00:00:00.000Z",
            "latest": "2026-03-06T00:00:00.000Z",
        },
    ]
    # 19 % of what 23.80 and 4.90 contain: 3.80 and 0.78.
    assert amounts(shown["totals"]) == {
        "subtotal": "23.80",
        "discount": "0.00",
        "delivery": "4.90",
        "tax": "4.58",
        "total": "28.70",
    }
    assert shown["problems"] == []


async def test_another_option_is_chosen_and_paid_with_the_order(shop: Shop, cart: Cart) -> None:
    await ship(cart)
    changed = await ship(cart, option=await option_id(cart, "Express"))
    assert changed["__typename"] == "CartPayload"

    stale = await shop.place(cart, expectedTotal="28.70")
    placed = await shop.place(cart, expectedTotal="36.70")

    assert (stale["__typename"], stale["currentTotal"]) == ("PriceChanged", {"amount": "36.70"})
    order = await order_of(cart.caller, placed)
    assert amounts(order["totals"]) == {
        "subtotal": "23.80",
        "discount": "0.00",
        "delivery": "12.90",
        "tax": "5.86",
        "total": "36.70",
    }
    assert order["payments"] == [{"amount": {"amount": "36.70"}, "status": "PENDING"}]
    stored = "SELECT concat_ws(' ', option_name, amount, tax_amount) FROM order_delivery_group"
    assert await shop.value(stored) == "Express 1290 206"


async def test_an_order_keeps_what_its_delivery_was_called_and_cost(shop: Shop, cart: Cart) -> None:
    await ship(cart)
    placed = await shop.place(cart)

    await ships_by(shop, "standard", "9.90", is_default=True)

    order = await order_of(cart.caller, placed)
    assert (order["totals"]["delivery"], order["totals"]["total"]) == ({"amount": "4.90"}, {"amount": "28.70"})


async def test_enough_of_it_ships_for_nothing(shop: Shop, cart: Cart) -> None:
    await ship(cart)
    await cart.change("cartLinesUpdate", lines=[{"lineId": await cart.line("shirt"), "quantity": 5}])

    shown = await seen(cart)

    # 59.50 euro.
    assert shown["deliveryGroups"][0]["price"] == {"amount": "0.00"}
    assert shown["totals"]["total"] == {"amount": "59.50"}
    assert (await shop.place(cart, expectedTotal="59.50"))["__typename"] == "OrderPlacePayload"


async def test_tax_is_added_to_the_delivery_where_the_market_adds_it_to_prices(shop: Shop) -> None:
    await ships_by(shop, "ground", "6.95", market="us", is_default=True)
    await shop.stocked("shirt", on_hand=9)
    cart = await shop.guest_cart({"shirt": 1}, "web-us")
    await ship(cart, {**ADDRESS, "city": "Portland", "region": "OR", "postalCode": "97209", "countryCode": "US"})

    shown = await seen(cart)

    # 8 % of 25.00 and of 6.95.
    assert amounts(shown["totals"]) == {
        "subtotal": "25.00",
        "discount": "0.00",
        "delivery": "6.95",
        "tax": "2.56",
        "total": "34.51",
    }
    placed = await shop.place(cart, expectedTotal="34.51")
    assert amounts((await order_of(cart.caller, placed))["totals"]) == amounts(shown["totals"])


async def test_without_a_default_the_shopper_chooses_before_it_can_be_ordered(shop: Shop) -> None:
    await ships_by(shop, "van", "30.00")
    await shop.stocked("shirt", on_hand=9)
    await shop.stocked("hat", on_hand=9)
    cart = await shop.guest_cart({"shirt": 1, "hat": 1})
    await ship(cart)
    hat = await cart.line("hat")
    await cart.change(
        "cartDeliverySet", groups=[{"lineIds": [hat], "method": "PICKUP", "location": {"code": "berlin"}}]
    )

    shown = await seen(cart)
    refused = await shop.place(cart)

    missing = {"code": "DELIVERY_OPTION_MISSING", "line": {"sku": "shirt"}}
    assert shown["problems"] == [missing]
    assert [group["option"] for group in shown["deliveryGroups"]] == [None, None]
    assert shown["totals"]["delivery"] == {"amount": "0.00"}
    assert refused["__typename"] == "CartNotReady"
    assert [(problem["code"], problem["line"]) for problem in refused["problems"]] == [
        ("DELIVERY_OPTION_MISSING", {"sku": "shirt"})
    ]
    van = shown["deliveryGroups"][0]["options"][0]["id"]
    await ship(cart, option=van)
    assert (await seen(cart))["problems"] == []
    assert (await shop.place(cart, expectedTotal="53.80"))["__typename"] == "OrderPlacePayload"


async def test_only_what_goes_to_the_country_can_be_had(shop: Shop, cart: Cart) -> None:
    await ships_by(shop, "bike", "2.00", countries=("DE",))
    await ship(cart)
    bike = await option_id(cart, "Bike")

    refused = await ship(cart, FRANCE, option=bike)

    assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", "groups", "0", "option"])
    await ship(cart, FRANCE)
    assert [option["name"] for option in (await seen(cart))["deliveryGroups"][0]["options"]] == ["Standard", "Express"]


@pytest.mark.parametrize(
    ("group", "refusal"),
    [
        ({"method": "SHIP", "address": ADDRESS, "option": "dop_999"}, "NotFound"),
        ({"method": "SHIP", "address": ADDRESS, "option": "nonsense"}, "NotFound"),
        ({"method": "PICKUP", "location": {"code": "berlin"}}, "InvalidInput"),
        ({"method": "RESERVE_IN_STORE", "location": {"code": "berlin"}}, "InvalidInput"),
    ],
)
async def test_an_option_that_cannot_be_is_refused(cart: Cart, group: dict[str, Any], refusal: str) -> None:
    await ship(cart)
    option = group.get("option") or await option_id(cart, "Express")

    refused = await cart.do("cartDeliverySet", groups=[{**group, "option": option}])

    assert (refused["__typename"], refused["path"]) == (refusal, ["input", "groups", "0", "option"])
    assert (await seen(cart))["deliveryGroups"][0]["option"] == {"name": "Standard"}


async def test_an_option_of_another_market_does_not_exist(shop: Shop, cart: Cart) -> None:
    await ships_by(shop, "ground", "6.95", market="us")
    ground = await shop.value("SELECT id FROM delivery_option WHERE code = 'ground'")

    refused = await ship(cart, option=encode(Kind.DeliveryOption, ground))

    assert refused["__typename"] == "NotFound"


async def test_an_option_that_is_removed_gives_way_to_the_default(shop: Shop, cart: Cart) -> None:
    await ship(cart)
    await ship(cart, option=await option_id(cart, "Express"))

    await remove_delivery_option(shop.database, market_code="eu", code="express")
    await shop.reread()

    shown = await seen(cart)
    assert shown["deliveryGroups"][0]["option"] == {"name": "Standard"}
    assert [option["name"] for option in shown["deliveryGroups"][0]["options"]] == ["Standard"]


async def test_the_option_goes_along_when_carts_are_merged(shop: Shop, cart: Cart) -> None:
    await ship(cart)
    await ship(cart, option=await option_id(cart, "Express"))
    ada = await shop.customer()
    own = await ada.cart({})

    await cart.given_to(ada)

    assert (await seen(own))["deliveryGroups"][0]["option"] == {"name": "Express"}


async def test_a_reservation_in_a_store_is_held_there_and_paid_there(shop: Shop) -> None:
    await ships_by(shop, "standard", "4.90", is_default=True)
    await shop.run("""
        UPDATE location SET opening_hours = '[{"weekday": 3, "opens": "10:00", "closes": "18:00"}]' WHERE code = 'berlin'
    """)
    await shop.reread()
    await shop.stocked("shirt", on_hand=9)
    cart = await shop.guest_cart({"shirt": 2})
    await cart.change("cartDeliverySet", groups=[{"method": "RESERVE_IN_STORE", "location": {"code": "berlin"}}])
    await cart.change("cartBuyerSet", email="ada@example.com")

    shown = await seen(cart)
    after_closing = await seen(cart, NOON.replace(hour=18))
    placed = await shop.place(cart, expectedTotal="23.80")

    (group,) = shown["deliveryGroups"]
    assert (group["method"], group["options"], group["option"]) == ("RESERVE_IN_STORE", [], None)
    assert (group["price"], group["readyAt"]) == ({"amount": "0.00"}, "2026-03-04T13:00:00.000Z")
    assert after_closing["deliveryGroups"][0]["readyAt"] == "2026-03-11T11:00:00.000Z"
    assert shown["totals"]["delivery"] == {"amount": "0.00"}
    assert (await order_of(cart.caller, placed))["paymentStatus"] == "PAY_IN_STORE"
    assert (await shop.level("shirt"))["reserved"] == 2
    # Once it is an order, the cart is no more ready than it was.
    assert (await seen(cart))["deliveryGroups"][0]["readyAt"] is None
    await expect_books_in_order(shop)


async def test_nothing_is_reserved_where_nobody_can_be_paid(shop: Shop) -> None:
    await shop.run("UPDATE location SET kind = 'LOCKER' WHERE code = 'hamburg'")
    await shop.reread()
    await shop.stocked("shirt", on_hand=9, at="hamburg")
    cart = await shop.guest_cart({"shirt": 1})

    reserved = await cart.do(
        "cartDeliverySet", groups=[{"method": "RESERVE_IN_STORE", "location": {"code": "hamburg"}}]
    )
    collected = await cart.do("cartDeliverySet", groups=[{"method": "PICKUP", "location": {"code": "hamburg"}}])

    assert (reserved["__typename"], reserved["path"]) == ("InvalidInput", ["input", "groups", "0", "location"])
    assert collected["__typename"] == "CartPayload"


async def test_what_is_carried_out_is_ready_now(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await shop.staff().cart({"shirt": 1})

    (group,) = (await seen(cart))["deliveryGroups"]

    assert (group["method"], group["price"], group["readyAt"]) == (
        "CARRY_OUT",
        {"amount": "0.00"},
        "2026-03-04T12:00:00.000Z",
    )


async def test_one_cart_ships_some_and_has_some_collected_and_the_sum_is_right(shop: Shop, cart: Cart) -> None:
    await shop.stocked("hat", on_hand=9)
    await cart.change("cartLinesAdd", lines=[{"variant": {"sku": "hat"}, "quantity": 5}])
    await ship(cart)
    hat = await cart.line("hat")
    await cart.change(
        "cartDeliverySet", groups=[{"lineIds": [hat], "method": "PICKUP", "location": {"code": "berlin"}}]
    )

    shown = await seen(cart)

    # The shirts alone do not cost enough to ship for nothing.
    assert {group["method"]: group["price"]["amount"] for group in shown["deliveryGroups"]} == {
        "SHIP": "4.90",
        "PICKUP": "0.00",
    }
    assert amounts(shown["totals"]) | {"tax": ""} == {
        "subtotal": "83.30",
        "discount": "0.00",
        "delivery": "4.90",
        "tax": "",
        "total": "88.20",
    }


async def test_a_line_whose_hold_has_run_out_says_so_until_it_is_held_again(shop: Shop, cart: Cart) -> None:
    await shop.stocked("hat", on_hand=9)
    await ship(cart)
    await cart.change("cartHold")
    assert (await seen(cart, datetime.now(UTC)))["problems"] == []

    await shop.expire_holds()

    lapsed = [{"code": "HOLD_EXPIRED", "line": {"sku": "shirt"}}]
    assert (await seen(cart, datetime.now(UTC)))["problems"] == lapsed
    # Somebody else needs the shelf, so the hold is taken back; a new line was never held.
    await shop.run("SELECT reclaim_expired_holds((SELECT array_agg(id) FROM stock_level))")
    await cart.change("cartLinesAdd", lines=[{"variant": {"sku": "hat"}, "quantity": 1}])
    await cart.change("cartDeliverySet", groups=[{"method": "SHIP", "address": ADDRESS}])
    assert (await seen(cart, datetime.now(UTC)))["problems"] == lapsed
    await cart.change("cartHold")
    assert (await seen(cart, datetime.now(UTC)))["problems"] == []
    assert (await shop.place(cart))["__typename"] == "OrderPlacePayload"


async def test_a_hold_that_was_given_back_has_not_run_out(shop: Shop, cart: Cart) -> None:
    await ship(cart)
    await cart.change("cartHold")

    await cart.change("cartRelease")

    assert (await seen(cart, datetime.now(UTC)))["problems"] == []
