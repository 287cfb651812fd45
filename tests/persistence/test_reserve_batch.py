"""What one call of `reserve_batch` grants, writes and tells of, beside plain Python that serves one cart after another."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from domain.inventory.sourcing import Allocation
from persistence.database import Connection, connect
from persistence.inventory import reservations
from persistence.inventory.reservations import HoldRequest
from tests.persistence.test_coalescer import url

pytestmark = pytest.mark.anyio

__all__ = ["url"]

ON_HAND = 10
LEVELS = range(1, 21)


@pytest.fixture
async def connection(url: str) -> AsyncIterator[Connection]:
    raw = await connect(url)
    yield Connection(raw, None)
    await raw.close()


def wish(*lines: tuple[int, int, int], seconds: int = 600) -> HoldRequest:
    """Of levels, so many units each, and leave so many there."""
    return HoldRequest(
        cart_id=uuid7(),
        attempt=uuid4(),
        actor="guest",
        channel_id=1,
        seconds=seconds,
        allocations=[Allocation(uuid4(), level, quantity, buffer) for level, quantity, buffer in lines],
    )


def one_by_one(wishes: Sequence[HoldRequest]) -> list[bool]:
    free = dict.fromkeys(LEVELS, ON_HAND)
    granted = []
    for wanted in wishes:
        units = Counter[int]()
        for line in wanted.allocations:
            units[line.stock_level_id] += line.quantity
        buffers = {line.stock_level_id: line.buffer for line in wanted.allocations}
        granted.append(all(free[level] - buffers[level] >= count for level, count in units.items()))
        if granted[-1]:
            for level, count in units.items():
                free[level] -= count
    return granted


@pytest.mark.parametrize("seed", range(12))
async def test_a_batch_grants_what_serving_one_cart_after_another_would(connection: Connection, seed: int) -> None:
    chance = random.Random(seed)
    scarce = seed % 2 == 0
    levels = LEVELS[:4] if scarce else LEVELS
    buffers = {level: chance.choice((0, 0, 3)) for level in levels}
    wishes = [
        wish(
            *(
                (level, chance.randint(1, 4 if scarce else 1), buffers[level])
                for level in chance.choices(levels, k=chance.randint(1, 4 if scarce else 2))
            )
        )
        for _ in range(20 if scarce else 3)
    ]

    granted = await reservations.reserve(connection, wishes)

    assert granted == one_by_one(wishes)
    assert (False in granted) == scarce
    await expect_books_that_agree(connection)


async def test_the_ledger_tells_holds_in_the_order_of_the_carts(connection: Connection) -> None:
    wishes = [wish((2, 6, 0)), wish((1, 1, 0), (2, 6, 0)), wish((2, 2, 0), (1, 2, 0)), wish((1, 3, 0))]

    granted = await reservations.reserve(connection, wishes)

    assert granted == [True, False, True, True]
    ledger = await connection.raw.fetch("SELECT * FROM stock_movement ORDER BY stock_level_id, version")
    assert [(row["stock_level_id"], row["version"], row["reserved_delta"], row["reference"]) for row in ledger] == [
        (1, 1, 2, f"cart:{wishes[2].cart_id}"),
        (1, 2, 3, f"cart:{wishes[3].cart_id}"),
        (2, 1, 6, f"cart:{wishes[0].cart_id}"),
        (2, 2, 2, f"cart:{wishes[2].cart_id}"),
    ]
    assert {(row["reason"], row["actor"], row["channel_id"]) for row in ledger} == {("HOLD", "guest", 1)}


async def test_a_batch_tells_of_each_level_once(connection: Connection) -> None:
    await reservations.reserve(connection, [wish((2, 1, 0), (10, 1, 0)), wish((2, 1, 0)), wish((3, 11, 0))])

    assert await events(connection) == [("2", 2, 8), ("10", 1, 9)]


async def test_what_has_expired_is_taken_back_before_anybody_is_refused_and_told_of_once(
    connection: Connection,
) -> None:
    await reservations.reserve(connection, [wish((1, 10, 0)), wish((2, 4, 0))])
    await connection.raw.execute("UPDATE reservation SET expires_at = now() - interval '1 second'")
    await connection.raw.execute("DELETE FROM outbox")

    granted = await reservations.reserve(connection, [wish((1, 7, 0)), wish((1, 4, 0)), wish((2, 11, 0))])

    assert granted == [True, False, False]
    # Of level 2 nothing was taken, but it has units again.
    assert await events(connection) == [("1", 3, 3), ("2", 2, 10)]
    await expect_books_that_agree(connection)


async def test_a_batch_that_changes_nothing_writes_nothing(connection: Connection) -> None:
    before = await connection.raw.fetch("SELECT xmin, * FROM stock_level")

    granted = await reservations.reserve(connection, [wish((1, 11, 0)), wish((2, 1, 10))])

    assert granted == [False, False]
    assert await connection.raw.fetch("SELECT xmin, * FROM stock_level") == before
    assert await events(connection) == []


async def test_lines_of_a_cart_expire_at_the_same_moment(connection: Connection) -> None:
    await reservations.reserve(connection, [wish((1, 1, 0), (2, 1, 0), (3, 1, 0), seconds=60)])

    (held,) = await connection.raw.fetch("SELECT DISTINCT expires_at - created_at AS time FROM reservation")
    assert held["time"].total_seconds() == 60


async def test_a_level_that_has_moved_cannot_be_deleted(connection: Connection) -> None:
    await reservations.reserve(connection, [wish((1, 1, 0))])

    with pytest.raises(asyncpg.ForeignKeyViolationError, match="stock level 1 has a ledger"):
        await connection.raw.execute("DELETE FROM stock_level WHERE id = 1")

    await connection.raw.execute("DELETE FROM stock_level WHERE id = 2")


async def test_a_look_for_what_has_expired_reads_no_other_holds(connection: Connection) -> None:
    """However many there are of a hot variant."""
    await connection.raw.execute("""
        INSERT INTO reservation (cart_id, attempt, stock_level_id, quantity, open_quantity, state, expires_at)
        SELECT gen_random_uuid(), gen_random_uuid(), 1, 1, 1, 'HELD', now() + n * interval '1 second'
        FROM generate_series(60, 5000) n
    """)
    await connection.raw.execute("ANALYZE reservation")
    before = await rows_read(connection)

    await reservations.any_expired(connection, [1, 2])
    await connection.raw.fetchval("SELECT reclaim_expired_holds(ARRAY[1, 2]::bigint[])")

    assert await rows_read(connection) - before < 10


async def rows_read(connection: Connection) -> int:
    await connection.raw.execute("SELECT pg_stat_force_next_flush()")
    read: int = await connection.raw.fetchval("""
        SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'reservation')
             + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'reservation')
    """)
    return read


async def events(connection: Connection) -> list[tuple[str, int, int]]:
    rows = await connection.raw.fetch("SELECT key, version, payload FROM outbox ORDER BY seq")
    return [(row["key"], row["version"], row["payload"]["available"]) for row in rows]


async def expect_books_that_agree(connection: Connection) -> None:
    wrong = await connection.raw.fetch("""
        SELECT level.id FROM stock_level level
        LEFT JOIN LATERAL (
          SELECT sum(open_quantity) AS units FROM reservation WHERE stock_level_id = level.id
        ) held ON true
        LEFT JOIN LATERAL (
          SELECT sum(reserved_delta) AS units, count(*) AS moves, max(version) AS newest
          FROM stock_movement WHERE stock_level_id = level.id
        ) ledger ON true
        WHERE level.reserved <> coalesce(held.units, 0) OR level.reserved <> coalesce(ledger.units, 0)
           OR level.version <> ledger.moves OR level.version <> coalesce(ledger.newest, 0)
    """)
    assert wrong == []
