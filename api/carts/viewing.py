"""What a cart shows beyond its rows: its problems, and what each part of it needs to know of the whole."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.carts.holding import Asking, demands_of, unheld
from api.context import Context
from domain.carts.cart import Cart, CartLine, CartStatus, DeliveryGroup, DeliveryMethod
from domain.carts.hold_policy import HoldPolicy, held_by
from domain.carts.problems import CartProblem, missing, noticed, short
from domain.carts.shipping import Charge, charge, cost, offered, value_of
from domain.channels.opening import ready_at
from domain.inventory.bundles import parts_of
from domain.inventory.sourcing import InsufficientStock, allocate, with_remedies
from domain.inventory.stock import StockLevel, seen_by
from domain.money import Money
from domain.pricing.tax import TaxRule
from domain.pricing.totals import Totals
from persistence.inventory import stock_levels


@dataclass(frozen=True, slots=True)
class LineView:
    """The source of a CartLine."""

    cart: Cart
    line: CartLine


@dataclass(frozen=True, slots=True)
class GroupView:
    """The source of a DeliveryGroup."""

    cart: Cart
    group: DeliveryGroup


@dataclass(frozen=True, slots=True)
class OptionView:
    """The source of a DeliveryOption; the charge is what it would be for its group."""

    cart: Cart
    charge: Charge


@dataclass(frozen=True, slots=True)
class ProblemView:
    """The source of a CartProblem."""

    cart: Cart
    problem: CartProblem


def asking(context: Context) -> Asking:
    return Asking(
        context.caller, context.directory, context.channel, context.client_address, context.identity.guest_holds
    )


def market_of(context: Context, cart: Cart) -> Any:
    return context.directory.markets[cart.market_id]


def totals_of(context: Context, cart: Cart) -> Totals:
    market = market_of(context, cart)
    rule = TaxRule(market["tax_rate_basis_points"], is_included=market["tax_included"])
    return cost(cart, context.directory.options_of(cart.market_id), rule)


def charge_of(context: Context, view: GroupView) -> Charge:
    return charge(view.cart, view.group, context.directory.options_of(view.cart.market_id))


def offers_of(context: Context, view: GroupView) -> list[OptionView]:
    """Every option that the group has, with what it would cost."""
    value = value_of(view.cart, view.group)
    return [
        OptionView(view.cart, Charge(view.group.id, option, option.price(value)))
        for option in offered(view.group, context.directory.options_of(view.cart.market_id))
    ]


def ready_moment(context: Context, view: GroupView) -> datetime | None:
    """When an order placed now is handed over; null for what is shipped, and for carts that are ordered no more."""
    location_id = view.group.location_id
    if location_id is None or view.cart.status is not CartStatus.OPEN:
        return None
    if view.group.method is DeliveryMethod.CARRY_OUT:
        return context.now
    offers_pickup = context.directory.locations[location_id]["offers_pickup"]
    return ready_at(context.now, context.directory.schedule_of(location_id)) if offers_pickup else None


def money_of(context: Context, cart: Cart, minor_units: int) -> Money:
    return Money(minor_units, market_of(context, cart)["currency_code"])


async def problems_of(context: Context, carts: list[Cart]) -> list[list[ProblemView]]:
    """What is wrong with each cart now, in a constant number of statements. Only an open cart can have problems."""
    open_carts = [cart for cart in carts if cart.status is CartStatus.OPEN]
    variant_ids = {
        part.variant_id
        for cart in open_carts
        for line in cart.lines
        for part in parts_of(line.variant_id, line.components)
    }
    levels: list[StockLevel] = []
    needing = {cart.id: cart for cart in open_carts}
    if variant_ids:
        async with context.database.reading() as reader:
            found = await stock_levels.by_variants(reader, variant_ids)
        levels = seen_by(found, context.directory.buffers_of(context.channel))
        needing = {cart.id: await _unheld(context, cart) for cart in open_carts}
    return [
        [ProblemView(cart, problem) for problem in _problems(context, cart, needing[cart.id], levels)]
        if cart.status is CartStatus.OPEN
        else []
        for cart in carts
    ]


async def _unheld(context: Context, cart: Cart) -> Cart:
    """What the cart still needs of stock. Only where its lines are held at different moments some are held and some not."""
    if cart.held_until is None or cart.held_until <= context.now:
        return cart
    asks = asking(context)
    is_held_whole = held_by(cart, asks.hold_policy, HoldPolicy.AT_CHECKOUT) == cart and not asks.holds_at_once(cart)
    return replace(cart, lines=()) if is_held_whole else await unheld(context.database, asks, cart)


def _problems(context: Context, cart: Cart, needing: Cart, levels: list[StockLevel]) -> list[CartProblem]:
    found = [*missing(cart, context.directory.options_of(cart.market_id)), *noticed(cart)]
    wanted = demands_of(needing, asking(context))
    try:
        allocate(wanted, levels)
    except InsufficientStock as refusal:
        places = context.directory.places(context.channel)
        found.extend(short(with_remedies(refusal, wanted, levels, places).shortfalls))
    return found
