"""Incidents: units that are promised or were sent but are not there, each until somebody has resolved it."""

from collections.abc import Collection, Sequence

from persistence.database import Connection, Reader, Row
from persistence.statements import Statement

_WITH_PLACE = """
SELECT incident.*, level.variant_id, level.location_id
FROM discrepancy incident JOIN stock_level level ON level.id = incident.stock_level_id
"""
_BY_ID = Statement(f"{_WITH_PLACE} WHERE incident.id = ANY (CAST(:ids AS bigint[])) ORDER BY incident.id")
_LOCK = Statement(
    f"{_WITH_PLACE} WHERE incident.id = ANY (CAST(:ids AS bigint[])) ORDER BY incident.id FOR UPDATE OF incident"
)
_OPENED_AT = Statement("""
SELECT incident.id
FROM discrepancy incident
JOIN unnest(CAST(:level_ids AS bigint[]), CAST(:versions AS bigint[])) AS raised (level_id, version)
  ON incident.stock_level_id = raised.level_id AND incident.version = raised.version
WHERE incident.kind = 'OVERSOLD'
ORDER BY incident.id
""")
_OPEN_LOST = Statement("""
INSERT INTO discrepancy (stock_level_id, version, kind, quantity)
SELECT level_id, version, 'TRANSFER_LOST', quantity
FROM unnest(CAST(:level_ids AS bigint[]), CAST(:versions AS bigint[]), CAST(:quantities AS int[]))
     AS lost (level_id, version, quantity)
""")
_RESOLVE = Statement("""
UPDATE discrepancy SET resolved_at = clock_timestamp(), resolved_by = :actor, resolution = CAST(:resolution AS text)
WHERE id = ANY (CAST(:ids AS bigint[]))
""")


async def by_ids(reader: Reader, ids: Collection[int]) -> list[Row]:
    """By ascending id, each with its variant and location."""
    return await reader.fetch(_BY_ID, ids=list(ids))


async def lock(connection: Connection, ids: Collection[int]) -> list[Row]:
    """Like by_ids; nobody else can resolve them meanwhile."""
    return await connection.fetch(_LOCK, ids=list(ids))


async def opened_at(reader: Reader, versions: Collection[tuple[int, int]]) -> list[int]:
    """The oversell incidents that these levels' movements up to these versions have opened."""
    rows = await reader.fetch(
        _OPENED_AT, level_ids=[level for level, _ in versions], versions=[version for _, version in versions]
    )
    return [row["id"] for row in rows]


async def open_lost(connection: Connection, lost: Sequence[tuple[int, int, int]]) -> None:
    """Units that never arrived: their level, its version after that was recorded, and how many."""
    await connection.execute(
        _OPEN_LOST,
        level_ids=[level for level, _, _ in lost],
        versions=[version for _, version, _ in lost],
        quantities=[quantity for _, _, quantity in lost],
    )


async def resolve(connection: Connection, ids: Collection[int], *, actor: str, resolution: str | None) -> None:
    await connection.execute(_RESOLVE, ids=list(ids), actor=actor, resolution=resolution)


# Literal conditions, for the index on what is open. Null stands for all.
_IS_OPEN = {
    None: "WHERE true",
    True: "WHERE incident.resolved_at IS NULL",
    False: "WHERE incident.resolved_at IS NOT NULL",
}
_COUNTED = "SELECT count(*) FROM discrepancy incident"
_PAGES = {
    is_open: Statement(f"{_WITH_PLACE} {condition} AND incident.id > :after ORDER BY incident.id LIMIT :count")
    for is_open, condition in _IS_OPEN.items()
}
_COUNTS = {is_open: Statement(f"{_COUNTED} {condition}") for is_open, condition in _IS_OPEN.items()}


async def page(reader: Reader, *, is_open: bool | None, after: int, count: int) -> list[Row]:
    """The longest open first; null means open and resolved ones."""
    return await reader.fetch(_PAGES[is_open], after=after, count=count)


async def count(reader: Reader, *, is_open: bool | None) -> int:
    counted: int = await reader.fetch_value(_COUNTS[is_open])
    return counted
