"""Handing over what was ordered: what is promised leaves its shelf once, and what has left is not cancelled."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from api.ids import Kind, key_of
from api.orders.changing import Changing
from api.orders.fulfilling import HandOver, collect, ship
from domain.access import Permission
from domain.errors import DomainError, IdempotencyMismatch, InvalidInput, InvalidTransition, NotFound
from domain.orders.fulfilling import WantedLine
from domain.orders.order import OrderVersionConflict
from tests.journeys.stock_operations import expect_books_in_order, key, nothing_changes
from tests.shop import Caller, Cart, Shop

pytestmark = pytest.mark.anyio

Order = dict[str, Any]
ORDER = "query ($id: ID!) { order(by: {id: $id}) { status fulfillmentStatus paymentStatus version allowedActions } }"


async def sold(shop: Shop, cart: Cart) -> Order:
    placed = await shop.place(cart)
    assert placed["__typename"] == "OrderPlacePayload", placed
    order: Order = placed["order"]
    return order


async def collected_order(shop: Shop, **units: int) -> Order:
    return await sold(shop, await (await shop.guest_cart(units)).collected_at("berlin"))


async def hand_over(caller: Caller, command: Any, order: Order, at: str = "berlin", **asked: Any) -> DomainError | None:
    """Units by SKU; all without. Null when it was done, else why not."""
    units: dict[str, int] | None = asked.pop("units", None)
    lines = None
    if units is not None:
        lines = [
            WantedLine(await line_id(caller.shop, order, sku), quantity, ("input", "lines", str(position)))
            for position, (sku, quantity) in enumerate(units.items())
        ]
    order_id = key_of(Kind.Order, order["id"])
    assert isinstance(order_id, UUID)
    directory = caller.shop.directory
    wish = HandOver(
        order_id=order_id,
        location_id=directory.locations_by_code[at]["id"],
        lines=lines,
        **{"expected_version": None, "key": key(), "request": [order["id"], at, units], **asked},
    )
    changing = Changing(caller.principal, directory.channels_by_code[caller.channel])
    try:
        await command(caller.shop.database, changing, wish)
    except DomainError as refusal:
        return refusal
    return None


async def line_id(shop: Shop, order: Order, sku: str) -> UUID | None:
    id_: UUID | None = await shop.value(
        "SELECT line.id FROM order_line line JOIN sales_order placed ON placed.id = line.order_id "
        "WHERE placed.number = CAST(:number AS text) AND line.sku = CAST(:sku AS text)",
        number=order["number"],
        sku=sku,
    )
    return id_


async def axes(shop: Shop, order: Order) -> tuple[str, str, int, list[str]]:
    now = (await shop.staff().ask(ORDER, id=order["id"]))["order"]
    return now["status"], now["fulfillmentStatus"], now["version"], now["allowedActions"]


async def counters(shop: Shop, sku: str = "shirt", at: str = "berlin") -> tuple[int, int, int]:
    level = await shop.level(sku, at)
    return level["on_hand"], level["reserved"], level["available"]


async def test_what_is_collected_leaves_its_shelf_in_parts(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    order = await collected_order(shop, shirt=3)
    staff = shop.staff()

    first = await hand_over(staff, collect, order, units={"shirt": 2})
    after_first = await axes(shop, order), await counters(shop)
    second = await hand_over(staff, collect, order)
    after_second = await axes(shop, order), await counters(shop)

    assert (first, second) == (None, None)
    assert after_first == (("OPEN", "PARTIALLY_FULFILLED", 2, []), (3, 1, 2))
    # It is paid in the store, which is not written down yet: so it stays open.
    assert after_second == (("OPEN", "FULFILLED", 3, []), (2, 0, 2))
    ledger = (
        "SELECT array_agg(reason || ' ' || on_hand_delta || ' ' || reserved_delta ORDER BY version) FROM stock_movement"
    )
    assert await shop.value(ledger) == ["RECEIPT 5 0", "HOLD 0 3", "COLLECTION -2 -2", "COLLECTION -1 -1"]
    assert await shop.value("SELECT array_agg(state || ' ' || open_quantity) FROM reservation") == ["FULFILLED 0"]
    timeline = "SELECT array_agg(type || ': ' || message ORDER BY version) FROM order_event WHERE version > 1"
    assert await shop.value(timeline) == [
        "FULFILLMENT_CHANGED: 2 units were collected.",
        "FULFILLMENT_CHANGED: 1 unit was collected.",
    ]
    events = "SELECT array_agg(topic || ' ' || version ORDER BY seq) FROM outbox WHERE topic <> 'cart'"
    assert (await shop.value(events))[-4:] == ["stock 3", "order 2", "stock 4", "order 3"]
    await expect_books_in_order(shop)


async def test_what_is_shipped_from_two_locations_leaves_each_by_itself(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2, at="warehouse")
    await shop.receive("shirt", 2, at="berlin")
    order = await sold(shop, await (await shop.guest_cart({"shirt": 3})).shipped())
    staff = shop.staff()

    from_warehouse = await hand_over(staff, ship, order, at="warehouse", units={"shirt": 2})
    too_much = await hand_over(staff, ship, order, at="berlin", units={"shirt": 2})
    from_berlin = await hand_over(staff, ship, order, at="berlin")

    assert (from_warehouse, type(too_much), from_berlin) == (None, InvalidTransition, None)
    assert [await counters(shop, at=at) for at in ("warehouse", "berlin")] == [(0, 0, 0), (1, 0, 1)]
    assert await axes(shop, order) == ("OPEN", "FULFILLED", 3, [])
    await expect_books_in_order(shop)


async def test_an_order_that_is_paid_is_complete_once_all_of_it_has_left(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2)
    order = await collected_order(shop, shirt=2)
    await shop.run("UPDATE sales_order SET payment_status = 'PAID'")

    await hand_over(shop.staff(), collect, order)

    assert await axes(shop, order) == ("COMPLETED", "FULFILLED", 2, [])
    await expect_books_in_order(shop)


async def test_everything_that_cannot_be_handed_over_is_named_and_nothing_leaves(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt", "sock"):
        await shop.stocked(sku, on_hand=5)
    order = await collected_order(shop, shirt=2, hat=2, belt=1)
    staff = shop.staff()

    async with nothing_changes(shop):
        refusal = await hand_over(staff, collect, order, units={"shirt": 3, "hat": 0, "sock": 1, "belt": 1})

    assert isinstance(refusal, (NotFound, InvalidInput, InvalidTransition))
    assert [(type(fault), fault.path) for fault in refusal.faults] == [
        (InvalidTransition, ("input", "lines", "0", "quantity")),
        (InvalidInput, ("input", "lines", "1", "quantity")),
        (NotFound, ("input", "lines", "2", "orderLineId")),
    ]


async def test_a_line_is_named_once_and_there_is_at_least_one(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    order = await collected_order(shop, shirt=2)
    shirt = await line_id(shop, order, "shirt")
    order_id = key_of(Kind.Order, order["id"])
    assert isinstance(order_id, UUID)
    staff = shop.staff()
    changing = Changing(staff.principal, shop.directory.channels_by_code["till-berlin"])

    async with nothing_changes(shop):
        for lines in ([WantedLine(shirt, 1, ("0",)), WantedLine(shirt, 1, ("1",))], []):
            with pytest.raises(InvalidInput):
                await collect(
                    shop.database,
                    changing,
                    HandOver(
                        order_id=order_id,
                        location_id=shop.directory.locations_by_code["berlin"]["id"],
                        lines=lines,
                        expected_version=None,
                        key=key(),
                        request=None,
                    ),
                )


async def test_only_the_right_way_the_right_place_and_the_right_people_hand_over(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    order = await collected_order(shop, shirt=2)
    manager = shop.staff(Permission.MANAGE_ORDERS)

    async with nothing_changes(shop):
        refusals = [
            await hand_over(manager, ship, order),
            await hand_over(manager, collect, order, at="hamburg"),
            await hand_over(manager, collect, order, at="hamburg", units={"shirt": 1}),
            await hand_over(shop.staff(Permission.SELL_IN_STORE), collect, order),
            await hand_over(shop.staff(Permission.MANAGE_ORDERS, bound_to="hamburg"), collect, order),
            await hand_over(shop.app(Permission.MANAGE_ORDERS, channel="marketplace"), collect, order),
            await hand_over(shop.guest(), collect, order),
            await hand_over(manager, collect, {"id": "ord_" + "0" * 32, "number": ""}),
            await hand_over(manager, collect, order, expected_version=3),
        ]
    here = await hand_over(shop.staff(Permission.MANAGE_ORDERS, bound_to="berlin"), collect, order, expected_version=1)

    assert [type(refusal) for refusal in refusals] == [
        *[InvalidTransition] * 3,
        *[NotFound] * 5,
        OrderVersionConflict,
    ]
    assert here is None


async def test_the_same_key_hands_over_once(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    order = await collected_order(shop, shirt=4)
    staff = shop.staff()

    answers = await asyncio.gather(*(hand_over(staff, collect, order, units={"shirt": 1}, key="key") for _ in range(6)))
    async with nothing_changes(shop):
        other = await hand_over(staff, collect, order, units={"shirt": 2}, key="key")

    assert answers == [None] * 6
    assert isinstance(other, IdempotencyMismatch)
    assert await counters(shop) == (4, 3, 1)


async def test_a_cancelled_order_is_not_handed_over_and_what_was_handed_over_is_not_cancelled(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cancelled, partly = await collected_order(shop, shirt=2), await collected_order(shop, shirt=2)
    staff = shop.staff()
    await staff.do("orderCancel", orderId=cancelled["id"], idempotencyKey=key())
    await hand_over(staff, collect, partly, units={"shirt": 1})

    async with nothing_changes(shop):
        too_late = await hand_over(staff, collect, cancelled)
        refused = await staff.do("orderCancel", orderId=partly["id"], idempotencyKey=key())

    assert isinstance(too_late, InvalidTransition)
    assert refused["__typename"] == "InvalidTransition"
    assert await counters(shop) == (8, 1, 7)


async def test_of_shipping_and_cancelling_at_once_one_wins(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=40, at="warehouse")
    staff = shop.staff()
    outcomes: Counter[tuple[bool, str]] = Counter()
    for _ in range(12):
        order = await sold(shop, await (await shop.guest_cart({"shirt": 2})).shipped())

        shipped, cancelled = await asyncio.gather(
            hand_over(staff, ship, order, at="warehouse"),
            staff.do("orderCancel", orderId=order["id"], idempotencyKey=key()),
        )

        outcomes[shipped is None, cancelled["__typename"]] += 1
    left = sum(count for (was_shipped, _), count in outcomes.items() if was_shipped)
    assert set(outcomes) <= {(True, "InvalidTransition"), (False, "OrderPayload")}
    assert await counters(shop, at="warehouse") == (40 - 2 * left, 0, 40 - 2 * left)
    await expect_books_in_order(shop)


async def test_of_many_that_collect_the_same_units_each_unit_leaves_once(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    order = await collected_order(shop, shirt=5)
    staff = shop.staff()

    answers = await asyncio.gather(*(hand_over(staff, collect, order, units={"shirt": 2}) for _ in range(6)))

    assert Counter(type(answer) for answer in answers) == {type(None): 2, InvalidTransition: 4}
    assert await counters(shop) == (5, 1, 4)
    await expect_books_in_order(shop)


async def test_what_is_not_there_any_more_is_handed_over_all_the_same(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2)
    order = await collected_order(shop, shirt=2)
    await shop.receive("shirt", -1, reason="COUNT")

    # The ledger said that one was missing; the shopper holds two.
    done = await hand_over(shop.staff(), collect, order)

    assert done is None
    level = await shop.level("shirt")
    assert (level["on_hand"], level["reserved"], level["shortfall"]) == (-1, 0, 1)
    await expect_books_in_order(shop)


async def test_a_bundle_leaves_with_all_of_its_components(shop: Shop) -> None:
    await shop.stocked("tea", on_hand=9)
    await shop.stocked("cup", on_hand=9)
    await shop.bundle("gift", {"tea": 2, "cup": 1})
    order = await collected_order(shop, gift=3, cup=1)
    staff = shop.staff()

    first = await hand_over(staff, collect, order, units={"gift": 1})
    after_first = [await counters(shop, sku) for sku in ("tea", "cup")]
    too_many = await hand_over(staff, collect, order, units={"gift": 3})
    rest = await hand_over(staff, collect, order)

    assert (first, type(too_many), rest) == (None, InvalidTransition, None)
    assert after_first == [(7, 4, 3), (8, 3, 5)]
    assert [await counters(shop, sku) for sku in ("tea", "cup")] == [(3, 0, 3), (5, 0, 5)]
    assert await axes(shop, order) == ("OPEN", "FULFILLED", 3, [])
    await expect_books_in_order(shop)


async def test_a_cancelled_bundle_gives_back_its_components(shop: Shop) -> None:
    await shop.stocked("tea", on_hand=9)
    await shop.stocked("cup", on_hand=9)
    await shop.bundle("gift", {"tea": 2, "cup": 1})
    order = await collected_order(shop, gift=3, cup=1)

    await shop.staff().do("orderCancel", orderId=order["id"], idempotencyKey=key())

    assert [await counters(shop, sku) for sku in ("tea", "cup")] == [(9, 0, 9), (9, 0, 9)]
    await expect_books_in_order(shop)
