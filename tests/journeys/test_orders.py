"""Orders afterwards: who sees which, and how they are found."""

from typing import Any

import pytest

from domain.access import Permission
from tests.shop import ADDRESS, Caller, Cart, Shop

pytestmark = pytest.mark.anyio

ORDERS = """
query ($first: Int, $after: String, $filter: OrderFilter) {
  orders(first: $first, after: $after, filter: $filter) {
    nodes { number } totalCount pageInfo { hasNextPage endCursor }
  }
}
"""
BY_ID = "query ($id: ID!) { order(by: {id: $id}) { id number email } node(id: $id) { id } }"


async def sold(shop: Shop, cart: Cart) -> dict[str, Any]:
    placed = await shop.place(cart)
    assert placed["__typename"] == "OrderPlacePayload", placed
    order: dict[str, Any] = placed["order"]
    return order


async def numbers(caller: Caller, **variables: Any) -> list[str]:
    return [order["number"] for order in (await caller.ask(ORDERS, **variables))["orders"]["nodes"]]


@pytest.fixture
async def orders(shop: Shop) -> dict[str, dict[str, Any]]:
    """One of each kind, in this order."""
    for at in ("berlin", "hamburg", "warehouse"):
        await (shop.stocked("shirt", on_hand=50, at=at) if at == "berlin" else shop.receive("shirt", 50, at=at))
    units = {"shirt": 1}
    customer = await shop.customer("cora@example.com")
    carts = {
        "web": await (await shop.guest_cart(units)).collected_at("hamburg", "ada@example.com"),
        "till": await shop.staff().cart(units),
        "marketplace": await (await shop.app(channel="marketplace").cart(units)).shipped("bob@example.com"),
        "us": await (await shop.guest_cart(units, "web-us")).shipped("dan@example.com"),
        "customer": await (await customer.cart(units)).collected_at("berlin", "cora@example.com"),
    }
    return {name: await sold(shop, cart) for name, cart in carts.items()}


def named(orders: dict[str, dict[str, Any]], found: list[str]) -> list[str]:
    names = {order["number"]: name for name, order in orders.items()}
    return [names[number] for number in found]


async def test_orders_are_listed_newest_first_a_page_at_a_time(shop: Shop, orders: dict[str, dict[str, Any]]) -> None:
    seen, after, more = [], None, True
    while more:
        page = (await shop.staff().ask(ORDERS, first=2, after=after))["orders"]
        seen += [node["number"] for node in page["nodes"]]
        assert page["totalCount"] == 5
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert named(orders, seen) == ["customer", "us", "marketplace", "till", "web"]


async def test_orders_of_one_moment_are_all_listed_once(shop: Shop, orders: dict[str, dict[str, Any]]) -> None:
    await shop.run("UPDATE sales_order SET placed_at = '2026-03-01T12:00:00.123456Z'")

    seen, after, more = [], None, True
    while more:
        page = (await shop.staff().ask(ORDERS, first=1, after=after))["orders"]
        seen += [node["number"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert sorted(named(orders, seen)) == sorted(orders)


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"status": "COMPLETED"}, ["till"]),
    ({"fulfillmentStatus": "UNFULFILLED"}, ["customer", "us", "marketplace", "web"]),
    ({"channel": "web"}, ["customer", "web"]),
    ({"channel": "nowhere"}, []),
    ({"location": {"code": "berlin"}}, ["customer", "till"]),
    ({"location": {"code": "hamburg"}}, ["web"]),
    ({"location": {"code": "atlantis"}}, []),
    ({"search": " ADA@example.com "}, ["web"]),
    ({"search": "ada"}, []),
    ({"status": "OPEN", "channel": "web", "location": {"code": "hamburg"}}, ["web"]),
    ({"customerId": "cus_" + "0" * 32}, []),
    ({"customerId": "nonsense"}, []),
    ({"placedAfter": "2999-01-01T00:00:00Z"}, []),
    ({"placedBefore": "2999-01-01T00:00:00Z"}, ["customer", "us", "marketplace", "till", "web"]),
]


async def test_filters_narrow_the_list(shop: Shop, orders: dict[str, dict[str, Any]]) -> None:
    for filter_, expected in FILTERS:
        page = (await shop.staff().ask(ORDERS, filter=filter_))["orders"]
        assert named(orders, [node["number"] for node in page["nodes"]]) == expected, filter_
        assert page["totalCount"] == len(expected), filter_


async def test_filters_by_number_and_customer_and_moment(shop: Shop, orders: dict[str, dict[str, Any]]) -> None:
    customer_id = (await shop.value("SELECT customer_id FROM sales_order WHERE customer_id IS NOT NULL")).hex
    moment = await shop.value(
        "SELECT placed_at FROM sales_order WHERE number = CAST(:number AS text)", number=orders["us"]["number"]
    )
    # A moment in GraphQL has milliseconds; the column is finer.
    cut = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    await shop.run(
        "UPDATE sales_order SET placed_at = CAST(:cut AS timestamptz) WHERE placed_at = :moment", cut=cut, moment=moment
    )
    staff = shop.staff()

    by_number = await numbers(staff, filter={"search": orders["us"]["number"].lower()})
    by_customer = await numbers(staff, filter={"customerId": f"cus_{customer_id}"})
    from_then = await numbers(staff, filter={"placedAfter": cut.isoformat()})
    until_then = await numbers(staff, filter={"placedBefore": cut.isoformat()})

    assert named(orders, by_number) == ["us"]
    assert named(orders, by_customer) == ["customer"]
    assert named(orders, from_then) == ["customer", "us"]
    assert named(orders, until_then) == ["marketplace", "till", "web"]


@pytest.mark.parametrize(
    ("worker", "expected"),
    [
        ({"bound_to": "berlin"}, ["customer", "till"]),
        ({"bound_to": "hamburg", "channel": "web"}, ["web"]),
        ({"bound_to": "warehouse", "channel": "web"}, []),
        ({}, ["customer", "us", "marketplace", "till", "web"]),
    ],
)
async def test_staff_bound_to_a_location_sees_its_orders_only(
    shop: Shop, orders: dict[str, dict[str, Any]], worker: dict[str, str], expected: list[str]
) -> None:
    staff = shop.staff(Permission.READ_ORDERS, **worker)

    listed = named(orders, await numbers(staff))
    looked_up = [name for name, order in orders.items() if (await staff.ask(BY_ID, id=order["id"]))["order"]]

    assert listed == expected
    assert looked_up == expected[::-1]


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("marketplace", ["marketplace"]),
        ("web", ["customer", "web"]),
        ("app", []),
        ("partner", ["customer", "us", "marketplace", "till", "web"]),
    ],
)
async def test_an_app_sees_the_orders_of_its_channel_and_a_partner_all(
    shop: Shop, orders: dict[str, dict[str, Any]], channel: str, expected: list[str]
) -> None:
    app = shop.app(Permission.READ_ORDERS, channel=channel)

    listed = named(orders, await numbers(app))
    looked_up = [name for name, order in orders.items() if (await app.ask(BY_ID, id=order["id"]))["order"]]

    assert listed == expected
    assert looked_up == expected[::-1]


async def test_lists_of_orders_are_not_for_shoppers(shop: Shop) -> None:
    assert await shop.guest().error_codes(ORDERS) == ["UNAUTHENTICATED"]
    assert await (await shop.customer()).error_codes(ORDERS) == ["FORBIDDEN"]
    assert await shop.staff(Permission.MANAGE_STOCK).error_codes(ORDERS) == ["FORBIDDEN"]


async def test_an_order_of_somebody_else_is_as_if_it_did_not_exist(
    shop: Shop, orders: dict[str, dict[str, Any]]
) -> None:
    strangers = [shop.guest(), await shop.customer("eve@example.com"), shop.staff(Permission.MANAGE_STOCK)]

    answers = [await caller.ask(BY_ID, id=order["id"]) for caller in strangers for order in orders.values()]
    missing = await shop.guest().ask(BY_ID, id="ord_" + "0" * 32)

    assert answers == [missing] * 15
    assert missing == {"order": None, "node": None}


async def test_whoever_holds_the_token_of_the_cart_sees_its_order(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 1})).shipped()
    other = await (await shop.guest_cart({"shirt": 1})).shipped()
    order = await sold(shop, cart)
    document = "query ($id: ID!) { order(by: {id: $id}) { number shippingAddress { line1 } } }"

    mine = await cart.caller.ask(document, id=order["id"])
    theirs = await other.caller.ask(document, id=order["id"])

    assert mine == {"order": {"number": order["number"], "shippingAddress": {"line1": "Ufer 1"}}}
    assert theirs == {"order": None}


GUEST = """
query ($number: String!, $email: String!) {
  order(by: {guest: {number: $number, email: $email}}) { number status lines { sku } totals { total { amount } } }
}
"""
PERSONAL = """
query ($number: String!, $email: String!) {
  order(by: {guest: {number: $number, email: $email}}) {
    number shippingAddress { line1 } billingAddress { line1 } customer { id }
  }
}
"""


async def test_a_guest_finds_an_order_by_number_and_email_together(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    order = await sold(shop, await (await shop.guest_cart({"shirt": 1})).shipped("ada@example.com"))
    number = order["number"]

    found = await shop.guest().ask(GUEST, number=f" {number.lower()} ", email=" Ada@Example.com ")
    wrong = [
        await shop.guest().ask(GUEST, number=number, email="eve@example.com"),
        await shop.guest().ask(GUEST, number="AAAAA-AAAAA", email="ada@example.com"),
        await shop.guest().ask(GUEST, number=number, email=""),
    ]

    assert found["order"] == {
        "number": number,
        "status": "OPEN",
        "lines": [{"sku": "shirt"}],
        "totals": {"total": {"amount": "11.90"}},
    }
    assert wrong == [{"order": None}] * 3


async def test_an_order_without_email_is_found_by_no_guest(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    order = await sold(shop, await shop.staff().cart({"shirt": 1}))

    assert await shop.guest().ask(GUEST, number=order["number"], email="") == {"order": None}


async def test_a_guest_lookup_shows_no_address(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 1})).shipped("ada@example.com")
    await cart.change("cartBuyerSet", billingAddress=ADDRESS)
    order = await sold(shop, cart)

    answer = await shop.guest().answer(PERSONAL, number=order["number"], email="ada@example.com")

    assert answer["data"]["order"] == {
        "number": order["number"],
        "shippingAddress": None,
        "billingAddress": None,
        "customer": None,
    }
    refused = {error["path"][-1]: error["extensions"]["code"] for error in answer["errors"]}
    assert refused == dict.fromkeys(("shippingAddress", "billingAddress", "customer"), "UNAUTHENTICATED")


async def test_shoppers_see_roles_in_the_timeline_and_staff_who_exactly(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    seller = shop.staff()
    cart = await seller.cart({"shirt": 1})
    await cart.change("cartBuyerSet", email="ada@example.com")
    order = await sold(shop, cart)
    timeline = "timeline { actor }"

    for_staff = await shop.staff().ask(
        f"query ($id: ID!) {{ order(by: {{id: $id}}) {{ {timeline} }} }}", id=order["id"]
    )
    for_guest = await shop.guest().ask(
        f'query ($n: String!) {{ order(by: {{guest: {{number: $n, email: "ada@example.com"}}}}) {{ {timeline} }} }}',
        n=order["number"],
    )

    assert for_staff["order"]["timeline"] == [{"actor": f"staff:{seller.principal.id}"}]
    assert for_guest["order"]["timeline"] == [{"actor": "store"}]
