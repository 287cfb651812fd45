"""Turning a cart into an order: what must be true first, and what the order then says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from domain.carts.cart import Cart, DeliveryMethod, PriceChanged, expect_open, expect_version
from domain.carts.problems import CartNotReady, missing
from domain.errors import InvalidInput
from domain.money import Money
from domain.payments.status import PaymentStatus
from domain.pricing.tax import TaxRule, tax_on
from domain.pricing.totals import Totals, totals


class FulfillmentStatus(Enum):
    UNFULFILLED = "UNFULFILLED"
    IN_PROGRESS = "IN_PROGRESS"
    PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Hold:
    """Units held for a cart at one level, by one attempt."""

    reservation_id: int
    attempt: UUID
    stock_level_id: int
    variant_id: UUID
    location_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """Prices are fixed now, in minor units."""

    cart_line_id: UUID
    unit_amount: int
    line_amount: int
    tax_amount: int


@dataclass(frozen=True, slots=True)
class WantedPayment:
    """Part of the total; a null amount means all that is left."""

    gateway: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class Placement:
    """What the order will be. What is carried out of the store is fulfilled at once."""

    lines: tuple[PlacedLine, ...]
    totals: Totals
    payments: tuple[tuple[str, PaymentStatus, int], ...]
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    handed_over: tuple[Hold, ...]


def expect_placeable(
    cart: Cart,
    rule: TaxRule,
    now: datetime,
    *,
    expected_version: int | None,
    expected_total: int | None,
    currency_code: str,
) -> None:
    """Raises CartNotOpen, VersionConflict, CartNotReady or PriceChanged, in this order."""
    expect_open(cart, now)
    expect_version(cart, expected_version)
    problems = missing(cart)
    if problems:
        raise CartNotReady(cart_id=cart.id, problems=problems)
    current = totals([line.priced for line in cart.lines], rule).total
    if expected_total is not None and expected_total != current:
        raise PriceChanged(
            cart_id=cart.id,
            expected_total=expected_total,
            current_total=current,
            currency_code=currency_code,
            path=("input", "expectedTotal"),
        )


def is_covered(cart: Cart, holds: Sequence[Hold]) -> bool:
    """Whether exactly the cart's lines are held, and where its delivery says."""
    held = Counter[UUID]()
    for hold in holds:
        held[hold.variant_id] += hold.quantity
    if held != Counter({line.variant_id: line.quantity for line in cart.lines}):
        return False
    places = {line.variant_id: group.location_id for line in cart.lines if (group := cart.group_of(line))}
    return all(places.get(hold.variant_id) in (None, hold.location_id) for hold in holds)


def covering(cart: Cart, holds: Sequence[Hold]) -> tuple[Hold, ...] | None:
    """Holds that cover the cart, out of all that it has: those of one attempt, since each was granted whole or not at all."""
    attempts: dict[UUID, list[Hold]] = {}
    for hold in holds:
        attempts.setdefault(hold.attempt, []).append(hold)
    return next((tuple(attempt) for attempt in attempts.values() if is_covered(cart, attempt)), None)


def place(
    cart: Cart, holds: Sequence[Hold], rule: TaxRule, payments: Sequence[WantedPayment], currency_code: str
) -> Placement:
    """The cart is placeable and covered. Raises InvalidInput for payments that do not add up to the total."""
    sums = totals([line.priced for line in cart.lines], rule)
    lines = tuple(
        PlacedLine(line.id, line.unit_amount, line.priced.amount, tax_on(line.priced.amount, rule))
        for line in cart.lines
    )
    methods = {group.method for group in cart.groups}
    status = _payment_status(methods)
    carried = {
        line.variant_id
        for line in cart.lines
        if (group := cart.group_of(line)) and group.method is DeliveryMethod.CARRY_OUT
    }
    handed_over = tuple(hold for hold in holds if hold.variant_id in carried)
    return Placement(
        lines,
        sums,
        tuple((gateway, status, amount) for gateway, amount in _split(payments, sums.total, currency_code)),
        status,
        _fulfillment_status(len(handed_over), len(holds)),
        handed_over,
    )


def _payment_status(methods: set[DeliveryMethod]) -> PaymentStatus:
    """The gateway `manual`: what is carried out is paid at the till now, what is collected is paid there later, and what is
    shipped is invoiced.
    """
    if methods == {DeliveryMethod.CARRY_OUT}:
        return PaymentStatus.PAID
    if DeliveryMethod.SHIP not in methods:
        return PaymentStatus.PAY_IN_STORE
    return PaymentStatus.PENDING


def _fulfillment_status(handed_over: int, all_holds: int) -> FulfillmentStatus:
    if handed_over == 0:
        return FulfillmentStatus.UNFULFILLED
    return FulfillmentStatus.FULFILLED if handed_over == all_holds else FulfillmentStatus.PARTIALLY_FULFILLED


def _split(payments: Sequence[WantedPayment], total: int, currency_code: str) -> list[tuple[str, int]]:
    split = []
    left = total
    for position, payment in enumerate(payments or (WantedPayment("manual", None),)):
        path = ("input", "payments", str(position))
        if payment.gateway != "manual":
            raise InvalidInput("The only payment gateway is `manual`.", path=(*path, "gateway"))
        amount = left if payment.amount is None else payment.amount
        # Only what costs nothing is paid with nothing.
        if amount > left or amount < 0 or (amount == 0 and total > 0):
            raise InvalidInput("Payments are positive and together no more than the total.", path=(*path, "amount"))
        split.append((payment.gateway, amount))
        left -= amount
    if left:
        shown = Money(left, currency_code).amount
        raise InvalidInput(f"The payments leave {shown} {currency_code} unpaid.", path=("input", "payments"))
    return split
