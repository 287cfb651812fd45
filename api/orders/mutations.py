"""Mutations of orders."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.access import PUBLIC, SCOPED
from api.carts.results import CartNotOpen, CartNotReady, PriceChanged, VersionConflict
from api.carts.types import orders_of
from api.carts.viewing import asking
from api.context import Context, Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, InvalidTransition, NotFound
from api.execution.access import ACCESS
from api.execution.fields import Wanted, batched
from api.ids import Kind, key_of
from api.inputs import as_request
from api.inventory.types import InsufficientStock
from api.orders import commands
from api.orders.cancelling import Cancel, cancel
from api.orders.changing import Changing
from api.orders.commands import PlaceOrder
from api.orders.results import OrderPayload, OrderVersionConflict, PaymentDeclined
from api.orders.types import Order
from domain.errors import InvalidInput as Refused
from domain.errors import NotFound as Missing

MOST_PAYMENTS = 10


@strawberry.input(description="Part of what is paid.")
class PaymentInput:
    gateway: str = strawberry.field(description="Who moves the money: `manual` for pay in store and on invoice.")
    amount: Decimal | None = strawberry.field(default=None, description="How much; absent means all that is left.")
    token: str | None = strawberry.field(
        default=None, description="What the gateway's own form gave; none for `manual`."
    )


@strawberry.input(description="Turns a cart into an order, once.")
class OrderPlaceInput:
    cart_id: strawberry.ID = strawberry.field(description="Which cart.")
    idempotency_key: str = strawberry.field(
        description="The same key with the same input returns the same order, however often and however concurrently it is sent."
    )
    expected_total: Decimal | None = strawberry.field(
        default=None, description="Refused with PriceChanged when the total is no longer this."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="Refused with VersionConflict when the cart has another version by now."
    )
    payments: list[PaymentInput] | None = strawberry.field(
        default=None, description="Together they cover the total; none means the gateway `manual` for all of it."
    )


@strawberry.type(description="The order, the same for every repetition of the request.")
class OrderPlacePayload:
    order_id: strawberry.Private[UUID]

    @batched(SCOPED, "What was sold.")
    async def order(payloads: Any, context: Context, wanted: Wanted) -> Order:  # noqa: N805, ARG002
        return await orders_of(context, [payload.order_id for payload in payloads])


OrderPlaceResult = Annotated[
    OrderPlacePayload
    | InsufficientStock
    | PriceChanged
    | CartNotOpen
    | CartNotReady
    | VersionConflict
    | NotFound
    | InvalidInput
    | IdempotencyMismatch
    | IdempotencyInProgress,
    strawberry.union("OrderPlaceResult", description="The order, or everything that stands in its way."),
]


@strawberry.input(description="Units of one line of an order.")
class OrderLineQuantityInput:
    order_line_id: strawberry.ID = strawberry.field(description="Which line.")
    quantity: int = strawberry.field(description="How many; at least 1.")


@strawberry.input(description="Calls an order off.")
class OrderCancelInput:
    order_id: strawberry.ID = strawberry.field(description="Which order.")
    lines: list[OrderLineQuantityInput] | None = strawberry.field(
        default=None,
        description="Without lines: all of it. For now an order is cancelled as a whole, so lines that are less than all of it "
        "are refused with InvalidInput.",
    )
    reason: str | None = strawberry.field(
        default=None, description="Up to 200 characters. Stands in the timeline, for everybody who sees the order."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="Refused with OrderVersionConflict when the order has another version by now."
    )
    idempotency_key: str = strawberry.field(
        description="The same key with the same input cancels once and returns the same order."
    )


OrderCancelResult = Annotated[
    OrderPayload
    | NotFound
    | InvalidInput
    | InvalidTransition
    | OrderVersionConflict
    | PaymentDeclined
    | IdempotencyMismatch
    | IdempotencyInProgress,
    strawberry.union("OrderCancelResult", description="The cancelled order, or why it was not cancelled."),
]


@strawberry.type
class OrdersMutation:
    @strawberry.mutation(
        description="Turns a cart into an order, exactly once. What is not held yet is held first; all shortages and everything "
        "that is missing are named at once. What is carried out of a store leaves its stock now.",
        metadata={ACCESS: PUBLIC},
    )
    async def order_place(self, info: Info, input: OrderPlaceInput) -> OrderPlaceResult:
        key = key_of(Kind.Cart, input.cart_id)
        if not isinstance(key, UUID):
            raise Missing("There is no such cart.", path=("input", "cartId"))
        payments = input.payments or []
        if len(payments) > MOST_PAYMENTS:
            raise Refused(f"At most {MOST_PAYMENTS} payments.", path=("input", "payments"))
        placed = await commands.place_order(
            info.context.database,
            asking(info.context),
            PlaceOrder(
                cart_id=key,
                key=input.idempotency_key,
                expected_total=input.expected_total,
                expected_version=input.expected_version,
                payments=[(payment.gateway, payment.amount) for payment in payments],
                request=as_request(input),
            ),
        )
        return OrderPlacePayload(order_id=placed.order_id)

    @strawberry.mutation(
        description="Calls a whole order off, as long as nothing of it was handed over: what is promised to it is for sale again, "
        "and what nobody has paid yet is void. For its customer, the holder of its cart's token, and staff and apps with "
        "MANAGE_ORDERS; whoever is bound to a location cancels what was sold there or is handed over nowhere else. "
        "`Order.allowedActions` says whether the caller may.",
        metadata={ACCESS: PUBLIC},
    )
    async def order_cancel(self, info: Info, input: OrderCancelInput) -> OrderCancelResult:
        context = info.context
        lines = None
        if input.lines is not None:
            lines = [(_uuid_of(Kind.OrderLine, line.order_line_id), line.quantity) for line in input.lines]
        order_id = await cancel(
            context.database,
            Changing(context.caller, context.channel),
            Cancel(
                order_id=_uuid_of(Kind.Order, input.order_id),
                lines=lines,
                reason=input.reason,
                expected_version=input.expected_version,
                key=input.idempotency_key,
                request=as_request(input),
            ),
        )
        return OrderPayload(order_id=order_id)


def _uuid_of(kind: Kind, global_id: str) -> UUID | None:
    key = key_of(kind, global_id)
    return key if isinstance(key, UUID) else None
