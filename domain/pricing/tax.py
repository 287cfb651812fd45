"""Tax on a line: one rate, integer arithmetic, each line rounded half to even on its own, so that lines sum to the total."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class TaxRule:
    """A market's rule: 1900 basis points are 19 percent, contained in the price or added to it."""

    rate_basis_points: int
    is_included: bool


def tax_on(minor_units: int, rule: TaxRule) -> int:
    """The tax contained in a price that includes it, or that comes on top of one that does not."""
    return tax_at(Fraction(rule.rate_basis_points, 10_000), minor_units, is_included=rule.is_included)


def tax_at(rate: Fraction, minor_units: int, *, is_included: bool) -> int:
    """The same for a rate that is not the market's own: 19/100 are 19 percent."""
    exact = minor_units * rate / (1 + rate) if is_included else minor_units * rate
    return round(exact)
