"""What a cart or an order costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.pricing.tax import TaxRule, tax_on


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Minor units of one currency."""

    unit_amount: int
    quantity: int

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity


@dataclass(frozen=True, slots=True)
class Totals:
    """`subtotal` is the sum of the lines as priced in the market; `total` is what is paid."""

    subtotal: int
    tax: int
    total: int


def totals(lines: Sequence[PricedLine], rule: TaxRule) -> Totals:
    """The total is the sum of the lines, plus the tax where prices do not include it."""
    subtotal = sum(line.amount for line in lines)
    tax = sum(tax_on(line.amount, rule) for line in lines)
    return Totals(subtotal, tax, subtotal if rule.is_included else subtotal + tax)
