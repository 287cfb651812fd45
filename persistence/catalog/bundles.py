"""What bundles are made of."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from domain.inventory.bundles import Component
from persistence.catalog.tables import bundle_component
from persistence.database import Connection, Reader
from persistence.statements import Statement, among

_COMPONENTS = Statement(
    select(bundle_component.c.bundle_variant_id, bundle_component.c.component_variant_id, bundle_component.c.quantity)
    .where(among(bundle_component.c.bundle_variant_id, "ids"))
    .order_by(bundle_component.c.bundle_variant_id, bundle_component.c.component_variant_id)
)


async def components_of(reader: Reader, variant_ids: Collection[UUID]) -> dict[UUID, tuple[Component, ...]]:
    """By bundle; variants that are none are left out."""
    found: dict[UUID, tuple[Component, ...]] = {}
    for row in await reader.fetch(_COMPONENTS, ids=list(variant_ids)):
        component = Component(row["component_variant_id"], row["quantity"])
        found[row["bundle_variant_id"]] = (*found.get(row["bundle_variant_id"], ()), component)
    return found


# Of the advisory locks of this database; any number that nobody else uses.
_COMPOSING = 5_110_003
# Two variants that were made bundles of each other at once would wait for each other. It is done seldom.
_IN_TURN = Statement(f"SELECT pg_advisory_xact_lock({_COMPOSING})")
# Whoever refers to the variant passes, unless it becomes a bundle, which changes a key.
_LOCK = Statement("SELECT id FROM variant WHERE id = :id FOR NO KEY UPDATE")
_HAS_STOCK = Statement("SELECT EXISTS (SELECT FROM stock_level WHERE variant_id = :id)")
_IN_BUNDLES = Statement("SELECT EXISTS (SELECT FROM bundle_component WHERE component_variant_id = :id)")


async def lock(connection: Connection, variant_id: UUID) -> None:
    """Nobody else composes anything until the end of the transaction; taken before any level."""
    await connection.fetch(_IN_TURN)
    await connection.fetch(_LOCK, id=variant_id)


async def has_stock(reader: Reader, variant_id: UUID) -> bool:
    """Whether it was ever stocked anywhere."""
    found: bool = await reader.fetch_value(_HAS_STOCK, id=variant_id)
    return found


async def is_component(reader: Reader, variant_id: UUID) -> bool:
    found: bool = await reader.fetch_value(_IN_BUNDLES, id=variant_id)
    return found


# Locked by their ids, as by every other command, so that no version rises before the composition is another.
_LOCK_LEVELS = Statement("""
SELECT level.id FROM stock_level level
WHERE level.variant_id = ANY (CAST(:variant_ids AS uuid[])) ORDER BY level.id FOR UPDATE
""")
_RAISE_VERSION = Statement("""
INSERT INTO bundle AS known (variant_id) VALUES (:variant_id)
ON CONFLICT (variant_id) DO UPDATE SET version_base = known.version_base + 1 + coalesce((
  SELECT max(there.version)
  FROM (
    SELECT sum(level.version)::bigint AS version
    FROM bundle_component component JOIN stock_level level ON level.variant_id = component.component_variant_id
    WHERE component.bundle_variant_id = :variant_id
    GROUP BY level.location_id
  ) there
), 0)
""")
_CLEAR = Statement("DELETE FROM bundle_component WHERE bundle_variant_id = :variant_id")
_MARK = Statement("UPDATE variant SET is_bundle = true WHERE id = :variant_id AND NOT is_bundle")
_FILL = Statement("""
INSERT INTO bundle_component (bundle_variant_id, component_variant_id, quantity)
SELECT :variant_id, asked.id, asked.quantity
FROM unnest(CAST(:component_ids AS uuid[]), CAST(:quantities AS int[])) AS asked (id, quantity)
""")


async def compose(connection: Connection, variant_id: UUID, components: Sequence[Component]) -> None:
    """The variant, which is locked, is made of exactly these from now on."""
    await connection.execute(_MARK, variant_id=variant_id)
    old = (await components_of(connection, [variant_id])).get(variant_id, ())
    await connection.fetch(_LOCK_LEVELS, variant_ids=[component.variant_id for component in (*old, *components)])
    await connection.execute(_RAISE_VERSION, variant_id=variant_id)
    await connection.execute(_CLEAR, variant_id=variant_id)
    await connection.execute(
        _FILL,
        variant_id=variant_id,
        component_ids=[component.variant_id for component in components],
        quantities=[component.quantity for component in components],
    )
