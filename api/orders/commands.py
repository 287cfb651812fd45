"""Placing an order: exactly once, with everything that is missing named at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.carts import holding
from api.carts.changing import LIFETIME, reachable
from api.carts.holding import Asking
from api.carts.holds import release_attempt
from api.orders import rows
from api.orders.changing import Changing, hand_over
from domain.carts.cart import Cart, CartAction, CartStatus
from domain.errors import InvalidInput, NotFound
from domain.inventory.sourcing import InsufficientStock
from domain.money import Money
from domain.orders.fulfilling import Departure, HandedOver
from domain.orders.placing import (
    Placement,
    WantedPayment,
    covering,
    expect_placeable,
    place,
)
from domain.pricing.tax import TaxRule
from persistence import idempotency
from persistence.carts import carts
from persistence.database import Connection, Database
from persistence.inventory import reservations, stock_levels
from persistence.inventory.reservations import Commit
from persistence.orders import writing
from persistence.orders.writing import NewOrder

_ATTEMPTS = 3
"""How often the cart may lose its hold between holding and placing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """What the caller asked for; amounts in minor units of the cart's market."""

    cart_id: UUID
    key: str
    expected_total: Decimal | None
    expected_version: int | None
    payments: Sequence[tuple[str, Decimal | None]]
    request: Any


@dataclass(frozen=True, slots=True)
class Placed:
    order_id: UUID
    is_replay: bool = False


class _NotCovered(Exception):
    """The cart's lines are not all held: roll back, hold them, begin again."""


async def place_order(database: Database, asking: Asking, asked: PlaceOrder) -> Placed:
    """Turn a cart into an order, once. What is not held yet is held first, in a transaction of its own.

    Raises NotFound, CartNotOpen, VersionConflict, CartNotReady, PriceChanged, InsufficientStock, InvalidInput and the pair
    of idempotency refusals; then nothing has changed, except that expired holds may have been taken back.
    """
    for _ in range(_ATTEMPTS):
        cart = await reachable(database, asking, asked.cart_id)
        attempt = None
        if cart.status is CartStatus.OPEN and not await _is_held(database, cart, asking.sourcing_order):
            _expect_placeable(cart, asking, asked)
            try:
                attempt = await holding.reserve(database, asking, cart)
            except InsufficientStock:
                # The same request sent twice at once: the twin may have what this one was refused.
                if not await _was_taken_by_a_twin(database, asking, cart.id):
                    await _expect_same_request(database, asking, asked)
                    raise
                continue
        placed = None
        try:
            placed = await _place(database, asking, asked)
        except _NotCovered:
            continue
        finally:
            if attempt is not None and (placed is None or placed.is_replay):
                await release_attempt(database, asking, cart.id, attempt)
        asking.forgive_hold()
        return placed
    raise InvalidInput("The cart keeps changing while it is ordered; look at it again.", path=("input", "cartId"))


async def _is_held(database: Database, cart: Cart, order: Sequence[int]) -> bool:
    if cart.held_until is None:
        return False
    async with database.reading() as reader:
        return covering(cart, await reservations.holds_of(reader, cart.id), order) is not None


async def _expect_same_request(database: Database, asking: Asking, asked: PlaceOrder) -> None:
    """A key that was used for something else is refused for that, whatever the shelves hold."""
    async with database.reading() as reader:
        await idempotency.is_done(
            reader,
            scope=idempotency.scope_of(asking.caller),
            key=asked.key,
            operation="orderPlace",
            request=asked.request,
        )


async def _was_taken_by_a_twin(database: Database, asking: Asking, cart_id: UUID) -> bool:
    cart = await reachable(database, asking, cart_id)
    if cart.status is not CartStatus.OPEN or await _is_held(database, cart, asking.sourcing_order):
        return True
    # The twin may have turned its holds into an order between the two looks.
    return (await reachable(database, asking, cart_id)).status is not CartStatus.OPEN


async def _place(database: Database, asking: Asking, asked: PlaceOrder) -> Placed:
    order_id = uuid7()
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(asking.caller),
            key=asked.key,
            operation="orderPlace",
            request=asked.request,
            result={"order": str(order_id)},
        ) as first,
    ):
        if first.result is not None:
            return Placed(UUID(first.result["order"]), is_replay=True)
        cart = await carts.lock(connection, asked.cart_id)
        if cart is None or not cart.is_open_to(asking.caller, asking.channel["id"]):
            raise NotFound("There is no such cart.", path=("input", "cartId"))
        _expect_placeable(cart, asking, asked)
        held = await reservations.lock_holds(connection, cart.id)
        shares = covering(cart, held, asking.sourcing_order)
        if shares is None:
            raise _NotCovered
        market = asking.directory.markets[cart.market_id]
        payments = _payments(asked, market["currency_code"])
        options = asking.directory.options_of(cart.market_id)
        decided = place(cart, shares, _rule(asking, cart), payments, market["currency_code"], options)
        used = Counter(share.hold.reservation_id for share in shares)
        left_over = [hold for hold in held if hold.reservation_id not in used]
        changed = [
            share.hold.stock_level_id
            for share in shares
            # What several lines share is split, and its parts refer to their level.
            if share.cart_line_id in decided.handed_over or used[share.hold.reservation_id] > 1
        ]
        await stock_levels.lock(connection, [*changed, *(hold.stock_level_id for hold in left_over)])
        await _write(connection, asking, cart, decided, order_id)
        await holding.release(connection, asking, left_over)
    return Placed(order_id)


async def _write(connection: Connection, asking: Asking, cart: Cart, decided: Placement, order_id: UUID) -> None:
    group_ids = {group.id: uuid7() for group in cart.groups}
    lines = rows.line_values(cart, decided, order_id, group_ids)
    await writing.write(
        connection,
        NewOrder(
            order=rows.order_values(asking, cart, decided, order_id),
            groups=rows.group_values(cart, decided, order_id, group_ids),
            lines=lines,
            components=rows.component_values(cart, lines),
            payments=rows.payment_values(decided, order_id),
            placed=rows.placed_by(asking, "The order was placed."),
        ),
    )
    line_ids = {line["cart_line_id"]: line["id"] for line in lines}
    committed = await reservations.commit(
        connection,
        order_id,
        [
            Commit(share.hold.reservation_id, share.hold.stock_level_id, line_ids[share.cart_line_id], share.quantity)
            for share in decided.shares
        ],
    )
    carried_out = {line_ids[cart_line_id] for cart_line_id in decided.handed_over}
    if carried_out:
        await _carry_out(connection, asking, [one for one in committed if one.order_line_id in carried_out], order_id)
    await carts.touch(
        connection,
        cart.id,
        action=CartAction.ORDERED.value,
        channel_id=asking.channel["id"],
        location_id=asking.till_location_id,
        expires_at=_now() + LIFETIME,
        status=CartStatus.ORDERED,
    )


async def _carry_out(connection: Connection, asking: Asking, shares: Sequence[Commit], order_id: UUID) -> None:
    """What is carried out of the store leaves its shelf now."""
    handed_over = [HandedOver(share.reservation_id, share.stock_level_id, share.quantity) for share in shares]
    changing = Changing(asking.caller, asking.channel)
    await hand_over(connection, changing, order_id, Departure.COLLECTION, handed_over)


def _expect_placeable(cart: Cart, asking: Asking, asked: PlaceOrder) -> None:
    currency = asking.directory.markets[cart.market_id]["currency_code"]
    expected = None
    if asked.expected_total is not None:
        expected = _minor_units(asked.expected_total, currency, ("input", "expectedTotal"))
    expect_placeable(
        cart,
        _rule(asking, cart),
        _now(),
        expected_version=asked.expected_version,
        expected_total=expected,
        currency_code=currency,
        options=asking.directory.options_of(cart.market_id),
    )


def _payments(asked: PlaceOrder, currency: str) -> list[WantedPayment]:
    return [
        WantedPayment(
            gateway,
            None if amount is None else _minor_units(amount, currency, ("input", "payments", str(position), "amount")),
        )
        for position, (gateway, amount) in enumerate(asked.payments)
    ]


def _minor_units(amount: Decimal, currency: str, path: tuple[str, ...]) -> int:
    try:
        return Money.of(amount, currency).minor_units
    except ValueError as error:
        raise InvalidInput(f"{error}.", path=path) from None


def _rule(asking: Asking, cart: Cart) -> TaxRule:
    market = asking.directory.markets[cart.market_id]
    return TaxRule(market["tax_rate_basis_points"], is_included=market["tax_included"])


def _now() -> datetime:
    return datetime.now(UTC)
