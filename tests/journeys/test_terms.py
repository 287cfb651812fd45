"""On which terms channels sell stock: which locations, less which buffers, and when it is held."""

from typing import Any

import pytest

from api.directory import DirectoryCache
from domain.access import Permission
from tests.journeys.stock_operations import faults, key, nothing_changes
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio

AVAILABLE = "query ($sku: String!) { productVariant(by: {sku: $sku}) { availability { location { code } available { quantity } } } }"


def change(channel: str | None, location: str, **terms: Any) -> dict[str, Any]:
    return {"channel": channel, "location": {"code": location}, **terms}


async def set_terms(clerk: Caller, *changes: dict[str, Any], **input_: Any) -> dict[str, Any]:
    return await clerk.do("channelLocationSet", **{"changes": list(changes), "idempotencyKey": key(), **input_})


async def available(shop: Shop, sku: str, channel: str) -> dict[str, int]:
    """As this process knows it now."""
    shop.directory = await DirectoryCache(shop.database).current()
    found = (await shop.guest(channel).ask(AVAILABLE, sku=sku))["productVariant"]
    return {entry["location"]["code"]: entry["available"]["quantity"] for entry in found["availability"]}


@pytest.fixture
async def stocked(shop: Shop) -> Shop:
    await shop.stocked("shirt", on_hand=9)
    await shop.receive("shirt", 5, at="warehouse")
    return shop


async def test_what_is_kept_back_and_where_a_channel_does_not_sell_counts_at_once(stocked: Shop) -> None:
    answer = await set_terms(
        stocked.staff(Permission.MANAGE_STOCK),
        change("web", "berlin", buffer=2),
        change("marketplace", "warehouse", sells=False),
        change(None, "berlin", buffer=3),
    )

    assert [
        (one["channel"] and one["channel"]["code"], one["location"]["code"], one["sells"], one["buffer"])
        for one in answer["channelLocations"]
    ] == [("web", "berlin", True, 2), ("marketplace", "warehouse", False, 0), (None, "berlin", True, 3)]
    assert await available(stocked, "shirt", "web") == {"warehouse": 5, "berlin": 4}
    assert await available(stocked, "shirt", "marketplace") == {"berlin": 6}
    assert await available(stocked, "shirt", "till-berlin") == {"warehouse": 5, "berlin": 9}


async def test_a_cache_that_was_read_before_is_read_again_in_this_process(stocked: Shop) -> None:
    cache = DirectoryCache(stocked.database)
    before = await cache.current()

    await set_terms(stocked.staff(Permission.MANAGE_STOCK), change("web", "berlin", buffer=2))

    after = await cache.current()
    web, berlin = after.channels_by_code["web"], after.locations_by_code["berlin"]["id"]
    assert (before.buffers_of(web)[berlin], after.buffers_of(web)[berlin]) == (0, 2)


async def test_nobody_holds_what_is_kept_back_and_what_is_held_stays_held(stocked: Shop) -> None:
    held = await (await stocked.guest_cart({"shirt": 9})).collected_at("berlin")
    await held.change("cartHold")

    await set_terms(stocked.staff(Permission.MANAGE_STOCK), change("web", "berlin", sells=False))

    assert (await stocked.place(held))["__typename"] == "OrderPlacePayload"
    assert await available(stocked, "shirt", "web") == {"warehouse": 5}
    await stocked.receive("shirt", 9)
    late = await (await stocked.guest_cart({"shirt": 6})).shipped()
    assert (await stocked.place(late))["__typename"] == "InsufficientStock"


async def test_all_that_is_wrong_is_told_and_nothing_changes(stocked: Shop) -> None:
    clerk = stocked.staff(Permission.MANAGE_STOCK, bound_to="berlin")

    async with nothing_changes(stocked):
        refused = await set_terms(
            clerk,
            change("nowhere", "berlin"),
            change("web", "hamburg"),
            change("web", "nowhere", buffer=1_000_001),
            change(None, "berlin", sells=False),
            change("web", "berlin", buffer=-1),
            change("web", "berlin", buffer=1),
        )
        too_many = await set_terms(clerk, *[change("web", "berlin")] * 1001)

    assert faults(refused) == [
        ("NOT_FOUND", "changes.0.channel"),
        ("NOT_FOUND", "changes.1.location"),
        ("NOT_FOUND", "changes.2.location"),
        ("INVALID_INPUT", "changes.2.buffer"),
        ("INVALID_INPUT", "changes.3.sells"),
        ("INVALID_INPUT", "changes.4.buffer"),
        ("INVALID_INPUT", "changes.5"),
    ]
    assert faults(too_many) == [("INVALID_INPUT", "changes")]


async def test_a_key_changes_terms_once(stocked: Shop) -> None:
    clerk = stocked.staff(Permission.MANAGE_STOCK)
    first = await set_terms(clerk, change("web", "berlin", buffer=2), idempotencyKey="once")
    await set_terms(clerk, change("web", "berlin", buffer=4))

    async with nothing_changes(stocked):
        again = await set_terms(clerk, change("web", "berlin", buffer=2), idempotencyKey="once")
        other = await set_terms(clerk, change("web", "berlin", buffer=3), idempotencyKey="once")

    assert first["channelLocations"][0]["buffer"] == 2
    # What it says is as it is now.
    assert again["channelLocations"][0]["buffer"] == 4
    assert other["__typename"] == "IdempotencyMismatch"


async def test_when_stock_is_held_is_said_for_channels_and_products(stocked: Shop) -> None:
    slug = await stocked.product("sneaker", slug="sneaker")
    await stocked.receive("sneaker", 1)
    clerk = stocked.staff(Permission.MANAGE_STOCK)

    answer = await clerk.do(
        "holdPolicySet",
        channels=[{"channel": "web", "policy": "AT_ORDER"}],
        products=[{"product": {"slug": slug}, "policy": "AT_CART"}],
        idempotencyKey=key(),
    )
    stocked.directory = await DirectoryCache(stocked.database).current()
    cart = await (await stocked.guest_cart({"sneaker": 1, "shirt": 1})).collected_at("berlin")
    await cart.change("cartHold")

    assert (answer["channels"], answer["products"]) == (
        [{"code": "web", "holdPolicy": "AT_ORDER"}],
        [{"slug": "sneaker", "holdPolicy": "AT_CART"}],
    )
    assert [(await stocked.level(sku))["reserved"] for sku in ("sneaker", "shirt")] == [1, 0]
    await clerk.do("holdPolicySet", products=[{"product": {"slug": slug}, "policy": None}], idempotencyKey=key())
    assert await stocked.value("SELECT count(*) FROM product WHERE hold_policy IS NOT NULL") == 0


async def test_policies_are_not_for_whoever_is_bound_to_a_place_and_name_only_what_there_is(stocked: Shop) -> None:
    async with nothing_changes(stocked):
        bound = await stocked.staff(Permission.MANAGE_STOCK, bound_to="berlin").do(
            "holdPolicySet", channels=[{"channel": "web", "policy": "AT_CART"}], idempotencyKey=key()
        )
        unknown = await stocked.staff(Permission.MANAGE_STOCK).do(
            "holdPolicySet",
            channels=[{"channel": "nowhere", "policy": "AT_CART"}, *[{"channel": "web", "policy": "AT_CART"}] * 2],
            products=[{"product": {"slug": "nothing"}, "policy": "AT_CART"}],
            idempotencyKey=key(),
        )
        nothing = await stocked.staff(Permission.MANAGE_STOCK).do("holdPolicySet", idempotencyKey=key())

    assert bound["message"] == "Whoever is bound to a location cannot say this for all of them."
    assert faults(unknown) == [
        ("NOT_FOUND", "channels.0.channel"),
        ("NOT_FOUND", "products.0.product"),
        ("INVALID_INPUT", "channels.2"),
    ]
    assert nothing["__typename"] == "InvalidInput"
