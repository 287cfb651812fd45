"""Questions about orders."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from api.access import PUBLIC
from api.channels.types import LocationBy, find_location
from api.context import Context, Info
from api.execution.access import ACCESS
from api.execution.fields import selected_names
from api.ids import Kind, key_of
from api.orders.access import guest_order, scope, visible_orders
from api.orders.listing import order_page
from api.orders.types import READS_ORDERS, Order, OrderBy, OrderConnection
from api.pagination import connection, page
from domain.orders.placing import FulfillmentStatus
from domain.orders.state import OrderStatus


@strawberry.input(description="Which orders; what is absent does not matter.")
class OrderFilter:
    status: OrderStatus | None = strawberry.field(default=None, description="In this state.")
    fulfillment_status: FulfillmentStatus | None = strawberry.field(default=None, description="Fulfilled so far.")
    channel: str | None = strawberry.field(default=None, description="Placed in the channel with this code.")
    location: LocationBy | None = strawberry.field(default=None, description="Sold or to be collected there.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Of this customer.")
    placed_after: datetime | None = strawberry.field(default=None, description="Then or later.")
    placed_before: datetime | None = strawberry.field(default=None, description="Before then.")
    search: str | None = strawberry.field(default=None, description="A whole order number or e-mail address.")


@strawberry.type
class OrdersQuery:
    @strawberry.field(
        description="One order; null when there is none such for this caller. A guest asks with number and e-mail.",
        metadata={ACCESS: PUBLIC},
    )
    async def order(self, info: Info, by: OrderBy) -> Order | None:
        context = info.context
        if by.guest:
            return await guest_order(context, by.guest.number, by.guest.email)
        key = key_of(Kind.Order, by.id or "")
        found = await visible_orders(context, [key] if isinstance(key, UUID) else [])
        return found[0] if found else None

    @strawberry.field(
        description="Orders, newest first; `first` is at most 100. Needs READ_ORDERS or MANAGE_ORDERS. Whoever is bound to a "
        "location sees the orders of that location; an app sees those of its own channel, unless that is a partner's or a till.",
        metadata={ACCESS: READS_ORDERS},
    )
    async def orders(
        self, info: Info, first: int | None = 50, after: str | None = None, filter: OrderFilter | None = None
    ) -> OrderConnection | None:
        context = info.context
        wanted = _filters(context, filter or OrderFilter())
        if wanted is None:
            return connection([], page(first, None, default=50, keys=2), tuple, 0)
        with_total = "totalCount" in selected_names(info._raw_info)  # noqa: SLF001
        return await order_page(context, {**wanted, **scope(context)}, first, after, default=50, with_total=with_total)


def _filters(context: Context, filter: OrderFilter) -> dict[str, Any] | None:
    """Null when it names something that does not exist, so that nothing matches."""
    wanted: dict[str, Any] = {
        "status": filter.status and filter.status.value,
        "fulfillment_status": filter.fulfillment_status and filter.fulfillment_status.value,
        "placed_after": filter.placed_after,
        "placed_before": filter.placed_before,
        "search": filter.search and filter.search.strip(),
    }
    if filter.channel is not None:
        channel = context.directory.channels_by_code.get(filter.channel)
        if channel is None:
            return None
        wanted["channel_id"] = channel["id"]
    if filter.location is not None:
        location = find_location(context, filter.location)
        if location is None:
            return None
        wanted["location_id"] = location["id"]
    if filter.customer_id is not None:
        key = key_of(Kind.Customer, filter.customer_id)
        if key is None:
            return None
        wanted["of_customer"] = key
    return {name: value for name, value in wanted.items() if value is not None}
