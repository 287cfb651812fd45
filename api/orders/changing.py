"""What every change of an order has in common: whose it is, what leaves its shelf, and what the change leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.directory import Entry
from domain.access import Principal
from domain.errors import NotFound
from domain.events import Event, Topic
from domain.inventory.adjustment import Movement
from domain.orders.fulfilling import Departure, HandedOver
from domain.orders.order import Order
from domain.orders.state import OrderEventType
from persistence.database import Connection
from persistence.events import outbox
from persistence.inventory import movements, reservations
from persistence.orders import changes, orders


@dataclass(frozen=True, slots=True)
class Changing:
    """Who changes an order, and over which channel."""

    caller: Principal
    channel: Entry


async def lock(connection: Connection, order_id: UUID | None) -> Order:
    """Raises NotFound. Whether it is the caller's to change is the next question."""
    order = None if order_id is None else await changes.lock(connection, order_id)
    if order is None:
        raise no_order()
    return order


def no_order() -> NotFound:
    """For what does not exist and for what is somebody else's alike."""
    return NotFound("There is no such order for you to change.", path=("input", "orderId"))


async def hand_over(
    connection: Connection,
    changing: Changing,
    order_id: UUID,
    departure: Departure,
    handed_over: Sequence[HandedOver],
) -> None:
    """The units leave their shelves. The caller has locked these reservations, and then their levels."""
    await reservations.fulfill(connection, handed_over)
    await movements.apply(
        connection,
        [
            Movement(
                stock_level_id=one.stock_level_id,
                reason=departure.value,
                on_hand=-one.quantity,
                reserved=-one.quantity,
                reference=f"order:{order_id}",
            )
            for one in handed_over
        ],
        actor=changing.caller.actor,
        channel_id=changing.channel["id"],
    )


async def announce(
    connection: Connection, changing: Changing, order: Order, version: int, type_: OrderEventType, message: str
) -> None:
    """The next step of its timeline and its event. Nothing is locked after it."""
    await orders.insert_event(
        connection,
        order_id=order.id,
        version=version,
        type=type_.value,
        actor_role=changing.caller.actor_role,
        actor=changing.caller.actor,
        channel_id=changing.channel["id"],
        message=message,
    )
    customer = None if order.customer_id is None else str(order.customer_id)
    payload = {"customer": customer, "type": type_.value}
    await outbox.append(connection, [Event(Topic.ORDER, str(order.id), version, payload)])
