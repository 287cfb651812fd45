"""Stock counts: what was on hand as each began, and what was then counted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from persistence.database import Connection, Reader, Row
from persistence.statements import Statement

_START = Statement("""
INSERT INTO stock_count (id, location_id, reference, started_by)
VALUES (:id, :location_id, CAST(:reference AS text), CAST(:actor AS text))
""")
# Version and number are read together, so no sale can fall between them.
_LINES_OF_LEVELS = Statement("""
INSERT INTO stock_count_line (count_id, stock_level_id, version, expected)
SELECT :count_id, id, version, on_hand FROM stock_level WHERE id = ANY (CAST(:level_ids AS bigint[]))
""")
_LINES_OF_LOCATION = Statement("""
INSERT INTO stock_count_line (count_id, stock_level_id, version, expected)
SELECT :count_id, id, version, on_hand FROM stock_level WHERE location_id = :location_id
""")


async def start(
    connection: Connection,
    id_: UUID,
    *,
    location_id: int,
    level_ids: Collection[int] | None,
    reference: str | None,
    actor: str,
) -> None:
    """Of these levels, or of all at the location when null."""
    await connection.execute(_START, id=id_, location_id=location_id, reference=reference, actor=actor)
    if level_ids is None:
        await connection.execute(_LINES_OF_LOCATION, count_id=id_, location_id=location_id)
    else:
        await connection.execute(_LINES_OF_LEVELS, count_id=id_, level_ids=list(level_ids))


_LOCK = Statement("SELECT * FROM stock_count WHERE id = :id FOR UPDATE")
_LINES_OF_VARIANTS = Statement("""
SELECT line.*, level.variant_id
FROM stock_count_line line JOIN stock_level level ON level.id = line.stock_level_id
WHERE line.count_id = :count_id AND level.variant_id = ANY (CAST(:variant_ids AS uuid[]))
""")
_COUNTED_LATER = Statement("""
SELECT DISTINCT line.stock_level_id
FROM stock_count_line line JOIN stock_count later ON later.id = line.count_id
WHERE line.stock_level_id = ANY (CAST(:level_ids AS bigint[])) AND line.counted IS NOT NULL
  AND later.started_at >= :started_at AND later.id <> :count_id
""")
_RECORD = Statement("""
UPDATE stock_count_line line
SET counted = told.counted, counted_at = clock_timestamp(), counted_by = CAST(:actor AS text)
FROM unnest(CAST(:level_ids AS bigint[]), CAST(:counted AS int[])) AS told (level_id, counted)
WHERE line.count_id = :count_id AND line.stock_level_id = told.level_id
""")
_FINISH = Statement("""
UPDATE stock_count SET finished_at = clock_timestamp()
WHERE id = :id AND NOT EXISTS (SELECT FROM stock_count_line WHERE count_id = :id AND counted IS NULL)
""")


async def lock(connection: Connection, id_: UUID) -> Row | None:
    """Submissions to one count wait here for each other; levels are locked afterwards."""
    return await connection.fetch_one(_LOCK, id=id_)


async def lines_of_variants(reader: Reader, count_id: UUID, variant_ids: Collection[UUID]) -> dict[UUID, Row]:
    """The lines of a count, by their variants."""
    rows = await reader.fetch(_LINES_OF_VARIANTS, count_id=count_id, variant_ids=list(variant_ids))
    return {row["variant_id"]: row for row in rows}


async def counted_later(reader: Reader, count_id: UUID, started_at: datetime, level_ids: Collection[int]) -> set[int]:
    """Those of these levels that a count which began later has counted; the caller has locked them."""
    rows = await reader.fetch(_COUNTED_LATER, count_id=count_id, started_at=started_at, level_ids=list(level_ids))
    return {row["stock_level_id"] for row in rows}


async def record(connection: Connection, count_id: UUID, counted: Mapping[int, int], *, actor: str) -> None:
    """How many were counted at each level; the count is finished with the last of them."""
    await connection.execute(
        _RECORD, count_id=count_id, level_ids=list(counted), counted=list(counted.values()), actor=actor
    )
    await connection.execute(_FINISH, id=count_id)


_BY_ID = Statement("SELECT * FROM stock_count WHERE id = ANY (CAST(:ids AS uuid[]))")
_LINES_OF_EACH = Statement("""
SELECT each.*
FROM unnest(CAST(:count_ids AS uuid[])) AS asked (id)
JOIN LATERAL (
  SELECT line.*, level.variant_id
  FROM stock_count_line line JOIN stock_level level ON level.id = line.stock_level_id
  WHERE line.count_id = asked.id AND line.stock_level_id > :after
  ORDER BY line.stock_level_id LIMIT :count
) AS each ON true
""")
_SIZES = Statement("""
SELECT count_id, count(*) AS lines FROM stock_count_line WHERE count_id = ANY (CAST(:count_ids AS uuid[]))
GROUP BY count_id
""")


async def by_ids(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    return await reader.fetch(_BY_ID, ids=list(ids))


async def lines_of_each(reader: Reader, count_ids: Sequence[UUID], *, after: int, count: int) -> list[Row]:
    """Up to `count` lines of each count, by level, with their variants."""
    return await reader.fetch(_LINES_OF_EACH, count_ids=list(count_ids), after=after, count=count)


async def sizes(reader: Reader, count_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many lines each count has; those without any are left out."""
    rows = await reader.fetch(_SIZES, count_ids=list(count_ids))
    return {row["count_id"]: row["lines"] for row in rows}
