import asyncio

import pytest

from persistence.database import Database
from persistence.statements import Statement

pytestmark = pytest.mark.anyio

_WHO = Statement("SELECT pg_backend_pid()")
_SLOW = Statement("SELECT pg_sleep(30)")
_BROKEN = Statement("SELECT 1 / :divisor")


async def backend_of(database: Database) -> int:
    async with database.reading() as reader:
        found: int = await reader.fetch_value(_WHO)
    return found


async def test_whoever_reads_again_at_once_goes_on_with_the_same_connection(database: Database) -> None:
    backends = {await backend_of(database) for _ in range(10)}

    assert len(backends) == 1


async def test_reads_within_each_other_have_a_connection_each(database: Database) -> None:
    async with database.reading() as outer, database.reading() as inner:
        backends = await outer.fetch_value(_WHO), await inner.fetch_value(_WHO)

    assert backends[0] != backends[1]


async def test_many_who_read_again_and_again_share_two_connections(database_url: str) -> None:
    small = await Database.open(database_url, max_size=2)

    async def read_often() -> set[int]:
        return {await backend_of(small) for _ in range(20)}

    try:
        async with asyncio.timeout(30):
            backends = await asyncio.gather(*(read_often() for _ in range(30)))
    finally:
        await small.close()

    assert len(set.union(*backends)) == 2


async def test_a_transaction_gets_the_connection_that_a_read_has_just_given_back(database_url: str) -> None:
    small = await Database.open(database_url, max_size=2)
    try:
        async with small.reading() as kept:
            await backend_of(small)
            async with asyncio.timeout(5), small.transaction() as connection:
                backends = await kept.fetch_value(_WHO), await connection.fetch_value(_WHO)
    finally:
        await small.close()

    assert backends[0] != backends[1]


async def test_after_an_error_the_connection_can_be_read_with_again(database: Database) -> None:
    with pytest.raises(Exception, match="division by zero"):
        async with database.reading() as reader:
            await reader.fetch_value(_BROKEN, divisor=0)

    assert await backend_of(database) > 0


async def test_a_read_that_is_given_up_takes_no_connection_with_it(database_url: str) -> None:
    small = await Database.open(database_url, max_size=2)

    async def wait_long() -> None:
        async with small.reading() as reader:
            await reader.fetch_value(_SLOW)

    try:
        for _ in range(4):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await wait_long()
        async with asyncio.timeout(10):
            backends = await asyncio.gather(*(backend_of(small) for _ in range(6)))
    finally:
        await small.close()

    assert all(backends)


async def test_the_pool_closes_right_after_a_read(database_url: str) -> None:
    opened = await Database.open(database_url)
    await backend_of(opened)

    async with asyncio.timeout(5):
        await opened.close()
