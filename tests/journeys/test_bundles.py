"""Bundles: seen, held, ordered and sold as what their components allow, and never more."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from domain.access import Permission
from tests.journeys.stock_operations import expect_books_in_order, faults, key, nothing_changes, ship
from tests.shop import Shop

pytestmark = pytest.mark.anyio

SEEN = """
query ($sku: String!) {
  productVariant(by: {sku: $sku}) {
    components { quantity variant { sku } }
    availableToPromise { quantity isCapped }
    availability { id status version location { code } available { quantity } }
    product { stockStatus }
  }
}
"""


async def seen(shop: Shop, sku: str, channel: str = "web") -> Any:
    return (await shop.guest(channel).ask(SEEN, sku=sku))["productVariant"]


async def available(shop: Shop, sku: str, channel: str = "web") -> dict[str, int]:
    found = await seen(shop, sku, channel)
    return {entry["location"]["code"]: entry["available"]["quantity"] for entry in found["availability"]}


@pytest.fixture
async def gifts(shop: Shop) -> Shop:
    """A set of one teapot and two cups: three teapots and five cups in Berlin, one of each in the warehouse."""
    await shop.stocked("teapot", on_hand=3)
    await shop.stocked("cup", on_hand=5)
    await shop.receive("teapot", 1, at="warehouse")
    await shop.receive("cup", 1, at="warehouse")
    await shop.bundle("tea-set", {"teapot": 1, "cup": 2})
    return shop


async def test_there_are_as_many_at_each_location_as_the_scarcest_component_allows(gifts: Shop) -> None:
    found = await seen(gifts, "tea-set")

    assert sorted((one["variant"]["sku"], one["quantity"]) for one in found["components"]) == [
        ("cup", 2),
        ("teapot", 1),
    ]
    assert [
        (entry["location"]["code"], entry["available"]["quantity"], entry["status"]) for entry in found["availability"]
    ] == [("warehouse", 0, "OUT_OF_STOCK"), ("berlin", 2, "LOW_STOCK")]
    assert found["availableToPromise"] == {"quantity": 2, "isCapped": False}
    assert found["product"]["stockStatus"] == "LOW_STOCK"
    ids = [entry["id"] for entry in found["availability"]]
    nodes = await gifts.guest().ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on LocationAvailability { available { quantity } } } }",
        ids=ids,
    )
    assert nodes["nodes"] == [
        {"id": ids[0], "available": {"quantity": 0}},
        {"id": ids[1], "available": {"quantity": 2}},
    ]


async def test_what_is_kept_back_is_kept_back_of_every_component(gifts: Shop) -> None:
    await gifts.run("UPDATE location SET online_buffer = 2 WHERE code = 'berlin'")
    await gifts.reread()

    assert await available(gifts, "tea-set") == {"warehouse": 0, "berlin": 1}
    assert await available(gifts, "tea-set", "till-berlin") == {"warehouse": 0, "berlin": 2}


async def test_a_location_without_one_of_the_components_does_not_have_the_bundle(gifts: Shop) -> None:
    await gifts.receive("teapot", 9, at="hamburg")

    assert await available(gifts, "tea-set") == {"warehouse": 0, "berlin": 2}


async def test_an_order_takes_from_the_components_and_keeps_its_line(gifts: Shop) -> None:
    cart = await (await gifts.guest_cart({"tea-set": 2})).collected_at("berlin")
    await cart.change("cartHold")
    held = [await gifts.level(sku) for sku in ("teapot", "cup")]

    placed = await gifts.place(cart)

    assert [(level["reserved"], level["available"]) for level in held] == [(2, 1), (4, 1)]
    assert [(line["sku"], line["quantity"]) for line in placed["order"]["lines"]] == [("tea-set", 2)]
    rows = await gifts.value("""
        SELECT array_agg(ARRAY[variant.sku, reservation.quantity::text, reservation.state::text, order_line.sku]
                         ORDER BY variant.sku)
        FROM reservation JOIN stock_level level ON level.id = stock_level_id JOIN variant ON variant.id = level.variant_id
        JOIN order_line ON order_line.id = reservation.order_line_id
    """)
    assert rows == [["cup", "4", "COMMITTED", "tea-set"], ["teapot", "2", "COMMITTED", "tea-set"]]
    await expect_books_in_order(gifts)


async def test_a_bundle_and_a_loose_component_in_one_cart_are_checked_together(gifts: Shop) -> None:
    cart = await (await gifts.guest_cart({"tea-set": 2, "cup": 2})).collected_at("berlin")

    refused = await cart.do("cartHold")

    assert [(one["sku"], one["requested"], one["available"]["quantity"]) for one in refused["shortfalls"]] == [
        ("cup", 2, 1)
    ]
    assert [problem["code"] for problem in (await cart.seen())["problems"]] == ["INSUFFICIENT_STOCK"]
    await cart.change("cartLinesUpdate", lines=[{"lineId": await cart.line("cup"), "quantity": 1}])
    placed = await gifts.place(cart)
    assert {line["sku"]: line["quantity"] for line in placed["order"]["lines"]} == {"tea-set": 2, "cup": 1}
    # One hold of five cups became what the set was promised and what the loose line was.
    shares = await gifts.value("""
        SELECT array_agg(ARRAY[order_line.sku, reservation.quantity::text] ORDER BY order_line.sku)
        FROM reservation JOIN stock_level level ON level.id = stock_level_id JOIN variant ON variant.id = level.variant_id
        JOIN order_line ON order_line.id = reservation.order_line_id
        WHERE variant.sku = 'cup'
    """)
    assert shares == [["cup", "1"], ["tea-set", "4"]]
    await expect_books_in_order(gifts)


async def test_what_is_carried_out_leaves_its_shelf_and_what_is_collected_later_stays_promised(gifts: Shop) -> None:
    cart = await gifts.staff(Permission.SELL_IN_STORE).cart({"tea-set": 1, "cup": 3})
    await cart.change(
        "cartDeliverySet",
        groups=[{"lineIds": [await cart.line("cup")], "method": "PICKUP", "location": {"code": "berlin"}}],
    )
    await cart.change("cartBuyerSet", email="ada@example.com")

    placed = await gifts.place(cart)

    assert placed["order"]["fulfillmentStatus"] == "PARTIALLY_FULFILLED"
    teapots, cups = [await gifts.level(sku) for sku in ("teapot", "cup")]
    assert (teapots["on_hand"], teapots["reserved"]) == (2, 0)
    assert (cups["on_hand"], cups["reserved"]) == (3, 3)
    await expect_books_in_order(gifts)


async def test_a_shortage_names_the_bundle_and_what_else_can_be_done(gifts: Shop) -> None:
    for sku, units in (("teapot", 4), ("cup", 8)):
        await gifts.receive(sku, units, at="hamburg")
    cart = await (await gifts.guest_cart({"tea-set": 3})).collected_at("berlin")

    refused = await gifts.place(cart)

    (shortfall,) = refused["shortfalls"]
    assert (shortfall["sku"], shortfall["requested"], shortfall["available"]["quantity"]) == ("tea-set", 3, 2)
    assert [
        (one["kind"], one["quantity"], one["location"] and one["location"]["code"]) for one in shortfall["remedies"]
    ] == [
        ("PICK_UP_ELSEWHERE", 3, "hamburg"),
        ("LOWER_QUANTITY", 2, None),
        ("REMOVE_LINE", None, None),
    ]


async def test_whole_bundles_are_shipped_from_each_location(gifts: Shop) -> None:
    await gifts.receive("cup", 2, at="warehouse")
    cart = await (await gifts.guest_cart({"tea-set": 3})).shipped()

    placed = await gifts.place(cart)

    assert placed["__typename"] == "OrderPlacePayload"
    reserved = {
        (sku, at): (await gifts.level(sku, at))["reserved"]
        for sku in ("teapot", "cup")
        for at in ("warehouse", "berlin")
    }
    assert reserved == {
        ("teapot", "warehouse"): 1,
        ("cup", "warehouse"): 2,
        ("teapot", "berlin"): 2,
        ("cup", "berlin"): 4,
    }
    await expect_books_in_order(gifts)


async def test_of_many_who_want_the_last_set_or_its_parts_nobody_gets_what_is_not_there(gifts: Shop) -> None:
    wishes = [{"tea-set": 1}, {"cup": 1}, {"tea-set": 1, "cup": 1}, {"teapot": 1}] * 5
    carts = [await (await gifts.guest_cart(wish)).collected_at("berlin") for wish in wishes]

    answers = await asyncio.gather(*(gifts.place(cart) for cart in carts))

    taken: Counter[str] = Counter()
    for wish, answer in zip(wishes, answers, strict=True):
        if answer["__typename"] == "OrderPlacePayload":
            taken["teapot"] += wish.get("tea-set", 0) + wish.get("teapot", 0)
            taken["cup"] += 2 * wish.get("tea-set", 0) + wish.get("cup", 0)
    teapots, cups = [await gifts.level(sku) for sku in ("teapot", "cup")]
    assert (teapots["reserved"], cups["reserved"]) == (taken["teapot"], taken["cup"])
    assert (teapots["available"], cups["available"] in (0, 1)) == (0, True)
    assert min(teapots["available"], cups["available"]) >= 0
    await expect_books_in_order(gifts)


async def test_a_till_sells_the_components_of_a_bundle(gifts: Shop) -> None:
    sale = {
        "location": {"code": "berlin"},
        "register": "1",
        "receiptNumber": "4711",
        "soldAt": "2026-03-01T12:00:00Z",
        "lines": [{"variant": {"sku": "tea-set"}, "quantity": 3, "unitPrice": "49.00"}],
    }

    answer = await gifts.staff().do("posSaleRecord", **sale)
    again = await gifts.staff().do("posSaleRecord", **sale)

    assert again == answer
    assert [(line["sku"], line["quantity"]) for line in answer["order"]["lines"]] == [("tea-set", 3)]
    assert [(one["variant"]["sku"], one["quantity"]) for one in answer["incidents"]] == [("cup", 1)]
    assert [(await gifts.level(sku))["on_hand"] for sku in ("teapot", "cup")] == [0, -1]
    await expect_books_in_order(gifts)


async def test_a_bundle_has_no_stock_that_anybody_could_change(gifts: Shop) -> None:
    clerk = gifts.staff(Permission.MANAGE_STOCK)
    pair = {"variant": {"sku": "tea-set"}, "location": {"code": "berlin"}}

    async with nothing_changes(gifts):
        adjusted = await clerk.do(
            "stockAdjust",
            changes=[{"key": pair, "delta": 1}, {"key": {**pair, "location": {"code": "nowhere"}}, "delta": 1}],
            reason="RECEIPT",
            idempotencyKey=key(),
        )
        shipped = await ship(clerk, {"tea-set": 1})
        counted = await clerk.do(
            "stockCountStart", location={"code": "berlin"}, variants=[{"sku": "tea-set"}], idempotencyKey=key()
        )

    assert faults(adjusted) == [
        ("INVALID_INPUT", "changes.0.key.variant"),
        ("INVALID_INPUT", "changes.1.key.variant"),
        ("NOT_FOUND", "changes.1.key.location"),
    ]
    assert adjusted["message"] == "A bundle has no stock of its own: change the stock of its components."
    assert faults(shipped) == [("INVALID_INPUT", "lines.0.variant")]
    assert faults(counted) == [("INVALID_INPUT", "variants.0")]


async def test_all_that_is_wrong_with_a_composition_is_told_at_once(gifts: Shop) -> None:
    async with nothing_changes(gifts):
        refused = await gifts.staff(Permission.MANAGE_CATALOG).do(
            "bundleSet",
            variant={"sku": "cup"},
            components=[
                {"variant": {"sku": "cup"}},
                {"variant": {"sku": "nothing"}, "quantity": 0},
                {"variant": {"sku": "tea-set"}, "quantity": 101},
                {"variant": {"sku": "teapot"}},
                {"variant": {"sku": "teapot"}},
            ],
            idempotencyKey=key(),
        )
        nothing = await gifts.staff(Permission.MANAGE_CATALOG).do(
            "bundleSet", variant={"sku": "tea-set"}, components=[], idempotencyKey=key()
        )

    assert [fault["message"] for fault in refused["faults"]] == [
        "A variant that has stock of its own does not become a bundle.",
        "A component of a bundle does not become a bundle.",
        "A bundle does not contain itself.",
        "There is no such variant.",
        "The quantity is between 1 and 100.",
        "A bundle does not contain other bundles.",
        "The quantity is between 1 and 100.",
        "This is named more than once.",
    ]
    assert faults(nothing) == [("INVALID_INPUT", "components")]


async def test_only_whoever_manages_the_catalog_composes_and_a_key_composes_once(gifts: Shop) -> None:
    input_ = {
        "variant": {"sku": "tea-set"},
        "components": [{"variant": {"sku": "cup"}, "quantity": 6}],
        "idempotencyKey": key(),
    }
    manager = gifts.staff(Permission.MANAGE_CATALOG)
    document = "mutation ($input: BundleSetInput!) { bundleSet(input: $input) { __typename } }"

    assert await gifts.staff(Permission.MANAGE_STOCK).error_codes(document, input=input_) == ["FORBIDDEN"]
    made = await manager.do("bundleSet", **input_)
    async with nothing_changes(gifts):
        again = await manager.do("bundleSet", **input_)
        other = await manager.do("bundleSet", **{**input_, "variant": {"sku": "teapot"}})

    assert made == again
    assert made["variant"]["components"] == [{"quantity": 6, "variant": {"sku": "cup"}}]
    assert other["__typename"] == "IdempotencyMismatch"


async def test_a_new_composition_counts_at_once_and_versions_never_fall(gifts: Shop) -> None:
    before = {entry["id"]: entry["version"] for entry in (await seen(gifts, "tea-set"))["availability"]}
    cart = await (await gifts.guest_cart({"tea-set": 1})).collected_at("berlin")
    await cart.change("cartHold")

    await gifts.composed("tea-set", {"cup": 3})

    assert await available(gifts, "tea-set") == {"warehouse": 0, "berlin": 1}
    after = {entry["id"]: entry["version"] for entry in (await seen(gifts, "tea-set"))["availability"]}
    assert all(after[id_] > version for id_, version in before.items())
    # What was held for the set as it was is given back for what it is now.
    placed = await gifts.place(cart)
    assert placed["__typename"] == "OrderPlacePayload"
    assert [(await gifts.level(sku))["reserved"] for sku in ("teapot", "cup")] == [0, 3]
    await expect_books_in_order(gifts)


async def test_of_two_variants_made_bundles_of_each_other_at_once_the_second_is_refused(shop: Shop) -> None:
    clerk = shop.staff(Permission.MANAGE_CATALOG)
    outcomes: Counter[tuple[str, ...]] = Counter()
    for number in range(4):
        pair = [f"box-{number}", f"lid-{number}"]
        for sku in pair:
            await shop.product(sku)

        answers = await asyncio.gather(
            *(
                clerk.do(
                    "bundleSet",
                    variant={"sku": sku},
                    components=[{"variant": {"sku": part}, "quantity": 1}],
                    idempotencyKey=key(),
                )
                for sku, part in (pair, reversed(pair))
            )
        )

        outcomes[tuple(sorted(answer["__typename"] for answer in answers))] += 1

    assert outcomes == {("BundleSetPayload", "InvalidInput"): 4}


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (
            (
                "INSERT INTO stock_level (variant_id, location_id) SELECT variant.id, location.id FROM variant, location "
                "WHERE variant.sku = 'tea-set' AND location.code = 'hamburg'"
            ),
            "a_bundle_has_no_stock_of_its_own",
        ),
        ("UPDATE variant SET is_bundle = true WHERE sku = 'hat'", "a_bundle_has_no_stock_of_its_own"),
        ("UPDATE variant SET is_bundle = true WHERE sku = 'card'", "a_component_is_no_bundle"),
        ("UPDATE variant SET is_bundle = false WHERE sku = 'tea-set'", "only_a_bundle_has_components"),
        (
            (
                "INSERT INTO bundle_component (bundle_variant_id, component_variant_id, quantity) "
                "SELECT set.id, set.id, 1 FROM variant set WHERE set.sku = 'tea-set'"
            ),
            "a_bundle_does_not_contain_itself",
        ),
        (
            (
                "INSERT INTO bundle_component (bundle_variant_id, component_variant_id, quantity) "
                "SELECT hat.id, card.id, 1 FROM variant hat, variant card WHERE hat.sku = 'hat' AND card.sku = 'card'"
            ),
            "only_a_bundle_has_components",
        ),
        ("UPDATE bundle_component SET quantity = 0", "a_bundle_has_one_to_a_hundred_of_a_component"),
    ],
)
async def test_the_database_itself_refuses_what_no_bundle_can_be(gifts: Shop, command: str, rule: str) -> None:
    await gifts.stocked("hat", on_hand=1)
    await gifts.product("card")
    await gifts.composed("tea-set", {"teapot": 1, "cup": 2, "card": 1})

    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refusal:
        await gifts.run(command)

    assert refusal.value.constraint_name == rule


async def test_lists_know_whether_a_bundle_is_in_stock(gifts: Shop) -> None:
    await gifts.product("card", slug="card")
    await gifts.bundle("gift", {"card": 1, "cup": 1})
    listed = """
    query ($filter: ProductFilter) {
      products(filter: $filter) { totalCount nodes { slug variants { nodes { sku } } } facets { name values { value count } } }
    }
    """

    async def skus(**filter_: Any) -> set[str]:
        data = await gifts.guest().ask(listed, filter=filter_)
        return {row["sku"] for node in data["products"]["nodes"] for row in node["variants"]["nodes"]}

    assert await skus(inStock=True) == {"teapot", "cup", "tea-set"}
    assert await skus(inStock=False) == {"card", "gift"}
    assert await skus(availableAt=[{"code": "warehouse"}]) == {"teapot", "cup"}
    data = await gifts.guest().ask(listed, filter={})
    (stock,) = [facet for facet in data["products"]["facets"] if facet["name"] == "Availability"]
    assert {value["value"]: value["count"] for value in stock["values"]} == {"IN_STOCK": 3, "OUT_OF_STOCK": 2}
