"""What staff and partners do to stock, and the ledger that explains every number."""

from typing import Any

import pytest

from domain.access import Permission
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio


def change(sku: str, delta: int, at: str = "berlin", quantity: str | None = None) -> dict[str, Any]:
    named = {} if quantity is None else {"quantity": quantity}
    return {"key": {"variant": {"sku": sku}, "location": {"code": at}}, "delta": delta, **named}


async def adjust(
    caller: Caller, *changes: dict[str, Any], reason: str = "ADJUSTMENT", key: str = "key", **more: Any
) -> Any:
    return await caller.do("stockAdjust", changes=list(changes), reason=reason, idempotencyKey=key, **more)


MOVEMENTS = """
query ($first: Int, $after: String) {
  stockLevels { nodes {
    sku: variant { sku } location { code } onHand reserved held committed available version
    movements(first: $first, after: $after) {
      nodes {
        version reason onHandDelta reservedDelta unavailableDelta safetyStockDelta incomingDelta
        reference actor channel { code } stockLevel { id }
      }
      totalCount pageInfo { hasNextPage endCursor }
    }
  } }
}
"""


async def test_several_levels_change_together(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.product("hat")

    adjusted = await adjust(
        shop.staff(),
        change("hat", 7, at="hamburg"),
        change("shirt", -2),
        change("shirt", 1, quantity="SAFETY_STOCK"),
        change("shirt", 1),
        reason="INITIAL",
        reference="delivery 7",
    )

    assert adjusted["__typename"] == "StockPayload"
    assert [
        (
            level["variant"]["sku"],
            level["location"]["code"],
            level["onHand"],
            level["safetyStock"],
            level["available"],
            level["version"],
        )
        for level in adjusted["stockLevels"]
    ] == [("shirt", "berlin", 4, 1, 3, 4), ("hat", "hamburg", 7, 0, 7, 1)]


REASONS = ("INITIAL", "ADJUSTMENT", "RECEIPT", "DAMAGE", "RETURN", "COUNT")
QUANTITIES = {"ON_HAND": "onHand", "UNAVAILABLE": "unavailable", "SAFETY_STOCK": "safetyStock", "INCOMING": "incoming"}


async def test_every_reason_changes_the_number_it_names_and_stands_in_the_ledger(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=50)
    staff = shop.staff()
    nothing = {f"{name}Delta": 0 for name in (*QUANTITIES.values(), "reserved")}
    level_id = await shop.value("SELECT id FROM stock_level")
    cases = [(reason, quantity) for reason in REASONS for quantity in QUANTITIES]

    for version, (reason, quantity) in enumerate(cases, start=2):
        before = await shop.level("shirt")
        answer = await adjust(
            staff, change("shirt", 3, quantity=quantity), reason=reason, key=f"{reason} {quantity}", reference="because"
        )
        after = await shop.level("shirt")
        assert answer["__typename"] == "StockPayload", (reason, quantity)
        counter = quantity.lower()
        assert {name: after[name] - before[name] for name in after if name not in ("available", "version")} == {
            name: 3 if name == counter else 0 for name in after if name not in ("available", "version")
        }
        (level,) = (await staff.ask(MOVEMENTS, first=1))["stockLevels"]["nodes"]
        assert level["movements"]["nodes"] == [
            {
                **nothing,
                f"{QUANTITIES[quantity]}Delta": 3,
                "version": version,
                "reason": reason,
                "reference": "because",
                "actor": f"staff:{staff.principal.id}",
                "channel": {"code": "till-berlin"},
                "stockLevel": {"id": f"stk_{level_id}"},
            }
        ]


REFUSED: list[tuple[list[dict[str, Any]], str, list[str] | None]] = [
    ([change("shirt", 1), change("none", 1)], "NotFound", ["input", "changes", "1", "key", "variant"]),
    ([change("shirt", 1), change("shirt", 1, at="atlantis")], "NotFound", ["input", "changes", "1", "key", "location"]),
    ([change("shirt", 1), change("shirt", -7)], "InvalidInput", ["input", "changes", "1", "delta"]),
    (
        [change("shirt", 1), change("shirt", -1, quantity="INCOMING")],
        "InvalidInput",
        ["input", "changes", "1", "delta"],
    ),
    ([change("shirt", 2_000_000_000)], "InvalidInput", ["input", "changes", "0", "delta"]),
    ([change("hat", 1), change("shirt", -4)], "InsufficientStock", None),
    ([change("hat", 1), change("shirt", 4, quantity="UNAVAILABLE")], "InsufficientStock", None),
    ([], "InvalidInput", ["input", "changes"]),
    ([change("shirt", 1)] * 1001, "InvalidInput", ["input", "changes"]),
]


async def test_all_changes_are_made_or_none(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.stocked("hat", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")
    await cart.change("cartHold")
    before = await shop.everything()

    for changes, refusal, path in REFUSED:
        refused = await adjust(shop.staff(), *changes)
        assert (refused["__typename"], refused["path"]) == (refusal, path), changes[:2]
        assert await shop.everything() == before, changes[:2]


async def test_what_is_promised_is_named_when_it_cannot_be_taken(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")
    await cart.change("cartHold")

    refused = await adjust(shop.staff(), change("shirt", -4), reason="DAMAGE")

    (shortfall,) = refused["shortfalls"]
    assert (shortfall["sku"], shortfall["requested"], shortfall["available"]["quantity"], shortfall["location"]) == (
        "shirt",
        4,
        3,
        {"code": "berlin"},
    )


async def test_a_thousand_changes_are_one_command(shop: Shop) -> None:
    await shop.product("shirt")

    adjusted = await adjust(shop.staff(), *[change("shirt", 1)] * 1000, reason="RECEIPT")

    assert [(level["onHand"], level["version"]) for level in adjusted["stockLevels"]] == [(1000, 1000)]


async def test_a_count_is_a_fact_and_opens_an_incident_where_it_falls_below_what_is_promised(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 4})).collected_at("berlin")
    await shop.place(cart)
    staff = shop.staff()

    counted = await adjust(staff, change("shirt", -3), reason="COUNT")
    worse = await adjust(staff, change("shirt", -1), reason="COUNT", key="key 2")
    received = await adjust(staff, change("shirt", 1), reason="RECEIPT", key="key 3")
    mended = await adjust(staff, change("shirt", 9), reason="RECEIPT", key="key 4")

    levels = [answer["stockLevels"][0] for answer in (counted, worse, received, mended)]
    assert [(level["onHand"], level["available"], level["shortfall"]) for level in levels] == [
        (2, -2, 2),
        (1, -3, 3),
        (2, -2, 2),
        (11, 7, 0),
    ]
    opened = await shop.value(
        "SELECT array_agg(ARRAY[kind, version::text, quantity::text] ORDER BY id) FROM discrepancy WHERE resolved_at IS NULL"
    )
    assert opened == [["OVERSOLD", "3", "2"], ["OVERSOLD", "4", "1"]]


async def test_a_shortfall_sells_nothing_and_the_next_delivery_serves_the_promised_first(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2)
    await shop.place(await (await shop.guest_cart({"shirt": 2})).collected_at("berlin"))
    await adjust(shop.staff(), change("shirt", -2), reason="COUNT")
    buyer = await (await shop.guest_cart({"shirt": 1})).collected_at("berlin")

    answers = []
    for units in (0, 1, 1, 1):
        await shop.receive("shirt", units)
        answers.append((await buyer.do("cartHold"))["__typename"])

    assert answers == ["InsufficientStock"] * 3 + ["CartPayload"]


async def test_the_ledger_is_listed_newest_first_without_gaps_a_page_at_a_time(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")
    await cart.change("cartHold")
    await cart.change("cartRelease")
    await shop.place(cart)
    await adjust(shop.staff(), change("shirt", -1), reason="DAMAGE")

    seen, after, more = [], None, True
    while more:
        (level,) = (await shop.staff().ask(MOVEMENTS, first=2, after=after))["stockLevels"]["nodes"]
        page = level["movements"]
        assert page["totalCount"] == level["version"] == 5
        seen += [(row["version"], row["reason"], row["onHandDelta"], row["reservedDelta"]) for row in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert seen == [
        (5, "DAMAGE", -1, 0),
        (4, "HOLD", 0, 2),
        (3, "RELEASE", 0, -2),
        (2, "HOLD", 0, 2),
        (1, "RECEIPT", 5, 0),
    ]


async def test_held_and_committed_are_told_apart(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    await shop.place(await (await shop.guest_cart({"shirt": 3})).collected_at("berlin"))
    await (await (await shop.guest_cart({"shirt": 2})).collected_at("berlin")).change("cartHold")

    (level,) = (await shop.staff().ask(MOVEMENTS))["stockLevels"]["nodes"]

    assert (level["reserved"], level["held"], level["committed"], level["available"]) == (5, 2, 3, 4)


async def test_levels_are_listed_by_variant_and_location_a_page_at_a_time(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt"):
        for at in ("berlin", "hamburg"):
            await (shop.stocked(sku, on_hand=1, at=at) if at == "berlin" else shop.receive(sku, 1, at=at))
    document = """
    query ($variants: [ProductVariantBy!], $locations: [LocationBy!], $first: Int, $after: String) {
      stockLevels(variants: $variants, locations: $locations, first: $first, after: $after) {
        nodes { variant { sku } location { code } } totalCount pageInfo { hasNextPage endCursor }
      }
    }
    """

    async def listed(**variables: Any) -> tuple[list[tuple[str, str]], dict[str, Any]]:
        page = (await shop.staff().ask(document, **variables))["stockLevels"]
        return [(level["variant"]["sku"], level["location"]["code"]) for level in page["nodes"]], page

    everything, whole = await listed()
    hats, _ = await listed(variants=[{"sku": "hat"}])
    in_hamburg, counted = await listed(locations=[{"code": "hamburg"}], first=2)
    rest, last = await listed(locations=[{"code": "hamburg"}], first=2, after=counted["pageInfo"]["endCursor"])
    nowhere, none = await listed(variants=[{"sku": "none"}])

    assert everything == [(sku, at) for sku in ("shirt", "hat", "belt") for at in ("berlin", "hamburg")]
    assert hats == [("hat", "berlin"), ("hat", "hamburg")]
    assert in_hamburg + rest == [("shirt", "hamburg"), ("hat", "hamburg"), ("belt", "hamburg")]
    assert (counted["pageInfo"]["hasNextPage"], last["pageInfo"]["hasNextPage"]) == (True, False)
    assert (whole["totalCount"], counted["totalCount"], none["totalCount"], nowhere) == (6, 3, 0, [])


async def test_whoever_is_bound_to_a_location_changes_stock_there_only(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    await shop.receive("shirt", 5, at="hamburg")
    before = await shop.everything()
    in_hamburg = shop.staff(bound_to="hamburg", channel="web")

    elsewhere = await adjust(in_hamburg, change("shirt", 1, at="hamburg"), change("shirt", 1))
    unknown = await adjust(in_hamburg, change("shirt", 1, at="atlantis"))
    unchanged = await shop.everything() == before
    at_home = await adjust(in_hamburg, change("shirt", 1, at="hamburg"))

    assert (elsewhere["__typename"], elsewhere["path"]) == ("NotFound", ["input", "changes", "1", "key", "location"])
    assert elsewhere["message"] == unknown["message"], "nobody learns which other locations exist"
    assert unchanged
    assert [level["onHand"] for level in at_home["stockLevels"]] == [6]


async def test_stock_is_not_for_shoppers_nor_for_staff_without_permission(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    before = await shop.everything()
    mutation = 'mutation { stockAdjust(input: {changes: [], reason: COUNT, idempotencyKey: "k"}) { __typename } }'

    codes = [
        await caller.error_codes(document)
        for document in ("{ stockLevels { nodes { onHand } } }", mutation)
        for caller in (
            shop.guest(),
            await shop.customer(f"{len(document)}@example.com"),
            shop.staff(Permission.READ_ORDERS),
        )
    ]

    assert codes == [["UNAUTHENTICATED"], ["FORBIDDEN"], ["FORBIDDEN"]] * 2
    assert (await shop.everything())["stock_level"] == before["stock_level"]
    assert await shop.staff(Permission.READ_STOCK).error_codes(mutation) == ["FORBIDDEN"]
