"""What the subscriptions say."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.access import PUBLIC, SCOPED
from api.catalog.types import LocationAvailability
from api.execution.fields import column
from api.orders.types import Order, OrderEvent
from api.scalars import Cursor


@strawberry.type(
    description="The cursor is older than what is kept, or from before a restore: read a fresh snapshot and go on from "
    "`resumeFrom`. The stream ends here. (A reader that is too slow is closed with 4410 and resumes from its last cursor.)"
)
class StreamLagged:
    resume_from: Cursor = column(
        PUBLIC, "Subscribe after this, then nothing is missed that the snapshot does not show."
    )


@strawberry.type(
    description="What may be known of a variant at a location has changed, or belongs to the first snapshot."
)
class AvailabilityChanged:
    cursor: Cursor = column(PUBLIC, "To go on from here; inside an unfinished snapshot it restarts the snapshot.")
    occurred_at: datetime = column(PUBLIC, "When it changed; in a snapshot, when it was read.")
    availability: LocationAvailability = column(PUBLIC, "The newest state, which may be newer than this change.")


AvailabilityUpdate = Annotated[
    AvailabilityChanged | StreamLagged,
    strawberry.union("AvailabilityUpdate", description="A change of availability, or that changes are missing."),
]


@strawberry.type(description="A step in the life of an order, or, in the first snapshot, its latest.")
class OrderChanged:
    cursor: Cursor = column(SCOPED, "To go on from here; inside an unfinished snapshot it restarts the snapshot.")
    occurred_at: datetime = column(SCOPED, "When it happened.")
    order: Order = column(SCOPED, "As it is now, which may be newer than this step.")
    event: OrderEvent = column(SCOPED, "What happened.")


OrderUpdate = Annotated[
    OrderChanged | StreamLagged,
    strawberry.union("OrderUpdate", description="A step of an order, or that steps are missing."),
]
