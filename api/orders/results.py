"""What mutations of orders answer: the order as it stands, or why it was refused."""

from typing import Any, Self
from uuid import UUID

import strawberry

from api.access import SCOPED
from api.carts.types import orders_of
from api.context import Context
from api.errors import UserError
from api.execution.fields import Wanted, batched, column
from api.orders.types import Order


async def _current_order(sources: Any, context: Context, wanted: Wanted) -> Order:  # noqa: ARG001
    return await orders_of(context, [source.order_id for source in sources])


def _order_field() -> Any:
    """For payloads and refusals, which show the order as it stands once everything is done."""
    return batched(SCOPED, "As it stands now.", name="order")(_current_order)


@strawberry.type(description="The order after the change, the same for every repetition of the request.")
class OrderPayload:
    order_id: strawberry.Private[UUID]
    order = _order_field()


@strawberry.type(description="Somebody else changed the order: here it is as it stands now.")
class OrderVersionConflict(UserError):
    order_id: strawberry.Private[UUID]
    order = _order_field()

    @classmethod
    def of(cls, refusal: Any) -> Self:
        return cls(**UserError.fields_of(refusal), order_id=refusal.order_id)


@strawberry.type(description="Money did not move as it should have. Nothing has changed.")
class PaymentDeclined(UserError):
    reason: str = column(SCOPED, "Why, in a word for programs, such as NOT_REFUNDABLE.")

    @classmethod
    def of(cls, refusal: Any) -> Self:
        return cls(**UserError.fields_of(refusal), reason=refusal.reason)
