"""What the subscriptions say."""

from collections.abc import Hashable
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from api.access import PUBLIC, SCOPED
from api.carts.types import Cart
from api.catalog.types import LocationAvailability
from api.execution.fields import column
from api.inventory.types import StockLevel
from api.orders.types import Order, OrderEvent
from api.scalars import Cursor


class _Entry:
    """What transports and sharing know of an entry of a stream; clients see nothing of it."""

    cursor: Cursor

    @property
    def event_id(self) -> str:
        return self.cursor


@strawberry.type(
    description="The cursor is older than what is kept, or from before a restore: read a fresh snapshot and go on from "
    "`resumeFrom`. The stream ends here. (A reader that is too slow is closed with 4410 and resumes from its last cursor.)"
)
class StreamLagged:
    resume_from: Cursor = column(
        PUBLIC, "Subscribe after this, then nothing is missed that the snapshot does not show."
    )

    @property
    def event_id(self) -> str:
        return self.resume_from


@strawberry.type(
    description="What may be known of a variant at a location has changed, or belongs to the first snapshot."
)
class AvailabilityChanged(_Entry):
    cursor: Cursor = column(PUBLIC, "To go on from here; inside an unfinished snapshot it restarts the snapshot.")
    occurred_at: datetime = column(PUBLIC, "When it changed; in a snapshot, when it was read.")
    availability: LocationAvailability = column(PUBLIC, "The newest state, which may be newer than this change.")

    @property
    def sameness(self) -> Hashable:
        # What is kept back may change without the level.
        level = self.availability
        return self.cursor, level["id"], level["version"], level["available"], level["backorder_limit"]


AvailabilityUpdate = Annotated[
    AvailabilityChanged | StreamLagged,
    strawberry.union("AvailabilityUpdate", description="A change of availability, or that changes are missing."),
]


@strawberry.type(description="A step in the life of an order, or, in the first snapshot, its latest.")
class OrderChanged(_Entry):
    cursor: Cursor = column(SCOPED, "To go on from here; inside an unfinished snapshot it restarts the snapshot.")
    occurred_at: datetime = column(SCOPED, "When it happened.")
    order: Order = column(SCOPED, "As it is now, which may be newer than this step.")
    event: OrderEvent = column(SCOPED, "What happened.")

    @property
    def sameness(self) -> Hashable:
        return self.cursor, self.order["id"], self.order["version"]


OrderUpdate = Annotated[
    OrderChanged | StreamLagged,
    strawberry.union("OrderUpdate", description="A step of an order, or that steps are missing."),
]


@strawberry.type(description="A change of a cart, or, in the first snapshot, the cart.")
class CartChanged(_Entry):
    cursor: Cursor = column(SCOPED, "To go on from here.")
    occurred_at: datetime = column(SCOPED, "When it changed; in the snapshot, when it last did.")
    cart: Cart = column(SCOPED, "As it is now, which may be newer than this change.")

    @property
    def sameness(self) -> Hashable:
        return self.cursor, self.cart.version, self.cart.held_until


CartUpdate = Annotated[
    CartChanged | StreamLagged,
    strawberry.union("CartUpdate", description="A change of a cart, or that changes are missing."),
]


@strawberry.type(
    description="The version as of the event; the level itself is read now and may be newer. The ledger has every step between."
)
class StockLevelChanged(_Entry):
    cursor: Cursor = column(SCOPED, "To go on from here.")
    occurred_at: datetime = column(SCOPED, "When it changed.")
    version: int = column(SCOPED, "The level's version as of this change.")
    stock_level: StockLevel = column(SCOPED, "As it is now, which may be newer than this change.")

    @property
    def sameness(self) -> Hashable:
        return self.cursor, self.stock_level["version"]


StreamEvent = Annotated[
    StockLevelChanged | OrderChanged | StreamLagged,
    strawberry.union("StreamEvent", description="Something that happened, or that events are missing."),
]


@strawberry.enum(description="What there are events of.")
class StreamEventType(Enum):
    STOCK_LEVEL_CHANGED = "stock"
    ORDER_CHANGED = "order"


Types = Annotated[
    list[StreamEventType] | None,
    strawberry.argument(description="Of these only; null means all that the caller may read."),
]


@strawberry.type(
    description="Events in their order. Whoever asks on after `endCursor` misses none and sees none twice."
)
class EventPage:
    events: list[StreamEvent] = column(SCOPED, "Oldest first.")
    end_cursor: Cursor = column(
        SCOPED,
        "To ask for what comes after this page, or to subscribe after it; it may lie beyond the last event shown.",
    )
    has_more: bool = column(SCOPED, "Whether there is more now. A page may be empty and yet there is more.")
