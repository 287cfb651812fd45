"""Many buyers at once and too little stock: exactly what is there is sold, and everybody hears why not."""

import asyncio
from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import pytest

from api.housekeeping import Housekeeper
from api.ids import Kind, key_of
from domain.access import Permission
from persistence.inventory import reservations, stock_levels
from tests.shop import Cart, Shop

pytestmark = pytest.mark.anyio


async def cart_over(shop: Shop, channel: str, units: dict[str, int]) -> Cart:
    """Ready to be ordered, in the way of its channel."""
    if channel == "till-berlin":
        return await shop.staff(Permission.SELL_IN_STORE).cart(units)
    if channel == "marketplace":
        return await (await shop.app(Permission.READ_ORDERS, channel=channel).cart(units)).shipped()
    cart = await shop.guest_cart(units, channel)
    return await (cart.shipped() if channel == "web-us" else cart.collected_at("berlin"))


async def test_fifty_carts_on_four_channels_compete_for_the_last_unit(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    channels = ["web", "web-us", "till-berlin", "marketplace"]
    carts = [await cart_over(shop, channels[number % 4], {"shirt": 1}) for number in range(50)]

    answers = await asyncio.gather(*(shop.place(cart) for cart in carts))

    assert Counter(answer["__typename"] for answer in answers) == {"OrderPlacePayload": 1, "InsufficientStock": 49}
    for answer in answers:
        if answer["__typename"] == "InsufficientStock":
            (shortfall,) = answer["shortfalls"]
            assert (shortfall["sku"], shortfall["requested"], shortfall["available"]) == (
                "shirt",
                1,
                {"quantity": 0, "isCapped": False},
            )
            assert [remedy["kind"] for remedy in shortfall["remedies"]] == ["REMOVE_LINE"]
    level = await shop.level("shirt")
    assert (level["available"], level["shortfall"]) == (0, 0)
    assert await shop.value("SELECT count(*) FROM sales_order") == 1
    assert await shop.value("SELECT sum(quantity) FROM reservation") == 1


async def test_thirty_buyers_of_seven_units_buy_exactly_seven(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=7)
    carts = [await (await shop.guest_cart({"shirt": 1})).collected_at("berlin") for _ in range(30)]

    answers = await asyncio.gather(*(shop.place(cart) for cart in carts))

    assert Counter(answer["__typename"] for answer in answers) == {"OrderPlacePayload": 7, "InsufficientStock": 23}
    assert (await shop.level("shirt"))["reserved"] == 7


async def test_carts_of_three_lines_in_any_order_are_served_whole_or_not_at_all_without_deadlock(shop: Shop) -> None:
    random = Random(20)
    skus = [await shop.stocked(f"sku-{number}", on_hand=3) for number in range(20)]
    wishes = [dict.fromkeys(random.sample(skus, 3), 1) for _ in range(64)]
    carts = [await (await shop.guest_cart(wish)).collected_at("berlin") for wish in wishes]

    # A third of them holds first, as whoever looks before it buys.
    async def buy(number: int, cart: Cart) -> dict[str, Any]:
        if number % 3 == 0:
            await cart.do("cartHold")
        return await shop.place(cart)

    answers = await asyncio.gather(*(buy(number, cart) for number, cart in enumerate(carts)))

    assert {answer["__typename"] for answer in answers} == {"OrderPlacePayload", "InsufficientStock"}
    sold: Counter[str] = Counter()
    for wish, answer in zip(wishes, answers, strict=True):
        if answer["__typename"] == "OrderPlacePayload":
            assert {line["sku"]: line["quantity"] for line in answer["order"]["lines"]} == wish
            sold.update(wish)
    levels = {sku: await shop.level(sku) for sku in skus}
    assert {sku: level["reserved"] for sku, level in levels.items()} == {sku: sold[sku] for sku in skus}
    for wish, answer in zip(wishes, answers, strict=True):
        if answer["__typename"] == "InsufficientStock":
            assert {shortfall["sku"] for shortfall in answer["shortfalls"]} <= wish.keys()
            assert any(levels[sku]["available"] == 0 for sku in wish), "nobody is refused what is there"
    assert await shop.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


async def test_carts_that_ship_from_wherever_there_is_stock_leave_nothing_unsold(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5, at="berlin")
    await shop.receive("shirt", 5, at="warehouse")
    carts = [await (await shop.guest_cart({"shirt": 2})).shipped() for _ in range(8)]

    answers = await asyncio.gather(*(shop.place(cart) for cart in carts))

    assert Counter(answer["__typename"] for answer in answers) == {"OrderPlacePayload": 5, "InsufficientStock": 3}
    assert [(await shop.level("shirt", at))["available"] for at in ("berlin", "warehouse")] == [0, 0]


async def test_an_expired_hold_is_taken_back_for_the_next_buyer(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    sleeper, buyer = [await (await shop.guest_cart({"shirt": 1})).collected_at("berlin") for _ in range(2)]
    await sleeper.change("cartHold")

    too_early = await shop.place(buyer)
    await shop.expire_holds()
    placed = await shop.place(buyer)
    too_late = await shop.place(sleeper)

    assert [answer["__typename"] for answer in (too_early, placed, too_late)] == [
        "InsufficientStock",
        "OrderPlacePayload",
        "InsufficientStock",
    ]
    reasons = await shop.value("SELECT array_agg(reason::text ORDER BY version) FROM stock_movement")
    assert reasons == ["RECEIPT", "HOLD", "EXPIRY", "HOLD"]
    assert await shop.value("SELECT array_agg(state::text ORDER BY id) FROM reservation") == ["EXPIRED", "COMMITTED"]


async def test_a_cart_of_which_a_part_was_taken_back_is_ordered_whole_or_not_at_all(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    await shop.stocked("hat", on_hand=2)
    sleeper = await (await shop.guest_cart({"shirt": 1, "hat": 1})).collected_at("berlin")
    buyers = [
        await (await shop.guest_cart({sku: units})).collected_at("berlin") for sku, units in (("hat", 2), ("shirt", 1))
    ]
    await sleeper.change("cartHold")
    await shop.expire_holds()

    first = await shop.place(buyers[0])
    refused = await shop.place(sleeper)
    second = await shop.place(buyers[1])

    assert [answer["__typename"] for answer in (first, refused, second)] == [
        "OrderPlacePayload",
        "InsufficientStock",
        "OrderPlacePayload",
    ]
    assert [shortfall["sku"] for shortfall in refused["shortfalls"]] == ["hat"]


async def test_an_expired_hold_that_its_owner_is_using_is_passed_over_not_waited_for(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    sleeper, buyer = [await (await shop.guest_cart({"shirt": 1})).collected_at("berlin") for _ in range(2)]
    await sleeper.change("cartHold")
    await shop.expire_holds()
    sleeping = key_of(Kind.Cart, sleeper.id)
    assert isinstance(sleeping, UUID)

    # As an order does, which next waits for the level that the buyer has locked.
    async with asyncio.timeout(30), shop.database.transaction() as connection:
        held = await reservations.lock_holds(connection, sleeping)
        refused = await shop.place(buyer)
        await Housekeeper(shop.database).sweep()
        await stock_levels.lock(connection, [hold.stock_level_id for hold in held])

    assert refused["__typename"] == "InsufficientStock"
    assert (await shop.place(sleeper))["__typename"] == "OrderPlacePayload"


async def test_an_expired_hold_that_nobody_wanted_still_becomes_an_order(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    cart = await (await shop.guest_cart({"shirt": 1})).collected_at("berlin")
    await cart.change("cartHold")
    await shop.expire_holds()

    placed = await shop.place(cart)

    assert placed["__typename"] == "OrderPlacePayload"
    assert await shop.value("SELECT array_agg(state::text ORDER BY id) FROM reservation") == ["COMMITTED"]


async def test_a_buyer_and_whoever_takes_back_the_expired_hold_never_both_get_the_unit(shop: Shop) -> None:
    for round_ in range(5):
        sku = await shop.stocked(f"shirt-{round_}", on_hand=1)
        sleeper = await (await shop.guest_cart({sku: 1})).collected_at("berlin")
        others = [await (await shop.guest_cart({sku: 1})).collected_at("berlin") for _ in range(3)]
        await sleeper.change("cartHold")
        await shop.expire_holds()

        answers = await asyncio.gather(*(shop.place(cart) for cart in (sleeper, *others)))

        assert Counter(answer["__typename"] for answer in answers) == {"OrderPlacePayload": 1, "InsufficientStock": 3}
        assert (await shop.level(sku))["reserved"] == 1


async def test_a_shortage_names_every_line_and_what_the_shopper_can_do_best_first(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1, at="berlin")
    await shop.receive("shirt", 3, at="hamburg")
    await shop.receive("shirt", 4, at="warehouse")
    await shop.stocked("hat", on_hand=0, at="berlin")
    cart = await (await shop.guest_cart({"shirt": 3, "hat": 2})).collected_at("berlin")
    before = await shop.everything()

    refused = await cart.do("cartHold")

    assert refused["__typename"] == "InsufficientStock"
    shirt, hat = refused["shortfalls"]
    assert shirt == {
        "sku": "shirt",
        "requested": 3,
        "available": {"quantity": 1, "isCapped": False},
        "variant": {"sku": "shirt"},
        "location": {"code": "berlin"},
        "remedies": [
            {"kind": "SHIP_INSTEAD", "quantity": 3, "location": None, "availableOn": None},
            {"kind": "PICK_UP_ELSEWHERE", "quantity": 3, "location": {"code": "hamburg"}, "availableOn": None},
            {"kind": "LOWER_QUANTITY", "quantity": 1, "location": None, "availableOn": None},
            {"kind": "REMOVE_LINE", "quantity": None, "location": None, "availableOn": None},
        ],
    }
    assert (hat["sku"], hat["available"], [remedy["kind"] for remedy in hat["remedies"]]) == (
        "hat",
        {"quantity": 0, "isCapped": False},
        ["REMOVE_LINE"],
    )
    assert await shop.everything() == before
