"""Work that one process does while the others pass it by."""

from persistence.database import Connection
from persistence.statements import Statement

_TRY_ALONE = Statement("SELECT pg_try_advisory_xact_lock(CAST(:key AS bigint))")


async def try_alone(connection: Connection, key: int) -> bool:
    """True when nobody else is at it; then nobody else will be until this transaction ends."""
    is_alone: bool = await connection.fetch_value(_TRY_ALONE, key=key)
    return is_alone
