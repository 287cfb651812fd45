"""What many follow is worked out, executed and encoded once; what is for one stays with that one."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import pytest

from api.execution.engine import Engine
from domain.access import Permission
from tests.events.premises import Client, Premises, until

pytestmark = pytest.mark.anyio

AVAILABLE = "availability { version available { quantity isCapped } }"
WATCH = f"""
subscription ($skus: [ProductVariantBy!]!, $after: Cursor) {{
  availabilityChanged(variants: $skus, after: $after) {{ ... on AvailabilityChanged {{ cursor {AVAILABLE} }} }}
}}
"""
SHIRT = [{"sku": "shirt"}]
ORDER = """
subscription ($by: OrderBy!, $after: Cursor) {
  orderChanged(by: $by, after: $after) { ... on OrderChanged { cursor event { actor } } }
}
"""
ORDERS = "subscription { orderChanged { ... on OrderChanged { cursor order { number email } } } }"


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> Counter[type]:
    """How many events were executed, by what they tell of."""
    count: Counter[type] = Counter()
    told = Engine._told

    async def counted(self: Engine, prepared: Any, event: object) -> Any:
        count[type(event)] += 1
        return await told(self, prepared, event)

    monkeypatch.setattr(Engine, "_told", counted)
    return count


async def all_told(clients: list[Client]) -> list[Any]:
    return await asyncio.gather(*(client.told() for client in clients))


async def test_one_change_is_executed_once_for_all_who_follow_it_alike(
    premises: Premises, executed: Counter[type]
) -> None:
    await premises.shop.stocked("shirt", on_hand=1)
    _, customer = await premises.customer()
    after = await premises.cursor()

    async with AsyncExitStack() as stack:
        # With a snapshot, from a cursor, signed in or not: they are told the same.
        ways: list[dict[str, Any]] = [{}, {"after": after}, {"headers": customer}]
        clients = [
            await stack.enter_async_context(premises.following(WATCH, skus=SHIRT, **way))
            for way in ways
            for _ in range(5)
        ]
        await asyncio.gather(*(client.told() for client in clients[:5] + clients[10:]))
        await until(lambda: [feed.streams for feed in premises.front.feeds._feeds.values()] == [15])
        executed.clear()
        await premises.shop.receive("shirt", 1)
        told = await all_told(clients)

    assert executed.total() == 1
    assert len({str(update) for update in told}) == 1
    assert told[0]["availability"] == {"version": 2, "available": {"quantity": 2, "isCapped": False}}


async def test_whoever_comes_after_more_is_kept_back_is_not_told_what_others_were_told_before(
    premises: Premises,
) -> None:
    await premises.shop.stocked("shirt", on_hand=5)
    partner = await premises.partner(Permission.MANAGE_STOCK)
    await premises.published()
    change = {"channel": "web", "location": {"code": "berlin"}, "buffer": 4}
    keep_back = "mutation ($input: ChannelLocationSetInput!) { channelLocationSet(input: $input) { __typename } }"

    async with premises.following(WATCH, skus=SHIRT) as client:
        before = await client.told()
        answer = await premises.ask(keep_back, partner, input={"changes": [change], "idempotencyKey": "once"})
        async with premises.following(WATCH, skus=SHIRT) as late:
            afterwards = await late.told()

    assert answer["data"] == {"channelLocationSet": {"__typename": "ChannelLocationSetPayload"}}
    assert [update["availability"]["available"]["quantity"] for update in (before, afterwards)] == [5, 1]


async def test_whoever_may_see_more_is_told_in_other_words(premises: Premises, executed: Counter[type]) -> None:
    await premises.shop.stocked("shirt", on_hand=50)
    partner = await premises.partner(Permission.READ_STOCK, channel="web")
    await premises.published()

    async with (
        premises.following(WATCH, skus=SHIRT) as shopper,
        premises.following(WATCH, partner, skus=SHIRT) as exact,
    ):
        before = [await shopper.told(), await exact.told()]
        executed.clear()
        await premises.shop.receive("shirt", -48)
        after = [await shopper.told(), await exact.told()]

    assert [update["availability"]["available"] for update in before] == [
        {"quantity": 10, "isCapped": True},
        {"quantity": 50, "isCapped": False},
    ]
    assert [update["availability"]["available"]["quantity"] for update in after] == [2, 2]
    assert executed.total() == 2


async def test_orders_are_shared_with_nobody_else(premises: Premises, executed: Counter[type]) -> None:
    await premises.shop.stocked("shirt", on_hand=9)
    ada, ada_headers = await premises.customer("ada@example.com")
    bob, bob_headers = await premises.customer("bob@example.com")

    async with (
        premises.following(ORDERS, ada_headers) as hers,
        premises.following(ORDERS, ada_headers) as also_hers,
        premises.following(ORDERS, bob_headers) as his,
    ):
        await premises.registered(3)
        for caller, email in ((ada, "ada@example.com"), (bob, "bob@example.com")):
            cart = await (await caller.cart({"shirt": 1})).shipped(email)
            placed = await premises.shop.place(cart)
            assert placed["__typename"] == "OrderPlacePayload"
        emails = [update["order"]["email"] for update in await all_told([hers, also_hers, his])]

    assert emails == ["ada@example.com", "ada@example.com", "bob@example.com"]
    assert executed.total() == 2


async def test_one_event_is_told_to_each_caller_in_the_words_meant_for_it(premises: Premises) -> None:
    await premises.shop.stocked("shirt", on_hand=9)
    ada, headers = await premises.customer("ada@example.com")
    partner = await premises.partner(Permission.READ_ORDERS, channel="web")
    after = await premises.cursor()
    placed = await premises.shop.place(await (await ada.cart({"shirt": 1})).shipped())
    await premises.published()
    asked = {"by": {"id": placed["order"]["id"]}, "after": after}

    async with (
        premises.following(ORDER, partner, **asked) as exact,
        premises.following(ORDER, headers, **asked) as shopper,
    ):
        told = [update["event"] for update in await all_told([exact, shopper])]

    assert told == [{"actor": f"customer:{ada.principal.id}"}, {"actor": "customer"}]


async def test_a_change_that_no_shopper_sees_wakes_nobody(premises: Premises) -> None:
    await premises.shop.stocked("shirt", on_hand=50)
    await premises.published()

    async with premises.following(WATCH, skus=SHIRT) as first, premises.following(WATCH, skus=SHIRT) as second:
        versions = [update["availability"]["version"] for update in await all_told([first, second])]
        for units in (-1, -1, -1, -45):
            await premises.shop.receive("shirt", units)
            await premises.published()
        seen = await all_told([first, second])

    assert versions == [1, 1]
    assert [update["availability"] for update in seen] == [
        {"version": 5, "available": {"quantity": 2, "isCapped": False}}
    ] * 2


async def test_who_comes_while_others_listen_misses_nothing_that_they_know(premises: Premises) -> None:
    """What the others show already is not told again, unless somebody has come who may show something else."""
    await premises.shop.stocked("shirt", on_hand=1)
    await premises.published()

    async with premises.following(WATCH, skus=SHIRT) as first:
        await first.told()
        for expected in range(2, 30):
            async with premises.following(WATCH, skus=SHIRT) as late:
                snapshot = await late.told()
                await premises.shop.receive("shirt", 1 if expected % 2 == 0 else -1)
                change = await late.told()
                known = await first.told()

            assert snapshot["availability"]["version"] == expected - 1
            assert change["availability"] == known["availability"]
            assert change["availability"]["version"] == expected
    await until(lambda: len(premises.front.feeds) == 0 and premises.hub.followers == 0)
