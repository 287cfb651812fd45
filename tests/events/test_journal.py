"""Everything that happens, as the subscription `events` and as pages of the query of that name."""

import asyncio
from typing import Any

import pytest

from api.events import journal
from api.events.cursors import cursor_at
from domain.access import Permission
from domain.events import Position
from tests.events.premises import Premises

pytestmark = pytest.mark.anyio

EVENTS = """
__typename
... on StockLevelChanged { cursor occurredAt version stockLevel { onHand version variant { sku } } }
... on OrderChanged { cursor occurredAt order { id number } event { type } }
... on StreamLagged { resumeFrom }
"""
WATCH = f"subscription ($types: [StreamEventType!], $after: Cursor) {{ events(types: $types, after: $after) {{ {EVENTS} }} }}"
PAGE = f"""
query ($types: [StreamEventType!], $after: Cursor, $first: Int) {{
  events(types: $types, after: $after, first: $first) {{ events {{ {EVENTS} }} endCursor hasMore }}
}}
"""
READ_ALL = (Permission.READ_EVENTS, Permission.READ_STOCK, Permission.READ_ORDERS)


def named(event: Any) -> tuple[str, Any]:
    """What it is of, and which step."""
    if event["__typename"] == "StockLevelChanged":
        return event["stockLevel"]["variant"]["sku"], event["version"]
    return event["order"]["number"], event["event"]["type"]


async def ordered(premises: Premises, sku: str) -> str:
    """An order of one unit, which the database knows by its number."""
    placed = await premises.shop.place(await (await premises.shop.guest_cart({sku: 1})).shipped())
    number: str = placed["order"]["number"]
    return number


async def page_of(premises: Premises, headers: Any, **variables: Any) -> Any:
    answer = await premises.ask(PAGE, headers, **variables)
    assert "errors" not in answer, answer
    return answer["data"]["events"]


async def test_every_event_is_told_in_order_beginning_with_the_next(premises: Premises) -> None:
    headers = await premises.partner(*READ_ALL)
    await premises.shop.stocked("shirt", on_hand=3)
    await premises.published()

    async with premises.following(WATCH, headers) as client:
        await premises.registered(1)
        await premises.shop.receive("shirt", 2)
        number = await ordered(premises, "shirt")
        await premises.shop.receive("shirt", -1)
        told = [await client.told() for _ in range(4)]

    # Placing the order held the unit first.
    assert [named(event) for event in told] == [("shirt", 2), ("shirt", 3), (number, "PLACED"), ("shirt", 4)]


async def test_steps_that_wait_together_are_told_one_by_one(premises: Premises) -> None:
    headers = await premises.partner(*READ_ALL)
    await premises.shop.stocked("shirt", on_hand=0)
    after = await premises.cursor()
    for _ in range(300):
        await premises.shop.receive("shirt", 1)
    await premises.published()

    async with premises.following(WATCH, headers, after=after) as client:
        told = [await client.told() for _ in range(300)]

    assert [event["version"] for event in told] == list(range(2, 302))
    assert {event["stockLevel"]["version"] for event in told} == {301}
    assert len({event["cursor"] for event in told}) == 300


async def test_only_the_types_that_are_named_are_told(premises: Premises) -> None:
    headers = await premises.partner(*READ_ALL)
    await premises.shop.stocked("shirt", on_hand=3)
    after = await premises.cursor()
    number = await ordered(premises, "shirt")
    await premises.shop.receive("shirt", 1)
    await premises.published()

    async with premises.following(WATCH, headers, types=["ORDER_CHANGED"], after=after) as client:
        first = named(await client.told())
    pages = [
        (await page_of(premises, headers, types=types, after=after))["events"]
        for types in (["ORDER_CHANGED"], ["STOCK_LEVEL_CHANGED"], [], None)
    ]

    assert first == (number, "PLACED")
    assert [[named(event) for event in page] for page in pages] == [
        [(number, "PLACED")],
        [("shirt", 2), ("shirt", 3)],
        [],
        [("shirt", 2), (number, "PLACED"), ("shirt", 3)],
    ]


async def test_pages_and_the_stream_tell_the_same_with_the_same_cursors(premises: Premises) -> None:
    headers = await premises.partner(*READ_ALL)
    await premises.shop.stocked("shirt", on_hand=3)
    await ordered(premises, "shirt")
    await premises.shop.receive("shirt", 1)
    await premises.published()

    pulled, after, rounds = [], None, 0
    while True:
        page = await page_of(premises, headers, after=after, first=2)
        pulled += page["events"]
        after = page["endCursor"]
        rounds += 1
        if not page["hasMore"]:
            break
    async with premises.following(WATCH, headers, after=cursor_at(Position(1, 0))) as client:
        pushed = [await client.told() for _ in pulled]

    assert len(pulled) == 4
    assert rounds >= 2
    assert pushed == pulled
    assert after == await premises.cursor()


async def test_the_end_of_a_page_is_where_the_stream_goes_on(premises: Premises) -> None:
    headers = await premises.partner(*READ_ALL)
    await premises.shop.stocked("shirt", on_hand=3)
    await premises.published()
    page = await page_of(premises, headers)

    async with premises.following(WATCH, headers, after=page["endCursor"]) as client:
        await premises.shop.receive("shirt", 1)
        next_one = await client.told()

    assert named(next_one) == ("shirt", 2)
    assert await page_of(premises, headers, after=next_one["cursor"]) == {
        "events": [],
        "endCursor": next_one["cursor"],
        "hasMore": False,
    }


async def test_a_page_looks_at_so_many_positions_and_says_that_there_is_more(
    premises: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_POSITIONS_OF_A_PAGE", 3)
    headers = await premises.partner(*READ_ALL)
    await premises.shop.stocked("shirt", on_hand=0)
    for _ in range(4):
        await premises.shop.receive("shirt", 1)
    await premises.published()

    empty = await page_of(premises, headers, types=["ORDER_CHANGED"])
    rest = await page_of(premises, headers, types=["ORDER_CHANGED"], after=empty["endCursor"])

    assert empty == {"events": [], "endCursor": cursor_at(Position(1, 3)), "hasMore": True}
    assert rest == {"events": [], "endCursor": cursor_at(Position(1, 5)), "hasMore": False}


async def test_only_those_may_hear_who_are_permitted_to(premises: Premises) -> None:
    async def codes(headers: Any, **variables: Any) -> tuple[list[str], list[str]]:
        async with premises.following(WATCH, headers, **variables) as client:
            pushed = await client.refused()
        answer = await premises.ask(PAGE, headers, **variables)
        assert answer["data"] == {"events": None}
        return pushed, [error["extensions"]["code"] for error in answer["errors"]]

    _, customer = await premises.customer()
    reads_stock = await premises.partner(Permission.READ_EVENTS, Permission.READ_STOCK)

    assert await codes({}) == (["UNAUTHENTICATED"], ["UNAUTHENTICATED"])
    assert await codes(customer) == (["FORBIDDEN"], ["FORBIDDEN"])
    assert await codes(await premises.partner(Permission.READ_STOCK)) == (["FORBIDDEN"], ["FORBIDDEN"])
    assert await codes(await premises.partner(Permission.READ_EVENTS)) == (["FORBIDDEN"], ["FORBIDDEN"])
    assert await codes(reads_stock, types=["ORDER_CHANGED"]) == (["FORBIDDEN"], ["FORBIDDEN"])


async def test_what_a_caller_may_not_read_it_does_not_hear_of(premises: Premises) -> None:
    await premises.shop.stocked("shirt", on_hand=3)
    after = await premises.cursor()
    number = await ordered(premises, "shirt")
    await premises.shop.receive("shirt", 1)
    await premises.published()

    async def heard(*permissions: Permission, channel: str = "partner") -> list[Any]:
        headers = await premises.partner(Permission.READ_EVENTS, *permissions, channel=channel)
        page = (await page_of(premises, headers, after=after))["events"]
        async with premises.following(WATCH, headers, after=after) as client:
            assert [await client.told() for _ in page] == page
        return [named(event) for event in page]

    assert await heard(Permission.READ_STOCK) == [("shirt", 2), ("shirt", 3)]
    assert await heard(Permission.MANAGE_ORDERS) == [(number, "PLACED")]
    # An app that sells reads the orders of its own channel only.
    assert await heard(Permission.READ_ORDERS, channel="marketplace") == []


async def test_a_cursor_of_another_time_is_said_to_be_lagging(premises: Premises) -> None:
    headers = await premises.partner(*READ_ALL)
    await premises.shop.stocked("shirt", on_hand=3)
    now = await premises.cursor()
    lagged = {"__typename": "StreamLagged", "resumeFrom": now}

    for wrong in (Position(2, 1), Position(1, 2), Position(0, 1)):
        page = await page_of(premises, headers, after=cursor_at(wrong))
        async with premises.following(WATCH, headers, after=cursor_at(wrong)) as client:
            pushed = await client.told()
            ending = await client.receive()

        assert page == {"events": [lagged], "endCursor": now, "hasMore": False}
        assert pushed == lagged
        assert ending == {"id": "1", "type": "complete"}


async def test_a_cursor_older_than_what_is_kept_is_said_to_be_lagging(premises: Premises) -> None:
    headers = await premises.partner(*READ_ALL)
    await premises.shop.stocked("shirt", on_hand=3)
    for _ in range(3):
        await premises.shop.receive("shirt", 1)
    now = await premises.cursor()
    await premises.shop.run("DELETE FROM event_log WHERE pos <= 2")

    old = await page_of(premises, headers, after=cursor_at(Position(1, 1)))
    oldest = await page_of(premises, headers)
    just_kept = await page_of(premises, headers, after=cursor_at(Position(1, 2)))

    assert old["events"] == [{"__typename": "StreamLagged", "resumeFrom": now}]
    assert [named(event) for event in oldest["events"]] == [("shirt", 3), ("shirt", 4)]
    assert just_kept == oldest


@pytest.mark.parametrize("first", [-1, 101])
async def test_a_page_has_at_most_a_hundred_events(premises: Premises, first: int) -> None:
    headers = await premises.partner(*READ_ALL)

    answer = await premises.ask(PAGE, headers, first=first)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_events_of_one_thing_come_in_order_whoever_writes_them(premises: Premises) -> None:
    headers = await premises.partner(*READ_ALL)
    skus = [await premises.shop.stocked(on_hand=0) for _ in range(3)]
    after = await premises.cursor()
    writes = 25

    async def write(number: int) -> None:
        for step in range(writes):
            await premises.shop.receive(skus[(number + step) % 3], 1)

    async with premises.following(WATCH, headers, after=after) as client:
        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(write(number))
        told = [named(await client.told()) for _ in range(4 * writes)]

    for sku in skus:
        versions = [version for name, version in told if name == sku]
        assert versions == list(range(2, len(versions) + 2))
    assert len(told) == len(set(told)) == 4 * writes
