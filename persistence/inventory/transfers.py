"""Transfers and their lines. The levels they move units between are changed in movements."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from domain.inventory.transfers import Line, TransferStatus
from persistence.database import Connection, Reader, Row
from persistence.inventory.tables import transfer
from persistence.statements import Statement

_INSERT = Statement(insert(transfer).values(dict.fromkeys(("id", "origin_id", "destination_id", "expected_at"))))
_INSERT_LINES = Statement("""
INSERT INTO transfer_line (transfer_id, origin_level_id, destination_level_id, shipped)
SELECT :transfer_id, origin, destination, shipped
FROM unnest(CAST(:origins AS bigint[]), CAST(:destinations AS bigint[]), CAST(:shipped AS int[]))
     WITH ORDINALITY AS line (origin, destination, shipped, place)
ORDER BY place
""")


async def insert_transfer(
    connection: Connection,
    id_: UUID,
    *,
    origin_id: int,
    destination_id: int,
    expected_at: datetime | None,
    lines: Sequence[tuple[int, int, int]],
) -> None:
    """Each line is the level it leaves, the level it goes to, and how many units."""
    await connection.execute(
        _INSERT, id=id_, origin_id=origin_id, destination_id=destination_id, expected_at=expected_at
    )
    await connection.execute(
        _INSERT_LINES,
        transfer_id=id_,
        origins=[line[0] for line in lines],
        destinations=[line[1] for line in lines],
        shipped=[line[2] for line in lines],
    )


# The condition is that of the index on open lines.
_UNDERWAY = Statement("""
SELECT destination_level_id, sum(shipped - received - lost)::int AS units
FROM transfer_line
WHERE received + lost < shipped AND destination_level_id = ANY (CAST(:level_ids AS bigint[]))
GROUP BY destination_level_id
""")


async def underway(reader: Reader, level_ids: Collection[int]) -> dict[int, int]:
    """Units on their way to these levels; levels that nothing comes to are left out."""
    rows = await reader.fetch(_UNDERWAY, level_ids=list(level_ids))
    return {row["destination_level_id"]: row["units"] for row in rows}


_LOCK = Statement("SELECT id, destination_id FROM transfer WHERE id = :id FOR UPDATE")
_LINES = Statement("""
SELECT line.*, level.variant_id
FROM transfer_line line JOIN stock_level level ON level.id = line.destination_level_id
WHERE line.transfer_id = ANY (CAST(:ids AS uuid[]))
ORDER BY line.id
""")
_RECEIVE = Statement("""
UPDATE transfer_line line
SET received = line.received + come.received, lost = line.lost + come.lost
FROM unnest(CAST(:line_ids AS bigint[]), CAST(:received AS int[]), CAST(:lost AS int[])) AS come (id, received, lost)
WHERE line.id = come.id
""")


async def lock(connection: Connection, id_: UUID) -> Row | None:
    """Whoever receives of one transfer waits here for whoever else does; levels are locked afterwards."""
    return await connection.fetch_one(_LOCK, id=id_)


async def lines_of(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    """With their variants, in the order in which they were shipped."""
    return await reader.fetch(_LINES, ids=list(ids))


def line_from_row(row: Row) -> Line:
    return Line(
        id=row["id"],
        variant_id=row["variant_id"],
        destination_level_id=row["destination_level_id"],
        shipped=row["shipped"],
        received=row["received"],
        lost=row["lost"],
    )


async def receive(connection: Connection, arrivals: Sequence[tuple[int, int, int]]) -> None:
    """Each arrival is the line, what has come and what is lost."""
    await connection.execute(
        _RECEIVE,
        line_ids=[arrival[0] for arrival in arrivals],
        received=[arrival[1] for arrival in arrivals],
        lost=[arrival[2] for arrival in arrivals],
    )


_SUMMED = """
FROM transfer
CROSS JOIN LATERAL (
  SELECT sum(shipped)::bigint AS shipped, sum(received + lost)::bigint AS settled
  FROM transfer_line WHERE transfer_id = transfer.id
) sums
"""
_WITH_SUMS = f"SELECT transfer.*, sums.shipped, sums.settled {_SUMMED}"
_COUNTED = f"SELECT count(*) {_SUMMED}"
_BY_ID = Statement(f"{_WITH_SUMS} WHERE transfer.id = ANY (CAST(:ids AS uuid[]))")

_OF_STATUS = {
    TransferStatus.IN_TRANSIT: "sums.settled = 0",
    TransferStatus.PARTIALLY_RECEIVED: "sums.settled > 0 AND sums.settled < sums.shipped",
    TransferStatus.RECEIVED: "sums.settled = sums.shipped",
}
# The index on open lines finds these without a look at all that has ever arrived.
_IS_OPEN = "EXISTS (SELECT FROM transfer_line WHERE transfer_id = transfer.id AND received + lost < shipped)"


@cache
def _page(statuses: frozenset[TransferStatus] | None, *, after: bool, counted: bool) -> Statement:
    conditions = ["true"]
    if statuses is not None:
        conditions.append(f"({' OR '.join(sorted(_OF_STATUS[status] for status in statuses)) or 'false'})")
        if TransferStatus.RECEIVED not in statuses:
            conditions.append(_IS_OPEN)
    if counted:
        return Statement(f"{_COUNTED} WHERE {' AND '.join(conditions)}")
    if after:
        conditions.append("transfer.id < :after")
    return Statement(f"{_WITH_SUMS} WHERE {' AND '.join(conditions)} ORDER BY transfer.id DESC LIMIT :count")


async def page(
    reader: Reader, statuses: frozenset[TransferStatus] | None, *, after: UUID | None, count: int
) -> list[Row]:
    """The newest first: their ids rise with time. Null means of any status."""
    values: Mapping[str, Any] = {} if after is None else {"after": after}
    return await reader.fetch(_page(statuses, after=after is not None, counted=False), count=count, **values)


async def count(reader: Reader, statuses: frozenset[TransferStatus] | None) -> int:
    counted: int = await reader.fetch_value(_page(statuses, after=False, counted=True))
    return counted


async def by_ids(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    return await reader.fetch(_BY_ID, ids=list(ids))
