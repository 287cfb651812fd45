"""Carts as the schema shows them. Whoever reached a cart may read all of it, so what matters is who reaches one."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Optional
from uuid import UUID

import strawberry

from api.access import SCOPED
from api.carts.delivering.types import DeliveryOption
from api.carts.viewing import (
    GroupView,
    LineView,
    OptionView,
    ProblemView,
    charge_of,
    market_of,
    money_of,
    offers_of,
    problems_of,
    ready_moment,
    totals_of,
)
from api.catalog.types import ProductVariant
from api.channels.types import Address, Channel, Location, Market
from api.context import Context
from api.execution.fields import Wanted, batched, column, inline
from api.ids import Kind, encode
from api.inventory.types import Remedy
from api.money import Money
from api.node import Node
from domain.carts.cart import CartAction, CartStatus, DeliveryMethod
from domain.carts.problems import CartProblemCode
from domain.money import Money as DomainMoney
from persistence.carts import carts as stored
from persistence.catalog import variants
from persistence.customers import accounts
from persistence.orders import orders as stored_orders

if TYPE_CHECKING:
    from api.customers.types import Customer
    from api.orders.types import Order

strawberry.enum(CartStatus, description="Whether a cart can still be changed.")
strawberry.enum(CartAction, description="What happened to a cart.")
strawberry.enum(
    DeliveryMethod,
    description="How something leaves: sent, collected, reserved to be looked at and paid in the store, or taken away at the till.",
)
strawberry.enum(CartProblemCode, description="What is wrong with a cart or a line.")

_Line = Annotated["CartLine", strawberry.lazy("api.carts.types")]
_Customer = Annotated["Customer", strawberry.lazy("api.customers.types")]
_Order = Annotated["Order", strawberry.lazy("api.orders.types")]


@strawberry.type(
    description="Something that stands in a cart's way; it never blocks another line, nor reading the cart."
)
class CartProblem:
    code: CartProblemCode = inline(lambda view: view.problem.code, SCOPED, "What it is, for programs.")
    message: str = inline(lambda view: view.problem.message, SCOPED, "What it is, for people.")

    @batched(SCOPED, "Which line; null when it is about the whole cart.")
    async def line(views: Sequence[ProblemView], context: Context, wanted: Wanted) -> _Line | None:
        return [
            next((LineView(view.cart, line) for line in view.cart.lines if line.id == view.problem.line_id), None)
            for view in views
        ]

    remedies: list[Remedy] = inline(
        lambda view: list(view.problem.remedies), SCOPED, "What the shopper can do, best first."
    )


@strawberry.type(description="One step of a cart's way through the channels.")
class CartTouch:
    @batched(SCOPED, "Over which channel.")
    async def channel(rows: Any, context: Context, wanted: Wanted) -> Channel:
        return [context.directory.channels[row["channel_id"]] for row in rows]

    @batched(SCOPED, "Where, when it was in a store.")
    async def location(rows: Any, context: Context, wanted: Wanted) -> Location | None:
        return [context.directory.locations.get(row["location_id"]) for row in rows]

    at: datetime = column(SCOPED, "When.")
    action: CartAction = column(SCOPED, "What was done.")


@strawberry.type(description="One variant in a cart.")
class CartLine(Node):
    id: strawberry.ID = inline(lambda view: encode(Kind.CartLine, view.line.id), SCOPED, "Globally unique and opaque.")
    sku: str = inline(lambda view: view.line.sku, SCOPED, "As it was when the line was added.")
    name: str = inline(lambda view: view.line.name, SCOPED, "As it was when the line was added.")
    quantity: int = inline(lambda view: view.line.quantity, SCOPED, "From 1 to 999.")

    @batched(SCOPED, "Null when the variant has been withdrawn since.")
    async def variant(views: Sequence[LineView], context: Context, wanted: Wanted) -> ProductVariant | None:
        async with context.database.reading() as reader:
            found = await variants.by_ids(reader, {view.line.variant_id for view in views}, on_sale_only=True)
        on_sale = {row["id"]: row for row in found}
        return [on_sale.get(view.line.variant_id) for view in views]

    @batched(SCOPED, "What one costs now; what it cost when it was added while nobody sells it.")
    async def unit_price(views: Sequence[LineView], context: Context, wanted: Wanted) -> Money:
        return [money_of(context, view.cart, view.line.unit_amount) for view in views]

    @batched(SCOPED, "Quantity times unit price.")
    async def line_total(views: Sequence[LineView], context: Context, wanted: Wanted) -> Money:
        return [money_of(context, view.cart, view.line.priced.amount) for view in views]

    @batched(SCOPED, "How far the unit price has moved since the line was added; null when it has not.")
    async def price_change(views: Sequence[LineView], context: Context, wanted: Wanted) -> Money | None:
        moves = [(view, view.line.unit_amount - view.line.added_amount) for view in views]
        return [money_of(context, view.cart, moved) if moved else None for view, moved in moves]

    @batched(SCOPED, "Over which channel it was added.")
    async def added_in(views: Sequence[LineView], context: Context, wanted: Wanted) -> Channel:
        return [context.directory.channels[view.line.channel_id] for view in views]

    @batched(SCOPED, "Computed on read; a problem never blocks another line.")
    async def problems(views: Sequence[LineView], context: Context, wanted: Wanted) -> list[CartProblem]:
        carts = list({view.cart.id: view.cart for view in views}.values())
        found = dict(zip((cart.id for cart in carts), await problems_of(context, carts), strict=True))
        return [
            [problem for problem in found[view.cart.id] if problem.problem.line_id == view.line.id] for view in views
        ]


@strawberry.type(description="Lines that leave together. One cart may ship some lines and have others collected.")
class DeliveryGroup(Node):
    id: strawberry.ID = inline(
        lambda view: encode(Kind.DeliveryGroup, view.group.id), SCOPED, "Globally unique and opaque."
    )
    method: DeliveryMethod = inline(lambda view: view.group.method, SCOPED, "How they leave.")
    lines: list[CartLine] = inline(
        lambda view: [LineView(view.cart, line) for line in view.cart.lines if line.delivery_group_id == view.group.id],
        SCOPED,
        "What leaves together.",
    )

    @batched(SCOPED, "Where it is handed over; null when it is shipped.")
    async def location(views: Sequence[GroupView], context: Context, wanted: Wanted) -> Location | None:
        return [context.directory.locations.get(view.group.location_id) for view in views]

    address: Address | None = inline(lambda view: view.group.address, SCOPED, "Where it is shipped to, when it is.")

    @batched(
        SCOPED,
        "How it is shipped: the option that was chosen, as long as it goes there, else the market's default; null where there is "
        "neither, and for what is not shipped.",
    )
    async def option(views: Sequence[GroupView], context: Context, wanted: Wanted) -> DeliveryOption | None:
        found = [(view, charge_of(context, view)) for view in views]
        return [OptionView(view.cart, charge) if charge.option else None for view, charge in found]

    @batched(SCOPED, "How it can be shipped to where it goes; none for what is not shipped.")
    async def options(views: Sequence[GroupView], context: Context, wanted: Wanted) -> list[DeliveryOption]:
        return [offers_of(context, view) for view in views]

    @batched(SCOPED, "What its delivery costs; nothing for what is handed over.")
    async def price(views: Sequence[GroupView], context: Context, wanted: Wanted) -> Money:
        return [money_of(context, view.cart, charge_of(context, view).amount) for view in views]

    @batched(
        SCOPED,
        "When it can be collected if it is ordered now, by the opening hours there; now for what is carried out, null for "
        "what is shipped and once the cart can no longer be ordered.",
    )
    async def ready_at(views: Sequence[GroupView], context: Context, wanted: Wanted) -> datetime | None:
        return [ready_moment(context, view) for view in views]


@strawberry.type(description="What a cart or an order costs.")
class Totals:
    subtotal: Money = column(SCOPED, "The sum of the lines, as priced in the market.")
    discount: Money = column(SCOPED, "What promotions take off; nothing so far.")
    delivery: Money = column(SCOPED, "What its deliveries cost, as priced in the market.")
    tax: Money = column(
        SCOPED,
        "Of lines and deliveries by the market's rate, contained in their prices or added to them as the market says.",
    )
    total: Money = column(SCOPED, "What is to be paid.")


@strawberry.type(
    description="A cart belongs to its customer or to whoever holds its token, not to a channel. Changing its lines or their "
    "delivery releases what cartHold has held."
)
class Cart(Node):
    id: strawberry.ID = inline(lambda cart: encode(Kind.Cart, cart.id), SCOPED, "Opaque; it authorizes nothing.")
    version: int = column(SCOPED, "Counts its changes; send it back as expectedVersion to change only what you saw.")
    status: CartStatus = column(SCOPED, "Whether it can still be changed.")

    @batched(SCOPED, "Whose it is; null for a guest's.")
    async def customer(carts: Any, context: Context, wanted: Wanted) -> _Customer | None:
        return await customers_of(context, [cart.customer_id for cart in carts])

    email: str | None = column(SCOPED, "Where the order's mails will go.")

    @batched(SCOPED, "Where it was begun.")
    async def channel(carts: Any, context: Context, wanted: Wanted) -> Channel:
        return [context.directory.channels[cart.channel_id] for cart in carts]

    @batched(SCOPED, "Every channel and location that has touched it, in order.")
    async def journey(carts: Any, context: Context, wanted: Wanted) -> list[CartTouch]:
        return await journeys_of(context, [cart.id for cart in carts])

    @batched(SCOPED, "Whose prices it has.")
    async def market(carts: Any, context: Context, wanted: Wanted) -> Market:
        return [market_of(context, cart) for cart in carts]

    lines: list[CartLine] = inline(
        lambda cart: [LineView(cart, line) for line in cart.lines], SCOPED, "In the order in which they were added."
    )
    delivery_groups: list[DeliveryGroup] = inline(
        lambda cart: [GroupView(cart, group) for group in cart.groups], SCOPED, "How its lines leave."
    )

    @batched(SCOPED, "At the prices of now.")
    async def totals(carts: Any, context: Context, wanted: Wanted) -> Totals:
        return [totals_row(context, cart) for cart in carts]

    @batched(SCOPED, "Computed on read. A problem never blocks another line, nor reading the cart.")
    async def problems(carts: Any, context: Context, wanted: Wanted) -> list[CartProblem]:
        return await problems_of(context, list(carts))

    held_until: datetime | None = column(SCOPED, "Until when its stock is held; null while nothing is held.")

    @batched(SCOPED, "What it has become.")
    async def order(carts: Any, context: Context, wanted: Wanted) -> _Order | None:
        return await orders_of(context, [cart.order_id for cart in carts])

    @batched(SCOPED, "Where its lines went when it was merged away; null for whoever cannot reach that cart.")
    async def merged_into(carts: Any, context: Context, wanted: Wanted) -> Optional["Cart"]:
        ids = {cart.merged_into_id for cart in carts if cart.merged_into_id}
        found = {cart.id: cart for cart in await load_carts(context, list(ids))}
        reached = {id_ for id_, cart in found.items() if cart.is_open_to(context.caller, context.channel["id"])}
        return [found[cart.merged_into_id] if cart.merged_into_id in reached else None for cart in carts]

    note: str | None = inline(
        lambda cart: cart.parked_note, SCOPED, "What was noted when it was parked; null when it is not."
    )
    created_at: datetime = column(SCOPED, "When it was begun.")
    updated_at: datetime = column(SCOPED, "When it last changed.")
    expires_at: datetime = column(SCOPED, "When it expires if nobody touches it.")


def totals_row(context: Context, cart: Any) -> dict[str, DomainMoney]:
    sums = totals_of(context, cart)
    return {
        "subtotal": money_of(context, cart, sums.subtotal),
        "discount": money_of(context, cart, 0),
        "delivery": money_of(context, cart, sums.delivery),
        "tax": money_of(context, cart, sums.tax),
        "total": money_of(context, cart, sums.total),
    }


async def journeys_of(context: Context, cart_ids: Sequence[UUID]) -> list[list[Any]]:
    async with context.database.reading() as reader:
        rows = await stored.journeys(reader, set(cart_ids))
    journeys: dict[UUID, list[Any]] = {id_: [] for id_ in cart_ids}
    for row in rows:
        journeys[row["cart_id"]].append(row)
    return [journeys[id_] for id_ in cart_ids]


async def load_carts(context: Context, ids: Sequence[UUID]) -> list[Any]:
    """Carts that a command has just let the caller change: nobody asks again whether it may see them."""
    async with context.database.reading() as reader:
        found = {cart.id: cart for cart in await stored.by_ids(reader, set(ids))}
    return [found[id_] for id_ in ids]


async def customers_of(context: Context, ids: Sequence[UUID | None]) -> list[Any | None]:
    """The customer of each, or null."""
    async with context.database.reading() as reader:
        found = {row["id"]: row for row in await accounts.customers_by_ids(reader, {id_ for id_ in ids if id_})}
    return [found.get(id_) for id_ in ids]


async def orders_of(context: Context, ids: Sequence[UUID | None]) -> list[Any | None]:
    """The order of each, or null."""
    async with context.database.reading() as reader:
        rows = await stored_orders.by_ids(reader, {id_ for id_ in ids if id_})
    found = {row["id"]: {**row, "is_guest_lookup": False} for row in rows}
    return [found.get(id_) for id_ in ids]
