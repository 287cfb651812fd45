"""Sales that tills have made by themselves, as the schema shows them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from api.access import SCOPED
from api.carts.types import orders_of
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy
from api.context import Context
from api.execution.fields import Wanted, batched
from api.inventory.incidents.types import OversellIncident, incidents_of
from api.orders.mutations import PaymentInput
from api.orders.tills.commands import Recorded
from api.orders.types import Order


@strawberry.type(description="The sale as an order, and what it has oversold; the same for every repetition.")
class PosSalePayload:
    recorded: strawberry.Private[Recorded]

    @batched(SCOPED, "What was sold.")
    async def order(payloads: Any, context: Context, wanted: Wanted) -> Order:
        return await orders_of(context, [payload.recorded.order_id for payload in payloads])

    @batched(SCOPED, "The incidents that it has opened; none where there was enough.")
    async def incidents(payloads: Any, context: Context, wanted: Wanted) -> list[OversellIncident]:
        ids: Sequence[list[int]] = [list(payload.recorded.incident_ids) for payload in payloads]
        return await incidents_of(context, list(ids))


@strawberry.input(description="What was sold of one variant, at the till's own price.")
class PosSaleLineInput:
    variant: ProductVariantBy = strawberry.field(description="Of what; it need not be on sale any more.")
    quantity: int = strawberry.field(description="How many; at least 1.")
    unit_price: Decimal = strawberry.field(description="Of one, in the currency of the channel's market.")
    discount: Decimal | None = strawberry.field(default=None, description="Off the whole line.")
    tax_rate: Decimal | None = strawberry.field(
        default=None, description="A fraction: 0.19 is 19 percent. Null means the market's."
    )


@strawberry.input(
    description="A till sale that has already happened is a fact: never refused for stock. Where it oversells, it opens an "
    "incident. Location, register and receipt number name the sale: sent again it returns the first result, with other content "
    "it is IdempotencyMismatch."
)
class PosSaleRecordInput:
    location: LocationBy = strawberry.field(description="Where.")
    register: str = strawberry.field(description="At which till; 1 to 60 characters.")
    receipt_number: str = strawberry.field(description="Unique for its register, for ever; 1 to 100 characters.")
    sold_at: datetime = strawberry.field(description="When it happened.")
    lines: list[PosSaleLineInput] = strawberry.field(description="What was sold; up to 1,000.")
    payments: list[PaymentInput] | None = strawberry.field(
        default=None, description="What was taken, over gateways of any name; it adds up to the total. None: `manual`."
    )
    customer_email: str | None = strawberry.field(
        default=None, description="Whose it is; a customer with this address finds the sale among their orders."
    )
