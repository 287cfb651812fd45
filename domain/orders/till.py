"""A sale that has already happened at a till: its prices are the till's, and it is never refused for stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from domain.errors import Faulty, InvalidInput, NotFound, Path, refuse_if_any
from domain.money import Money
from domain.pricing.tax import TaxRule, tax_at
from domain.pricing.totals import Totals

MOST_UNITS_SOLD = 100_000
MOST_MINOR_UNITS = 10**15
"""Of one line; the sum of a thousand of them still fits into 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLine:
    """As the till says it; without a tax rate the market's counts. A null variant names nothing that exists."""

    variant_id: UUID | None
    quantity: int
    unit_price: Decimal
    discount: Decimal | None
    tax_rate: Decimal | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """In minor units. The line's amount is what was paid for it, without the discount."""

    variant_id: UUID
    quantity: int
    unit_amount: int
    line_amount: int
    tax_amount: int


def price(
    lines: Sequence[ReportedLine], rule: TaxRule, currency_code: str, faults: Sequence[Faulty] = ()
) -> tuple[tuple[SoldLine, ...], Totals]:
    """What was sold and what it cost.

    Raises NotFound or InvalidInput with `faults`, found before, and everything else that cannot be in a receipt.
    """
    faults = list(faults)
    sold = []
    for line in lines:
        try:
            sold.append(_sold(line, rule, currency_code))
        except (NotFound, InvalidInput) as fault:
            faults.append(fault)
    refuse_if_any(faults)
    subtotal = sum(line.line_amount for line in sold)
    tax = sum(line.tax_amount for line in sold)
    return tuple(sold), Totals(subtotal, tax, subtotal if rule.is_included else subtotal + tax)


def _sold(line: ReportedLine, rule: TaxRule, currency_code: str) -> SoldLine:
    if line.variant_id is None:
        raise NotFound("There is no such variant.", path=(*line.path, "variant"))
    if not 1 <= line.quantity <= MOST_UNITS_SOLD:
        raise InvalidInput(f"A till sells 1 to {MOST_UNITS_SOLD:,} units.", path=(*line.path, "quantity"))
    unit = amount_of(line.unit_price, currency_code, (*line.path, "unitPrice"))
    discount = amount_of(line.discount or Decimal(0), currency_code, (*line.path, "discount"))
    amount = unit * line.quantity - discount
    if amount < 0:
        raise InvalidInput("A discount is at most what the line costs.", path=(*line.path, "discount"))
    rate = Fraction(rule.rate_basis_points, 10_000) if line.tax_rate is None else Fraction(line.tax_rate)
    if not 0 <= rate < 1:
        raise InvalidInput("A tax rate is a fraction: 0.19 is 19 percent.", path=(*line.path, "taxRate"))
    return SoldLine(
        variant_id=line.variant_id,
        quantity=line.quantity,
        unit_amount=unit,
        line_amount=amount,
        tax_amount=tax_at(rate, amount, is_included=rule.is_included),
    )


def amount_of(amount: Decimal, currency_code: str, path: Path) -> int:
    """In minor units. Raises InvalidInput for what no till takes."""
    try:
        minor_units = Money.of(amount, currency_code).minor_units
    except ValueError as error:
        raise InvalidInput(f"{error}.", path=path) from None
    if not 0 <= minor_units <= MOST_MINOR_UNITS // MOST_UNITS_SOLD:
        raise InvalidInput("This is no amount that a till takes.", path=path)
    return minor_units


@dataclass(frozen=True, slots=True)
class ReportedPayment:
    """What was taken; without an amount all that is left."""

    gateway: str
    amount: Decimal | None


def pay(payments: Sequence[ReportedPayment], total: int, currency_code: str) -> tuple[tuple[str, int], ...]:
    """Gateway and minor units of each payment; none means that all was taken by hand.

    Raises InvalidInput when they do not add up to the total: then prices or payments were misreported.
    """
    paid = []
    left = total
    for position, payment in enumerate(payments or (ReportedPayment("manual", None),)):
        path = ("input", "payments", str(position))
        if not (payment.gateway.isprintable() and 1 <= len(payment.gateway) <= 40):
            raise InvalidInput("A gateway has a name of 1 to 40 characters.", path=(*path, "gateway"))
        amount = left if payment.amount is None else _paid(payment.amount, currency_code, path)
        if amount > left:
            raise InvalidInput("Payments are together no more than the total.", path=(*path, "amount"))
        paid.append((payment.gateway, amount))
        left -= amount
    if left:
        shown = Money(left, currency_code).amount
        raise InvalidInput(f"The payments leave {shown} {currency_code} unpaid.", path=("input", "payments"))
    return tuple(paid)


def _paid(amount: Decimal, currency_code: str, path: Path) -> int:
    try:
        minor_units = Money.of(amount, currency_code).minor_units
    except ValueError as error:
        raise InvalidInput(f"{error}.", path=(*path, "amount")) from None
    if minor_units < 0:
        raise InvalidInput("What a till takes is not negative.", path=(*path, "amount"))
    return minor_units
