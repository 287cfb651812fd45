from typing import Any
from uuid import UUID

import orjson
import pytest

from api.events import hub as hubs
from api.events import mailbox as mailboxes
from api.execution.engine import GraphQLRequest
from api.execution.errors import StreamClosed
from domain.access import Principal, ViewerKind
from persistence.events import log
from persistence.statements import Statement
from tests.api.events.shop import Shop

pytestmark = pytest.mark.anyio

APP = Principal(kind=ViewerKind.APP, id=UUID(int=7))
WATCH = """
subscription ($skus: [ProductVariantBy!]!, $locations: [LocationBy!], $after: Cursor) {
  availabilityChanged(variants: $skus, locations: $locations, after: $after) {
    __typename
    ... on StreamLagged { resumeFrom }
    ... on AvailabilityChanged {
      cursor
      availability {
        variant { sku } location { code } status version
        available { quantity isCapped }
      }
    }
  }
}
"""
WHITE = [{"sku": "white"}]
BOTH = [{"sku": "white"}, {"sku": "black"}]


def seen(update: Any) -> tuple[str, str, int, bool, int]:
    availability = update["availability"]
    return (
        availability["variant"]["sku"],
        availability["location"]["code"],
        availability["available"]["quantity"],
        availability["available"]["isCapped"],
        availability["version"],
    )


async def test_first_comes_a_snapshot_then_every_change(shop: Shop) -> None:
    await shop.move("white", "store", 5)
    await shop.move("white", "warehouse", 50)
    await shop.move("black", "store", 1)

    async with shop.subscribed(WATCH, skus=WHITE) as subscriber:
        snapshot = [await subscriber.next(), await subscriber.next()]
        await shop.move("black", "store", 1)
        await shop.move("white", "store", -3)
        change = await subscriber.next()

    assert [seen(update) for update in snapshot] == [
        ("white", "store", 5, False, 1),
        ("white", "warehouse", 10, True, 1),
    ]
    assert seen(change) == ("white", "store", 2, False, 2)
    assert change["availability"]["status"] == "LOW_STOCK"


async def test_a_cursor_resumes_where_it_was_taken(shop: Shop) -> None:
    await shop.move("white", "store", 5)
    await shop.settled()
    async with shop.subscribed(WATCH, skus=BOTH) as subscriber:
        last = await subscriber.next()
    await shop.move("white", "store", 1)
    await shop.move("black", "store", 7)

    async with shop.subscribed(WATCH, skus=BOTH, after=last["cursor"]) as subscriber:
        missed = [await subscriber.next(), await subscriber.next()]
        await shop.move("black", "store", -7)
        live = await subscriber.next()

    assert [seen(update) for update in missed] == [("white", "store", 6, False, 2), ("black", "store", 7, False, 1)]
    assert seen(live) == ("black", "store", 0, False, 2)


async def test_a_cursor_from_inside_a_snapshot_restarts_it(shop: Shop) -> None:
    await shop.move("white", "store", 5)
    await shop.move("white", "warehouse", 6)
    async with shop.subscribed(WATCH, skus=WHITE) as subscriber:
        inside = await subscriber.next()

    async with shop.subscribed(WATCH, skus=WHITE, after=inside["cursor"]) as subscriber:
        again = [await subscriber.next(), await subscriber.next()]

    assert [seen(update)[:3] for update in again] == [("white", "store", 5), ("white", "warehouse", 6)]
    assert again[0]["cursor"] == inside["cursor"] != again[1]["cursor"]


async def test_what_changes_while_the_snapshot_is_sent_follows_it(shop: Shop) -> None:
    await shop.move("white", "store", 5)
    await shop.move("white", "warehouse", 6)
    await shop.settled()

    async with shop.subscribed(WATCH, skus=WHITE) as subscriber:
        await subscriber.next()
        await shop.move("white", "store", 1)
        await shop.settled()
        rest = [await subscriber.next(), await subscriber.next()]

    assert [seen(update) for update in rest] == [("white", "warehouse", 6, False, 1), ("white", "store", 6, False, 2)]


async def test_shoppers_are_told_only_what_they_may_see(shop: Shop) -> None:
    await shop.move("white", "store", 50)

    async with shop.subscribed(WATCH, skus=BOTH) as subscriber:
        await subscriber.next()
        await shop.move("white", "store", -10)
        await shop.move("black", "store", 1)
        change = await subscriber.next()
        await shop.move("white", "store", -36)
        next_change = await subscriber.next()

    assert [seen(change), seen(next_change)] == [("black", "store", 1, False, 1), ("white", "store", 4, False, 3)]


async def test_apps_are_told_every_newest_state_exactly(shop: Shop) -> None:
    await shop.move("white", "store", 50)

    async with shop.subscribed(WATCH, APP, skus=WHITE) as subscriber:
        snapshot = await subscriber.next()
        await shop.move("white", "store", -10)
        change = await subscriber.next()

    assert [seen(snapshot), seen(change)] == [("white", "store", 50, False, 1), ("white", "store", 40, False, 2)]


async def test_a_version_is_told_once_however_many_changes_led_to_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "_REPLAY_AT_ONCE", 1)
    start = (await shop.ask("{ streamCursor }"))["data"]["streamCursor"]
    for _ in range(3):
        await shop.move("white", "store", 1)
    await shop.move("black", "store", 1)
    await shop.settled()
    # So that each change is replayed from the log by itself, long after the level went on.
    shop.worker.hub._ring.clear()

    async with shop.subscribed(WATCH, APP, skus=BOTH, after=start) as subscriber:
        missed = [await subscriber.next(), await subscriber.next()]

    assert [seen(update) for update in missed] == [("white", "store", 3, False, 3), ("black", "store", 1, False, 1)]


async def test_many_changes_that_wait_together_are_told_as_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "MOST_STEPS", 10)
    await shop.move("white", "store", 1)
    await shop.settled()

    async with shop.subscribed(WATCH, APP, skus=BOTH) as subscriber:
        await subscriber.next()
        await shop.move("white", "store", 1)
        first = await subscriber.next()
        for _ in range(20):
            await shop.move("white", "store", 1)
        await shop.settled()
        await shop.move("black", "store", 1)
        await shop.settled()
        rest = [await subscriber.next()]
        while rest[-1]["availability"]["variant"]["sku"] != "black":
            rest.append(await subscriber.next())

    assert seen(first) == ("white", "store", 2, False, 2)
    assert [seen(update) for update in rest] == [("white", "store", 22, False, 22), ("black", "store", 1, False, 1)]


async def test_a_pair_that_was_not_stocked_before_is_told_when_it_is(shop: Shop) -> None:
    await shop.move("black", "warehouse", 1)

    async with shop.subscribed(WATCH, skus=BOTH, locations=[{"code": "warehouse"}]) as subscriber:
        await subscriber.next()
        await shop.move("white", "store", 3)
        await shop.move("white", "warehouse", 4)
        change = await subscriber.next()

    assert seen(change) == ("white", "warehouse", 4, False, 1)


async def test_a_cursor_that_is_too_old_is_said_to_be_and_the_stream_ends(shop: Shop) -> None:
    for _ in range(3):
        await shop.move("white", "store", 1)
    async with shop.subscribed(WATCH, skus=WHITE) as subscriber:
        await subscriber.next()
    await shop.settled()
    start = (await shop.ask("{ streamCursor }"))["data"]["streamCursor"]
    async with shop.database.transaction() as connection:
        await connection.execute(Statement("UPDATE relay_state SET epoch = 2"))
    async with shop.database.reading() as reader:
        shop.worker.hub._stand_at(await log.state(reader))

    async with shop.subscribed(WATCH, skus=WHITE, after=start) as subscriber:
        lagged = await subscriber.next()
        has_ended = await subscriber.has_ended()
    await shop.move("white", "store", 1)
    async with shop.subscribed(WATCH, skus=WHITE, after=lagged["resumeFrom"]) as subscriber:
        resumed = await subscriber.next()

    assert lagged["__typename"] == "StreamLagged"
    assert has_ended
    assert seen(resumed) == ("white", "store", 4, False, 4)


async def test_a_forged_cursor_is_refused(shop: Shop) -> None:
    async with shop.subscribed(WATCH, skus=WHITE, after="forged") as subscriber:
        answer = await subscriber.answer()

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_more_than_a_hundred_variants_are_refused(shop: Shop) -> None:
    async with shop.subscribed(WATCH, skus=[{"sku": str(number)} for number in range(101)]) as subscriber:
        answer = await subscriber.answer()

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_stream_that_loses_its_database_asks_the_client_to_come_back(shop: Shop) -> None:
    await shop.move("white", "store", 1)

    async with shop.subscribed(WATCH, skus=WHITE) as subscriber:
        await subscriber.next()
        await shop.move("white", "store", 1)
        await shop.settled()
        await shop.database.close()

        with pytest.raises(StreamClosed) as closed:
            await subscriber.next()

    assert closed.value.close_code == 1013


async def test_the_stream_cursor_is_taken_before_anything_else_is_read(shop: Shop) -> None:
    await shop.move("white", "store", 1)
    await shop.settled()
    context = await shop.context()
    await shop.move("white", "store", 1)
    await shop.settled()

    answer = await shop.engine.execute(GraphQLRequest("{ streamCursor }"), context)
    after = (await shop.ask("{ streamCursor }"))["data"]["streamCursor"]

    assert after.encode() not in answer.body
    async with shop.subscribed(
        WATCH, skus=WHITE, after=orjson.loads(answer.body)["data"]["streamCursor"]
    ) as subscriber:
        assert seen(await subscriber.next()) == ("white", "store", 2, False, 2)
