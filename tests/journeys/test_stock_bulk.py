"""Up to a thousand changes are one command, whichever it is."""

import pytest

from tests.journeys.stock_operations import expect_books_in_order, key, receive, record, ship, sold, thousand_articles
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_a_thousand_articles_are_set_shipped_received_sold_and_counted(shop: Shop) -> None:
    skus = await thousand_articles(shop)
    staff = shop.staff()

    def berlin(sku: str) -> dict[str, object]:
        return {"key": {"variant": {"sku": sku}, "location": {"code": "berlin"}}, "onHand": 9, "expectedOnHand": 0}

    changes = [berlin(sku) for sku in skus]
    await staff.do("stockSet", changes=changes, reason="INITIAL", idempotencyKey=key())
    shipped = (await ship(staff, dict.fromkeys(skus, 4)))["transfer"]
    await receive(staff, shipped["id"], dict.fromkeys(skus, (3, 1)))
    count = await staff.do("stockCountStart", location={"code": "hamburg"}, idempotencyKey=key())
    sale = await record(staff, *(sold(sku, 6) for sku in skus))
    await record(staff, *(sold(sku) for sku in skus), location={"code": "hamburg"})
    lines = [{"variant": {"sku": sku}, "counted": 5} for sku in skus]
    await staff.do("stockCountSubmit", countId=count["stockCount"]["id"], lines=lines, idempotencyKey=key())

    assert [incident["quantity"] for incident in sale["incidents"]] == [1] * 1000
    numbers = await shop.value("""
        SELECT array_agg(ARRAY[code, on_hand::text, incoming::text, shortfall::text, units::text] ORDER BY code)
        FROM (
          SELECT location.code, on_hand, incoming, shortfall, count(*) AS units
          FROM stock_level JOIN location ON location.id = location_id GROUP BY 1, 2, 3, 4
        ) levels
    """)
    assert numbers == [["berlin", "-1", "0", "1", "1000"], ["hamburg", "4", "0", "0", "1000"]]
    await expect_books_in_order(shop)


async def test_more_than_a_thousand_are_refused(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)

    refused = [await ship(shop.staff(), {}, lines=[{"variant": {"sku": "shirt"}, "quantity": 1}] * 1001)]
    refused.append(await record(shop.staff(), *[sold("shirt")] * 1001))

    assert [(answer["__typename"], answer["path"]) for answer in refused] == [("InvalidInput", ["input", "lines"])] * 2
