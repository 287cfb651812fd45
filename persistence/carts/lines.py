"""The lines of a cart and the groups in which they leave."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert

from domain.carts.cart import DeliveryGroup
from persistence.carts.tables import cart_delivery_group
from persistence.database import Connection
from persistence.statements import Statement

_PUT_LINES = Statement("""
INSERT INTO cart_line (id, cart_id, variant_id, sku, name, quantity, unit_amount, channel_id, delivery_group_id)
SELECT asked.id, :cart_id, asked.variant_id, asked.sku, asked.name, asked.quantity, asked.unit_amount, :channel_id,
       CAST(:delivery_group_id AS uuid)
FROM unnest(CAST(:ids AS uuid[]), CAST(:variant_ids AS uuid[]), CAST(:skus AS text[]), CAST(:names AS text[]),
            CAST(:quantities AS int[]), CAST(:unit_amounts AS bigint[]))
  AS asked (id, variant_id, sku, name, quantity, unit_amount)
ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = excluded.quantity
""")


async def put_lines(
    connection: Connection,
    cart_id: UUID,
    lines: Sequence[Mapping[str, Any]],
    *,
    channel_id: int,
    delivery_group_id: UUID | None,
) -> None:
    """Each line with id, variant_id, sku, name, quantity, unit_amount; where the variant has a line, only its quantity
    changes.
    """
    await connection.execute(
        _PUT_LINES,
        cart_id=cart_id,
        channel_id=channel_id,
        delivery_group_id=delivery_group_id,
        ids=[line["id"] for line in lines],
        variant_ids=[line["variant_id"] for line in lines],
        skus=[line["sku"] for line in lines],
        names=[line["name"] for line in lines],
        quantities=[line["quantity"] for line in lines],
        unit_amounts=[line["unit_amount"] for line in lines],
    )


_SET_QUANTITIES = Statement("""
WITH asked AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:quantities AS int[])) AS asked (id, quantity)
), removed AS (
  DELETE FROM cart_line USING asked WHERE cart_line.id = asked.id AND cart_line.cart_id = :cart_id AND asked.quantity = 0
)
UPDATE cart_line SET quantity = asked.quantity
FROM asked WHERE cart_line.id = asked.id AND cart_line.cart_id = :cart_id AND asked.quantity > 0
""")


async def set_quantities(connection: Connection, cart_id: UUID, quantities: Mapping[UUID, int]) -> None:
    """0 removes the line."""
    await connection.execute(
        _SET_QUANTITIES, cart_id=cart_id, ids=list(quantities), quantities=list(quantities.values())
    )


_INSERT_GROUP = Statement(
    insert(cart_delivery_group).values(
        {
            name: bindparam(name, type_=cart_delivery_group.c[name].type)
            for name in ("id", "cart_id", "method", "location_id", "address", "option_id")
        }
    )
)
_REGROUP = Statement("""
WITH made AS (
  INSERT INTO cart_delivery_group (id, cart_id, method, location_id, address, option_id)
  SELECT new.id, :cart_id, new.method, new.location_id, new.address, new.option_id
  FROM unnest(CAST(:ids AS uuid[]), CAST(:methods AS text[]), CAST(:location_ids AS int[]), CAST(:addresses AS jsonb[]),
              CAST(:option_ids AS int[]))
    AS new (id, method, location_id, address, option_id)
), moved AS (
  UPDATE cart_line SET delivery_group_id = asked.group_id
  FROM unnest(CAST(:line_ids AS uuid[]), CAST(:group_ids AS uuid[])) AS asked (line_id, group_id)
  WHERE cart_line.id = asked.line_id AND cart_line.cart_id = :cart_id
)
DELETE FROM cart_delivery_group WHERE id = ANY (CAST(:dropped AS uuid[])) AND cart_id = :cart_id
""")
_DROP_EMPTY_GROUPS = Statement("""
DELETE FROM cart_delivery_group delivery
WHERE delivery.cart_id = :cart_id
  AND NOT EXISTS (SELECT FROM cart_line WHERE cart_line.delivery_group_id = delivery.id)
""")


async def insert_groups(connection: Connection, cart_id: UUID, groups: Sequence[DeliveryGroup]) -> None:
    await connection.execute_many(
        _INSERT_GROUP,
        [
            {
                "id": group.id,
                "cart_id": cart_id,
                "method": group.method.value,
                "location_id": group.location_id,
                "address": None if group.address is None else dict(group.address),
                "option_id": group.option_id,
            }
            for group in groups
        ],
    )


async def regroup(
    connection: Connection,
    cart_id: UUID,
    new: Sequence[DeliveryGroup],
    moved: Mapping[UUID, UUID],
    dropped: Collection[UUID],
) -> None:
    """Each line that moved to its group, which may be a new one; groups that have no line any longer are dropped."""
    await connection.execute(
        _REGROUP,
        cart_id=cart_id,
        ids=[group.id for group in new],
        methods=[group.method.value for group in new],
        location_ids=[group.location_id for group in new],
        addresses=[None if group.address is None else dict(group.address) for group in new],
        option_ids=[group.option_id for group in new],
        line_ids=list(moved),
        group_ids=list(moved.values()),
        dropped=list(dropped),
    )


async def drop_empty_groups(connection: Connection, cart_id: UUID) -> None:
    await connection.execute(_DROP_EMPTY_GROUPS, cart_id=cart_id)
