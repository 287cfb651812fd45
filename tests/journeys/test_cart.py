"""Filling a cart: what it shows, what it refuses, and whose it is."""

from typing import Any

import pytest
from uuid_utils.compat import uuid4

from domain.access import Permission
from tests.shop import ADDRESS, Shop

pytestmark = pytest.mark.anyio


async def test_lines_are_added_changed_and_removed(shop: Shop) -> None:
    shirt, hat = await shop.stocked("shirt", on_hand=9), await shop.stocked("hat", on_hand=9)
    cart = await shop.guest_cart({shirt: 2})

    added = await cart.change("cartLinesAdd", lines=[{"variant": {"sku": hat}, "quantity": 1}])
    raised = await cart.change("cartLinesAdd", lines=[{"variant": {"sku": shirt}, "quantity": 3}])
    updated = await cart.change("cartLinesUpdate", lines=[{"lineId": await cart.line(shirt), "quantity": 4}])
    zeroed = await cart.change("cartLinesUpdate", lines=[{"lineId": await cart.line(hat), "quantity": 0}])
    emptied = await cart.change("cartLinesRemove", lineIds=[await cart.line(shirt)])

    steps = [added, raised, updated, zeroed, emptied]
    assert [[(line["sku"], line["quantity"]) for line in step["lines"]] for step in steps] == [
        [("shirt", 2), ("hat", 1)],
        [("shirt", 5), ("hat", 1)],
        [("shirt", 4), ("hat", 1)],
        [("shirt", 4)],
        [],
    ]
    assert [step["version"] for step in steps] == [2, 3, 4, 5, 6]
    assert [touch["action"] for touch in emptied["journey"]] == ["CREATED"] + ["CHANGED"] * 5
    assert [problem["code"] for problem in emptied["problems"]] == ["CART_EMPTY"]


@pytest.mark.parametrize(
    ("channel", "totals"),
    [
        # 3 * 11.90 with 19 % in it; 3 * 25.00 with 8 % on top.
        (
            "web",
            {
                "subtotal": {"amount": "35.70"},
                "tax": {"amount": "5.70"},
                "total": {"amount": "35.70", "currencyCode": "EUR"},
            },
        ),
        (
            "web-us",
            {
                "subtotal": {"amount": "75.00"},
                "tax": {"amount": "6.00"},
                "total": {"amount": "81.00", "currencyCode": "USD"},
            },
        ),
    ],
)
async def test_totals_contain_the_tax_or_have_it_added_as_the_market_says(
    shop: Shop, channel: str, totals: dict[str, Any]
) -> None:
    await shop.stocked("shirt", on_hand=9)

    cart = await shop.guest_cart({"shirt": 3}, channel)

    assert (await cart.seen())["totals"] == totals


async def test_a_price_that_moves_is_shown_and_warned_of(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await shop.guest_cart({"shirt": 2})
    await shop.set_price("shirt", 1290)

    changed = await cart.do("cartBuyerSet", phone="+49 30 1234567")

    (line,) = changed["cart"]["lines"]
    assert line["unitPrice"] == {"amount": "12.90", "currencyCode": "EUR"}
    assert line["lineTotal"] == {"amount": "25.80"}
    assert line["priceChange"] == {"amount": "1.00"}
    assert line["problems"] == [{"code": "DELIVERY_MISSING"}, {"code": "PRICE_CHANGED"}]
    assert [warning["code"] for warning in changed["warnings"]] == ["PRICE_CHANGED"]


async def test_a_withdrawn_variant_keeps_its_line_readable_and_blocks_no_other(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    await shop.stocked("hat", on_hand=9)
    cart = await (await shop.guest_cart({"shirt": 2, "hat": 1})).collected_at("berlin")
    await shop.run("UPDATE variant SET withdrawn_at = now() WHERE sku = 'shirt'")

    seen = await cart.seen()
    changed = await cart.change("cartLinesUpdate", lines=[{"lineId": await cart.line("hat"), "quantity": 3}])

    shirt, hat = seen["lines"]
    assert (shirt["sku"], shirt["name"], shirt["quantity"], shirt["variant"]) == ("shirt", "Product-1 · SHIRT", 2, None)
    assert shirt["unitPrice"]["amount"] == "11.90"
    assert shirt["problems"] == [{"code": "WITHDRAWN"}]
    assert hat["problems"] == []
    assert [(problem["code"], problem["line"]["sku"]) for problem in seen["problems"]] == [("WITHDRAWN", "shirt")]
    assert seen["problems"][0]["remedies"] == [{"kind": "REMOVE_LINE", "quantity": None, "location": None}]
    assert [line["quantity"] for line in changed["lines"]] == [2, 3]


async def test_a_shortage_is_a_warning_with_remedies_long_before_anything_is_held(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2)

    made = await shop.guest().do("cartCreate", lines=[{"variant": {"sku": "shirt"}, "quantity": 3}])

    assert made["warnings"] == [
        {
            "code": "INSUFFICIENT_STOCK",
            "line": {"sku": "shirt"},
            "remedies": [{"kind": "LOWER_QUANTITY", "quantity": 2}, {"kind": "REMOVE_LINE", "quantity": None}],
        }
    ]
    assert (await shop.level("shirt"))["reserved"] == 0


async def test_lines_leave_in_groups_and_those_not_named_stay(shop: Shop) -> None:
    for sku in ("shirt", "hat", "belt"):
        await shop.stocked(sku, on_hand=9)
    cart = await shop.guest_cart({"shirt": 1, "hat": 1, "belt": 1})
    shirt, hat = await cart.line("shirt"), await cart.line("hat")

    await cart.change("cartDeliverySet", groups=[{"method": "SHIP", "address": ADDRESS}])
    split = await cart.change(
        "cartDeliverySet", groups=[{"lineIds": [hat], "method": "PICKUP", "location": {"code": "hamburg"}}]
    )
    emptied = await cart.change("cartLinesRemove", lineIds=[hat])
    moved = await cart.change(
        "cartDeliverySet", groups=[{"lineIds": [shirt], "method": "PICKUP", "location": {"code": "berlin"}}]
    )

    def groups(cart: Any) -> list[tuple[str, str | None, list[str]]]:
        return [
            (group["method"], group["location"] and group["location"]["code"], [line["sku"] for line in group["lines"]])
            for group in cart["deliveryGroups"]
        ]

    assert groups(split) == [("SHIP", None, ["shirt", "belt"]), ("PICKUP", "hamburg", ["hat"])]
    assert split["deliveryGroups"][0]["address"] == {"line1": "Ufer 1", "city": "Berlin", "countryCode": "DE"}
    assert groups(emptied) == [("SHIP", None, ["shirt", "belt"])]
    assert groups(moved) == [("SHIP", None, ["belt"]), ("PICKUP", "berlin", ["shirt"])]


async def test_more_of_a_line_that_leaves_otherwise_begins_no_empty_group_at_the_till(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await shop.staff().cart({"shirt": 1})
    await cart.change("cartDeliverySet", groups=[{"method": "SHIP", "address": ADDRESS}])

    more = await cart.change("cartLinesAdd", lines=[{"variant": {"sku": "shirt"}, "quantity": 1}])

    assert [(group["method"], group["lines"]) for group in more["deliveryGroups"]] == [("SHIP", [{"sku": "shirt"}])]


REFUSED: list[tuple[str, dict[str, Any], str, list[str]]] = [
    ("cartLinesAdd", {"lines": []}, "InvalidInput", ["input", "lines"]),
    (
        "cartLinesAdd",
        {"lines": [{"variant": {"sku": "shirt"}, "quantity": 1}, {"variant": {"sku": "none"}, "quantity": 1}]},
        "NotFound",
        ["input", "lines", "1", "variant"],
    ),
    (
        "cartLinesAdd",
        {"lines": [{"variant": {"sku": "shirt"}, "quantity": 0}]},
        "InvalidInput",
        ["input", "lines", "0", "quantity"],
    ),
    (
        "cartLinesAdd",
        {"lines": [{"variant": {"sku": "shirt"}, "quantity": 999}]},
        "InvalidInput",
        ["input", "lines", "0", "quantity"],
    ),
    (
        "cartLinesAdd",
        {"lines": [{"variant": {"sku": "secret"}, "quantity": 1}]},
        "NotFound",
        ["input", "lines", "0", "variant"],
    ),
    (
        "cartLinesAdd",
        {"lines": [{"variant": {"sku": "abroad"}, "quantity": 1}]},
        "InvalidInput",
        ["input", "lines", "0", "variant"],
    ),
    (
        "cartLinesUpdate",
        {"lines": [{"lineId": "cln_" + "0" * 32, "quantity": 1}]},
        "NotFound",
        ["input", "lines", "0", "lineId"],
    ),
    ("cartLinesRemove", {"lineIds": ["nonsense"]}, "NotFound", ["input", "lineIds", "0"]),
    ("cartBuyerSet", {"email": "nobody"}, "InvalidInput", ["input", "email"]),
    ("cartBuyerSet", {"phone": "1" * 41}, "InvalidInput", ["input", "phone"]),
    (
        "cartBuyerSet",
        {"billingAddress": {**ADDRESS, "postalCode": "x"}},
        "InvalidInput",
        ["input", "billingAddress", "postalCode"],
    ),
    ("cartDeliverySet", {"groups": []}, "InvalidInput", ["input", "groups"]),
    ("cartDeliverySet", {"groups": [{"method": "PICKUP"}]}, "InvalidInput", ["input", "groups", "0", "location"]),
    (
        "cartDeliverySet",
        {"groups": [{"method": "PICKUP", "location": {"code": "warehouse"}}]},
        "InvalidInput",
        ["input", "groups", "0", "location"],
    ),
    (
        "cartDeliverySet",
        {"groups": [{"method": "CARRY_OUT", "location": {"code": "berlin"}}]},
        "InvalidInput",
        ["input", "groups", "0", "location"],
    ),
    (
        "cartDeliverySet",
        {"groups": [{"method": "SHIP", "location": {"code": "berlin"}}]},
        "InvalidInput",
        ["input", "groups", "0", "location"],
    ),
    (
        "cartDeliverySet",
        {"groups": [{"method": "PICKUP", "location": {"code": "atlantis"}}]},
        "NotFound",
        ["input", "groups", "0", "location"],
    ),
    (
        "cartDeliverySet",
        {"groups": [{"method": "SHIP", "lineIds": ["cln_" + "0" * 32]}]},
        "NotFound",
        ["input", "groups", "0", "lineIds", "0"],
    ),
    (
        "cartLinesAdd",
        {"expectedVersion": 9, "lines": [{"variant": {"sku": "shirt"}, "quantity": 1}]},
        "VersionConflict",
        ["input", "expectedVersion"],
    ),
    ("cartHold", {"expectedVersion": 9}, "VersionConflict", ["input", "expectedVersion"]),
    ("cartRelease", {"expectedVersion": 9}, "VersionConflict", ["input", "expectedVersion"]),
    ("cartBuyerSet", {"idempotencyKey": "\n"}, "InvalidInput", ["input", "idempotencyKey"]),
    (
        "orderPlace",
        {"idempotencyKey": "k", "payments": [{"gateway": "manual"}] * 11},
        "InvalidInput",
        ["input", "payments"],
    ),
]


async def test_a_refused_change_says_where_and_changes_nothing(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    await shop.product("secret", is_published=False)
    await shop.product("abroad", eu=None)
    cart = await shop.guest_cart({"shirt": 1})
    before = await shop.everything()

    for mutation, input_, refusal, path in REFUSED:
        answer = await cart.do(mutation, **input_)
        assert (answer["__typename"], answer["path"]) == (refusal, path), (mutation, input_)
        assert await shop.everything() == before, (mutation, input_)


async def test_text_that_no_column_can_hold_is_refused(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await shop.guest_cart({"shirt": 1})
    inputs: list[tuple[str, dict[str, Any]]] = [
        ("cartLinesAdd", {"lines": [{"variant": {"sku": "a\0"}, "quantity": 1}]}),
        ("cartBuyerSet", {"phone": "\0"}),
        ("cartBuyerSet", {"billingAddress": {**ADDRESS, "name": "\0"}}),
    ]

    for mutation, input_ in inputs:
        input_type = f"{mutation[0].upper()}{mutation[1:]}Input!"
        document = f"mutation ($input: {input_type}) {{ {mutation}(input: $input) {{ __typename }} }}"
        codes = await cart.caller.error_codes(document, input={"cartId": cart.id, **input_})
        assert codes == ["BAD_USER_INPUT"], mutation


async def test_a_version_conflict_shows_the_cart_as_it_stands_now(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await shop.guest_cart({"shirt": 1})
    await cart.change("cartBuyerSet", email="ada@example.com")

    late = await cart.do("cartBuyerSet", expectedVersion=1, email="eve@example.com")
    in_time = await cart.do("cartBuyerSet", expectedVersion=2, email="bob@example.com")

    assert (late["__typename"], late["code"]) == ("VersionConflict", "VERSION_CONFLICT")
    assert late["cart"] == {"id": cart.id, "version": 2}
    assert (in_time["cart"]["email"], in_time["cart"]["version"]) == ("bob@example.com", 3)


async def test_what_the_buyer_does_not_name_stays_and_null_clears_it(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await shop.guest_cart({"shirt": 1})
    await cart.change("cartBuyerSet", email="Ada@Example.com", phone="+49 30 1234567", billingAddress=ADDRESS)

    await cart.change("cartBuyerSet", phone=None)

    row = await shop.value("SELECT to_jsonb(cart) FROM cart")
    assert (row["email"], row["phone"]) == ("ada@example.com", None)
    assert row["billing_address"]["line1"] == "Ufer 1"


async def test_a_cart_has_at_most_200_lines(shop: Shop) -> None:
    skus = [f"sku-{number}" for number in range(201)]
    await shop.product(*skus)
    cart = await shop.guest_cart(dict.fromkeys(skus[:200], 1))
    before = await shop.everything()

    refused = await cart.do("cartLinesAdd", lines=[{"variant": {"sku": skus[200]}, "quantity": 1}])

    assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", "lines"])
    assert await shop.everything() == before


async def test_a_cart_shows_itself_to_its_owner_alone(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    customer, other = await shop.customer(), await shop.customer("eve@example.com")
    of_guest, of_customer = await shop.guest_cart({"shirt": 1}), await customer.cart({"shirt": 1})
    of_till = await shop.staff().cart({"shirt": 1})
    strangers = [
        shop.guest(),
        other,
        shop.guest().holding("wrong", of_guest.id).caller,
        shop.staff(Permission.READ_ORDERS, Permission.MANAGE_STOCK),
        shop.staff(channel="web"),
        shop.app(Permission.SELL_IN_STORE, channel="marketplace"),
    ]
    before = await shop.everything()

    for cart in (of_guest, of_customer, of_till):
        for stranger in strangers:
            taken = type(cart)(stranger, cart.id, None)
            assert await taken.seen() is None
            for mutation in ("cartBuyerSet", "cartHold", "cartRelease"):
                assert (await taken.do(mutation))["__typename"] == "NotFound"
            assert (await shop.place(taken))["__typename"] == "NotFound"

    assert await shop.everything() == before
    assert (await of_till.seen())["lines"][0]["sku"] == "shirt"
    assert (await of_customer.seen())["lines"][0]["sku"] == "shirt"
    # Another of the store's staff goes on with the till's cart.
    colleague = type(of_till)(shop.staff(Permission.SELL_IN_STORE), of_till.id, None)
    assert (await colleague.seen())["id"] == of_till.id


async def test_an_expired_cart_can_be_read_but_not_changed(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=9)
    cart = await (await shop.guest_cart({"shirt": 1})).collected_at("berlin")
    await shop.run("UPDATE cart SET expires_at = now() - interval '1 second'")
    before = await shop.everything()

    answers = [await cart.do("cartHold"), await cart.do("cartBuyerSet", email="a@example.com"), await shop.place(cart)]

    assert [(answer["__typename"], answer["status"]) for answer in answers] == [("CartNotOpen", "EXPIRED")] * 3
    assert await shop.everything() == before
    assert (await cart.seen())["lines"][0]["sku"] == "shirt"


async def test_without_a_credential_a_key_must_be_a_random_uuid(shop: Shop) -> None:
    before = await shop.everything()

    refused = await shop.guest().do("cartCreate", idempotencyKey="1")
    made = await shop.guest().do("cartCreate", idempotencyKey=str(uuid4()))

    assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", "idempotencyKey"])
    assert made["__typename"] == "CartPayload"
    assert before["cart"] is None
