"""From whatever the database is to one that this version can use."""

import asyncio

from api.channels.founding import Founding, found
from api.cli.errors import CommandError
from api.cli.target import expect_supported, on_database
from persistence import migrations
from persistence.database import connect


def bring_up(url: str) -> Founding:
    """Migrates, and makes the first market and channel where there is none. Several may do it at once."""
    migrate(url)
    return asyncio.run(on_database(url, found))


def migrate(url: str) -> None:
    asyncio.run(_expect_usable(url))
    migrations.migrate(url)


async def _expect_usable(url: str) -> None:
    # Asked before Alembic is: what that says about a wrong address fills a screen.
    connection = await connect(url)
    try:
        expect_supported(connection.get_server_version().major)
        encoding = await connection.fetchval("SHOW server_encoding")
    finally:
        await connection.close()
    if encoding != "UTF8":
        raise CommandError(f"The database is encoded in {encoding}; Oneshelf needs one made with ENCODING 'UTF8'.")
