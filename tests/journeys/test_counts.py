"""Counting what is there while it is being sold."""

import asyncio
from typing import Any

import pytest

from domain.access import Permission
from tests.journeys.stock_operations import expect_books_in_order, faults, key, nothing_changes, record, sold
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio


async def start(caller: Caller, *skus: str, at: str = "berlin", **input_: Any) -> dict[str, Any]:
    """Of these, or of everything there."""
    variants = {"variants": [{"sku": sku} for sku in skus]} if skus else {}
    return await caller.do(
        "stockCountStart", **{"location": {"code": at}, **variants, "idempotencyKey": key(), **input_}
    )


async def begun(caller: Caller, *skus: str) -> str:
    """The id of a new count."""
    id_: str = (await start(caller, *skus))["stockCount"]["id"]
    return id_


async def submit(caller: Caller, count_id: str, counted: dict[str, int], **input_: Any) -> dict[str, Any]:
    lines = [{"variant": {"sku": sku}, "counted": units} for sku, units in counted.items()]
    return await caller.do(
        "stockCountSubmit", **{"countId": count_id, "lines": lines, "idempotencyKey": key(), **input_}
    )


async def on_hand(shop: Shop, *skus: str) -> list[int]:
    return [(await shop.level(sku))["on_hand"] for sku in skus]


async def test_what_is_sold_during_a_count_stays_sold(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    await shop.stocked("hat", on_hand=4)
    staff = shop.staff()

    count = await begun(staff, "shirt", "hat")
    await record(staff, sold("shirt", 3))
    await shop.receive("shirt", 20)
    await shop.place(await (await shop.guest_cart({"shirt": 2})).collected_at("berlin"))
    counted = await submit(staff, count, {"shirt": 9, "hat": 4})

    level = await shop.level("shirt")
    assert (level["on_hand"], level["reserved"], level["available"]) == (9 - 3 + 20, 2, 24)
    assert await on_hand(shop, "hat") == [4]
    assert counted["stockCount"]["lines"]["nodes"] == [
        {"variant": {"sku": "shirt"}, "expected": 10, "counted": 9, "countedBy": staff.principal.actor},
        {"variant": {"sku": "hat"}, "expected": 4, "counted": 4, "countedBy": staff.principal.actor},
    ]
    assert counted["stockCount"]["finishedAt"] is not None
    rows = await shop.value("""
        SELECT array_agg(ARRAY[on_hand_delta::text, movement.reference, (occurred_at = started_at)::text])
        FROM stock_movement movement, stock_count WHERE reason = 'COUNT'
    """)
    assert rows == [["-1", f"count:{await shop.value('SELECT id FROM stock_count')}", "true"]]
    await expect_books_in_order(shop)


async def test_without_variants_everything_there_is_counted_in_parts(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt"):
        await shop.stocked(sku, on_hand=5)
    await shop.receive("shirt", 1, at="hamburg")
    staff = shop.staff()

    started = await start(staff, reference="inventory 2026")
    partly = await submit(staff, started["stockCount"]["id"], {"belt": 6})
    wholly = await submit(staff, started["stockCount"]["id"], {"shirt": 5, "hat": 2})

    assert (started["stockCount"]["reference"], started["stockCount"]["lines"]["totalCount"]) == ("inventory 2026", 3)
    assert [answer["stockCount"]["finishedAt"] is None for answer in (started, partly, wholly)] == [True, True, False]
    assert [line["counted"] for line in partly["stockCount"]["lines"]["nodes"]] == [None, None, 6]
    assert await on_hand(shop, "shirt", "hat", "belt") == [5, 2, 6]
    assert (await shop.level("shirt", at="hamburg"))["on_hand"] == 1


async def test_what_was_never_stocked_can_be_counted(shop: Shop) -> None:
    await shop.product("shirt")

    await submit(shop.staff(), await begun(shop.staff(), "shirt"), {"shirt": 7})

    assert await on_hand(shop, "shirt") == [7]


async def test_a_count_that_falls_below_what_is_promised_opens_an_incident(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.place(await (await shop.guest_cart({"shirt": 4})).collected_at("berlin"))
    count = await begun(shop.staff(), "shirt")

    await submit(shop.staff(), count, {"shirt": 1})

    level = await shop.level("shirt")
    assert (level["on_hand"], level["shortfall"]) == (1, 3)
    assert await shop.value("SELECT array_agg(kind || ' ' || quantity) FROM discrepancy") == ["OVERSOLD 3"]
    await expect_books_in_order(shop)


async def test_a_count_of_less_than_was_sold_since_is_a_fact_too(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    count = await begun(shop.staff(), "shirt")
    await record(shop.staff(), sold("shirt", 4))

    await submit(shop.staff(), count, {"shirt": 2})

    level = await shop.level("shirt")
    assert (level["on_hand"], level["shortfall"]) == (-2, 2)
    await expect_books_in_order(shop)


async def test_every_fault_is_told_with_its_path_and_nothing_changes(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt"):
        await shop.stocked(sku, on_hand=5)
    staff = shop.staff()
    count = await begun(staff, "shirt", "hat")
    await submit(staff, count, {"hat": 5})
    lines = [("shirt", -1), ("hat", 5), ("belt", 5), ("none", 5), ("shirt", 5)]

    async with nothing_changes(shop):
        refused = await submit(
            staff, count, {}, lines=[{"variant": {"sku": sku}, "counted": units} for sku, units in lines]
        )
        unknown = await submit(staff, "cnt_00000000000000000000000000000000", {"shirt": 1})
        started = await start(staff, "none", "shirt", "shirt", at="atlantis")
        nothing = await start(staff, variants=[])

    assert (refused["__typename"], faults(refused)) == (
        "InvalidInput",
        [
            ("INVALID_INPUT", "lines.0.counted"),
            ("INVALID_TRANSITION", "lines.1.variant"),
            ("NOT_FOUND", "lines.2.variant"),
            ("NOT_FOUND", "lines.3.variant"),
            ("INVALID_INPUT", "lines.4.variant"),
        ],
    )
    assert (unknown["__typename"], unknown["path"]) == ("NotFound", ["input", "countId"])
    assert faults(started) == [
        ("NOT_FOUND", "location"),
        ("NOT_FOUND", "variants.0"),
        ("INVALID_INPUT", "variants.2"),
    ]
    assert (nothing["__typename"], nothing["path"]) == ("InvalidInput", ["input", "variants"])


async def test_the_same_key_begins_and_submits_once(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    staff = shop.staff()

    started = [await start(staff, "shirt", idempotencyKey="start") for _ in range(2)]
    id_ = started[0]["stockCount"]["id"]
    submitted = [await submit(staff, id_, {"shirt": 3}, idempotencyKey="submit") for _ in range(2)]
    async with nothing_changes(shop):
        others = [
            await start(staff, idempotencyKey="start"),
            await submit(staff, id_, {"shirt": 4}, idempotencyKey="submit"),
        ]

    assert started[0] == started[1]
    assert submitted[0] == submitted[1]
    assert [answer["__typename"] for answer in others] == ["IdempotencyMismatch"] * 2
    assert await on_hand(shop, "shirt") == [3]


async def test_of_many_who_submit_the_same_line_one_does(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    count = await begun(shop.staff(), "shirt")

    answers = await asyncio.gather(*(submit(shop.staff(), count, {"shirt": 3}) for _ in range(6)))

    assert sorted(answer["__typename"] for answer in answers) == ["InvalidTransition"] * 5 + ["StockCountPayload"]
    assert await on_hand(shop, "shirt") == [3]


async def test_a_count_and_many_sales_at_once_agree(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=20)
    count = await begun(shop.staff(), "shirt")

    await asyncio.gather(
        *(record(shop.staff(), sold("shirt"), receipt=str(number)) for number in range(5)),
        submit(shop.staff(), count, {"shirt": 18}),
        *(record(shop.staff(), sold("shirt"), receipt=str(number)) for number in range(5, 10)),
    )

    assert await on_hand(shop, "shirt") == [8]
    await expect_books_in_order(shop)


async def test_two_counts_at_once_correct_the_same_loss_once(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    await shop.stocked("hat", on_hand=10)
    staff = shop.staff()
    first, second = await begun(staff), await begun(staff)

    await submit(staff, first, {"shirt": 9})
    await submit(staff, second, {"shirt": 9, "hat": 9})
    async with nothing_changes(shop):
        late = await submit(staff, first, {"hat": 9})

    assert await on_hand(shop, "shirt", "hat") == [9, 9]
    assert (late["__typename"], late["message"]) == (
        "InvalidTransition",
        "A count that began later has counted this variant.",
    )


async def test_the_lines_of_a_count_are_listed_a_page_at_a_time_for_those_who_read_stock(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt"):
        await shop.stocked(sku, on_hand=5)
    count = await begun(shop.staff())
    document = """
        query ($id: ID!, $after: String) { node(id: $id) { ... on StockCount {
          lines(first: 2, after: $after) { nodes { variant { sku } stockLevel { onHand } } pageInfo { endCursor } }
        } } }
    """

    reader = shop.staff(Permission.READ_STOCK)
    first = (await reader.ask(document, id=count))["node"]["lines"]
    rest = (await reader.ask(document, id=count, after=first["pageInfo"]["endCursor"]))["node"]["lines"]
    hidden = await shop.guest().ask(document, id=count)

    assert [line["variant"]["sku"] for line in first["nodes"] + rest["nodes"]] == ["shirt", "hat", "belt"]
    assert first["nodes"][0]["stockLevel"] == {"onHand": 5}
    assert hidden == {"node": None}


async def test_whoever_is_bound_to_a_location_counts_there_only(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    count = await begun(shop.staff(), "shirt")
    in_hamburg = shop.staff(bound_to="hamburg", channel="web")

    async with nothing_changes(shop):
        started = await start(in_hamburg, "shirt")
        submitted = await submit(in_hamburg, count, {"shirt": 3})

    assert (started["__typename"], started["path"]) == ("NotFound", ["input", "location"])
    assert (submitted["__typename"], submitted["path"]) == ("NotFound", ["input", "countId"])
