"""Runs migrations on the database that the caller names, or on DATABASE_URL."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import SchemaItem

from persistence.database import sqlalchemy_url
from persistence.tables import metadata

ONE_AT_A_TIME = 0x6F6E6573
"""The key of the advisory lock; its number means nothing."""


def _is_ours(_item: SchemaItem, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:  # noqa: FBT001
    """Partitions of the event log are made as it grows, not by migrations."""
    return not (kind == "table" and name is not None and name.startswith("event_log_from_"))


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=_is_ours,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _connect_and_migrate(url: str) -> None:
    engine = create_async_engine(sqlalchemy_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        # One process migrates; whoever starts at the same time waits and finds nothing left to do.
        await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
        await connection.commit()
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(_connect_and_migrate(context.config.attributes.get("url") or os.environ["DATABASE_URL"]))
