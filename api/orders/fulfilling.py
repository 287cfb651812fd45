"""Handing over what was ordered: what is promised leaves its shelf, by parcel or over the counter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.orders import changing
from api.orders.access import only_channel_of
from api.orders.changing import Changing
from domain.access import Permission
from domain.carts.cart import MOST_LINES
from domain.errors import InvalidInput
from domain.orders.fulfilling import Departure, WantedLine, advance, choose, expect_open
from domain.orders.order import Order, expect_version
from domain.orders.state import OrderEventType
from persistence import idempotency
from persistence.database import Connection, Database
from persistence.inventory import reservations, stock_levels
from persistence.orders import changes


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What leaves which location; null lines mean all that it still owes in this way. A null id names nothing that exists."""

    order_id: UUID | None
    location_id: int
    lines: Sequence[WantedLine] | None
    expected_version: int | None
    key: str
    request: Any


async def ship(database: Database, changing_: Changing, asked: HandOver) -> UUID:
    """What is to be shipped leaves this location, all of it or a part.

    Raises NotFound, InvalidTransition, OrderVersionConflict, InvalidInput, each with all that is wrong, and the pair of
    idempotency refusals; then nothing has changed.
    """
    return await _hand_over(database, changing_, asked, Departure.SHIPMENT)


async def collect(database: Database, changing_: Changing, asked: HandOver) -> UUID:
    """Like `ship`, for what is collected here."""
    return await _hand_over(database, changing_, asked, Departure.COLLECTION)


async def _hand_over(database: Database, changing_: Changing, asked: HandOver, departure: Departure) -> UUID:
    if asked.lines is not None and not 1 <= len(asked.lines) <= MOST_LINES:
        raise InvalidInput(f"Between 1 and {MOST_LINES} lines at once.", path=("input", "lines"))
    if not changing_.caller.may_at(Permission.MANAGE_ORDERS, asked.location_id):
        raise changing.no_order()
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(changing_.caller),
            key=asked.key,
            operation=departure.value,
            request=asked.request,
        ) as first,
    ):
        order = await changing.lock(connection, asked.order_id)
        if only_channel_of(changing_.caller, changing_.channel) not in (None, order.channel_id):
            raise changing.no_order()
        if not first.replayed:
            await _leave(connection, changing_, order, asked, departure)
            first.remember({"order": str(order.id)})
    return order.id


async def _leave(
    connection: Connection, changing_: Changing, order: Order, asked: HandOver, departure: Departure
) -> None:
    expect_open(order.status)
    expect_version(order, asked.expected_version)
    methods = await changes.methods_of_lines(connection, order.id)
    commitments = await reservations.lock_commitments(connection, order.id)
    handed_over = choose(commitments, methods, departure, asked.location_id, asked.lines)
    after = advance(commitments, handed_over, order.payment_status)
    await stock_levels.lock(connection, [one.stock_level_id for one in handed_over])
    await changing.hand_over(connection, changing_, order.id, departure, handed_over)
    version = await changes.advance(
        connection,
        order.id,
        status=after.status,
        payment_status=order.payment_status,
        fulfillment_status=after.fulfillment_status,
    )
    units = sum(one.quantity for one in handed_over)
    how = "shipped" if departure is Departure.SHIPMENT else "collected"
    message = f"1 unit was {how}." if units == 1 else f"{units} units were {how}."
    await changing.announce(connection, changing_, order, version, OrderEventType.FULFILLMENT_CHANGED, message)
