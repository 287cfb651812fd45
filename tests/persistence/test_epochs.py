"""When the stream knows by itself that its positions can no longer be trusted."""

from urllib.parse import urlsplit

import pytest

from domain.events import Position
from persistence.database import Database, connect
from persistence.events import epochs, log
from persistence.events.sequencer import sequence
from persistence.statements import Statement
from tests import databases
from tests.streams import logged, report, running, stock_event, until

pytestmark = pytest.mark.anyio


async def position(database: Database) -> Position:
    async with database.reading() as reader:
        return (await log.state(reader)).position


async def test_a_database_that_stays_where_it_is_stays_in_its_epoch(database: Database) -> None:
    async with database.transaction() as connection:
        settled = [await epochs.settle(connection) for _ in range(3)]

    assert settled == [1, None, None]
    assert await position(database) == Position(1, 0)


async def test_a_copy_of_the_database_begins_a_new_epoch(database_url: str, postgres_url: str) -> None:
    database = await Database.open(database_url)
    async with running(sequence(database_url)):
        await report(database, stock_event("1", 1))
        await until(lambda: logged(database))
    await database.close()

    maker = await connect(postgres_url)
    await maker.execute(f"CREATE DATABASE restored TEMPLATE {urlsplit(database_url).path[1:]}")
    restored = await Database.open(databases.on_database(postgres_url, "restored"))
    try:
        async with running(sequence(restored.url)):
            await report(restored, stock_event("1", 2))
            await until(lambda: has_logged(restored, 2))

        assert await position(restored) == Position(2, 2)
    finally:
        await restored.close()
        await maker.execute("DROP DATABASE restored WITH (FORCE)")
        await maker.close()


async def test_a_replica_that_took_over_begins_a_new_epoch(database: Database) -> None:
    async with database.transaction() as connection:
        await epochs.settle(connection)
        [cluster, timeline, oid] = (await connection.fetch_value(Statement("SELECT origin FROM relay_state"))).split(
            "/"
        )
        await connection.execute(
            Statement("UPDATE relay_state SET origin = CAST(:origin AS text)"), origin=f"{cluster}/00000000/{oid}"
        )

        assert timeline == "00000001"
        assert await epochs.settle(connection) == 2


async def test_whoever_may_not_know_the_cluster_knows_the_database(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.raw.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        await connection.raw.execute("CREATE ROLE modest")
        await connection.raw.execute("GRANT SELECT, UPDATE ON relay_state TO modest")
        await connection.raw.execute("SET LOCAL ROLE modest")
        settled = [await epochs.settle(connection) for _ in range(2)]
        origin = await connection.fetch_value(Statement("SELECT origin FROM relay_state"))
        await connection.raw.execute("RESET ROLE")
        await connection.raw.execute("DROP OWNED BY modest")
        await connection.raw.execute("DROP ROLE modest")
        await connection.raw.execute("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")

    assert settled == [1, None]
    assert origin.count("/") == 1


async def test_a_new_epoch_can_be_declared(database: Database) -> None:
    await report(database, stock_event("1", 1))
    async with database.transaction() as connection:
        assert await epochs.begin_new(connection) == 2

    assert await position(database) == Position(2, 0)


async def has_logged(database: Database, count: int) -> bool:
    return len(await logged(database)) == count
