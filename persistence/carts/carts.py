"""Carts: read whole in one statement, locked by id, changed line by line."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from domain.carts.cart import Cart, CartLine, CartStatus, DeliveryGroup, DeliveryMethod
from domain.inventory.bundles import Component
from persistence.carts.tables import cart, cart_delivery_group, cart_line, cart_touch
from persistence.database import Connection, Reader, Row
from persistence.statements import Statement, among

# Ids are ordered by time, so lines and groups come in the order in which they were made.
_SEEN = """
SELECT cart.*, sales_order.id AS order_id,
  (SELECT min(expires_at) FROM reservation
   WHERE reservation.cart_id = cart.id AND open_quantity > 0 AND state = 'HELD') AS held_until,
  (SELECT coalesce(array_agg(last.variant_id), '{}')
   FROM (SELECT DISTINCT ON (level.variant_id) level.variant_id, reservation.state, reservation.expires_at
         FROM reservation JOIN stock_level level ON level.id = reservation.stock_level_id
         WHERE reservation.cart_id = cart.id ORDER BY level.variant_id, reservation.id DESC) AS last
   WHERE last.state = 'EXPIRED' OR last.expires_at <= clock_timestamp()) AS lapsed,
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'id', line.id, 'variant_id', line.variant_id, 'sku', line.sku, 'name', line.name, 'quantity', line.quantity,
      'added_amount', line.unit_amount, 'current_amount', price.amount,
      'is_on_sale', variant.withdrawn_at IS NULL AND product.published_at IS NOT NULL,
      'channel_id', line.channel_id, 'delivery_group_id', line.delivery_group_id, 'hold_policy', product.hold_policy,
      'components', CASE WHEN variant.is_bundle THEN
        (SELECT jsonb_agg(jsonb_build_object('variant_id', component_variant_id, 'quantity', component.quantity)
                          ORDER BY component_variant_id)
         FROM bundle_component component WHERE component.bundle_variant_id = line.variant_id) END) ORDER BY line.id), '[]')
   FROM cart_line line
   JOIN variant ON variant.id = line.variant_id
   JOIN product ON product.id = variant.product_id
   LEFT JOIN price ON price.variant_id = line.variant_id AND price.market_id = cart.market_id
   WHERE line.cart_id = cart.id) AS lines,
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'id', delivery.id, 'method', delivery.method, 'location_id', delivery.location_id, 'address', delivery.address,
      'option_id', delivery.option_id)
      ORDER BY delivery.id), '[]')
   FROM cart_delivery_group delivery WHERE delivery.cart_id = cart.id) AS delivery_groups
FROM cart
LEFT JOIN sales_order ON sales_order.cart_id = cart.id
"""
_WHOLE = Statement(f"{_SEEN} WHERE cart.id = ANY (CAST(:ids AS uuid[]))")

# Whoever waited for the lock, or was overtaken on the way to it, sees the new row of the cart and the old ones of its lines.
# Every change of a cart writes its row, so that is told by the transaction that wrote it.
_UNDISTURBED = "cart.xmin = (SELECT seen.xmin FROM cart seen WHERE seen.id = cart.id) AS is_undisturbed"
_LOCK = Statement(
    f"{_SEEN.replace('cart.*', f'cart.*, {_UNDISTURBED}', 1)} WHERE cart.id = :id FOR NO KEY UPDATE OF cart"
)


async def by_ids(reader: Reader, ids: Collection[UUID]) -> list[Cart]:
    """In no particular order; unknown ones are left out."""
    return [_from_row(row) for row in await reader.fetch(_WHOLE, ids=list(ids))]


async def by_id(reader: Reader, id_: UUID) -> Cart | None:
    found = await by_ids(reader, [id_])
    return found[0] if found else None


async def lock(connection: Connection, id_: UUID) -> Cart | None:
    """As every earlier command has left it: read along with the lock, and again where somebody was faster."""
    row = await connection.fetch_one(_LOCK, id=id_)
    if row is None:
        return None
    return _from_row(row) if row["is_undisturbed"] else await by_id(connection, id_)


_BEGIN = Statement("""
WITH begun AS (
  INSERT INTO cart (id, customer_id, token_hash, staff_channel_id, email, channel_id, market_id, expires_at)
  VALUES (:id, :customer_id, :token_hash, :staff_channel_id, :email, :channel_id, :market_id, :expires_at)
  RETURNING id, version
), step AS (
  INSERT INTO cart_touch (cart_id, version, channel_id, location_id, action)
  SELECT id, version, :channel_id, :location_id, 'CREATED' FROM begun
)
INSERT INTO outbox (topic, key, version, payload)
SELECT 'cart', id::text, version, '{}' FROM begun
""")


async def begin(connection: Connection, **values: Any) -> None:
    """A new cart, the first step of its journey, and the event that tells of it."""
    await connection.execute(_BEGIN, **values)
    connection.has_events = True


_SET_BUYER = Statement(
    update(cart)
    .where(cart.c.id == bindparam("cart_id"))
    .values({name: bindparam(name, type_=cart.c[name].type) for name in ("email", "phone", "billing_address")})
)


async def set_buyer(
    connection: Connection, cart_id: UUID, *, email: str | None, phone: str | None, billing_address: Any | None
) -> None:
    await connection.execute(_SET_BUYER, cart_id=cart_id, email=email, phone=phone, billing_address=billing_address)


_TOUCH = Statement("""
WITH touched AS (
  UPDATE cart SET version = version + 1, updated_at = now(), expires_at = greatest(expires_at, :expires_at),
                  status = coalesce(:status, status)
  WHERE id = :cart_id RETURNING id, version
), step AS (
  INSERT INTO cart_touch (cart_id, version, channel_id, location_id, action)
  SELECT id, version, :channel_id, :location_id, :action FROM touched
)
INSERT INTO outbox (topic, key, version, payload)
SELECT 'cart', id::text, version, '{}' FROM touched
""")


async def touch(
    connection: Connection,
    cart_id: UUID,
    *,
    action: str,
    channel_id: int,
    location_id: int | None,
    expires_at: datetime,
    status: CartStatus | None = None,
) -> None:
    """Count its version up, write the next step of its journey, and tell of it. The cart is locked."""
    await connection.execute(
        _TOUCH,
        cart_id=cart_id,
        action=action,
        channel_id=channel_id,
        location_id=location_id,
        expires_at=expires_at,
        status=None if status is None else status.value,
    )
    connection.has_events = True


_JOURNEY = Statement(
    select(cart_touch)
    .where(among(cart_touch.c.cart_id, "cart_ids"))
    .order_by(cart_touch.c.cart_id, cart_touch.c.version)
)


async def journeys(reader: Reader, cart_ids: Collection[UUID]) -> list[Row]:
    """Every touch of each cart, oldest first."""
    return await reader.fetch(_JOURNEY, cart_ids=list(cart_ids))


_SET_TOKEN = Statement(
    update(cart)
    .where(cart.c.id == bindparam("cart_id"))
    .values(token_hash=bindparam("token_hash", type_=cart.c.token_hash.type))
)
_GIVE = Statement(
    update(cart)
    .where(cart.c.id == bindparam("cart_id"))
    .values(customer_id=bindparam("owner_id", type_=cart.c.customer_id.type), token_hash=None, staff_channel_id=None)
)
_ACTIVE = Statement(
    select(cart.c.customer_id, cart.c.id)
    .ext(distinct_on(cart.c.customer_id))
    .where(among(cart.c.customer_id, "customer_ids"), cart.c.status == "OPEN", cart.c.expires_at > func.now())
    .order_by(cart.c.customer_id, cart.c.updated_at.desc(), cart.c.id.desc())
)


_IDS_BY_LINES = Statement(select(cart_line.c.cart_id).distinct().where(among(cart_line.c.id, "ids")))
_IDS_BY_GROUPS = Statement(
    select(cart_delivery_group.c.cart_id).distinct().where(among(cart_delivery_group.c.id, "ids"))
)


async def ids_by_lines(reader: Reader, line_ids: Collection[UUID]) -> list[UUID]:
    """The carts that these lines belong to."""
    return [row["cart_id"] for row in await reader.fetch(_IDS_BY_LINES, ids=list(line_ids))]


async def ids_by_groups(reader: Reader, group_ids: Collection[UUID]) -> list[UUID]:
    """The carts that these delivery groups belong to."""
    return [row["cart_id"] for row in await reader.fetch(_IDS_BY_GROUPS, ids=list(group_ids))]


_BY_TOKEN = Statement(select(cart.c.id).where(cart.c.token_hash == bindparam("token_hash")))


async def id_by_token(reader: Reader, token_hash: bytes) -> UUID | None:
    """The cart that this token opens."""
    id_: UUID | None = await reader.fetch_value(_BY_TOKEN, token_hash=token_hash)
    return id_


async def set_token(connection: Connection, cart_id: UUID, token_hash: bytes) -> None:
    """The former token is useless from now on."""
    await connection.execute(_SET_TOKEN, cart_id=cart_id, token_hash=token_hash)


async def give_to_customer(connection: Connection, cart_id: UUID, customer_id: UUID) -> None:
    """The guest's token is useless from now on."""
    await connection.execute(_GIVE, cart_id=cart_id, owner_id=customer_id)


async def active_of_each(reader: Reader, customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The open cart that each customer last touched; customers without one are left out."""
    rows = await reader.fetch(_ACTIVE, customer_ids=list(customer_ids))
    return {row["customer_id"]: row["id"] for row in rows}


def _from_row(row: Row) -> Cart:
    return Cart(
        id=row["id"],
        version=row["version"],
        status=CartStatus(row["status"]),
        customer_id=row["customer_id"],
        token_hash=row["token_hash"],
        staff_channel_id=row["staff_channel_id"],
        email=row["email"],
        phone=row["phone"],
        billing_address=row["billing_address"],
        channel_id=row["channel_id"],
        market_id=row["market_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        expires_at=row["expires_at"],
        held_until=row["held_until"],
        order_id=row["order_id"],
        lines=tuple(_line(line) for line in row["lines"]),
        groups=tuple(_group(group) for group in row["delivery_groups"]),
        parked_location_id=row["parked_location_id"],
        parked_note=row["parked_note"],
        merged_into_id=row["merged_into_id"],
        lapsed=frozenset(row["lapsed"]),
    )


def _line(values: Mapping[str, Any]) -> CartLine:
    group_id = values["delivery_group_id"]
    return CartLine(
        **{
            **values,
            "id": UUID(values["id"]),
            "variant_id": UUID(values["variant_id"]),
            "delivery_group_id": None if group_id is None else UUID(group_id),
            "components": tuple(
                Component(UUID(component["variant_id"]), component["quantity"])
                for component in values["components"] or ()
            ),
        }
    )


def _group(values: Mapping[str, Any]) -> DeliveryGroup:
    return DeliveryGroup(
        id=UUID(values["id"]),
        method=DeliveryMethod(values["method"]),
        location_id=values["location_id"],
        address=values["address"],
        option_id=values["option_id"],
    )
