"""What people are told of stock: where it is, how far that is, when it can be collected, and how much is kept back from whom."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from api.directory import DirectoryCache
from persistence.channels import places
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio

# A Monday.
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BARCODE = "2000000000015"

SCAN = """
query ($barcode: String!, $near: CoordinatesInput!) {
  productVariant(by: {barcode: $barcode}) {
    sku name
    price { amount currencyCode }
    availableToPromise { quantity isCapped }
    availability(near: $near) {
      status pickupReadyAt
      available { quantity isCapped }
      location { code name distanceKm(from: $near) offersPickup timezone openingHours { weekday opens closes } }
    }
  }
}
"""

OFFER = """
query ($sku: String!) {
  productVariant(by: {sku: $sku}) {
    availableToPromise { quantity }
    product { stockStatus }
    availability { id status pickupReadyAt location { code } available { quantity isCapped } }
  }
}
"""


async def open_on_workdays(shop: Shop, code: str, timezone: str, opens: str, closes: str, **values: Any) -> None:
    """The location's hours; more of its columns by name."""
    hours = [{"weekday": weekday, "opens": opens, "closes": closes} for weekday in range(1, 6)]
    await change_location(shop, code, timezone=timezone, opening_hours=hours, **values)


async def change_location(shop: Shop, code: str, **values: Any) -> None:
    types = {"opening_hours": "jsonb", "opening_exceptions": "jsonb", "timezone": "text", "pickup_cutoff": "text"}
    changes = ", ".join(f"{name} = CAST(:{name} AS {types.get(name, 'int')})" for name in values)
    await shop.run(f"UPDATE location SET {changes} WHERE code = CAST(:code AS text)", code=code, **values)
    await look_again(shop)


async def deal(shop: Shop, channel: str, location: str, *, buffer: int = 0, sells: bool = True) -> None:
    """What a channel may have of a location."""
    async with shop.database.transaction() as connection:
        await places.set_channel_location(
            connection,
            shop.directory.channels_by_code[channel]["id"],
            shop.directory.locations_by_code[location]["id"],
            buffer=buffer,
            sells=sells,
        )
    await look_again(shop)


async def look_again(shop: Shop) -> None:
    shop.directory = await DirectoryCache(shop.database).fresh()


async def offer(caller: Caller, sku: str) -> dict[str, Any]:
    variant: dict[str, Any] = (await caller.ask(OFFER, sku=sku))["productVariant"]
    return variant


async def offered(caller: Caller, sku: str) -> dict[str, int]:
    """How many are offered at each location."""
    entries = (await offer(caller, sku))["availability"]
    return {entry["location"]["code"]: entry["available"]["quantity"] for entry in entries}


async def ready(caller: Caller, sku: str) -> dict[str, str | None]:
    """When it can be collected at each location."""
    entries = (await offer(caller, sku))["availability"]
    return {entry["location"]["code"]: entry["pickupReadyAt"] for entry in entries}


# One query at the shelf.


async def scan_all(shop: Shop, statements: list[str]) -> tuple[Any, int]:
    before = len(statements)
    data = await shop.guest().at(NOON).ask(SCAN, barcode=BARCODE, near={"latitude": 53.5, "longitude": 10.0})
    return data["productVariant"], len(statements) - before


async def test_a_scanned_barcode_answers_price_every_store_and_when_to_collect_in_one_query(
    shop: Shop, statements: list[str]
) -> None:
    await shop.stocked("shirt", on_hand=25, at="warehouse")
    await shop.receive("shirt", 1, at="berlin")
    await shop.receive("shirt", 0, at="hamburg")
    await shop.run("UPDATE variant SET barcode = CAST(:barcode AS text)", barcode=BARCODE)
    await open_on_workdays(shop, "berlin", "Europe/Berlin", "10:00", "20:00")
    await open_on_workdays(shop, "hamburg", "Europe/Berlin", "10:00", "20:00")

    scanned, _ = await scan_all(shop, statements)

    assert (scanned["sku"], scanned["price"]) == ("shirt", {"amount": "11.90", "currencyCode": "EUR"})
    assert scanned["availableToPromise"] == {"quantity": 10, "isCapped": True}
    assert [
        (
            entry["location"]["code"],
            entry["location"]["distanceKm"],
            entry["status"],
            entry["available"]["quantity"],
            entry["pickupReadyAt"],
        )
        for entry in scanned["availability"]
    ] == [
        ("hamburg", 5.685, "OUT_OF_STOCK", 0, None),
        ("berlin", 252.493, "LOW_STOCK", 1, "2026-03-02T13:00:00.000Z"),
        ("warehouse", None, "IN_STOCK", 10, None),
    ]


async def test_a_scan_takes_as_many_statements_for_many_stores_as_for_two(shop: Shop, statements: list[str]) -> None:
    await shop.stocked("shirt", on_hand=5, at="berlin")
    await shop.run("UPDATE variant SET barcode = CAST(:barcode AS text)", barcode=BARCODE)
    few, for_few = await scan_all(shop, statements)
    async with shop.database.transaction() as connection:
        for number in range(40):
            await places.insert_location(
                connection,
                code=f"store-{number}",
                name=f"Store {number}",
                kind="STORE",
                address=None,
                latitude=50.0,
                longitude=10.0,
                timezone="Europe/Berlin",
                opening_hours=[{"weekday": weekday, "opens": "10:00", "closes": "20:00"} for weekday in range(1, 8)],
                offers_pickup=True,
                ships_orders=False,
                sourcing_priority=100,
            )
    await look_again(shop)
    for number in range(40):
        await shop.receive("shirt", 2, at=f"store-{number}")

    many, for_many = await scan_all(shop, statements)

    assert (len(few["availability"]), len(many["availability"])) == (1, 41)
    assert sum(entry["pickupReadyAt"] is not None for entry in many["availability"]) == 40
    # The variant, its price, its levels, and their sum.
    assert (for_few, for_many) == (4, 4)


# When it can be collected.


async def test_each_store_says_when_by_its_own_hours_preparation_cutoff_and_holidays(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5, at="berlin")
    await shop.receive("shirt", 5, at="hamburg")
    await shop.receive("shirt", 5, at="warehouse")
    await open_on_workdays(shop, "berlin", "America/New_York", "10:00", "18:00", preparation_minutes=90)
    holiday = [{"date": "2026-03-03", "opens": None, "closes": None, "reason": "Stocktaking"}]
    short_day = [{"date": "2026-03-04", "opens": "12:00", "closes": "14:00", "reason": None}]
    await open_on_workdays(
        shop,
        "hamburg",
        "Europe/Berlin",
        "10:00",
        "18:00",
        pickup_cutoff="13:00",
        preparation_minutes=30,
        opening_exceptions=holiday + short_day,
    )

    assert await ready(shop.guest().at(NOON), "shirt") == {
        "warehouse": None,
        # It opens at three in the afternoon, UTC.
        "berlin": "2026-03-02T16:30:00.000Z",
        # One o'clock is the cut-off; there is nobody on the third, and on the fourth they open at noon.
        "hamburg": "2026-03-04T11:30:00.000Z",
    }


async def test_nothing_is_ready_where_nothing_is_left_nor_where_nobody_hands_it_over(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2, at="berlin")
    await shop.receive("shirt", 1, at="hamburg")
    await open_on_workdays(shop, "berlin", "UTC", "08:00", "20:00", online_buffer=2)
    await open_on_workdays(shop, "hamburg", "UTC", "08:00", "20:00")

    assert await ready(shop.guest().at(NOON), "shirt") == {"berlin": None, "hamburg": "2026-03-02T13:00:00.000Z"}
    await shop.run("UPDATE stock_level SET backorder_limit = 5")
    back_ordered = (await offer(shop.guest().at(NOON), "shirt"))["availability"][0]
    assert (back_ordered["status"], back_ordered["pickupReadyAt"]) == ("BACKORDER", None)


async def test_a_location_says_what_its_ready_times_are_made_of(shop: Shop) -> None:
    christmas = {"date": "2026-12-25", "opens": None, "closes": None, "reason": "Christmas Day"}
    await change_location(shop, "berlin", preparation_minutes=45, pickup_cutoff="16:30", opening_exceptions=[christmas])

    location = (
        await shop.guest().ask(
            """{ location(by: {code: "berlin"}) {
                preparationMinutes pickupCutoff openingExceptions { date opens closes reason }
            } }"""
        )
    )["location"]

    assert location == {"preparationMinutes": 45, "pickupCutoff": "16:30", "openingExceptions": [christmas]}


# What is kept back.


async def test_what_a_location_keeps_back_only_its_own_till_sells(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5, at="berlin")
    await shop.receive("shirt", 4, at="warehouse")
    await change_location(shop, "berlin", online_buffer=2)
    await deal(shop, "marketplace", "berlin", buffer=2)
    await deal(shop, "marketplace", "warehouse", buffer=4)

    assert await offered(shop.guest(), "shirt") == {"warehouse": 4, "berlin": 3}
    assert await offered(shop.staff(), "shirt") == {"warehouse": 4, "berlin": 5}
    assert await offered(shop.app(channel="marketplace"), "shirt") == {"warehouse": 0, "berlin": 1}
    # It is the channel that counts, and not who uses it.
    assert await offered(shop.staff(channel="web"), "shirt") == {"warehouse": 4, "berlin": 3}
    level = await shop.level("shirt")
    assert level["available"] == 5


async def test_sums_and_statuses_leave_out_what_is_kept_back(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5, at="berlin")
    await shop.receive("shirt", 1, at="warehouse")
    await change_location(shop, "berlin", online_buffer=9)

    kept = await offer(shop.guest(), "shirt")
    sold = await offer(shop.staff(), "shirt")

    # Four too few in Berlin take nothing away from the warehouse.
    assert (kept["availableToPromise"], kept["product"]["stockStatus"]) == ({"quantity": 1}, "LOW_STOCK")
    assert (sold["availableToPromise"], sold["product"]["stockStatus"]) == ({"quantity": 6}, "IN_STOCK")
    await change_location(shop, "warehouse", online_buffer=1)
    gone = await offer(shop.guest(), "shirt")
    assert (gone["availableToPromise"], gone["product"]["stockStatus"]) == ({"quantity": 0}, "OUT_OF_STOCK")


async def test_an_availability_by_its_id_says_the_same(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5, at="berlin")
    await change_location(shop, "berlin", online_buffer=2)
    entry = (await offer(shop.guest(), "shirt"))["availability"][0]
    query = "query ($id: ID!) { node(id: $id) { ... on LocationAvailability { available { quantity } } } }"

    assert (await shop.guest().ask(query, id=entry["id"]))["node"] == {"available": {"quantity": 3}}
    assert (await shop.staff().ask(query, id=entry["id"]))["node"] == {"available": {"quantity": 5}}
    await deal(shop, "web", "berlin", sells=False)
    assert (await shop.guest().ask(query, id=entry["id"]))["node"] is None


async def test_nobody_orders_what_is_kept_back_and_the_way_out_leads_not_there_either(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5, at="berlin")
    await shop.receive("shirt", 4, at="hamburg")
    await change_location(shop, "berlin", online_buffer=2)
    await change_location(shop, "hamburg", online_buffer=1)
    too_many = await (await shop.guest_cart({"shirt": 4})).collected_at("berlin")
    enough = await (await shop.guest_cart({"shirt": 3})).collected_at("berlin")

    refused = await too_many.do("cartHold")
    accepted = await shop.place(enough)

    assert refused["__typename"] == "InsufficientStock"
    (shortfall,) = refused["shortfalls"]
    assert (shortfall["requested"], shortfall["available"]["quantity"]) == (4, 3)
    # Hamburg has four, but one of them is kept back there; nothing of Berlin's is shipped that cannot be collected.
    assert [remedy["kind"] for remedy in shortfall["remedies"]] == ["LOWER_QUANTITY", "REMOVE_LINE"]
    assert (await too_many.seen())["problems"][0]["code"] == "NOT_AVAILABLE_AT_LOCATION"
    assert accepted["__typename"] == "OrderPlacePayload"
    # The two that are left are for whoever stands in the store.
    at_the_till = await shop.staff().cart({"shirt": 2}, email="ada@example.com")
    sold = await shop.place(at_the_till)
    assert sold["__typename"] == "OrderPlacePayload", sold
    assert (await shop.level("shirt"))["available"] == 0


async def test_twenty_who_race_for_two_leave_what_is_kept_back(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5, at="berlin")
    await change_location(shop, "berlin", online_buffer=3)
    carts = [await (await shop.guest_cart({"shirt": 1})).collected_at("berlin") for _ in range(20)]

    answers: Sequence[dict[str, Any]] = await asyncio.gather(*(cart.do("cartHold") for cart in carts))

    assert sorted(answer["__typename"] for answer in answers) == ["CartPayload"] * 2 + ["InsufficientStock"] * 18
    assert (await shop.level("shirt"))["available"] == 3


async def test_expired_holds_are_taken_back_before_somebody_is_refused_for_what_is_kept_back(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=3, at="berlin")
    await change_location(shop, "berlin", online_buffer=2)
    first = await (await shop.guest_cart({"shirt": 1})).collected_at("berlin")
    second = await (await shop.guest_cart({"shirt": 1})).collected_at("berlin")
    await first.change("cartHold")
    await shop.expire_holds()

    held = await second.do("cartHold")

    assert held["__typename"] == "CartPayload"
    assert (await shop.level("shirt"))["available"] == 2


async def test_a_location_that_a_channel_does_not_sell_is_out_of_its_reach(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5, at="hamburg")
    collected = await (await shop.guest_cart({"shirt": 1})).collected_at("hamburg")
    await deal(shop, "web", "hamburg", sells=False)
    late = await shop.guest_cart({"shirt": 1})

    refused = await late.do("cartDeliverySet", groups=[{"method": "PICKUP", "location": {"code": "hamburg"}}])
    held = await collected.do("cartHold")

    assert await offered(shop.guest(), "shirt") == {}
    assert await offered(shop.guest("app"), "shirt") == {"hamburg": 5}
    assert (refused["__typename"], refused["message"]) == (
        "InvalidInput",
        "Orders cannot be collected at this location.",
    )
    assert held["__typename"] == "InsufficientStock"
    assert held["shortfalls"][0]["available"]["quantity"] == 0
    assert [remedy["kind"] for remedy in held["shortfalls"][0]["remedies"]] == ["REMOVE_LINE"]


# How much is told.


async def test_shoppers_are_told_no_more_than_the_cap_that_is_configured(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=25, at="berlin")
    asked = 'query { productVariant(by: {sku: "shirt"}) { availableToPromise { quantity isCapped } } }'

    async def told(caller: Caller) -> dict[str, Any]:
        answer: dict[str, Any] = (await caller.ask(asked))["productVariant"]["availableToPromise"]
        return answer

    assert await told(shop.guest()) == {"quantity": 10, "isCapped": True}
    assert await told(shop.guest().capped_at(3)) == {"quantity": 3, "isCapped": True}
    assert await told(shop.guest().capped_at(25)) == {"quantity": 25, "isCapped": False}
    assert await told(shop.app(channel="app").capped_at(3)) == {"quantity": 25, "isCapped": False}
