"""One cart over every channel: set aside, handed on by a code, merged on signing in."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from uuid_utils.compat import uuid4

from api.ids import Kind, key_of
from domain.access import Permission
from domain.carts.merging import MergeMode
from tests.shop import ADDRESS, Caller, Cart, Shop

pytestmark = pytest.mark.anyio

MERGED = """
query ($id: ID!) { cart(id: $id) { status mergedInto { id } order { id } journey { action channel { code } } } }
"""
MINE = """
query ($first: Int, $after: String) {
  me {
    activeCart { id }
    carts(first: $first, after: $after) { nodes { id status } totalCount pageInfo { hasNextPage endCursor } }
  }
}
"""
PARKED = """
query ($location: LocationBy, $first: Int, $after: String) {
  parkedCarts(location: $location, first: $first, after: $after) {
    nodes { id note lines { sku } } totalCount pageInfo { hasNextPage endCursor }
  }
}
"""


def quantities(cart: Any) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in cart["lines"]}


def told(report: Any) -> set[tuple[str, str, int, int]]:
    return {(change["action"], change["sku"], change["quantityBefore"], change["quantityAfter"]) for change in report}


async def code_for(cart: Cart) -> str:
    made = await cart.do("cartHandoffCreate")
    assert made["__typename"] == "CartHandoffPayload", made
    code: str = made["handoffCode"]
    return code


async def claimed(caller: Caller, code: str, **input_: Any) -> Cart:
    """The cart in the claimer's hands."""
    payload = await caller.do("cartHandoffClaim", handoffCode=code, **{"idempotencyKey": str(uuid4()), **input_})
    assert payload["__typename"] == "CartPayload", payload
    return caller.holding(payload["cartToken"], payload["cart"]["id"])


# Setting aside.


async def test_a_cart_is_parked_at_one_till_and_resumed_at_another_of_the_store(shop: Shop) -> None:
    sku = await shop.stocked(on_hand=5)
    clerk = shop.staff(Permission.SELL_IN_STORE, bound_to="berlin")
    cart = await clerk.cart({sku: 2})

    parked = await cart.change("cartPark", note="back at five")
    listed = await clerk.ask(PARKED)
    colleague = shop.staff(Permission.SELL_IN_STORE, bound_to="berlin")
    resumed = await colleague.do("cartResume", cartId=cart.id)

    assert parked["status"] == "PARKED"
    assert listed["parkedCarts"]["nodes"] == [{"id": cart.id, "note": "back at five", "lines": [{"sku": sku}]}]
    assert (resumed["cart"]["status"], quantities(resumed["cart"])) == ("OPEN", {sku: 2})
    assert (await clerk.ask(PARKED))["parkedCarts"]["totalCount"] == 0


async def test_a_parked_cart_holds_nothing_and_takes_no_other_change(shop: Shop) -> None:
    sku = await shop.stocked(on_hand=5)
    cart = await shop.guest().cart({sku: 2})
    await cart.change("cartHold")

    parked = await cart.change("cartPark")
    refused = await cart.do("cartLinesAdd", lines=[{"variant": {"sku": sku}, "quantity": 1}])
    held = await cart.do("cartHold")

    assert parked["heldUntil"] is None
    assert (refused["__typename"], refused["status"]) == ("CartNotOpen", "PARKED")
    assert held["__typename"] == "CartNotOpen"


async def test_parking_and_resuming_twice_is_doing_it_once(shop: Shop) -> None:
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1})

    versions = [(await cart.change(verb))["version"] for verb in ("cartPark", "cartPark", "cartResume", "cartResume")]

    assert versions == [2, 2, 3, 3]


async def test_nobody_else_finds_or_resumes_a_parked_cart(shop: Shop) -> None:
    cart = await shop.staff(Permission.SELL_IN_STORE, bound_to="berlin").cart({await shop.stocked(on_hand=5): 1})
    await cart.change("cartPark")
    elsewhere = shop.staff(Permission.SELL_IN_STORE, bound_to="hamburg", channel="web")

    found = await elsewhere.ask(PARKED, location={"code": "berlin"})
    resumed = [
        (await caller.do("cartResume", cartId=cart.id))["__typename"]
        for caller in (elsewhere, shop.guest(), await shop.customer(), shop.staff(Permission.READ_ORDERS))
    ]

    assert found["parkedCarts"] == {"nodes": [], "totalCount": 0, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    assert resumed == ["NotFound"] * 4
    assert await shop.guest().error_codes(PARKED) == ["UNAUTHENTICATED"]


async def test_parked_carts_come_in_pages_that_miss_none(shop: Shop) -> None:
    clerk = shop.staff(Permission.SELL_IN_STORE, bound_to="berlin")
    sku = await shop.stocked(on_hand=5)
    carts = [await clerk.cart({sku: 1}) for _ in range(5)]
    for cart in carts:
        await cart.change("cartPark")

    seen: list[str] = []
    after = None
    for _ in range(3):
        listed = (await clerk.ask(PARKED, first=2, after=after))["parkedCarts"]
        seen += [cart["id"] for cart in listed["nodes"]]
        after = listed["pageInfo"]["endCursor"]

    assert seen == [cart.id for cart in reversed(carts)]
    assert not listed["pageInfo"]["hasNextPage"]


# Handing on.


async def test_a_cart_begun_on_the_phone_is_taken_over_at_the_till_and_goes_on_on_the_web(shop: Shop) -> None:
    sku, other = await shop.stocked(on_hand=5), await shop.stocked(on_hand=5)
    phone = await shop.guest("app").cart({sku: 2})

    till = await claimed(shop.staff(Permission.SELL_IN_STORE, bound_to="berlin"), await code_for(phone))
    await till.change("cartLinesAdd", lines=[{"variant": {"sku": other}, "quantity": 1}])
    web = await claimed(shop.guest("web"), await code_for(till))

    seen = await web.seen()
    assert quantities(seen) == {sku: 2, other: 1}
    assert await phone.seen() is None
    assert await till.seen() is None
    journey = (await web.caller.ask(MERGED, id=web.id))["cart"]["journey"]
    assert [(touch["action"], touch["channel"]["code"]) for touch in journey] == [
        ("CREATED", "app"),
        ("HANDED_OFF", "app"),
        ("CLAIMED", "till-berlin"),
        ("CHANGED", "till-berlin"),
        ("HANDED_OFF", "till-berlin"),
        ("CLAIMED", "web"),
    ]


async def test_a_customer_who_claims_becomes_the_owner_and_one_at_the_till_stays_it(shop: Shop) -> None:
    ada = await shop.customer()
    cart = await ada.cart({await shop.stocked(on_hand=5): 1}, email="ada@example.com")

    till = await claimed(shop.staff(Permission.SELL_IN_STORE, bound_to="berlin"), await code_for(cart))
    still_hers = await cart.seen()
    bob = await shop.customer("bob@example.com")
    his = await claimed(bob, await code_for(till))

    assert still_hers is not None
    assert (await his.seen())["email"] is None, "what Ada said of herself is not for Bob"
    assert await cart.seen() is None
    assert (await bob.ask(MINE))["me"]["activeCart"] == {"id": cart.id}


async def test_what_is_held_stays_held_when_a_cart_is_handed_on(shop: Shop) -> None:
    sku = await shop.stocked(on_hand=2)
    cart = await shop.guest().cart({sku: 2})
    await cart.change("cartHold")

    theirs = await claimed(shop.guest(), await code_for(cart))

    assert (await theirs.seen())["heldUntil"] is not None
    placed = await shop.place(await theirs.collected_at("berlin"))
    assert placed["__typename"] == "OrderPlacePayload"


async def test_of_fifty_who_claim_at_once_one_gets_the_cart(shop: Shop) -> None:
    code = await code_for(await shop.guest().cart({await shop.stocked(on_hand=5): 1}))

    answers = await asyncio.gather(
        *(shop.guest().do("cartHandoffClaim", handoffCode=code, idempotencyKey=str(uuid4())) for _ in range(50))
    )

    assert Counter(answer["__typename"] for answer in answers) == {"CartPayload": 1, "HandoffInvalid": 49}


async def test_a_code_is_good_once_for_minutes_and_until_there_is_another(shop: Shop) -> None:
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1})
    first = await code_for(cart)
    second = await code_for(cart)

    withdrawn = await shop.guest().do("cartHandoffClaim", handoffCode=first, idempotencyKey=str(uuid4()))
    theirs = await claimed(shop.guest(), second.lower().replace("-", " "))
    used = await shop.guest().do("cartHandoffClaim", handoffCode=second, idempotencyKey=str(uuid4()))
    third = await code_for(theirs)
    await shop.run("UPDATE cart_handoff SET expires_at = now() WHERE claimed_at IS NULL")
    too_old = await shop.guest().do("cartHandoffClaim", handoffCode=third, idempotencyKey=str(uuid4()))

    assert {withdrawn["message"], used["message"], too_old["message"]} == {"This code is not good, or no longer."}


async def test_a_lost_answer_is_repeated_by_its_key_with_a_fresh_token(shop: Shop) -> None:
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1})
    code, key = await code_for(cart), str(uuid4())

    lost = await claimed(shop.guest(), code, idempotencyKey=key)
    again = await claimed(shop.guest(), code, idempotencyKey=key)
    other = await shop.guest().do("cartHandoffClaim", handoffCode="22222-22222", idempotencyKey=key)

    assert lost.token != again.token
    assert await lost.seen() is None
    assert await again.seen() is not None
    assert other["__typename"] == "IdempotencyMismatch"


async def test_whoever_claimed_before_gets_no_token_any_more_once_somebody_else_has(shop: Shop) -> None:
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1})
    code, key = await code_for(cart), str(uuid4())
    first = await claimed(shop.guest(), code, idempotencyKey=key)
    second = await claimed(shop.guest(), await code_for(first))

    repeated = await shop.guest().do("cartHandoffClaim", handoffCode=code, idempotencyKey=key)

    assert repeated["__typename"] == "HandoffInvalid"
    assert await second.seen() is not None


async def test_the_same_key_shows_the_same_code_again(shop: Shop) -> None:
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1})

    codes = {(await cart.do("cartHandoffCreate", idempotencyKey="one"))["handoffCode"] for _ in range(3)}
    scanned = await cart.do("cartHandoffCreate", idempotencyKey="one")

    assert len(codes) == 1
    assert await (await claimed(shop.guest(), scanned["qrPayload"])).seen() is not None


async def test_ten_wrong_codes_shut_a_caller_out_even_with_the_right_one(shop: Shop) -> None:
    code = await code_for(await shop.guest().cart({await shop.stocked(on_hand=5): 1}))
    bob = await shop.customer("bob@example.com")

    guesses = [
        await bob.do("cartHandoffClaim", handoffCode=f"22222-2222{digit}", idempotencyKey=str(uuid4()))
        for digit in "23456789AB"
    ]
    right = await bob.do("cartHandoffClaim", handoffCode=code, idempotencyKey=str(uuid4()))

    assert {guess["message"] for guess in guesses} == {"This code is not good, or no longer."}
    assert (right["__typename"], right["message"]) == ("HandoffInvalid", "Too many codes were tried; wait a minute.")


# Merging.


async def two_carts(shop: Shop) -> tuple[Caller, Cart, Cart, list[str]]:
    """Ada's cart and a guest's that she can reach: she has the token."""
    skus = [await shop.stocked(on_hand=50) for _ in range(3)]
    ada = await shop.customer()
    target = await ada.cart({skus[0]: 2, skus[1]: 3})
    guests = await shop.guest().cart({skus[1]: 5, skus[2]: 4}, email="guest@example.com")
    return ada.holding(guests.token, guests.id).caller, guests, target, skus


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("SUM", (2, 8, 4)), ("MAX", (2, 5, 4)), ("KEEP_SOURCE", (0, 5, 4)), ("KEEP_TARGET", (2, 3, 0))],
)
async def test_a_merge_keeps_what_its_mode_says_and_tells_before_and_after(
    shop: Shop, mode: str, expected: tuple[int, int, int]
) -> None:
    ada, source, target, skus = await two_carts(shop)
    wanted = {sku: units for sku, units in zip(skus, expected, strict=True) if units}

    foretold = await ada.do("cartMerge", sourceId=source.id, targetId=target.id, mode=mode, dryRun=True)
    unchanged = quantities(await target.seen())
    merged = await ada.do("cartMerge", sourceId=source.id, targetId=target.id, mode=mode)

    assert unchanged == quantities(foretold["cart"]) == {skus[0]: 2, skus[1]: 3}
    assert foretold["report"] == merged["report"]
    assert quantities(merged["cart"]) == wanted == quantities(await target.seen())
    was = (await ada.ask(MERGED, id=source.id))["cart"]
    assert (was["status"], was["mergedInto"]) == ("MERGED", {"id": target.id})


async def test_a_merge_fills_in_what_the_target_does_not_say_and_keeps_how_lines_leave(shop: Shop) -> None:
    ada, source, target, skus = await two_carts(shop)
    await source.change("cartDeliverySet", groups=[{"method": "PICKUP", "location": {"code": "berlin"}}])

    merged = await ada.do("cartMerge", sourceId=source.id, targetId=target.id)

    assert merged["cart"]["email"] == "guest@example.com"
    (group,) = (await target.seen())["deliveryGroups"]
    assert [line["sku"] for line in group["lines"]] == [skus[2]]


@pytest.mark.parametrize("mode", MergeMode)
async def test_what_a_customer_said_of_itself_is_not_merged_into_the_cart_of_another(
    shop: Shop, mode: MergeMode
) -> None:
    clerk = shop.staff(Permission.SELL_IN_STORE, bound_to="berlin")
    ada, bob = await shop.customer("ada@example.com"), await shop.customer("bob@example.com")
    adas = await (await ada.cart({await shop.stocked(on_hand=5): 1})).shipped()
    await adas.change("cartBuyerSet", phone="+4930123456", billingAddress=ADDRESS)
    bobs = await bob.cart({await shop.stocked(on_hand=5): 1})
    for cart in (adas, bobs):
        await claimed(clerk, await code_for(cart))

    merged = await clerk.do("cartMerge", sourceId=adas.id, targetId=bobs.id, mode=mode.value)

    assert merged["__typename"] == "CartMergePayload"
    assert (await bobs.seen())["email"] is None
    assert [group["address"] for group in (await bobs.seen())["deliveryGroups"]] == []
    said = "SELECT phone IS NULL AND billing_address IS NULL FROM cart WHERE id = :id"
    assert await shop.value(said, id=key_of(Kind.Cart, bobs.id))


async def test_a_merge_is_done_once_for_a_key_and_refused_for_what_is_no_longer_open(shop: Shop) -> None:
    ada, source, target, _ = await two_carts(shop)
    asked = {"sourceId": source.id, "targetId": target.id, "mode": "SUM"}

    first = await ada.do("cartMerge", **asked, idempotencyKey="once")
    again = await ada.do("cartMerge", **asked, idempotencyKey="once")
    anew = await ada.do("cartMerge", **asked)
    itself = await ada.do("cartMerge", sourceId=target.id, targetId=target.id)

    assert again == first
    assert (anew["__typename"], anew["status"]) == ("CartNotOpen", "MERGED")
    assert itself["__typename"] == "InvalidInput"


async def test_nobody_merges_a_cart_of_others(shop: Shop) -> None:
    _, source, target, _ = await two_carts(shop)
    bob = await shop.customer("bob@example.com")
    own = await bob.cart({})

    taken = await bob.do("cartMerge", sourceId=source.id, targetId=own.id)
    poured = await bob.do("cartMerge", sourceId=own.id, targetId=target.id)

    assert (taken["__typename"], taken["path"]) == ("NotFound", ["input", "sourceId"])
    assert (poured["__typename"], poured["path"]) == ("NotFound", ["input", "targetId"])


async def test_of_fifty_merges_at_once_one_succeeds(shop: Shop) -> None:
    ada, source, target, skus = await two_carts(shop)

    answers = await asyncio.gather(
        *(ada.do("cartMerge", sourceId=source.id, targetId=target.id, mode="SUM") for _ in range(50))
    )

    assert Counter(answer["__typename"] for answer in answers) == {"CartMergePayload": 1, "CartNotOpen": 49}
    assert quantities(await target.seen()) == {skus[0]: 2, skus[1]: 8, skus[2]: 4}


async def test_merges_in_both_directions_at_once_never_wait_for_each_other(shop: Shop) -> None:
    ada, source, target, _ = await two_carts(shop)

    answers = await asyncio.gather(
        *(ada.do("cartMerge", sourceId=a.id, targetId=b.id) for a, b in [(source, target), (target, source)] * 10)
    )

    assert Counter(answer["__typename"] for answer in answers) == {"CartMergePayload": 1, "CartNotOpen": 19}


async def test_what_both_carts_hold_stays_held_and_becomes_the_order(shop: Shop) -> None:
    skus = [await shop.stocked(on_hand=2) for _ in range(2)]
    ada = await shop.customer()
    target = await ada.cart({skus[0]: 2})
    source = await shop.guest().cart({skus[1]: 2})
    await source.change("cartHold")
    await target.change("cartHold")
    both = ada.holding(source.token, source.id).caller

    merged = await both.do("cartMerge", sourceId=source.id, targetId=target.id)
    rival = await (await shop.guest().cart({skus[1]: 1})).do("cartHold")
    placed = await shop.place(await target.collected_at("berlin"))

    assert merged["cart"]["heldUntil"] is not None
    assert rival["__typename"] == "InsufficientStock"
    assert placed["__typename"] == "OrderPlacePayload", placed
    for sku in skus:
        assert (await shop.level(sku))["reserved"] == 2


async def test_units_of_both_carts_in_one_line_stay_held_together(shop: Shop) -> None:
    sku = await shop.stocked(on_hand=3)
    ada = await shop.customer()
    source, target = await ada.cart({sku: 1}), await ada.cart({sku: 2})
    await source.change("cartHold")
    await target.change("cartHold")

    merged = await ada.do("cartMerge", sourceId=source.id, targetId=target.id, mode="SUM")

    assert merged["cart"]["heldUntil"] is not None
    assert (await shop.level(sku))["reserved"] == 3
    assert (await shop.place(await target.collected_at("berlin")))["__typename"] == "OrderPlacePayload"


async def test_merging_does_not_hold_more_of_a_line_than_a_shopper_may(shop: Shop) -> None:
    sku = await shop.stocked(on_hand=500)
    ada = await shop.customer()
    source, target = await ada.cart({sku: 80}), await ada.cart({sku: 80})
    await source.change("cartHold")
    await target.change("cartHold")

    merged = await ada.do("cartMerge", sourceId=source.id, targetId=target.id, mode="SUM")

    assert merged["cart"]["heldUntil"] is None
    assert (await shop.level(sku))["reserved"] == 0


async def test_whoever_neither_buys_nor_sells_in_a_store_repeats_its_claim_as_a_guest_does(shop: Shop) -> None:
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1})
    code, key = await code_for(cart), str(uuid4())
    clerk = shop.staff(Permission.READ_ORDERS, channel="web")

    await claimed(clerk, code, idempotencyKey=key)
    again = await claimed(clerk, code, idempotencyKey=key)

    assert again.token is not None
    assert await again.seen() is not None


async def test_what_the_merged_cart_does_not_need_is_for_sale_again(shop: Shop) -> None:
    sku = await shop.stocked(on_hand=8)
    ada = await shop.customer()
    target = await ada.cart({sku: 3})
    source = await shop.guest().cart({sku: 5})
    await source.change("cartHold")
    await target.change("cartHold")
    both = ada.holding(source.token, source.id).caller

    await both.do("cartMerge", sourceId=source.id, targetId=target.id, mode="KEEP_TARGET")

    assert (await shop.level(sku))["reserved"] == 3
    assert (await shop.place(await target.collected_at("berlin")))["__typename"] == "OrderPlacePayload"
    assert (await shop.level(sku))["reserved"] == 3


async def test_customers_find_all_their_carts_in_pages(shop: Shop) -> None:
    ada = await shop.customer()
    sku = await shop.stocked(on_hand=5)
    carts = [await ada.cart({sku: 1}) for _ in range(3)]
    await carts[0].change("cartPark")

    first = (await ada.ask(MINE, first=2))["me"]["carts"]
    rest = (await ada.ask(MINE, first=2, after=first["pageInfo"]["endCursor"]))["me"]["carts"]

    assert [cart["id"] for cart in [*first["nodes"], *rest["nodes"]]] == [cart.id for cart in reversed(carts)]
    assert rest["nodes"][0]["status"] == "PARKED"
    assert first["totalCount"] == 3


async def test_signing_in_merges_and_says_the_same_when_it_is_sent_again(shop: Shop) -> None:
    skus = [await shop.stocked(on_hand=50) for _ in range(2)]
    ada = await shop.customer()
    own = await ada.cart({skus[0]: 2})
    guests = await shop.guest().cart({skus[0]: 1, skus[1]: 4})

    first = await guests.given_to(ada, MergeMode.SUM)
    again = await guests.given_to(ada, MergeMode.SUM)

    assert first == again
    assert first is not None
    assert {(change["action"], change["sku"]) for change in first} == {("INCREASED", skus[0]), ("ADDED", skus[1])}
    assert quantities(await own.seen()) == {skus[0]: 3, skus[1]: 4}


async def test_without_an_open_cart_the_guests_becomes_the_customers(shop: Shop) -> None:
    ada = await shop.customer()
    guests = await shop.guest().cart({await shop.stocked(on_hand=5): 1})

    report = await guests.given_to(ada)

    assert report is None
    assert (await ada.ask(MINE))["me"]["activeCart"] == {"id": guests.id}
    assert await guests.seen() is None


async def test_the_token_of_a_merged_cart_does_not_lead_on_to_the_customers(shop: Shop) -> None:
    ada = await shop.customer()
    await ada.cart({await shop.stocked(on_hand=5): 1})
    guests = await shop.guest().cart({await shop.stocked(on_hand=5): 1})
    await guests.given_to(ada)

    seen = (await guests.caller.ask(MERGED, id=guests.id))["cart"]

    assert (seen["status"], seen["mergedInto"]) == ("MERGED", None)


async def test_a_cart_past_its_time_is_neither_parked_nor_handed_on(shop: Shop) -> None:
    cart = await shop.guest().cart({await shop.stocked(on_hand=5): 1})
    await shop.run("UPDATE cart SET expires_at = now() - interval '1 second'")

    answers = [await cart.do(verb) for verb in ("cartPark", "cartResume", "cartHandoffCreate")]

    assert [(answer["__typename"], answer["status"]) for answer in answers] == [("CartNotOpen", "EXPIRED")] * 3
