"""Orders as the schema shows them: prices fixed, states on separate axes."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from api.access import NOT_FOR_GUEST_LOOKUPS, SCOPED, Needs
from api.carts.types import CartTouch, Totals, customers_of, journeys_of
from api.catalog.types import ProductVariant
from api.channels.types import Address, Channel, Market
from api.context import Context
from api.execution.fields import Wanted, batched, column, group_by, inline
from api.ids import Kind, encode
from api.money import Money, money
from api.node import Node
from api.orders.access import only_channel_of
from api.pagination import PageInfo
from domain.access import Permission
from domain.orders.order import OrderAction
from domain.orders.placing import FulfillmentStatus
from domain.orders.state import OrderEventType, OrderStatus
from domain.payments.status import PaymentStatus
from persistence.catalog import variants
from persistence.orders import changes
from persistence.orders import orders as stored

if TYPE_CHECKING:
    from api.customers.types import Customer

strawberry.enum(OrderStatus, description="Whether anything is still to be done for an order.")
strawberry.enum(PaymentStatus, description="How far an order or a payment is paid.")
strawberry.enum(FulfillmentStatus, description="How far an order has left.")
strawberry.enum(OrderAction, description="What can be done with an order.")
strawberry.enum(OrderEventType, description="What happened to an order.")

_Customer = Annotated["Customer", strawberry.lazy("api.customers.types")]


@strawberry.type(description="What was sold of one variant, at the price of that moment.")
class OrderLine(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.OrderLine, row["id"]), SCOPED, "Globally unique and opaque.")

    @batched(SCOPED, "Null when it is no longer on sale.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> ProductVariant | None:
        async with context.database.reading() as reader:
            found = await variants.by_ids(reader, {row["variant_id"] for row in rows}, on_sale_only=True)
        on_sale = {row["id"]: row for row in found}
        return [on_sale.get(row["variant_id"]) for row in rows]

    sku: str = column(SCOPED, "As it was when it was sold.")
    name: str = column(SCOPED, "As it was when it was sold.")
    quantity: int = column(SCOPED, "How many.")
    unit_price: Money = inline(lambda row: money(row["unit_amount"], row["currency_code"]), SCOPED, "Of one.")
    line_total: Money = inline(
        lambda row: money(row["line_amount"], row["currency_code"]), SCOPED, "Quantity times unit price."
    )
    tax: Money = inline(
        lambda row: money(row["tax_amount"], row["currency_code"]),
        SCOPED,
        "Contained in the line's total or added to it, as the market says.",
    )


@strawberry.type(description="Money for an order, over one gateway.")
class Payment(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Payment, row["id"]), SCOPED, "Globally unique and opaque.")
    gateway: str = column(SCOPED, "Who moves the money; `manual` for pay in store and on invoice.")
    status: PaymentStatus = column(SCOPED, "How far it is.")
    amount: Money = inline(lambda row: money(row["amount"], row["currency_code"]), SCOPED, "How much.")


@strawberry.type(description="One step in the life of an order.")
class OrderEvent:
    type: OrderEventType = column(SCOPED, "What happened.")
    at: datetime = column(SCOPED, "When.")

    @batched(SCOPED, "Who did it: a role for shoppers (customer, store, system), for staff who exactly.")
    async def actor(rows: Any, context: Context, wanted: Wanted) -> str:
        return [row["actor_role"] if context.caller.is_shopper else row["actor"] for row in rows]

    @batched(SCOPED, "Over which channel; null when over none.")
    async def channel(rows: Any, context: Context, wanted: Wanted) -> Channel | None:
        return [context.directory.channels.get(row["channel_id"]) for row in rows]

    message: str = column(SCOPED, "For people.")


@strawberry.type(
    description="What was sold, once and for all. Its customer, the holder of its cart's token, and staff and apps with "
    "READ_ORDERS see it; a guest proves itself with number and e-mail and then sees states, not addresses."
)
class Order(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Order, row["id"]), SCOPED, "Globally unique and opaque.")
    number: str = column(SCOPED, "For people; random, so that it tells nothing and cannot be guessed.")
    status: OrderStatus = column(SCOPED, "Whether anything is still to be done.")
    payment_status: PaymentStatus = column(SCOPED, "How far it is paid.")
    fulfillment_status: FulfillmentStatus = column(SCOPED, "How far it has left.")

    @batched(NOT_FOR_GUEST_LOOKUPS, "Whose it is; null for a guest's.")
    async def customer(rows: Any, context: Context, wanted: Wanted) -> _Customer | None:
        return await customers_of(context, [row["customer_id"] for row in rows])

    email: str | None = column(SCOPED, "Where its mails go.")

    @batched(SCOPED, "Where it was placed.")
    async def placed_in(rows: Any, context: Context, wanted: Wanted) -> Channel:
        return [context.directory.channels[row["channel_id"]] for row in rows]

    @batched(SCOPED, "Whose prices it has.")
    async def market(rows: Any, context: Context, wanted: Wanted) -> Market:
        return [context.directory.markets[row["market_id"]] for row in rows]

    @batched(SCOPED, "Every channel and location that touched its cart, in order.")
    async def journey(rows: Any, context: Context, wanted: Wanted) -> list[CartTouch]:
        found = await journeys_of(context, [row["cart_id"] for row in rows])
        return [
            [_sold_at_a_till(row)] if row["cart_id"] is None else touches
            for row, touches in zip(rows, found, strict=True)
        ]

    @batched(NOT_FOR_GUEST_LOOKUPS, "Where it is shipped to; null when nothing is.")
    async def shipping_address(rows: Any, context: Context, wanted: Wanted) -> Address | None:
        async with context.database.reading() as reader:
            groups = await stored.groups_of(reader, {row["id"] for row in rows})
        addresses = {group["order_id"]: group["address"] for group in groups if group["address"] is not None}
        return [addresses.get(row["id"]) for row in rows]

    billing_address: Address | None = column(NOT_FOR_GUEST_LOOKUPS, "For the invoice.")

    @batched(SCOPED, "What was sold.")
    async def lines(rows: Any, context: Context, wanted: Wanted) -> list[OrderLine]:
        async with context.database.reading() as reader:
            found = await stored.lines_of(reader, {row["id"] for row in rows})
        return group_by(_with_currency(found, rows), "order_id", rows)

    totals: Totals = inline(
        lambda row: {
            "subtotal": money(row["subtotal_amount"], row["currency_code"]),
            "discount": money(0, row["currency_code"]),
            "delivery": money(row["delivery_amount"], row["currency_code"]),
            "tax": money(row["tax_amount"], row["currency_code"]),
            "total": money(row["total_amount"], row["currency_code"]),
        },
        SCOPED,
        "What it costs; fixed when it was placed.",
    )

    @batched(SCOPED, "Together they cover the total.")
    async def payments(rows: Any, context: Context, wanted: Wanted) -> list[Payment]:
        async with context.database.reading() as reader:
            found = await stored.payments_of(reader, {row["id"] for row in rows})
        return group_by(_with_currency(found, rows), "order_id", rows)

    @batched(SCOPED, "What happened, when, by whom, in which channel; oldest first.")
    async def timeline(rows: Any, context: Context, wanted: Wanted) -> list[OrderEvent]:
        async with context.database.reading() as reader:
            found = await stored.events_of(reader, {row["id"] for row in rows})
        return group_by(found, "order_id", rows)

    @batched(SCOPED, "What this caller may do with it next.")
    async def allowed_actions(rows: Any, context: Context, wanted: Wanted) -> list[OrderAction]:
        async with context.database.reading() as reader:
            standing = await changes.standing(reader, {row["id"] for row in rows})
        channel_id = only_channel_of(context.caller, context.channel)
        return [standing[row["id"]].allowed_actions(context.caller, channel_id) for row in rows]

    version: int = column(SCOPED, "Counts its changes.")
    placed_at: datetime = column(SCOPED, "When it was placed.")
    updated_at: datetime = column(SCOPED, "When it last changed.")


def _sold_at_a_till(order: Any) -> dict[str, Any]:
    """What a till has sold by itself never had a cart, so this is all of its journey."""
    return {
        "channel_id": order["channel_id"],
        "location_id": order["location_id"],
        "at": order["placed_at"],
        "action": "ORDERED",
    }


def _with_currency(found: Sequence[Any], orders: Sequence[Any]) -> list[dict[str, Any]]:
    """Amounts of lines and payments are in the order's currency."""
    currencies: dict[UUID, str] = {row["id"]: row["currency_code"] for row in orders}
    return [{**row, "currency_code": currencies[row["order_id"]]} for row in found]


@strawberry.type(description="An order and its place in a list.")
class OrderEdge:
    cursor: str = column(SCOPED, "To ask for what comes after it.")
    node: Order = column(SCOPED, "The order.")


@strawberry.type(description="A page of orders, newest first.")
class OrderConnection:
    edges: list[OrderEdge] = column(SCOPED, "The orders of this page with their cursors.")
    nodes: list[Order] = column(SCOPED, "The orders of this page.")
    page_info: PageInfo = column(SCOPED, "Where this page lies in the list.")
    total_count: int = column(SCOPED, "How many there are on all pages.")


@strawberry.input(description="What a guest knows of an order.")
class OrderGuestKey:
    number: str = strawberry.field(description="As it stands in the mail.")
    email: str = strawberry.field(description="That the order was placed with.")


@strawberry.input(
    one_of=True,
    description="A guest proves itself with number and e-mail together; it then sees states, not addresses, phone or pickup code.",
)
class OrderBy:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    guest: OrderGuestKey | None = strawberry.field(default=strawberry.UNSET, description="Number and e-mail.")


READS_ORDERS = Needs(Permission.READ_ORDERS, Permission.MANAGE_ORDERS)
