"""The ledger: every change of a counter is one row, written by the same statement that changes the counter."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from domain.inventory.adjustment import Movement
from persistence.database import Connection, Reader, Row
from persistence.inventory.tables import stock_movement
from persistence.statements import Statement, among

# The levels are locked already. A shortfall is recomputed exactly, which also ends one as soon as stock comes in; whatever
# raises one opens a discrepancy. One event for each level, after all of its movements.
_APPLY = Statement("""
WITH asked AS (
  SELECT * FROM unnest(
    CAST(:levels AS bigint[]), CAST(:reasons AS stock_movement_reason[]), CAST(:on_hand AS int[]), CAST(:reserved AS int[]),
    CAST(:unavailable AS int[]), CAST(:safety_stock AS int[]), CAST(:incoming AS int[]), CAST(:refs AS text[]),
    CAST(:occurred AS timestamptz[]), CAST(:sources AS text[]), CAST(:source_refs AS text[])
  ) WITH ORDINALITY AS asked (level_id, reason, on_hand, reserved, unavailable, safety_stock, incoming, reference,
                              occurred_at, source, source_reference, place)
), change AS (
  SELECT level_id, count(*) AS moves, sum(on_hand)::int AS on_hand, sum(reserved)::int AS reserved,
         sum(unavailable)::int AS unavailable, sum(safety_stock)::int AS safety_stock, sum(incoming)::int AS incoming
  FROM asked GROUP BY level_id
), before AS (
  SELECT level.id, level.shortfall FROM stock_level level JOIN change ON change.level_id = level.id
), updated AS (
  UPDATE stock_level level
  SET on_hand = level.on_hand + change.on_hand,
      reserved = level.reserved + change.reserved,
      unavailable = level.unavailable + change.unavailable,
      safety_stock = level.safety_stock + change.safety_stock,
      incoming = level.incoming + change.incoming,
      shortfall = greatest(0, level.reserved + change.reserved + level.unavailable + change.unavailable
                              - level.on_hand - change.on_hand - level.backorder_limit),
      version = level.version + change.moves,
      updated_at = clock_timestamp()
  FROM change
  WHERE level.id = change.level_id
  RETURNING level.*, change.moves
), recorded AS (
  INSERT INTO stock_movement (stock_level_id, version, reason, on_hand_delta, reserved_delta, unavailable_delta,
                              safety_stock_delta, incoming_delta, reference, actor, channel_id,
                              occurred_at, source, source_reference)
  SELECT updated.id, updated.version - updated.moves + row_number() OVER (PARTITION BY updated.id ORDER BY asked.place),
         asked.reason, asked.on_hand, asked.reserved, asked.unavailable, asked.safety_stock, asked.incoming,
         asked.reference, :actor, CAST(:channel_id AS int),
         coalesce(asked.occurred_at, clock_timestamp()), asked.source, asked.source_reference
  FROM asked JOIN updated ON updated.id = asked.level_id
), opened AS (
  INSERT INTO discrepancy (stock_level_id, version, kind, quantity)
  SELECT updated.id, updated.version, 'OVERSOLD', updated.shortfall - before.shortfall
  FROM updated JOIN before ON before.id = updated.id
  WHERE updated.shortfall > before.shortfall
), announced AS (
  INSERT INTO outbox (topic, key, version, payload)
  SELECT 'stock', id::text, version,
         jsonb_build_object('variant', variant_id, 'location', location_id, 'available', available)
  FROM updated ORDER BY id
)
SELECT id, variant_id, location_id, on_hand, reserved, unavailable, safety_stock, backorder_limit, incoming, shortfall,
       version, updated_at, available
FROM updated ORDER BY id
""")


async def apply(
    connection: Connection, movements: Sequence[Movement], *, actor: str, channel_id: int | None = None
) -> list[Row]:
    """Change counters and record why, in the order given. The caller has locked the levels; returns them as they are now."""
    if not movements:
        return []
    connection.has_events = True
    return await connection.fetch(
        _APPLY,
        levels=[movement.stock_level_id for movement in movements],
        reasons=[movement.reason for movement in movements],
        on_hand=[movement.on_hand for movement in movements],
        reserved=[movement.reserved for movement in movements],
        unavailable=[movement.unavailable for movement in movements],
        safety_stock=[movement.safety_stock for movement in movements],
        incoming=[movement.incoming for movement in movements],
        refs=[movement.reference for movement in movements],
        occurred=[movement.occurred_at for movement in movements],
        sources=[movement.source for movement in movements],
        source_refs=[movement.source_reference for movement in movements],
        actor=actor,
        channel_id=channel_id,
    )


# What corrects the past was there already when the moment came that it speaks of.
_CHANGED_SINCE_VERSIONS = Statement("""
SELECT asked.id, coalesce(sum(movement.on_hand_delta), 0)::int AS units
FROM unnest(CAST(:level_ids AS bigint[]), CAST(:versions AS bigint[])) AS asked (id, version)
LEFT JOIN stock_movement movement
  ON movement.stock_level_id = asked.id AND movement.version > asked.version
 AND NOT (movement.reason IN ('COUNT', 'ADJUSTMENT') AND movement.occurred_at <= :moment)
GROUP BY asked.id
""")
# The condition on the delta is that of the index.
_CHANGED_SINCE_MOMENT = Statement("""
SELECT asked.id, coalesce(sum(movement.on_hand_delta), 0)::int AS units
FROM unnest(CAST(:level_ids AS bigint[])) AS asked (id)
LEFT JOIN stock_movement movement
  ON movement.stock_level_id = asked.id AND movement.occurred_at > :moment AND movement.on_hand_delta <> 0
GROUP BY asked.id
""")


async def changed_since_versions(reader: Reader, versions: Mapping[int, int], moment: datetime) -> dict[int, int]:
    """By how much on hand has changed since each of these levels had this version, which was at that moment."""
    rows = await reader.fetch(
        _CHANGED_SINCE_VERSIONS, level_ids=list(versions), versions=list(versions.values()), moment=moment
    )
    return {row["id"]: row["units"] for row in rows}


async def changed_since_moment(reader: Reader, level_ids: Collection[int], moment: datetime) -> dict[int, int]:
    """By how much on hand has changed by what happened after the moment, whenever it was written down."""
    rows = await reader.fetch(_CHANGED_SINCE_MOMENT, level_ids=list(level_ids), moment=moment)
    return {row["id"]: row["units"] for row in rows}


_PAGE_OF_EACH = Statement("""
SELECT each.*
FROM unnest(CAST(:level_ids AS bigint[])) AS asked (id)
JOIN LATERAL (
  SELECT * FROM stock_movement
  WHERE stock_level_id = asked.id AND version < :before
  ORDER BY version DESC LIMIT :count
) AS each ON true
""")
_BY_KEYS = Statement(
    select(stock_movement).where(
        among(stock_movement.c.stock_level_id, "level_ids"), among(stock_movement.c.version, "versions")
    )
)


async def page_of_each(reader: Reader, level_ids: Sequence[int], *, before: int | None, count: int) -> list[Row]:
    """Up to `count` movements of each level, the newest first."""
    return await reader.fetch(
        _PAGE_OF_EACH, level_ids=list(level_ids), before=2**62 if before is None else before, count=count
    )


async def by_keys(reader: Reader, keys: Sequence[tuple[int, int]]) -> list[Row]:
    """By level and version; what does not exist is left out."""
    wanted = set(keys)
    rows = await reader.fetch(_BY_KEYS, level_ids=[key[0] for key in wanted], versions=[key[1] for key in wanted])
    return [row for row in rows if (row["stock_level_id"], row["version"]) in wanted]
