"""What a caller may know of stock, and which locations count for its channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import strawberry

from api.access import PUBLIC
from api.channels.types import LocationBy, find_location
from api.context import Context
from api.execution.fields import column
from api.ids import bad_input
from domain.channels.opening import ready_at
from domain.inventory import stock

strawberry.enum(stock.StockStatus, description="Whether something can be bought now.")

MOST_LOCATIONS_NAMED = 250


@strawberry.type(
    description="Exact for staff and partner apps; for shoppers capped (at 10 unless configured), so that a competitor cannot "
    "read the stock."
)
class AvailableQuantity:
    quantity: int = column(PUBLIC, "How many can be bought; never negative.")
    is_capped: bool = column(PUBLIC, "Whether there are more than shown.")


def cap_for(context: Context) -> int | None:
    """Null where the caller may know exact numbers."""
    return context.shopper_cap if context.caller.is_shopper else None


def most_told(context: Context) -> int | None:
    """From so many units on the caller is told the same of a level; null where it may know exact numbers."""
    cap = cap_for(context)
    return None if cap is None else max(cap, stock.LOW_STOCK_AT_MOST) + 1


def pickup_moments(context: Context, rows: Sequence[Any]) -> list[datetime | None]:
    """When what these rows offer can be collected, if it is ordered now; null where there is nothing to collect."""
    moments = {
        id_: ready_at(context.now, context.directory.schedule_of(id_))
        for id_ in {row["location_id"] for row in rows if row["available"] > 0}
        if context.directory.locations[id_]["offers_pickup"]
    }
    return [moments.get(row["location_id"]) if row["available"] > 0 else None for row in rows]


def locations_for(context: Context, named: Sequence[LocationBy] | None) -> Mapping[int, int]:
    """Those that sell to the caller's channel, with the units that each keeps back from it; where some are named, of these
    only. Unknown ones are left out.
    """
    selling = context.directory.buffers_of(context.channel)
    if named is None:
        return selling
    if len(named) > MOST_LOCATIONS_NAMED:
        raise bad_input(f"At most {MOST_LOCATIONS_NAMED} locations can be named.")
    found = (find_location(context, by) for by in named)
    wanted = {location["id"] for location in found if location is not None}
    return {id_: buffer for id_, buffer in selling.items() if id_ in wanted}
