"""Which database a command works on: the embedded one of a data directory, or an outside server."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cyclopts import Group, Parameter

from api.cli.errors import CommandError
from api.settings import Settings
from persistence import migrations
from persistence.database import Database, Reader, Row, connect
from persistence.embedded import EmbeddedPostgres, embedded_status

OLDEST_POSTGRESQL = 15

_Result = TypeVar("_Result")
_GROUP = Group("Database", sort_key=100)


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Target:
    """Without either, ONESHELF_DATA and DATABASE_URL decide, and then ./data."""

    data: Annotated[
        Path | None, Parameter(group=_GROUP, help="Directory of the embedded database. [default: data]")
    ] = None
    database_url: Annotated[
        str | None,
        Parameter(
            group=_GROUP, help="A PostgreSQL server of your own, 15 or newer: postgresql://user:password@host/name."
        ),
    ] = None

    def settings(self, **chosen: Any) -> Settings:
        """What the command line leaves open comes from the environment, then from .env, then from the defaults."""
        return Settings(**self.overrides(**chosen))

    def overrides(self, **chosen: Any) -> dict[str, Any]:
        if self.data is not None and self.database_url is not None:
            raise CommandError("Give --data or --database-url, not both.", exit_code=2)
        given = {"data": self.data, "database_url": self.database_url, **chosen}
        return {name: value for name, value in given.items() if value is not None}


HERE = Target()


def is_embedded(settings: Settings) -> bool:
    return settings.database_url is None


@contextmanager
def database_url(settings: Settings, *, create: bool = False) -> Iterator[str]:
    """Runs the embedded server for as long as it is needed, unless one runs already or an outside server is configured.

    Without `create` a data directory that holds no database is refused: it was probably mistyped.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    cluster = embedded_status(settings.data).data_directory
    if not create and not cluster.exists():
        raise CommandError(
            f"There is no Oneshelf database in {settings.data.resolve()}. Name its directory with --data, "
            "or make one there with `oneshelf migrate` or `oneshelf serve`."
        )
    with EmbeddedPostgres(settings.data) as url:
        yield url


def run(target: Target, work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    """Does the work on a database that has the schema this version needs."""
    with database_url(target.settings()) as url:
        return asyncio.run(on_database(url, work))


async def on_database(url: str, work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    await expect_current_schema(url)
    database = await Database.open(url, min_size=1, max_size=4)
    try:
        return await work(database)
    finally:
        await database.close()


async def expect_current_schema(url: str) -> None:
    """Raises CommandError when the server is too old or its schema is not the newest."""
    connection = await connect(url)
    try:
        expect_supported(connection.get_server_version().major)
        at = await migrations.current(reader_of(connection))
    finally:
        await connection.close()
    if at != migrations.newest():
        condition = "is empty" if at is None else f"has schema {at}, and this version needs {migrations.newest()}"
        raise CommandError(f"The database {condition}: run `oneshelf migrate` first.")


def expect_supported(major: int) -> None:
    if major < OLDEST_POSTGRESQL:
        raise CommandError(f"The server is PostgreSQL {major}; Oneshelf needs {OLDEST_POSTGRESQL} or newer.")


def reader_of(connection: Any) -> Reader:
    """Asks on a connection outside any pool."""
    reader: Reader = Reader(connection, None)
    return reader


def rows_by_code(rows: list[Row]) -> dict[str, Row]:
    return {row["code"]: row for row in rows}
