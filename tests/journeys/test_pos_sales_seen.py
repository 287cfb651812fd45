"""Who records sales of tills, and who sees the orders that they become."""

import pytest

from domain.access import Permission
from tests.journeys.stock_operations import nothing_changes, record, sold
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_a_customer_finds_what_they_bought_in_the_store_among_their_orders(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    ada = await shop.customer("ada@example.com")
    eve = await shop.customer("eve@example.com")

    answer = await record(shop.staff(), sold("shirt"), customerEmail="Ada@Example.com ")

    document = "{ me { orders { nodes { id journey { channel { code } } } } } }"
    assert [order["id"] for order in (await ada.ask(document))["me"]["orders"]["nodes"]] == [answer["order"]["id"]]
    assert (await eve.ask(document))["me"]["orders"]["nodes"] == []


async def test_an_order_without_a_cart_is_not_found_by_whoever_presents_a_token_of_none(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    answer = await record(shop.staff(), sold("shirt"))
    stranger = shop.guest().holding("a token that opens nothing", "none").caller
    document = "query ($id: ID!) { node(id: $id) { id } order(by: {id: $id}) { id } }"

    seen = await stranger.ask(document, id=answer["order"]["id"])

    assert seen == {"node": None, "order": None}


async def test_sales_are_recorded_by_those_who_sell_there(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    clerk = shop.staff(Permission.SELL_IN_STORE, bound_to="berlin")
    document = """
        mutation { posSaleRecord(input: {
          location: {code: "berlin"}, register: "1", receiptNumber: "1", soldAt: "2026-03-01T12:00:00Z", lines: []
        }) { __typename } }
    """

    callers = (shop.guest(), await shop.customer(), shop.staff(Permission.MANAGE_STOCK))

    async with nothing_changes(shop):
        elsewhere = await record(clerk, sold("shirt"), location={"code": "hamburg"})
        codes = [await caller.error_codes(document) for caller in callers]
    here = await record(clerk, sold("shirt", 3))

    assert (elsewhere["__typename"], elsewhere["path"]) == ("NotFound", ["input", "location"])
    assert codes == [["UNAUTHENTICATED"], ["FORBIDDEN"], ["FORBIDDEN"]]
    assert [incident["quantity"] for incident in here["incidents"]] == [2]
