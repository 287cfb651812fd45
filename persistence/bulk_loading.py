"""Filling an empty database with a whole chain: rows are copied in, and stock begins with its ledger in one statement.

Nothing here looks at what exists already: whoever calls has made sure that there is nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, insert

from persistence.catalog.tables import collection_product, media, product, variant
from persistence.database import Connection
from persistence.inventory.tables import transfer, transfer_line
from persistence.pricing.tables import price
from persistence.statements import Statement

Item = dict[str, Any]


async def copy_products(connection: Connection, items: Iterable[Item]) -> None:
    columns = ("id", "slug", "name", "description", "brand", "category_id", "tags", "options", "attributes")
    await _copy(connection, product, (*columns, "published_at"), items)


async def copy_variants(connection: Connection, items: Iterable[Item]) -> None:
    columns = ("id", "product_id", "sku", "barcode", "name", "selected_options", "position")
    await _copy(connection, variant, columns, items)


async def copy_prices(connection: Connection, items: Iterable[Item]) -> None:
    await _copy(connection, price, ("variant_id", "market_id", "amount", "compare_at_amount"), items)


async def copy_media(connection: Connection, items: Iterable[Item]) -> None:
    await _copy(connection, media, ("product_id", "variant_id", "position", "url", "alt"), items)


async def copy_collection_members(connection: Connection, items: Iterable[Item]) -> None:
    await _copy(connection, collection_product, ("collection_id", "product_id"), items)


async def _copy(connection: Connection, table: Table, columns: Sequence[str], items: Iterable[Item]) -> None:
    await connection.raw.copy_records_to_table(
        table.name, columns=list(columns), records=[tuple(item[name] for name in columns) for item in items]
    )


@dataclass(frozen=True, slots=True)
class Opening:
    """A level that does not exist yet, and what it begins with."""

    variant_id: UUID
    location_id: int
    on_hand: int
    unavailable: int = 0
    safety_stock: int = 0
    incoming: int = 0


# As movements.apply leaves it: a level that begins with nothing has never moved, and nobody is told of it.
_OPEN = Statement("""
WITH opened AS (
  INSERT INTO stock_level (variant_id, location_id, on_hand, unavailable, safety_stock, incoming, version)
  SELECT variant_id, location_id, on_hand, unavailable, safety_stock, incoming,
         CASE WHEN (on_hand, unavailable, safety_stock, incoming) = (0, 0, 0, 0) THEN 0 ELSE 1 END
  FROM unnest(
    CAST(:variant_ids AS uuid[]), CAST(:location_ids AS int[]), CAST(:on_hand AS int[]), CAST(:unavailable AS int[]),
    CAST(:safety_stock AS int[]), CAST(:incoming AS int[])
  ) AS asked (variant_id, location_id, on_hand, unavailable, safety_stock, incoming)
  RETURNING *
), recorded AS (
  INSERT INTO stock_movement (stock_level_id, version, reason, on_hand_delta, unavailable_delta, safety_stock_delta,
                              incoming_delta, reference, actor)
  SELECT id, version, 'INITIAL', on_hand, unavailable, safety_stock, incoming, :reference, :actor
  FROM opened WHERE version > 0
)
INSERT INTO outbox (topic, key, version, payload)
SELECT 'stock', id::text, version,
       jsonb_build_object('variant', variant_id, 'location', location_id, 'available', available)
FROM opened WHERE version > 0 ORDER BY id
""")


async def open_levels(connection: Connection, openings: Sequence[Opening], *, reference: str, actor: str) -> None:
    connection.has_events = True
    await connection.execute(
        _OPEN,
        variant_ids=[opening.variant_id for opening in openings],
        location_ids=[opening.location_id for opening in openings],
        on_hand=[opening.on_hand for opening in openings],
        unavailable=[opening.unavailable for opening in openings],
        safety_stock=[opening.safety_stock for opening in openings],
        incoming=[opening.incoming for opening in openings],
        reference=reference,
        actor=actor,
    )


def _insertion(table: Table, *names: str) -> Statement:
    return Statement(insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in names}).inline())


_SHIP = _insertion(transfer, "id", "origin_id", "destination_id", "expected_at")
_SHIP_LINE = _insertion(transfer_line, "transfer_id", "origin_level_id", "destination_level_id", "shipped")


async def ship(
    connection: Connection, transfer_id: UUID, *, origin_id: int, destination_id: int, expected_at: datetime
) -> None:
    """Its lines, and the movements that they stand for, follow."""
    await connection.execute(
        _SHIP, id=transfer_id, origin_id=origin_id, destination_id=destination_id, expected_at=expected_at
    )


async def ship_line(
    connection: Connection, transfer_id: UUID, *, origin_level_id: int, destination_level_id: int, shipped: int
) -> None:
    await connection.execute(
        _SHIP_LINE,
        transfer_id=transfer_id,
        origin_level_id=origin_level_id,
        destination_level_id=destination_level_id,
        shipped=shipped,
    )


_FILLED = ("product", "variant", "price", "media", "stock_level", "stock_movement")
_ANALYZE = Statement(f"ANALYZE {', '.join(_FILLED)}")


async def analyze(connection: Connection) -> None:
    """So that the very first question is planned with what is there now."""
    await connection.execute(_ANALYZE)
