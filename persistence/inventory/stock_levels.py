"""Stock levels: fetched and locked here, judged in domain.inventory, changed in movements."""

from collections.abc import Collection, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import BigInteger, Integer, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from domain.inventory.stock import StockLevel
from persistence.database import Connection, Reader, Row
from persistence.inventory.tables import reservation, stock_level
from persistence.statements import Statement, among, array_parameter

_BY_VARIANT = Statement(
    select(stock_level).where(among(stock_level.c.variant_id, "variant_ids")).order_by(stock_level.c.id)
)
_BY_ID = Statement(select(stock_level).where(among(stock_level.c.id, "ids")).order_by(stock_level.c.id))
_LOCK = Statement(
    select(stock_level).where(among(stock_level.c.id, "ids")).order_by(stock_level.c.id).with_for_update()
)


async def by_variants(reader: Reader, variant_ids: Collection[UUID]) -> list[StockLevel]:
    return [from_row(row) for row in await reader.fetch(_BY_VARIANT, variant_ids=list(variant_ids))]


async def by_ids(reader: Reader, ids: Collection[int]) -> list[Row]:
    return await reader.fetch(_BY_ID, ids=list(ids))


async def lock(connection: Connection, ids: Collection[int]) -> dict[int, StockLevel]:
    """Lock all that a command needs at once, by ascending id, so that commands queue and never deadlock."""
    if not ids:
        return {}
    return {row["id"]: from_row(row) for row in await connection.fetch(_LOCK, ids=sorted(set(ids)))}


_OPEN = Statement(
    insert(stock_level)
    .from_select(
        ["variant_id", "location_id"],
        select(
            func.unnest(
                array_parameter("variant_ids", stock_level.c.variant_id.type),
                array_parameter("location_ids", Integer()),
            )
            .table_valued("variant_id", "location_id")
            .render_derived()
        ),
    )
    .on_conflict_do_nothing(index_elements=["variant_id", "location_id"])
)
_IDS_OF_PAIRS = Statement(
    select(stock_level.c.id, stock_level.c.variant_id, stock_level.c.location_id).where(
        among(stock_level.c.variant_id, "variant_ids"), among(stock_level.c.location_id, "location_ids")
    )
)

Pair = tuple[UUID, int]


async def open_pairs(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, int]:
    """The ids of these pairs of variant and location; a pair not stocked yet begins at 0."""
    ordered = sorted(set(pairs))
    ids = await _ids_of(connection, ordered)
    missing = [pair for pair in ordered if pair not in ids]
    if missing:
        await connection.execute(
            _OPEN, variant_ids=[pair[0] for pair in missing], location_ids=[pair[1] for pair in missing]
        )
        ids = await _ids_of(connection, ordered)
    return {pair: ids[pair] for pair in ordered}


async def _ids_of(reader: Reader, pairs: Sequence[Pair]) -> dict[Pair, int]:
    rows = await reader.fetch(
        _IDS_OF_PAIRS,
        variant_ids=list({pair[0] for pair in pairs}),
        location_ids=list({pair[1] for pair in pairs}),
    )
    return {(row["variant_id"], row["location_id"]): row["id"] for row in rows}


_PROMISED = Statement(
    select(
        reservation.c.stock_level_id,
        func.sum(reservation.c.open_quantity).filter(reservation.c.state == "HELD").label("held"),
        func.sum(reservation.c.open_quantity).filter(reservation.c.state == "COMMITTED").label("committed"),
    )
    .where(among(reservation.c.stock_level_id, "ids"), reservation.c.open_quantity > literal_column("0"))
    .group_by(reservation.c.stock_level_id)
)


async def promised(reader: Reader, ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Units held for carts and committed to orders at each level; levels with neither are left out."""
    rows = await reader.fetch(_PROMISED, ids=list(ids))
    return {row["stock_level_id"]: (row["held"] or 0, row["committed"] or 0) for row in rows}


def from_row(row: Row) -> StockLevel:
    return StockLevel(
        id=row["id"],
        variant_id=row["variant_id"],
        location_id=row["location_id"],
        on_hand=row["on_hand"],
        reserved=row["reserved"],
        unavailable=row["unavailable"],
        safety_stock=row["safety_stock"],
        backorder_limit=row["backorder_limit"],
        incoming=row["incoming"],
        shortfall=row["shortfall"],
        version=row["version"],
    )


@cache
def _page(*, of_variants: bool, at_locations: bool, counted: bool) -> Statement:
    query = select(func.count()).select_from(stock_level) if counted else select(stock_level)
    if of_variants:
        query = query.where(among(stock_level.c.variant_id, "variant_ids"))
    if at_locations:
        query = query.where(among(stock_level.c.location_id, "location_ids"))
    if counted:
        return Statement(query)
    query = query.where(stock_level.c.id > bindparam("after", type_=BigInteger))
    return Statement(query.order_by(stock_level.c.id).limit(bindparam("count")))


def _narrowed(variant_ids: list[UUID] | None, location_ids: list[int] | None) -> dict[str, object]:
    given = {"variant_ids": variant_ids, "location_ids": location_ids}
    return {name: value for name, value in given.items() if value is not None}


async def page(
    reader: Reader, *, variant_ids: list[UUID] | None, location_ids: list[int] | None, after: int, count: int
) -> list[Row]:
    """By ascending id; null means all variants, or all locations."""
    statement = _page(of_variants=variant_ids is not None, at_locations=location_ids is not None, counted=False)
    return await reader.fetch(statement, after=after, count=count, **_narrowed(variant_ids, location_ids))


async def count(reader: Reader, *, variant_ids: list[UUID] | None, location_ids: list[int] | None) -> int:
    statement = _page(of_variants=variant_ids is not None, at_locations=location_ids is not None, counted=True)
    counted: int = await reader.fetch_value(statement, **_narrowed(variant_ids, location_ids))
    return counted
