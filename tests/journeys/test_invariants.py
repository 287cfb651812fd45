"""Everything at once over a few levels: whatever happens, the books balance, at the end and at every moment between."""

import asyncio

import pytest

from persistence.database import connect
from persistence.inventory.verification import verify
from tests.shop import Shop
from tests.stateful.worker import PLACES, SKUS, Market, Worker

pytestmark = pytest.mark.anyio

WORKERS = 32
STEPS = 12
MOST_DAYS = 8

_SOLD_TWICE = (
    "SELECT count(*) FROM (SELECT FROM sales_order GROUP BY cart_id HAVING count(*) > 1 AND cart_id IS NOT NULL) twice"
)
_LEFT_TWICE = """
SELECT count(*) FROM (
  SELECT order_id, sum(quantity - open_quantity) AS units FROM reservation
  WHERE state IN ('COMMITTED', 'FULFILLED') GROUP BY order_id
) promised
LEFT JOIN (
  SELECT reference, -sum(on_hand_delta) AS units FROM stock_movement WHERE reason IN ('SHIPMENT', 'COLLECTION')
  GROUP BY reference
) ledger ON ledger.reference = 'order:' || promised.order_id
WHERE promised.units <> coalesce(ledger.units, 0)
"""


async def violations(url: str) -> dict[str, int]:
    """How many things each check has looked at, if none of them breaks its rule."""
    connection = await connect(url)
    try:
        findings = [finding async for finding in verify(connection)]
    finally:
        await connection.close()
    broken = [f"{finding.check.rule} {finding.offenders}" for finding in findings if not finding.is_clean]
    assert broken == []
    return {finding.check.name: finding.examined for finding in findings}


# Of every day something of each happens, or it would prove nothing.
_DONE = ("order OrderPlacePayload", "cancel OrderPayload", "hand over HandOverPayload", "hold CartPayload")
_REFUSED = (
    "order InsufficientStock",
    "order CartNotOpen",
    "cancel InvalidTransition",
    "hand over InvalidTransition",
)
_BECAME = ("COMMITTED", "FULFILLED", "RELEASED", "EXPIRED")


async def missing(market: Market) -> list[str]:
    """What has not happened yet: who is faster decides what comes of a step, so one day may be duller than another."""
    states = await market.shop.value("SELECT array_agg(DISTINCT state::text) FROM reservation")
    return [
        *(name for name in (*_DONE, *_REFUSED) if market.seen[name] == 0),
        *(state for state in _BECAME if state not in (states or ())),
    ]


async def a_day(market: Market, first_seed: int) -> list[dict[str, int]]:
    """What each check has looked at, again and again while everybody works, and once when all have gone."""
    day = asyncio.gather(*(Worker(market, first_seed + number).work(STEPS) for number in range(WORKERS)))
    snapshots = []
    while not day.done():
        snapshots.append(await violations(market.shop.database.url))
        await asyncio.sleep(0.1)
    await day
    return [*snapshots, await violations(market.shop.database.url)]


async def test_the_books_balance_at_every_moment_of_busy_days(shop: Shop) -> None:
    for sku in SKUS:
        await shop.product(sku)
        for place in PLACES:
            await shop.receive(sku, 5, at=place)
    market = Market(shop)

    snapshots: list[dict[str, int]] = []
    for day in range(MOST_DAYS):
        snapshots += await a_day(market, day * WORKERS)
        if not await missing(market):
            break

    assert len(snapshots) > 4
    assert await shop.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
    assert await shop.value(_SOLD_TWICE) == 0
    assert await shop.value(_LEFT_TWICE) == 0
    assert await missing(market) == []
    never_seen = {name for name in snapshots[-1] if not any(snapshot[name] for snapshot in snapshots)}
    assert never_seen <= {"order of events"}
