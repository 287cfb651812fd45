"""One import at a time in a database, whoever runs it and wherever."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from persistence.database import connect
from persistence.statements import Statement

# Any number will do as long as every import takes the same; this one spells "shelf".
_KEY = 0x7368656C66
_TRY = Statement("SELECT pg_try_advisory_lock(CAST(:key AS bigint))")


@asynccontextmanager
async def only_import(url: str) -> AsyncIterator[bool]:
    """False when somebody else imports. The lock lives as long as its connection, so no death leaves it behind."""
    connection = await connect(url)
    try:
        yield bool(await connection.fetchval(_TRY.text, *_TRY.arguments({"key": _KEY})))
    finally:
        await connection.close()
