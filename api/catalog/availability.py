"""What a caller may know of stock, and which locations count for its channel."""

from collections.abc import Sequence

import strawberry

from api.access import PUBLIC
from api.channels.types import LocationBy, find_location
from api.context import Context
from api.execution.fields import column
from api.ids import bad_input
from domain.access import Principal
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


def cap_for(caller: Principal) -> int | None:
    """Null where the caller may know exact numbers."""
    return stock.SHOPPER_CAP if caller.is_shopper else None


def locations_for(context: Context, named: Sequence[LocationBy] | None) -> list[int]:
    """Those that sell to the caller's channel; where some are named, of these only. Unknown ones are left out."""
    selling = context.directory.sells_to(context.channel)
    if named is None:
        return list(selling)
    if len(named) > MOST_LOCATIONS_NAMED:
        raise bad_input(f"At most {MOST_LOCATIONS_NAMED} locations can be named.")
    found = (find_location(context, by) for by in named)
    wanted = {location["id"] for location in found if location is not None}
    return [id_ for id_ in selling if id_ in wanted]
