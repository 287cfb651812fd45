"""Stock on its way from one location to another."""

import asyncio
from typing import Any

import pytest

from tests.journeys.stock_operations import expect_books_in_order, faults, key, nothing_changes, receive, ship
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_what_is_shipped_leaves_and_is_incoming_until_it_is_received_in_parts(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    await shop.stocked("hat", on_hand=4)
    staff = shop.staff()

    shipped = (await ship(staff, {"shirt": 6, "hat": 4}, expectedAt="2026-12-01T08:00:00Z"))["transfer"]
    on_its_way = [await shop.level("shirt"), await shop.level("shirt", at="hamburg")]
    partly = (await receive(staff, shipped["id"], {"shirt": (2, 0)}))["transfer"]
    wholly = (await receive(staff, shipped["id"], {"shirt": (3, 1), "hat": (4, 0)}))["transfer"]

    assert (shipped["origin"], shipped["destination"]) == ({"code": "berlin"}, {"code": "hamburg"})
    assert (shipped["status"], shipped["expectedAt"]) == ("IN_TRANSIT", "2026-12-01T08:00:00.000Z")
    assert [(level["on_hand"], level["incoming"], level["available"]) for level in on_its_way] == [(4, 0, 4), (0, 6, 0)]
    assert [transfer["status"] for transfer in (partly, wholly)] == ["PARTIALLY_RECEIVED", "RECEIVED"]
    assert wholly["lines"] == [
        {"variant": {"sku": "shirt"}, "quantity": 6, "received": 5, "lost": 1},
        {"variant": {"sku": "hat"}, "quantity": 4, "received": 4, "lost": 0},
    ]
    arrived = await shop.level("shirt", at="hamburg")
    assert (arrived["on_hand"], arrived["incoming"], arrived["available"]) == (5, 0, 5)
    ledger = await shop.value("""
        SELECT array_agg(ARRAY[location.code, reason::text, on_hand_delta::text, incoming_delta::text]
                         ORDER BY location.code, movement.version)
        FROM stock_movement movement
        JOIN stock_level level ON level.id = movement.stock_level_id
        JOIN variant ON variant.id = level.variant_id
        JOIN location ON location.id = level.location_id
        WHERE variant.sku = 'shirt'
    """)
    assert ledger == [
        ["berlin", "RECEIPT", "10", "0"],
        ["berlin", "TRANSFER_OUT", "-6", "0"],
        ["hamburg", "TRANSFER_INCOMING", "0", "6"],
        ["hamburg", "TRANSFER_IN", "2", "-2"],
        ["hamburg", "TRANSFER_IN", "3", "-4"],
    ]
    await expect_books_in_order(shop)


async def test_lost_units_become_an_incident_at_the_destination(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    staff = shop.staff()
    shipped = (await ship(staff, {"shirt": 6}))["transfer"]

    await receive(staff, shipped["id"], {"shirt": (0, 2)})

    incidents = await staff.ask(
        "{ oversellIncidents { nodes { kind quantity resolvedAt variant { sku } location { code } } totalCount } }"
    )
    assert incidents["oversellIncidents"] == {
        "nodes": [
            {
                "kind": "TRANSFER_LOST",
                "quantity": 2,
                "resolvedAt": None,
                "variant": {"sku": "shirt"},
                "location": {"code": "hamburg"},
            }
        ],
        "totalCount": 1,
    }
    assert await shop.value("SELECT version FROM discrepancy") == 2
    await expect_books_in_order(shop)


async def test_neither_what_is_promised_nor_safety_stock_leaves(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    await shop.stocked("hat", on_hand=1)
    await shop.place(await (await shop.guest_cart({"shirt": 3})).collected_at("berlin"))
    await shop.staff().do(
        "stockAdjust",
        changes=[
            {
                "key": {"variant": {"sku": "shirt"}, "location": {"code": "berlin"}},
                "quantity": "SAFETY_STOCK",
                "delta": 2,
            }
        ],
        reason="ADJUSTMENT",
        idempotencyKey="safety",
    )

    async with nothing_changes(shop):
        refused = await ship(shop.staff(), {"shirt": 6, "hat": 2})
    shipped = await ship(shop.staff(), {"shirt": 5, "hat": 1})

    assert [
        (short["sku"], short["requested"], short["available"]["quantity"], short["location"])
        for short in refused["shortfalls"]
    ] == [("shirt", 6, 5, {"code": "berlin"}), ("hat", 2, 1, {"code": "berlin"})]
    assert shipped["__typename"] == "TransferPayload"
    await expect_books_in_order(shop)


async def test_expired_holds_keep_nothing_from_leaving(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2)
    await (await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")).change("cartHold")

    held = await ship(shop.staff(), {"shirt": 2})
    await shop.expire_holds()
    expired = await ship(shop.staff(), {"shirt": 2})

    assert (held["__typename"], expired["__typename"]) == ("InsufficientStock", "TransferPayload")
    await expect_books_in_order(shop)


async def test_every_fault_of_a_shipment_is_told_with_its_path(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    lines = [("none", 1), ("shirt", 0), ("shirt", 1)]

    async with nothing_changes(shop):
        refused = await ship(
            shop.staff(),
            {},
            origin="atlantis",
            destination="utopia",
            lines=[{"variant": {"sku": sku}, "quantity": quantity} for sku, quantity in lines],
        )
        nowhere = await ship(shop.staff(), {"shirt": 1}, destination="berlin")
        nothing = await ship(shop.staff(), {})

    assert faults(refused) == [
        ("NOT_FOUND", "origin"),
        ("NOT_FOUND", "destination"),
        ("NOT_FOUND", "lines.0.variant"),
        ("INVALID_INPUT", "lines.1.quantity"),
        ("INVALID_INPUT", "lines.2.variant"),
    ]
    assert (nowhere["__typename"], faults(nowhere)) == ("InvalidInput", [("INVALID_INPUT", "destination")])
    assert (nothing["__typename"], nothing["path"]) == ("InvalidInput", ["input", "lines"])


async def test_every_fault_of_a_receipt_is_told_with_its_path(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt", "sock"):
        await shop.stocked(sku, on_hand=10)
    shipped = (await ship(shop.staff(), {"shirt": 6, "hat": 1, "belt": 1}))["transfer"]

    async with nothing_changes(shop):
        refused = await receive(
            shop.staff(),
            shipped["id"],
            {"belt": (1, 0), "shirt": (6, 1), "hat": (0, 0), "sock": (1, 0), "none": (1, 0)},
        )
        negative = await receive(shop.staff(), shipped["id"], {"shirt": (-1, 2)})
        unknown = await receive(shop.staff(), "trf_00000000000000000000000000000000", {"shirt": (1, 0)})

    assert (refused["__typename"], faults(refused)) == (
        "InvalidTransition",
        [
            ("INVALID_TRANSITION", "lines.1.received"),
            ("INVALID_INPUT", "lines.2.received"),
            ("NOT_FOUND", "lines.3.variant"),
            ("NOT_FOUND", "lines.4.variant"),
        ],
    )
    assert (negative["__typename"], faults(negative)) == ("InvalidInput", [("INVALID_INPUT", "lines.0.received")])
    assert (unknown["__typename"], unknown["path"]) == ("NotFound", ["input", "transferId"])


async def test_what_has_arrived_cannot_arrive_again(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    shipped = (await ship(shop.staff(), {"shirt": 6}))["transfer"]
    await receive(shop.staff(), shipped["id"], {"shirt": (6, 0)})

    async with nothing_changes(shop):
        again = await receive(shop.staff(), shipped["id"], {"shirt": (1, 0)})

    assert (again["__typename"], again["message"]) == (
        "InvalidTransition",
        "Only 0 of 6 units are still on their way.",
    )


async def test_the_same_key_ships_and_receives_once(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    staff = shop.staff()

    shipped = [await ship(staff, {"shirt": 3}, idempotencyKey="ship") for _ in range(2)]
    id_ = shipped[0]["transfer"]["id"]
    received = [await receive(staff, id_, {"shirt": (1, 1)}, idempotencyKey="receive") for _ in range(2)]
    async with nothing_changes(shop):
        other = [
            await ship(staff, {"shirt": 4}, idempotencyKey="ship"),
            await receive(staff, id_, {"shirt": (1, 0)}, idempotencyKey="receive"),
        ]

    assert shipped[0] == shipped[1]
    assert received[0] == received[1]
    assert [answer["__typename"] for answer in other] == ["IdempotencyMismatch"] * 2
    assert (await shop.level("shirt"))["on_hand"] == 7
    assert await shop.value("SELECT count(*) FROM discrepancy") == 1


async def test_two_who_receive_at_once_never_receive_more_than_was_shipped(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    shipped = (await ship(shop.staff(), {"shirt": 5}))["transfer"]

    answers = await asyncio.gather(*(receive(shop.staff(), shipped["id"], {"shirt": (2, 0)}) for _ in range(6)))

    types = sorted(answer["__typename"] for answer in answers)
    assert types == ["InvalidTransition"] * 4 + ["TransferPayload"] * 2
    level = await shop.level("shirt", at="hamburg")
    assert (level["on_hand"], level["incoming"]) == (4, 1)
    await expect_books_in_order(shop)


async def test_opposite_transfers_at_once_never_ship_more_than_is_there(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=3)
    await shop.receive("shirt", 3, at="hamburg")

    answers = await asyncio.gather(
        *(ship(shop.staff(), {"shirt": 1}) for _ in range(5)),
        *(ship(shop.staff(), {"shirt": 1}, origin="hamburg", destination="berlin") for _ in range(5)),
    )

    types = [answer["__typename"] for answer in answers]
    assert (types.count("TransferPayload"), types.count("InsufficientStock")) == (6, 4)
    for at in ("berlin", "hamburg"):
        level = await shop.level("shirt", at=at)
        assert (level["on_hand"], level["incoming"]) == (0, 3)
    await expect_books_in_order(shop)


async def test_what_is_on_its_way_stays_incoming_until_it_is_received_or_given_up(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=10)
    staff = shop.staff()
    shipped = (await ship(staff, {"shirt": 3}))["transfer"]
    incoming = {"key": {"variant": {"sku": "shirt"}, "location": {"code": "hamburg"}}, "quantity": "INCOMING"}

    async def adjust(delta: int) -> dict[str, Any]:
        return await staff.do(
            "stockAdjust", changes=[{**incoming, "delta": delta}], reason="ADJUSTMENT", idempotencyKey=key()
        )

    # A supplier announces two and withdraws one; then there is one to withdraw beside the three of the transfer.
    answers = [await adjust(delta) for delta in (2, -1, -2, -1, -1)]
    received = await receive(staff, shipped["id"], {"shirt": (2, 1)})

    accepted = [answer["__typename"] == "StockPayload" for answer in answers]
    assert accepted == [True, True, False, True, False]
    assert faults(answers[2]) == [("INVALID_INPUT", "changes.0.delta")]
    assert received["__typename"] == "TransferPayload"
    level = await shop.level("shirt", "hamburg")
    assert (level["on_hand"], level["incoming"]) == (2, 0)
    await expect_books_in_order(shop)
