"""Turning a cart into an order: what must be true first, and what the order then says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from domain.carts.cart import Cart, CartLine, DeliveryMethod, PriceChanged, expect_open, expect_version
from domain.carts.problems import CartNotReady, missing
from domain.carts.shipping import Charge, DeliveryOption, charges, cost
from domain.errors import InvalidInput
from domain.inventory.bundles import Pair
from domain.inventory.sourcing import Demand, serve
from domain.money import Money
from domain.payments.status import PaymentStatus
from domain.pricing.tax import TaxRule, tax_on
from domain.pricing.totals import Totals


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
class Share:
    """Units of a hold that are for one line of the cart; a hold serves several where bundles have components in common."""

    cart_line_id: UUID
    hold: Hold
    quantity: int


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """Prices are fixed now, in minor units."""

    cart_line_id: UUID
    unit_amount: int
    line_amount: int
    tax_amount: int


@dataclass(frozen=True, slots=True)
class PlacedDelivery:
    """Of one group of the cart; the price and the name of its option are fixed now, the name null where it has none."""

    cart_group_id: UUID
    option_name: str | None
    amount: int
    tax_amount: int


@dataclass(frozen=True, slots=True)
class WantedPayment:
    """Part of the total; a null amount means all that is left."""

    gateway: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class Placement:
    """What the order will be. Lines carried out of the store, which `handed_over` names, are fulfilled at once."""

    lines: tuple[PlacedLine, ...]
    deliveries: tuple[PlacedDelivery, ...]
    totals: Totals
    payments: tuple[tuple[str, PaymentStatus, int], ...]
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    shares: tuple[Share, ...]
    handed_over: frozenset[UUID]


def expect_placeable(
    cart: Cart,
    rule: TaxRule,
    now: datetime,
    *,
    expected_version: int | None,
    expected_total: int | None,
    currency_code: str,
    options: Sequence[DeliveryOption] = (),
) -> None:
    """Raises CartNotOpen, VersionConflict, CartNotReady or PriceChanged, in this order. `options` are those of the market."""
    expect_open(cart, now)
    expect_version(cart, expected_version)
    problems = missing(cart, options)
    if problems:
        raise CartNotReady(cart_id=cart.id, problems=problems)
    current = cost(cart, options, rule).total
    if expected_total is not None and expected_total != current:
        raise PriceChanged(
            cart_id=cart.id,
            expected_total=expected_total,
            current_total=current,
            currency_code=currency_code,
            path=("input", "expectedTotal"),
        )


def is_covered(cart: Cart, holds: Sequence[Hold], sourcing_order: Sequence[int]) -> bool:
    """Whether exactly the cart's lines are held, and where its delivery says."""
    found = matched(cart, holds, sourcing_order)
    return bool(holds) and not found.missing and not found.left_over


def covering(cart: Cart, holds: Sequence[Hold], sourcing_order: Sequence[int]) -> tuple[Share, ...] | None:
    """Holds that cover the cart, out of all that it has: of one attempt if possible, else of several that are used whole.

    `sourcing_order` are the locations in the order in which they were asked when the holds were planned.
    """
    if not holds:
        return None
    attempts: dict[UUID, list[Hold]] = {}
    for hold in holds:
        attempts.setdefault(hold.attempt, []).append(hold)
    for candidates in (*attempts.values(), holds):
        found = matched(cart, candidates, sourcing_order)
        is_whole = {hold.attempt for hold in found.left_over}.isdisjoint(share.hold.attempt for share in found.shares)
        if not found.missing and is_whole and (candidates is holds or not found.left_over):
            return found.shares
    return None


@dataclass(frozen=True, slots=True)
class Matched:
    """Which line each held unit is for, the lines that are not held, and the holds of which something is left over."""

    shares: tuple[Share, ...]
    missing: tuple[CartLine, ...]
    left_over: tuple[Hold, ...]

    @property
    def fitting(self) -> frozenset[UUID]:
        """The attempts of which every unit is for some line."""
        return frozenset(share.hold.attempt for share in self.shares) - {hold.attempt for hold in self.left_over}


def matched(cart: Cart, holds: Sequence[Hold], sourcing_order: Sequence[int]) -> Matched:
    """Lines that were served from stock are served the same from what that has left held, older holds first."""
    by_pair: dict[Pair, list[Hold]] = {}
    for hold in holds:
        by_pair.setdefault((hold.variant_id, hold.location_id), []).append(hold)
    rank = {location_id: position for position, location_id in enumerate(sourcing_order)}
    held_at = {hold.location_id for hold in holds}
    anywhere = tuple(sorted(held_at, key=lambda location_id: (rank.get(location_id, len(rank)), location_id)))
    demands = [_demand(cart, line, anywhere) for line in cart.lines]
    servings = serve(demands, {pair: sum(hold.quantity for hold in found) for pair, found in by_pair.items()})
    left = {hold.reservation_id: hold.quantity for hold in holds}
    shares = tuple(
        share
        for demand, serving in zip(demands, servings, strict=True)
        for place, units in serving.taken
        for part in demand.parts
        for share in _out_of(by_pair[part.variant_id, place], demand.line_id, units * part.quantity, left)
    )
    missing = tuple(line for line, serving in zip(cart.lines, servings, strict=True) if not serving.taken)
    return Matched(shares, missing, tuple(hold for hold in holds if left[hold.reservation_id]))


def still_needed(cart: Cart, holds: Sequence[Hold], sourcing_order: Sequence[int]) -> tuple[Hold, ...]:
    """Of holds that were made for other carts than this, those that it needs to the last unit; of several that would do, the
    first. Each attempt is kept as a whole or not at all.
    """
    if not matched(cart, holds, sourcing_order).left_over:
        # What no attempt covers by itself, such as the units of both carts in one line, all of them may cover together.
        return tuple(holds)
    attempts: dict[UUID, list[Hold]] = {}
    for hold in holds:
        attempts.setdefault(hold.attempt, []).append(hold)
    kept: tuple[Hold, ...] = ()
    for attempt in attempts.values():
        together = (*kept, *attempt)
        if not matched(cart, together, sourcing_order).left_over:
            kept = together
    return kept


def _out_of(holds: Sequence[Hold], line_id: UUID, units: int, left: dict[int, int]) -> Iterator[Share]:
    for hold in sorted(holds, key=lambda hold: hold.reservation_id):
        taken = min(units, left[hold.reservation_id])
        if taken:
            left[hold.reservation_id] -= taken
            units -= taken
            yield Share(line_id, hold, taken)


def _demand(cart: Cart, line: CartLine, anywhere: tuple[int, ...]) -> Demand:
    group = cart.group_of(line)
    chosen = None if group is None else group.location_id
    places = anywhere if chosen is None else (chosen,)
    return Demand(line.id, line.variant_id, line.sku, line.quantity, places, chosen, line.components)


def place(
    cart: Cart,
    shares: Sequence[Share],
    rule: TaxRule,
    payments: Sequence[WantedPayment],
    currency_code: str,
    options: Sequence[DeliveryOption] = (),
) -> Placement:
    """The cart is placeable and covered. Raises InvalidInput for payments that do not add up to the total."""
    sums = cost(cart, options, rule)
    lines = tuple(
        PlacedLine(line.id, line.unit_amount, line.priced.amount, tax_on(line.priced.amount, rule))
        for line in cart.lines
    )
    methods = {group.method for group in cart.groups}
    status = _payment_status(methods)
    handed_over = frozenset(
        line.id for line in cart.lines if (group := cart.group_of(line)) and group.method is DeliveryMethod.CARRY_OUT
    )
    return Placement(
        lines,
        tuple(_placed(found, rule) for found in charges(cart, options)),
        sums,
        tuple((gateway, status, amount) for gateway, amount in _split(payments, sums.total, currency_code)),
        status,
        _fulfillment_status(len(handed_over), len(lines)),
        tuple(shares),
        handed_over,
    )


def _placed(found: Charge, rule: TaxRule) -> PlacedDelivery:
    name = None if found.option is None else found.option.name
    return PlacedDelivery(found.group_id, name, found.amount, tax_on(found.amount, rule))


def _payment_status(methods: set[DeliveryMethod]) -> PaymentStatus:
    """The gateway `manual`: what is carried out is paid at the till now, what is collected or reserved in a store is paid
    there later, and what is shipped is invoiced.
    """
    if methods == {DeliveryMethod.CARRY_OUT}:
        return PaymentStatus.PAID
    if DeliveryMethod.SHIP not in methods:
        return PaymentStatus.PAY_IN_STORE
    return PaymentStatus.PENDING


def _fulfillment_status(handed_over: int, all_lines: int) -> FulfillmentStatus:
    if handed_over == 0:
        return FulfillmentStatus.UNFULFILLED
    return FulfillmentStatus.FULFILLED if handed_over == all_lines else FulfillmentStatus.PARTIALLY_FULFILLED


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
