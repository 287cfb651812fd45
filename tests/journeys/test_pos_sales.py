"""Sales that a till has made by itself and reports later: facts, whatever we believed was there."""

import asyncio
from typing import Any

import pytest

from tests.journeys.stock_operations import expect_books_in_order, faults, nothing_changes, record, sold
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_a_sale_becomes_a_completed_order_at_the_tills_prices(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.stocked("book", on_hand=5)
    staff = shop.staff()

    answer = await record(
        staff,
        sold("shirt", 2, "10.00", discount="1.00"),
        sold("book", 1, "10.70", taxRate="0.07"),
        payments=[{"gateway": "cash", "amount": "20.00"}, {"gateway": "card"}],
    )

    order = answer["order"]
    assert (order["status"], order["paymentStatus"], order["fulfillmentStatus"]) == ("COMPLETED", "PAID", "FULFILLED")
    assert order["placedAt"] == "2026-03-01T12:00:00.000Z"
    assert (order["placedIn"], order["market"]) == ({"code": "till-berlin"}, {"code": "eu"})
    assert [
        (line["sku"], line["quantity"], line["unitPrice"], line["lineTotal"], line["tax"]) for line in order["lines"]
    ] == [
        ("shirt", 2, {"amount": "10.00"}, {"amount": "19.00"}, {"amount": "3.03"}),
        ("book", 1, {"amount": "10.70"}, {"amount": "10.70"}, {"amount": "0.70"}),
    ]
    assert order["totals"] == {
        "subtotal": {"amount": "29.70"},
        "tax": {"amount": "3.73"},
        "total": {"amount": "29.70", "currencyCode": "EUR"},
    }
    assert order["payments"] == [
        {"gateway": "cash", "status": "PAID", "amount": {"amount": "20.00"}},
        {"gateway": "card", "status": "PAID", "amount": {"amount": "9.70"}},
    ]
    assert order["journey"] == [{"action": "ORDERED", "channel": {"code": "till-berlin"}}]
    assert order["timeline"] == [
        {
            "type": "PLACED",
            "actor": staff.principal.actor,
            "channel": {"code": "till-berlin"},
            "message": "Sold at register 1, receipt 4711.",
        }
    ]
    assert answer["incidents"] == []
    assert ((await shop.level("shirt"))["on_hand"], (await shop.level("book"))["on_hand"]) == (3, 4)
    await expect_books_in_order(shop)


async def test_where_prices_exclude_tax_it_comes_on_top(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)

    answer = await record(shop.staff(channel="web-us"), sold("shirt", 1, "100", taxRate="0.08875"))

    assert answer["order"]["totals"] == {
        "subtotal": {"amount": "100.00"},
        "tax": {"amount": "8.88"},
        "total": {"amount": "108.88", "currencyCode": "USD"},
    }


async def test_the_ledger_says_when_it_happened_and_which_receipt_it_was(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)

    answer = await record(shop.staff(), sold("shirt", 2), sold("shirt", 1, "0"))

    rows = await shop.value("""
        SELECT array_agg(ARRAY[on_hand_delta::text, source, source_reference, (occurred_at AT TIME ZONE 'UTC')::text,
                               (recorded_at > occurred_at)::text] ORDER BY version)
        FROM stock_movement WHERE reason = 'POS_SALE'
    """)
    berlin = shop.directory.locations_by_code["berlin"]["id"]
    assert rows == [
        ["-2", f"pos:{berlin}:1", "4711:1", "2026-03-01 12:00:00", "true"],
        ["-1", f"pos:{berlin}:1", "4711:2", "2026-03-01 12:00:00", "true"],
    ]
    reference = await shop.value("SELECT DISTINCT reference FROM stock_movement WHERE reason = 'POS_SALE'")
    assert reference.startswith("order:")
    assert answer["order"]["number"] == await shop.value(
        "SELECT number FROM sales_order WHERE 'order:' || id = :reference", reference=reference
    )


async def test_what_was_not_there_opens_an_incident_and_is_recorded_all_the_same(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.place(await (await shop.guest_cart({"shirt": 4})).collected_at("berlin"))
    await shop.product("hat")

    answer = await record(shop.staff(), sold("shirt", 3), sold("hat", 2))

    assert [
        (incident["kind"], incident["variant"]["sku"], incident["location"]["code"], incident["quantity"])
        for incident in answer["incidents"]
    ] == [("OVERSOLD", "shirt", "berlin", 2), ("OVERSOLD", "hat", "berlin", 2)]
    shirt, hat = await shop.level("shirt"), await shop.level("hat")
    assert (shirt["on_hand"], shirt["reserved"], shirt["shortfall"], shirt["available"]) == (2, 4, 2, -2)
    assert (hat["on_hand"], hat["shortfall"], hat["available"]) == (-2, 2, -2)
    await expect_books_in_order(shop)


async def test_an_expired_hold_is_not_oversold(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2)
    await (await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")).change("cartHold")
    await shop.expire_holds()

    answer = await record(shop.staff(), sold("shirt", 2))

    assert answer["incidents"] == []
    level = await shop.level("shirt")
    assert (level["on_hand"], level["reserved"], level["shortfall"]) == (0, 0, 0)
    await expect_books_in_order(shop)


async def test_a_receipt_sent_again_returns_the_first_result_whoever_sends_it(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    staff = shop.staff()
    first = await record(staff, sold("shirt", 3), payments=[{"gateway": "cash"}])
    variant = f"var_{(await shop.variant_id('shirt')).hex}"

    async with nothing_changes(shop):
        again = await record(staff, sold("shirt", 3), payments=[{"gateway": "cash"}])
        by_another = await record(
            shop.staff(),
            {"variant": {"id": variant}, "quantity": 3, "unitPrice": "11.900"},
            payments=[{"gateway": "cash", "amount": "35.70"}],
        )

    assert again == first
    assert by_another == first
    assert len(first["incidents"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"soldAt": "2026-03-01T12:00:01Z"},
        {"customerEmail": "ada@example.com"},
        {"payments": [{"gateway": "card"}]},
        {"lines": [sold("shirt", 2)]},
        {"lines": [sold("shirt", unit_price="11.91")]},
        {"lines": [sold("shirt", taxRate="0.07")]},
        {"lines": [sold("hat")]},
    ],
    ids=str,
)
async def test_a_receipt_with_other_content_is_a_mismatch(shop: Shop, change: dict[str, Any]) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.stocked("hat", on_hand=5)
    await record(shop.staff(), sold("shirt"))

    async with nothing_changes(shop):
        refused = await record(shop.staff(), sold("shirt"), **change)

    assert (refused["__typename"], refused["path"]) == ("IdempotencyMismatch", ["input", "receiptNumber"])


async def test_registers_and_locations_number_their_receipts_by_themselves(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)

    answers = [
        await record(shop.staff(), sold("shirt")),
        await record(shop.staff(), sold("shirt"), register="2"),
        await record(shop.staff(), sold("shirt"), location={"code": "hamburg"}),
        await record(shop.staff(), sold("shirt"), receipt="4712"),
    ]

    assert len({answer["order"]["id"] for answer in answers}) == 4


async def test_of_twenty_identical_receipts_at_once_one_sale_is_recorded(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)

    answers = await asyncio.gather(*(record(shop.staff(), sold("shirt", 2)) for _ in range(20)))

    assert {answer["__typename"] for answer in answers} == {"PosSalePayload"}
    assert len({answer["order"]["id"] for answer in answers}) == 1
    assert len({incident["id"] for answer in answers for incident in answer["incidents"]}) == 1
    level = await shop.level("shirt")
    assert (level["on_hand"], level["version"]) == (-1, 2)
    assert await shop.value("SELECT count(*) FROM sales_order") == 1
    await expect_books_in_order(shop)


async def test_many_tills_and_carts_at_once_lose_no_unit(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=6)
    carts = [await (await shop.guest_cart({"shirt": 1})).collected_at("berlin") for _ in range(6)]

    answers = await asyncio.gather(
        *(record(shop.staff(), sold("shirt"), receipt=str(number)) for number in range(6)),
        *(shop.place(cart) for cart in carts),
    )

    types = [answer["__typename"] for answer in answers]
    assert types[:6] == ["PosSalePayload"] * 6
    level = await shop.level("shirt")
    placed = types.count("OrderPlacePayload")
    incidents = sum(incident["quantity"] for answer in answers[:6] for incident in answer["incidents"])
    assert (level["on_hand"], level["reserved"], level["shortfall"], incidents) == (0, placed, placed, placed)
    await expect_books_in_order(shop)


async def test_every_fault_of_a_receipt_is_told_with_its_path(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    wrong = [
        sold("shirt", 0),
        sold("shirt", unit_price="1.999"),
        sold("shirt", discount="20"),
        sold("shirt", taxRate="19"),
        sold("shirt", unit_price="-1"),
    ]

    async with nothing_changes(shop):
        lines = await record(shop.staff(), sold("shirt"), *wrong)
        names = await record(shop.staff(), sold("none"), sold("shirt"), sold("nothing"))
        sale = await record(
            shop.staff(),
            sold("shirt"),
            location={"code": "atlantis"},
            register="",
            receipt="x" * 101,
            soldAt="2099-01-01T00:00:00Z",
            lines=[sold("shirt"), sold("shirt", 0)],
        )

    assert faults(lines) == [
        ("INVALID_INPUT", f"lines.{position}.{field}")
        for position, field in enumerate(("quantity", "unitPrice", "discount", "taxRate", "unitPrice"), start=1)
    ]
    assert (names["__typename"], faults(names)) == (
        "NotFound",
        [("NOT_FOUND", "lines.0.variant"), ("NOT_FOUND", "lines.2.variant")],
    )
    assert faults(sale) == [
        ("NOT_FOUND", "location"),
        ("INVALID_INPUT", "register"),
        ("INVALID_INPUT", "receiptNumber"),
        ("INVALID_INPUT", "soldAt"),
        ("INVALID_INPUT", "lines.1.quantity"),
    ]


@pytest.mark.parametrize(
    ("payments", "path"),
    [
        ([{"gateway": "cash", "amount": "11.89"}], ["input", "payments"]),
        ([{"gateway": "cash", "amount": "11.91"}], ["input", "payments", "0", "amount"]),
        ([{"gateway": "cash", "amount": "-1"}, {"gateway": "card"}], ["input", "payments", "0", "amount"]),
        ([{"gateway": ""}], ["input", "payments", "0", "gateway"]),
    ],
)
async def test_payments_add_up_to_what_was_sold(shop: Shop, payments: list[dict[str, str]], path: list[str]) -> None:
    await shop.stocked("shirt", on_hand=5)

    async with nothing_changes(shop):
        refused = await record(shop.staff(), sold("shirt"), payments=payments)

    assert (refused["__typename"], refused["path"]) == ("InvalidInput", path)
