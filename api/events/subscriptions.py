"""The root of all subscriptions."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from api.access import PUBLIC, Needs
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy
from api.events.availability import availability_updates
from api.events.carts import cart_updates
from api.events.context import Info
from api.events.cursors import position_of
from api.events.journal import event_updates
from api.events.orders import order_updates
from api.events.streams import streamed
from api.events.types import AvailabilityUpdate, CartUpdate, OrderUpdate, StreamEvent, Types
from api.execution.access import ACCESS
from api.orders.types import OrderBy
from api.scalars import Cursor
from domain.access import Permission
from domain.events import Position

CartId = Annotated[strawberry.ID, strawberry.argument(description="Of the cart; it authorizes nothing.")]


@strawberry.type(
    description="Without `after`: first a snapshot of what matches, then every change. With `after`: what was missed since, "
    "then live. Within a connection nothing is missed or repeated; across a cut a client may see again what it had received "
    "without storing the cursor. A cursor handed out inside an unfinished snapshot restarts it. Over server-sent events each "
    "event's id is its cursor, and the header Last-Event-ID takes the place of `after`."
)
class Subscription:
    @strawberry.subscription(
        description="Conflates: for each variant and location the newest state, for shoppers only when what they may see has "
        "changed: the status or the capped quantity. `pickupReadyAt` is as of the moment of telling; it moves on with the clock, "
        "which is told to nobody: ask again before you promise it. At most 100 variants; unknown ones are left out. Without `locations`: all that sell to this channel.",
        metadata={ACCESS: PUBLIC},
    )
    async def availability_changed(
        self,
        info: Info,
        variants: list[ProductVariantBy],
        locations: list[LocationBy] | None = None,
        after: Cursor | None = None,
    ) -> AsyncGenerator[AvailabilityUpdate, None]:
        stream = availability_updates(info.context, variants, locations, _beginning(info, after))
        async with aclosing(streamed(info.context, stream)) as updates:
            async for update in updates:
                yield update

    @strawberry.subscription(
        description="One order, or with null all orders of the signed-in customer. Never conflates: every step is told.",
        metadata={ACCESS: PUBLIC},
    )
    async def order_changed(
        self, info: Info, by: OrderBy | None = None, after: Cursor | None = None
    ) -> AsyncGenerator[OrderUpdate, None]:
        stream = order_updates(info.context, by, _beginning(info, after))
        async with aclosing(streamed(info.context, stream)) as updates:
            async for update in updates:
                yield update

    @strawberry.subscription(
        description="One cart, for its customer, whoever holds its token, and at a till whoever may sell there; the stream ends "
        "when it is no longer theirs. Every change is told. What changes with the clock or with stock is told to nobody: prices, "
        "problems, and that a hold has expired.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_changed(
        self, info: Info, cart_id: CartId, after: Cursor | None = None
    ) -> AsyncGenerator[CartUpdate, None]:
        stream = cart_updates(info.context, cart_id, _beginning(info, after))
        async with aclosing(streamed(info.context, stream)) as updates:
            async for update in updates:
                yield update

    @strawberry.subscription(
        description="For staff and partner apps; never conflates: every committed event, in order for each thing. Has no "
        "snapshot: without `after` it begins with the next event. Without `types`: all that the caller may read. Stock needs "
        "READ_STOCK or MANAGE_STOCK; of orders only those are told that the caller may read, which needs READ_ORDERS or "
        "MANAGE_ORDERS. Needs READ_EVENTS.",
        metadata={ACCESS: Needs(Permission.READ_EVENTS)},
    )
    async def events(
        self, info: Info, types: Types = None, after: Cursor | None = None
    ) -> AsyncGenerator[StreamEvent, None]:
        stream = event_updates(info.context, types, _beginning(info, after))
        async with aclosing(streamed(info.context, stream)) as updates:
            async for update in updates:
                yield update


def _beginning(info: Info, after: Cursor | None) -> Position | None:
    """Browsers that were cut off from server-sent events ask the same again, and say only in a header what they have."""
    last_event_id = info.context.last_event_id
    return position_of(after if last_event_id is None else Cursor(last_event_id))
