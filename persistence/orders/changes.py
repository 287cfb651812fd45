"""What changes an order after it was placed, and what must be known before: locked, judged, written."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select, update

from domain.carts.cart import DeliveryMethod
from domain.orders.cancelling import Payment
from domain.orders.order import Order
from domain.orders.placing import FulfillmentStatus
from domain.orders.state import OrderStatus
from domain.payments.status import PaymentStatus
from persistence.carts.tables import cart
from persistence.database import Connection, Reader, Row
from persistence.orders import orders
from persistence.orders.tables import order_delivery_group, order_line, payment, sales_order
from persistence.statements import Statement, among

_PLACES = (
    select(func.array_agg(order_delivery_group.c.location_id))
    .where(order_delivery_group.c.order_id == sales_order.c.id)
    .scalar_subquery()
)
_STANDING = Statement(
    select(
        sales_order.c.id,
        sales_order.c.version,
        sales_order.c.status,
        sales_order.c.payment_status,
        sales_order.c.fulfillment_status,
        sales_order.c.customer_id,
        sales_order.c.channel_id,
        sales_order.c.location_id,
        cart.c.token_hash,
        _PLACES.label("places"),
    )
    .select_from(sales_order.outerjoin(cart, cart.c.id == sales_order.c.cart_id))
    .where(among(sales_order.c.id, "ids"))
)
_LOCK = Statement(select(sales_order.c.id).where(sales_order.c.id == bindparam("id")).with_for_update(key_share=True))


async def standing(reader: Reader, ids: Collection[UUID]) -> dict[UUID, Order]:
    """Whether the caller may see them is decided elsewhere."""
    return {row["id"]: _order(row) for row in await reader.fetch(_STANDING, ids=list(ids))}


async def lock(connection: Connection, id_: UUID) -> Order | None:
    """Read after the lock is held, so that it is what every earlier command has left."""
    if await connection.fetch_value(_LOCK, id=id_) is None:
        return None
    return (await standing(connection, [id_]))[id_]


def _order(row: Row) -> Order:
    return Order(
        id=row["id"],
        version=row["version"],
        status=OrderStatus(row["status"]),
        payment_status=PaymentStatus(row["payment_status"]),
        fulfillment_status=FulfillmentStatus(row["fulfillment_status"]),
        customer_id=row["customer_id"],
        token_hash=row["token_hash"],
        channel_id=row["channel_id"],
        location_id=row["location_id"],
        places=frozenset(row["places"] or ()),
    )


_METHODS = Statement(
    select(order_line.c.id, order_delivery_group.c.method)
    .join(order_delivery_group, order_delivery_group.c.id == order_line.c.delivery_group_id)
    .where(order_line.c.order_id == bindparam("order_id"))
)


async def methods_of_lines(reader: Reader, order_id: UUID) -> dict[UUID, DeliveryMethod]:
    rows = await reader.fetch(_METHODS, order_id=order_id)
    return {row["id"]: DeliveryMethod(row["method"]) for row in rows}


async def payments_of(reader: Reader, order_id: UUID) -> list[Payment]:
    rows = await orders.payments_of(reader, [order_id])
    return [Payment(row["id"], row["gateway"], PaymentStatus(row["status"])) for row in rows]


_VOID_PAYMENTS = Statement(
    update(payment).where(among(payment.c.id, "ids")).values(status=literal_column("'VOIDED'"), updated_at=func.now())
)


async def void_payments(connection: Connection, ids: Collection[UUID]) -> None:
    await connection.execute(_VOID_PAYMENTS, ids=list(ids))


_AXES = ("status", "payment_status", "fulfillment_status")
_ADVANCE = Statement(
    update(sales_order)
    .where(sales_order.c.id == bindparam("order_id"))
    .values(
        {name: bindparam(f"new_{name}", type_=sales_order.c[name].type) for name in _AXES}
        | {"version": sales_order.c.version + literal_column("1"), "updated_at": func.now()}
    )
    .returning(sales_order.c.version)
)


async def advance(
    connection: Connection,
    order_id: UUID,
    *,
    status: OrderStatus,
    payment_status: PaymentStatus,
    fulfillment_status: FulfillmentStatus,
) -> int:
    """Where it stands on each axis from now on; the version that this made."""
    version: int = await connection.fetch_value(
        _ADVANCE,
        order_id=order_id,
        new_status=status.value,
        new_payment_status=payment_status.value,
        new_fulfillment_status=fulfillment_status.value,
    )
    return version
