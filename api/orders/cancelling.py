"""Calling an order off: everything that is promised to it is for sale again, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.inventory.bulk import expect_short
from api.orders import changing
from api.orders.access import only_channel_of
from api.orders.changing import Changing
from domain.carts.cart import MOST_LINES
from domain.errors import InvalidInput
from domain.inventory.adjustment import Movement
from domain.orders.cancelling import expect_cancellable, expect_whole, void
from domain.orders.fulfilling import Commitment
from domain.orders.order import Order
from domain.orders.placing import FulfillmentStatus
from domain.orders.state import OrderEventType, OrderStatus
from domain.payments.status import PaymentStatus
from persistence import idempotency
from persistence.database import Connection, Database
from persistence.inventory import movements, reservations, stock_levels
from persistence.orders import changes, orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Null ids name nothing that exists; null lines mean all of the order."""

    order_id: UUID | None
    lines: Sequence[tuple[UUID | None, int]] | None
    reason: str | None
    expected_version: int | None
    key: str
    request: Any


async def cancel(database: Database, changing_: Changing, asked: Cancel) -> UUID:
    """Call off a whole order, of which nothing was handed over yet.

    Raises NotFound, InvalidTransition, OrderVersionConflict, InvalidInput, PaymentDeclined and the pair of idempotency
    refusals; then nothing has changed.
    """
    expect_short(asked.reason, "reason")
    if asked.lines is not None and len(asked.lines) > MOST_LINES:
        raise InvalidInput(f"At most {MOST_LINES} lines.", path=("input", "lines"))
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(changing_.caller),
            key=asked.key,
            operation="orderCancel",
            request=asked.request,
        ) as first,
    ):
        order = await changing.lock(connection, asked.order_id)
        if not order.may_be_cancelled_by(changing_.caller, only_channel_of(changing_.caller, changing_.channel)):
            raise changing.no_order()
        if not first.replayed:
            await _cancel(connection, changing_, order, asked)
            first.remember({"order": str(order.id)})
    return order.id


async def _cancel(connection: Connection, changing_: Changing, order: Order, asked: Cancel) -> None:
    expect_cancellable(order, asked.expected_version)
    if asked.lines is not None:
        ordered = {row["id"]: row["quantity"] for row in await orders.lines_of(connection, [order.id])}
        expect_whole(ordered, asked.lines)
    voided = void(await changes.payments_of(connection, order.id))
    commitments = await reservations.lock_commitments(connection, order.id)
    await _release(connection, changing_, order.id, commitments)
    await changes.void_payments(connection, voided)
    version = await changes.advance(
        connection,
        order.id,
        status=OrderStatus.CANCELLED,
        payment_status=PaymentStatus.VOIDED,
        fulfillment_status=FulfillmentStatus.CANCELLED,
    )
    message = "The order was cancelled." if not asked.reason else f"The order was cancelled: {asked.reason}"
    await changing.announce(connection, changing_, order, version, OrderEventType.CANCELLED, message)


async def _release(
    connection: Connection, changing_: Changing, order_id: UUID, commitments: Sequence[Commitment]
) -> None:
    await stock_levels.lock(connection, [commitment.stock_level_id for commitment in commitments])
    await reservations.release(connection, [commitment.reservation_id for commitment in commitments])
    await movements.apply(
        connection,
        [
            Movement(
                stock_level_id=commitment.stock_level_id,
                reason="RELEASE",
                reserved=-commitment.open,
                reference=f"order:{order_id}",
            )
            for commitment in commitments
        ],
        actor=changing_.caller.actor,
        channel_id=changing_.channel["id"],
    )
