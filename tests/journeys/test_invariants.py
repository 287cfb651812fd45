"""Everything at once over a few levels: whatever happens, the books balance, at the end and at every moment between."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

import pytest

from domain.access import Permission
from persistence.database import connect
from persistence.inventory.verification import verify
from tests.shop import Cart, Shop

pytestmark = pytest.mark.anyio

SKUS = ("shirt", "hat", "belt")
PLACES = ("berlin", "hamburg", "warehouse")
WORKERS = 12
STEPS = 30

# All lines of an attempt end together, as they began.
ONE_HOLD_EXPIRES = """
WITH chosen AS (SELECT cart_id, attempt FROM reservation WHERE state = 'HELD' ORDER BY random() LIMIT 1),
     locked AS (SELECT reservation.id FROM reservation JOIN chosen USING (cart_id, attempt)
                WHERE reservation.state = 'HELD' ORDER BY reservation.id FOR UPDATE OF reservation)
UPDATE reservation SET expires_at = clock_timestamp() - interval '1 second' FROM locked WHERE reservation.id = locked.id
"""


class Worker:
    """Does one thing after another, as a shopper, a seller or somebody in the stockroom."""

    def __init__(self, shop: Shop, seed: int, carts: list[Cart], seen: Counter[str]) -> None:
        self.shop = shop
        self.random = Random(seed)
        self.carts = carts
        self.seen = seen
        self.name = f"worker {seed}"
        self.clerk = shop.staff(Permission.MANAGE_STOCK)

    async def work(self) -> None:
        actions = [self.begin, self.hold, self.release, self.change, self.order, self.order, self.expire, self.adjust]
        await self.begin(0)
        for step in range(STEPS):
            await self.random.choice(actions)(step)

    async def begin(self, _: int) -> None:
        units = {sku: self.random.randint(1, 3) for sku in self.random.sample(SKUS, self.random.randint(1, 3))}
        kind = self.random.choice(("pickup", "ship", "till"))
        if kind == "till":
            cart = await self.shop.staff(Permission.SELL_IN_STORE).cart(units)
        else:
            cart = await self.shop.guest_cart(units, self.random.choice(("web", "web-us")))
            await (cart.shipped() if kind == "ship" else cart.collected_at(self.random.choice(PLACES[:2])))
        self.carts.append(cart)

    async def hold(self, _: int) -> None:
        self.note("hold", await self.any_cart().do("cartHold"))

    async def release(self, _: int) -> None:
        self.note("release", await self.any_cart().do("cartRelease"))

    async def change(self, _: int) -> None:
        line = {"variant": {"sku": self.random.choice(SKUS)}, "quantity": 1}
        self.note("change", await self.any_cart().do("cartLinesAdd", lines=[line]))

    async def order(self, _: int) -> None:
        self.note("order", await self.shop.place(self.any_cart()))

    async def expire(self, _: int) -> None:
        await self.shop.run(ONE_HOLD_EXPIRES)

    async def adjust(self, step: int) -> None:
        reason = self.random.choice(("RECEIPT", "RECEIPT", "DAMAGE", "COUNT", "ADJUSTMENT"))
        changes = [
            {
                "key": {"variant": {"sku": sku}, "location": {"code": self.random.choice(PLACES)}},
                "delta": self.random.randint(1, 3) if reason == "RECEIPT" else self.random.choice((-2, -1, 1)),
                "quantity": self.random.choice(("ON_HAND", "ON_HAND", "UNAVAILABLE")),
            }
            for sku in self.random.sample(SKUS, 2)
        ]
        key = f"{self.name} step {step}"
        self.note("adjust", await self.clerk.do("stockAdjust", changes=changes, reason=reason, idempotencyKey=key))

    def any_cart(self) -> Cart:
        return self.random.choice(self.carts)

    def note(self, action: str, answer: dict[str, Any]) -> None:
        self.seen[f"{action} {answer['__typename']}"] += 1


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


async def test_the_books_balance_at_every_moment_of_a_busy_day(shop: Shop) -> None:
    for sku in SKUS:
        await shop.product(sku)
        for place in PLACES:
            await shop.receive(sku, 4, at=place)
    carts: list[Cart] = []
    seen: Counter[str] = Counter()
    day = asyncio.gather(*(Worker(shop, seed, carts, seen).work() for seed in range(WORKERS)))

    snapshots = 0
    while not day.done():
        await violations(shop.database.url)
        snapshots += 1
        await asyncio.sleep(0.1)
    await day

    assert snapshots > 3
    examined = await violations(shop.database.url)
    assert await shop.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
    # It was a busy day, or it would prove nothing.
    assert {name for name, count in examined.items() if count == 0} <= {"sources", "incidents", "order of events"}
    assert seen["order OrderPlacePayload"] > 5
    assert seen["order InsufficientStock"] > 0
    assert seen["order CartNotOpen"] > 0
    assert seen["hold CartPayload"] > 0
    assert seen["hold InsufficientStock"] > 0
    assert seen["adjust StockPayload"] > 5
    assert await shop.value("SELECT count(*) FROM discrepancy") > 0
    states = await shop.value("SELECT array_agg(DISTINCT state::text) FROM reservation")
    assert {"COMMITTED", "FULFILLED", "RELEASED", "EXPIRED"} <= set(states)
    assert len(carts) > WORKERS
    sold_twice = "SELECT count(*) FROM (SELECT FROM sales_order GROUP BY cart_id HAVING count(*) > 1) twice"
    assert await shop.value(sold_twice) == 0
