"""Carts that want the same stock at the same moment ride together, and none pays for its neighbor."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from domain.inventory.sourcing import Allocation
from persistence.database import Database, connect
from persistence.inventory.coalescer import Coalescer, QueueFullError, lane_of
from persistence.inventory.reservations import HoldRequest

pytestmark = pytest.mark.anyio

_SHELF = """
WITH m AS (INSERT INTO market (code, name, currency_code, tax_included) VALUES ('eu', 'EU', 'EUR', true) RETURNING id),
     c AS (INSERT INTO channel (code, name, kind, market_id) SELECT 'web', 'Web', 'WEB', id FROM m),
     l AS (INSERT INTO location (code, name, kind, offers_pickup, ships_orders)
           VALUES ('berlin', 'Berlin', 'STORE', true, true) RETURNING id),
     p AS (INSERT INTO product (id, slug, name) VALUES (gen_random_uuid(), 'shirt', 'Shirt') RETURNING id),
     v AS (INSERT INTO variant (id, product_id, sku, name)
           SELECT gen_random_uuid(), p.id, 'shirt-' || n, 'Shirt' FROM p, generate_series(1, 20) n RETURNING id)
INSERT INTO stock_level (variant_id, location_id, on_hand) SELECT v.id, l.id, 10 FROM v, l
"""


@pytest.fixture
async def url(database_url: str) -> AsyncIterator[str]:
    connection = await asyncpg.connect(database_url)
    await connection.execute(_SHELF)
    yield database_url
    await connection.close()


@pytest.fixture
async def lane(url: str, statements: list[str]) -> AsyncIterator[Coalescer]:
    lane = Coalescer(url, observe=statements.append)
    yield lane
    await lane.close()


def wish(*levels: int, quantity: int = 1, attempt: UUID | None = None) -> HoldRequest:
    return HoldRequest(
        cart_id=uuid4(),
        attempt=attempt or uuid4(),
        actor="guest",
        channel_id=1,
        seconds=600,
        allocations=[Allocation(uuid4(), level, quantity) for level in levels],
    )


async def reserved(url: str) -> dict[int, int]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT id, reserved FROM stock_level WHERE reserved > 0")
    await connection.close()
    return {row["id"]: row["reserved"] for row in rows}


async def test_carts_that_come_together_are_decided_in_few_statements_and_exactly(
    lane: Coalescer, url: str, statements: list[str]
) -> None:
    granted = await asyncio.gather(*(lane.reserve(wish(1)) for _ in range(200)))

    assert Counter(granted) == {True: 10, False: 190}
    assert granted[:10] == [True] * 10
    assert await reserved(url) == {1: 10}
    assert len(statements) <= 3


async def test_a_cart_gets_all_that_it_asked_for_or_nothing(lane: Coalescer, url: str) -> None:
    assert await lane.reserve(wish(1, 2, quantity=6))
    assert not await lane.reserve(wish(1, 3, quantity=6))

    assert await reserved(url) == {1: 6, 2: 6}


async def test_one_bad_cart_costs_its_neighbors_nothing(lane: Coalescer, url: str) -> None:
    used = uuid4()
    cart_of_used = wish(2, attempt=used)
    assert await lane.reserve(cart_of_used)
    unknown_level = wish(999_999)
    good = [wish(1) for _ in range(5)]
    batch = [*good[:3], unknown_level, cart_of_used, *good[3:]]

    answers = await asyncio.gather(*(lane.reserve(request) for request in batch), return_exceptions=True)

    assert isinstance(answers[3], asyncpg.InvalidParameterValueError)
    assert isinstance(answers[4], asyncpg.UniqueViolationError)
    assert [answers[place] for place in (0, 1, 2, 5, 6)] == [True] * 5
    assert await reserved(url) == {1: 5, 2: 1}


async def test_a_lost_connection_costs_no_cart_its_answer_and_holds_nothing_twice(lane: Coalescer, url: str) -> None:
    await lane.reserve(wish(1))
    killer = await connect(url)
    blocker = await connect(url)

    for _ in range(5):
        async with blocker.transaction():
            await blocker.execute("SELECT FROM stock_level WHERE id BETWEEN 2 AND 5 FOR UPDATE")
            waiting = [asyncio.ensure_future(lane.reserve(wish(2 + number % 4))) for number in range(8)]
            await _until_somebody_waits(killer)
            await killer.execute(_KILL_THE_LANE)
        assert await asyncio.gather(*waiting) == [True] * 8

    held = await killer.fetch("SELECT attempt, count(*) FROM reservation GROUP BY attempt HAVING count(*) > 1")
    await killer.close()
    await blocker.close()
    assert held == []
    assert await reserved(url) == {1: 1, 2: 10, 3: 10, 4: 10, 5: 10}


_KILL_THE_LANE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE '%reserve_batch%' AND pid <> pg_backend_pid()
"""
_SOMEBODY_WAITS = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
"""


async def _until_somebody_waits(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    while not await connection.fetchval(_SOMEBODY_WAITS):  # noqa: ASYNC110 - It is in the database.
        await asyncio.sleep(0.005)


async def test_a_call_that_was_committed_before_the_connection_broke_is_not_made_again(url: str) -> None:
    class Cut(Coalescer):
        """Its first answer is lost on the way back."""

        is_cut = False

        async def _reserve(self, requests: object) -> list[bool]:
            granted = await super()._reserve(requests)  # type: ignore[arg-type]
            if not self.is_cut:
                self.is_cut = True
                raise ConnectionResetError
            return granted

    lane = Cut(url)

    answers = await asyncio.gather(*(lane.reserve(wish(1, quantity=2)) for _ in range(6)))

    await lane.close()
    assert sorted(answers) == [False, True, True, True, True, True]
    assert await reserved(url) == {1: 10}


async def test_whoever_stops_waiting_does_not_stop_the_others(lane: Coalescer, url: str) -> None:
    waiting = [asyncio.ensure_future(lane.reserve(wish(1))) for _ in range(6)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[3].cancel()

    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert [answer for answer in answers if answer is True] == [True] * 4
    assert await lane.reserve(wish(1))


async def test_a_full_queue_refuses_at_once_and_forgets_nobody(url: str) -> None:
    lane = Coalescer(url, largest_batch=2, longest_queue=5)
    waiting = [asyncio.ensure_future(lane.reserve(wish(1))) for _ in range(5)]
    await asyncio.sleep(0)

    with pytest.raises(QueueFullError):
        await lane.reserve(wish(1))

    assert await asyncio.gather(*waiting) == [True] * 5
    await lane.close()


async def test_no_wake_up_is_lost_when_carts_come_and_go(lane: Coalescer, url: str) -> None:
    async def shopper(number: int) -> int:
        return sum([await lane.reserve(wish(1 + (number + turn) % 20)) for turn in range(30)])

    async with asyncio.timeout(60):
        granted = sum(await asyncio.gather(*(shopper(number) for number in range(20))))

    assert granted == 200
    assert await reserved(url) == dict.fromkeys(range(1, 21), 10)


async def test_stock_is_never_reserved_inside_a_transaction(database: Database) -> None:
    async with database.transaction():
        with pytest.raises(RuntimeError):
            await lane_of(database).reserve(wish(1))
