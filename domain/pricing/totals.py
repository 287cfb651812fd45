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
    """`subtotal` is the sum of the lines as priced in the market; `tax` is that of lines and delivery; `total` is what is paid."""

    subtotal: int
    tax: int
    total: int
    delivery: int = 0


def totals(lines: Sequence[PricedLine], rule: TaxRule, deliveries: Sequence[int] = ()) -> Totals:
    """The total is the sum of the lines and of their deliveries, plus the tax on both where prices do not include it.

    Delivery is taxed like goods, by the market's one rule, and each delivery is rounded by itself as each line is.
    """
    subtotal = sum(line.amount for line in lines)
    delivery = sum(deliveries)
    tax = sum(tax_on(amount, rule) for amount in (*(line.amount for line in lines), *deliveries))
    return Totals(subtotal, tax, subtotal + delivery + (0 if rule.is_included else tax), delivery)
