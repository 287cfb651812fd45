"""A cart as a stream: as it is, then every change of it, for whoever else looks at it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

import strawberry

from api.access import refused
from api.carts.queries import visible_carts
from api.events.context import StreamContext
from api.events.cursors import cursor_at
from api.events.streams import FORBIDDEN
from api.events.types import CartChanged
from api.execution.errors import StreamClosed
from api.ids import Kind, key_of
from api.scalars import Cursor
from domain.carts.cart import Cart
from domain.events import Interest, LoggedEvent, Position, Subject


async def cart_updates(
    context: StreamContext, cart_id: strawberry.ID, after: Position | None
) -> AsyncGenerator[CartChanged, None]:
    """Raises Refused when the caller neither owns the cart nor holds its token."""
    key = key_of(Kind.Cart, cart_id)
    # Taken before the cart is read, so what changes while it is read and sent is told after it.
    position = context.hub.position
    cart = await _seen(context, key) if isinstance(key, UUID) else None
    if cart is None:
        raise refused(context.caller, "There is no such cart, or it is not yours to see.")
    told = 0
    if after is None:
        after, told = position, cart.version
        yield _change(cart, cart.updated_at, cursor_at(position))
    interest = Interest(Subject.CART, frozenset({str(cart.id)}))
    async with aclosing(context.hub.follow(interest, after, conflate=False)) as batches:
        async for events in batches:
            for change in await _changes(context, cart.id, events, told, after.epoch):
                yield change


async def _changes(
    context: StreamContext, cart_id: UUID, events: Sequence[LoggedEvent], told: int, epoch: int
) -> list[CartChanged]:
    """Asks first whether the cart is still the caller's: on sign-in, or when it is handed on, its token becomes useless."""
    await context.move_on()
    cart = await _seen(context, cart_id)
    if cart is None:
        raise StreamClosed(FORBIDDEN, "The cart is no longer yours to see")
    return [_change(cart, event.at, cursor_at(Position(epoch, event.pos))) for event in events if event.version > told]


async def _seen(context: StreamContext, key: UUID) -> Cart | None:
    found = await visible_carts(context, [key])
    return found[0] if found else None


def _change(cart: Cart, occurred_at: datetime, cursor: Cursor) -> CartChanged:
    # The cart is the source of the fields of the cart.
    return CartChanged(cursor=cursor, occurred_at=occurred_at, cart=cart)  # type: ignore[arg-type]
