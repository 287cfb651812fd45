"""Absolute numbers that say what they replace."""

import asyncio
from typing import Any

import pytest

from domain.access import Permission
from tests.journeys.stock_operations import expect_books_in_order, faults, key, nothing_changes
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio


def setting(sku: str, on_hand: int, expected: int, at: str = "berlin") -> dict[str, Any]:
    level = {"variant": {"sku": sku}, "location": {"code": at}}
    return {"key": level, "onHand": on_hand, "expectedOnHand": expected}


async def set_stock(
    caller: Caller, *changes: dict[str, Any], reason: str = "ADJUSTMENT", **input_: Any
) -> dict[str, Any]:
    return await caller.do(
        "stockSet", **{"changes": list(changes), "reason": reason, "idempotencyKey": key(), **input_}
    )


async def test_numbers_that_are_as_expected_are_set_together(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.stocked("belt", on_hand=3)
    await shop.product("hat")

    answer = await set_stock(
        shop.staff(),
        setting("shirt", 8, 5),
        setting("belt", 3, 3),
        setting("hat", 7, 0, at="hamburg"),
        reference="stocktaking",
    )

    assert [(level["variant"]["sku"], level["onHand"], level["version"]) for level in answer["stockLevels"]] == [
        ("shirt", 8, 2),
        ("belt", 3, 1),
        ("hat", 7, 1),
    ]
    row = await shop.value(
        "SELECT ARRAY[reason::text, on_hand_delta::text, reference] FROM stock_movement ORDER BY recorded_at DESC LIMIT 1"
    )
    assert row == ["ADJUSTMENT", "7", "stocktaking"]
    await expect_books_in_order(shop)


async def test_every_level_that_is_not_as_expected_is_told_and_nothing_changes(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.stocked("belt", on_hand=3)
    await shop.product("hat")

    async with nothing_changes(shop):
        refused = await set_stock(shop.staff(), setting("shirt", 8, 5), setting("belt", 9, 4), setting("hat", 2, 1))

    assert (refused["__typename"], refused["code"]) == ("StockSetMismatch", "STOCK_SET_MISMATCH")
    assert [(level["variant"]["sku"], level["onHand"]) for level in refused["stockLevels"]] == [("belt", 3)]
    assert [(fault["message"], fault["path"]) for fault in refused["faults"]] == [
        ("On hand is 3, not 4.", ["input", "changes", "1", "expectedOnHand"]),
        ("On hand is 0, not 1.", ["input", "changes", "2", "expectedOnHand"]),
    ]


async def test_only_a_count_may_state_less_than_is_promised(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.place(await (await shop.guest_cart({"shirt": 3})).collected_at("berlin"))

    async with nothing_changes(shop):
        refused = await set_stock(shop.staff(), setting("shirt", 2, 5))
    counted = await set_stock(shop.staff(), setting("shirt", 2, 5), reason="COUNT")

    assert (refused["__typename"], faults(refused)) == ("InvalidInput", [("INVALID_INPUT", "changes.0.onHand")])
    assert [(level["onHand"], level["shortfall"]) for level in counted["stockLevels"]] == [(2, 1)]
    assert await shop.value("SELECT array_agg(quantity) FROM discrepancy") == [1]
    await expect_books_in_order(shop)


async def test_all_promised_units_may_be_left_and_expired_holds_promise_nothing(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await (await (await shop.guest_cart({"shirt": 3})).collected_at("berlin")).change("cartHold")

    least = await set_stock(shop.staff(), setting("shirt", 3, 5))
    await shop.expire_holds()
    none = await set_stock(shop.staff(), setting("shirt", 0, 3))

    assert [(level["onHand"], level["reserved"]) for level in least["stockLevels"]] == [(3, 3)]
    assert [(level["onHand"], level["reserved"]) for level in none["stockLevels"]] == [(0, 0)]
    await expect_books_in_order(shop)


async def test_every_fault_of_an_input_is_told_with_its_path(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)

    async with nothing_changes(shop):
        refused = await set_stock(
            shop.staff(),
            setting("none", 1, 0),
            setting("shirt", -1, 5),
            setting("shirt", 1, 5),
            setting("shirt", 1, 0, at="atlantis"),
        )

    assert refused["__typename"] == "NotFound"
    assert refused["path"] == ["input", "changes", "0", "key", "variant"]
    assert faults(refused) == [
        ("NOT_FOUND", "changes.0.key.variant"),
        ("NOT_FOUND", "changes.3.key.location"),
        ("INVALID_INPUT", "changes.1.onHand"),
        ("INVALID_INPUT", "changes.2.key"),
    ]


async def test_adjustments_tell_every_fault_too(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    level = {"variant": {"sku": "shirt"}, "location": {"code": "berlin"}}
    deltas = [-6, 1, -7, 2_000_000_000, -6]

    async with nothing_changes(shop):
        refused = await shop.staff().do(
            "stockAdjust",
            changes=[{"key": level, "delta": delta} for delta in deltas],
            reason="ADJUSTMENT",
            idempotencyKey=key(),
        )

    assert refused["path"] == ["input", "changes", "0", "delta"]
    assert faults(refused) == [("INVALID_INPUT", f"changes.{position}.delta") for position in (0, 2, 3)]


async def test_the_same_key_sets_nothing_twice_and_another_content_is_a_mismatch(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    staff = shop.staff()

    first = await set_stock(staff, setting("shirt", 8, 5), idempotencyKey="key")
    async with nothing_changes(shop):
        again = await set_stock(staff, setting("shirt", 8, 5), idempotencyKey="key")
        other = await set_stock(staff, setting("shirt", 9, 5), idempotencyKey="key")

    assert again == first
    assert other["__typename"] == "IdempotencyMismatch"


async def test_of_many_who_replace_the_same_number_one_does(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    staff = shop.staff()

    answers = await asyncio.gather(*(set_stock(staff, setting("shirt", 10 + number, 5)) for number in range(8)))

    winners = [answer for answer in answers if answer["__typename"] == "StockPayload"]
    assert [answer["__typename"] for answer in answers].count("StockSetMismatch") == 7
    assert [winners[0]["stockLevels"][0]["onHand"]] == [(await shop.level("shirt"))["on_hand"]]
    assert (await shop.level("shirt"))["version"] == 2


async def test_stock_is_set_by_those_who_manage_it_there(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)

    async with nothing_changes(shop):
        elsewhere = await set_stock(shop.staff(bound_to="hamburg", channel="web"), setting("shirt", 6, 5))
        document = 'mutation { stockSet(input: {changes: [], reason: COUNT, idempotencyKey: "k"}) { __typename } }'
        reader = await shop.staff(Permission.READ_STOCK).error_codes(document)
        guest = await shop.guest().error_codes(document)

    assert (elsewhere["__typename"], faults(elsewhere)) == ("NotFound", [("NOT_FOUND", "changes.0.key.location")])
    assert (reader, guest) == (["FORBIDDEN"], ["UNAUTHENTICATED"])
