"""The root of all subscriptions."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from api.access import PUBLIC
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy
from api.events.availability import availability_updates
from api.events.context import Info
from api.events.cursors import position_of
from api.events.orders import order_updates
from api.events.streams import told_how_it_ends
from api.events.types import AvailabilityUpdate, OrderUpdate
from api.execution.access import ACCESS
from api.orders.types import OrderBy
from api.scalars import Cursor


@strawberry.type(
    description="Without `after`: first a snapshot of what matches, then every change. With `after`: what was missed since, "
    "then live. Within a connection nothing is missed or repeated; across a cut a client may see again what it had received "
    "without storing the cursor. A cursor handed out inside an unfinished snapshot restarts it."
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
        stream = availability_updates(info.context, variants, locations, position_of(after))
        async with aclosing(told_how_it_ends(stream)) as updates:
            async for update in updates:
                yield update

    @strawberry.subscription(
        description="One order, or with null all orders of the signed-in customer. Never conflates: every step is told.",
        metadata={ACCESS: PUBLIC},
    )
    async def order_changed(
        self, info: Info, by: OrderBy | None = None, after: Cursor | None = None
    ) -> AsyncGenerator[OrderUpdate, None]:
        stream = order_updates(info.context, by, position_of(after))
        async with aclosing(told_how_it_ends(stream)) as updates:
            async for update in updates:
                yield update
