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
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.execution.fields import Wanted, batched
from api.ids import Kind, key_of
from api.inputs import as_request
from api.inventory.types import InsufficientStock
from api.orders import commands
from api.orders.commands import PlaceOrder
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
