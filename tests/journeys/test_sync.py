"""Absolute numbers of another system, as of a moment, reconciled with what happened since."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.access import Permission
from tests.journeys.stock_operations import (
    expect_books_in_order,
    faults,
    key,
    nothing_changes,
    record,
    sold,
    thousand_articles,
)
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio


def stated(sku: str, on_hand: int, at: str = "berlin") -> dict[str, Any]:
    return {"variant": {"sku": sku}, "location": {"code": at}, "onHand": on_hand}


async def sync(
    caller: Caller, as_of: datetime, *levels: dict[str, Any], source: str = "erp", **input_: Any
) -> dict[str, Any]:
    return await caller.do(
        "stockSync",
        **{
            "source": source,
            "asOf": as_of.isoformat(),
            "levels": list(levels),
            "idempotencyKey": key(),
            **input_,
        },
    )


async def now(shop: Shop) -> datetime:
    """By the clock that the ledger is written with."""
    moment: datetime = await shop.value("SELECT clock_timestamp()")
    return moment


def outcomes(answer: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(level["outcome"], level["correction"], level["stockLevel"]["onHand"]) for level in answer["levels"]]


async def test_what_happened_since_the_moment_stays_valid(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt"):
        await shop.stocked(sku, on_hand=10)
    moment = await now(shop)
    await record(shop.staff(), sold("shirt", 3), soldAt=(moment + timedelta(milliseconds=1)).isoformat())
    await shop.receive("hat", 5)

    answer = await sync(shop.staff(), moment, stated("shirt", 12), stated("hat", 10), stated("belt", 7))

    assert outcomes(answer) == [("CORRECTED", 2, 9), ("UNCHANGED", 0, 15), ("CORRECTED", -3, 7)]
    rows = await shop.value("""
        SELECT array_agg(ARRAY[on_hand_delta::text, reference] ORDER BY stock_level_id)
        FROM stock_movement WHERE reason = 'ADJUSTMENT'
    """)
    assert rows == [["2", "sync:erp"], ["-3", "sync:erp"]]
    await expect_books_in_order(shop)


async def test_a_sale_reported_late_had_left_the_shelf_by_when_it_happened(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    moment = await now(shop)
    await record(shop.staff(), sold("shirt", 3), soldAt=(moment - timedelta(seconds=1)).isoformat())

    answer = await sync(shop.staff(), moment, stated("shirt", 7))

    assert outcomes(answer) == [("UNCHANGED", 0, 7)]


async def test_statements_of_one_source_only_ever_get_newer(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    await shop.stocked("hat", on_hand=10)
    early = await now(shop)
    late = await now(shop)
    staff = shop.staff()

    newer = await sync(staff, late, stated("shirt", 8))
    older = await sync(staff, early, stated("shirt", 20), stated("hat", 9))
    again = await sync(staff, late, stated("shirt", 7))
    of_another = await sync(staff, early, stated("shirt", 11), source="warehouse")

    assert outcomes(newer) == [("CORRECTED", -2, 8)]
    assert outcomes(older) == [("IGNORED", 0, 8), ("CORRECTED", -1, 9)]
    assert outcomes(again) == [("CORRECTED", -1, 7)]
    # At that moment there were ten by the ledger; what the first source corrected came later.
    assert outcomes(of_another) == [("CORRECTED", 1, 8)]
    await expect_books_in_order(shop)


async def test_the_same_statement_twice_corrects_once(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    moment = await now(shop)
    staff = shop.staff()
    first = await sync(staff, moment, stated("shirt", 8), idempotencyKey="key")

    async with nothing_changes(shop):
        replayed = await sync(staff, moment, stated("shirt", 8), idempotencyKey="key")
        other = await sync(staff, moment, stated("shirt", 7), idempotencyKey="key")
    repeated = await sync(staff, moment, stated("shirt", 8))

    assert replayed == first
    assert other["__typename"] == "IdempotencyMismatch"
    assert outcomes(repeated) == [("UNCHANGED", 0, 8)]


async def test_a_statement_below_what_is_promised_opens_an_incident(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.place(await (await shop.guest_cart({"shirt": 4})).collected_at("berlin"))

    answer = await sync(shop.staff(), await now(shop), stated("shirt", 1))

    assert outcomes(answer) == [("CORRECTED", -4, 1)]
    assert await shop.value("SELECT array_agg(kind || ' ' || quantity) FROM discrepancy") == ["OVERSOLD 3"]
    await expect_books_in_order(shop)


async def test_what_was_counted_since_is_seen_by_when_the_count_began(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    staff = shop.staff()
    started = await staff.do(
        "stockCountStart", location={"code": "berlin"}, variants=[{"sku": "shirt"}], idempotencyKey=key()
    )
    moment = await now(shop)
    await staff.do(
        "stockCountSubmit",
        countId=started["stockCount"]["id"],
        lines=[{"variant": {"sku": "shirt"}, "counted": 12}],
        idempotencyKey=key(),
    )

    answer = await sync(staff, moment, stated("shirt", 12))

    assert outcomes(answer) == [("UNCHANGED", 0, 12)]


async def test_every_fault_is_told_with_its_path_and_nothing_changes(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    wrong = [
        stated("none", 1),
        stated("shirt", 1, at="atlantis"),
        stated("shirt", -1),
        stated("shirt", 1),
    ]

    async with nothing_changes(shop):
        refused = await sync(shop.staff(), tomorrow, *wrong, source="")
        nothing = await sync(shop.staff(), tomorrow)

    assert faults(refused) == [
        ("NOT_FOUND", "levels.0.variant"),
        ("NOT_FOUND", "levels.1.location"),
        ("INVALID_INPUT", "source"),
        ("INVALID_INPUT", "asOf"),
        ("INVALID_INPUT", "levels.2.onHand"),
        ("INVALID_INPUT", "levels.3"),
    ]
    assert (nothing["__typename"], nothing["path"]) == ("InvalidInput", ["input", "levels"])


async def test_a_feed_and_many_sales_at_once_agree(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=20)
    moment = await now(shop)

    def sale(number: int) -> Any:
        sold_at = (moment + timedelta(milliseconds=1)).isoformat()
        return record(shop.staff(), sold("shirt"), receipt=str(number), soldAt=sold_at)

    await asyncio.gather(
        *(sale(number) for number in range(5)),
        *(sync(shop.staff(), moment, stated("shirt", 18)) for _ in range(3)),
        *(sale(number) for number in range(5, 10)),
    )

    assert (await shop.level("shirt"))["on_hand"] == 8
    await expect_books_in_order(shop)


async def test_a_thousand_levels_are_one_call(shop: Shop) -> None:
    skus = await thousand_articles(shop)

    answer = await sync(shop.staff(), await now(shop), *(stated(sku, 3) for sku in skus))

    assert outcomes(answer) == [("CORRECTED", 3, 3)] * 1000
    await expect_books_in_order(shop)


async def test_a_feed_is_taken_from_those_who_manage_stock_there(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    moment = await now(shop)
    document = """
        mutation { stockSync(input: {source: "erp", asOf: "2026-03-01T12:00:00Z", levels: [], idempotencyKey: "k"})
        { __typename } }
    """

    async with nothing_changes(shop):
        elsewhere = await sync(shop.staff(bound_to="hamburg", channel="web"), moment, stated("shirt", 3))
        codes = [await caller.error_codes(document) for caller in (shop.guest(), shop.staff(Permission.SELL_IN_STORE))]

    assert (elsewhere["__typename"], faults(elsewhere)) == ("NotFound", [("NOT_FOUND", "levels.0.location")])
    assert codes == [["UNAUTHENTICATED"], ["FORBIDDEN"]]
