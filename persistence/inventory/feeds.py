"""What other systems have said is on hand, and as of when: one row for each system and level."""

from collections.abc import Collection, Mapping
from datetime import datetime

from persistence.database import Connection, Reader
from persistence.statements import Statement

_NEWEST = Statement("""
SELECT stock_level_id, as_of FROM stock_sync
WHERE source = CAST(:source AS text) AND stock_level_id = ANY (CAST(:level_ids AS bigint[]))
""")
_REMEMBER = Statement("""
INSERT INTO stock_sync (source, stock_level_id, as_of, on_hand)
SELECT CAST(:source AS text), level_id, :as_of, on_hand
FROM unnest(CAST(:level_ids AS bigint[]), CAST(:on_hand AS int[])) AS stated (level_id, on_hand)
ON CONFLICT (source, stock_level_id)
DO UPDATE SET as_of = excluded.as_of, on_hand = excluded.on_hand, synced_at = clock_timestamp()
""")


async def newest(reader: Reader, source: str, level_ids: Collection[int]) -> dict[int, datetime]:
    """The latest moment of which this system has spoken, for each level of which it has."""
    rows = await reader.fetch(_NEWEST, source=source, level_ids=list(level_ids))
    return {row["stock_level_id"]: row["as_of"] for row in rows}


async def remember(connection: Connection, source: str, as_of: datetime, on_hand: Mapping[int, int]) -> None:
    """The caller has locked the levels."""
    await connection.execute(
        _REMEMBER, source=source, as_of=as_of, level_ids=list(on_hand), on_hand=list(on_hand.values())
    )
