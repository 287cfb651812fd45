"""The stream tells of what a channel may have, and when it can be collected, as of the moment of telling."""

from datetime import UTC, datetime
from typing import Any

import pytest

from persistence.database import Database
from persistence.statements import Statement
from tests.api.events.shop import Shop

pytestmark = pytest.mark.anyio

WATCH = """
subscription {
  availabilityChanged(variants: [{sku: "white"}]) {
    ... on AvailabilityChanged { availability { status pickupReadyAt version available { quantity } } }
  }
}
"""
_STORE = Statement("""
UPDATE location SET online_buffer = :buffer, opening_hours = CAST(:hours AS jsonb) WHERE code = 'store'
""")


async def keep(database: Database, buffer: int) -> None:
    """The store is open on Mondays from eight to six and keeps this many back."""
    hours = [{"weekday": 1, "opens": "08:00", "closes": "18:00"}]
    async with database.transaction() as connection:
        await connection.execute(_STORE, buffer=buffer, hours=hours)


def seen(update: Any) -> tuple[int, str, int]:
    availability = update["availability"]
    return availability["version"], availability["status"], availability["available"]["quantity"]


async def test_what_is_kept_back_is_not_told_of(shop: Shop, database: Database) -> None:
    await keep(database, 2)
    await shop.move("white", "store", 5)

    async with shop.subscribed(WATCH) as subscriber:
        snapshot = await subscriber.next()
        await shop.move("white", "store", -3)
        sold_out = await subscriber.next()
        # Somebody in the store takes one of those that are kept back: online nothing has changed.
        await shop.move("white", "store", -1)
        await shop.settled()
        await shop.move("white", "store", 8)
        back = await subscriber.next()

    assert [seen(update) for update in (snapshot, sold_out, back)] == [
        (1, "LOW_STOCK", 3),
        (2, "OUT_OF_STOCK", 0),
        (4, "IN_STOCK", 7),
    ]


async def test_the_ready_time_is_as_of_the_moment_of_telling(shop: Shop, database: Database) -> None:
    await keep(database, 0)
    await shop.move("white", "store", 5)
    hour = 10
    # A Monday.
    shop.clock = lambda: datetime(2026, 3, 2, hour, 30, tzinfo=UTC)

    async with shop.subscribed(WATCH) as subscriber:
        before = await subscriber.next()
        hour = 15
        await shop.move("white", "store", -1)
        after = await subscriber.next()

    assert before["availability"]["pickupReadyAt"] == "2026-03-02T11:30:00.000Z"
    assert after["availability"]["pickupReadyAt"] == "2026-03-02T16:30:00.000Z"
