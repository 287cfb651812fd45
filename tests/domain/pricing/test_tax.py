"""Tax on a line, contained in its price or added to it."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.tax import TaxRule, tax_on

GERMAN = TaxRule(1900, is_included=True)

amounts = st.integers(0, 2**53 * 1_000)
rates = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("amount", "rule", "expected"),
    [
        (11900, GERMAN, 1900),
        (1995, GERMAN, 319),  # 318.53 rounded.
        (10000, TaxRule(1900, is_included=False), 1900),
        (1995, TaxRule(700, is_included=False), 140),  # 139.65 rounded.
        (1995, TaxRule(0, is_included=True), 0),
        (1995, TaxRule(0, is_included=False), 0),
        (1995, TaxRule(10_000, is_included=True), 998),  # 997.5 to the even neighbor above.
        (0, GERMAN, 0),
    ],
)
def test_a_rate_in_basis_points_is_contained_in_or_added_to_a_price(amount: int, rule: TaxRule, expected: int) -> None:
    assert tax_on(amount, rule) == expected


@pytest.mark.parametrize(("amount", "expected"), [(10, 0), (30, 2), (50, 2), (70, 4), (90, 4), (11, 1), (9, 0)])
def test_a_half_goes_to_the_even_neighbor_so_that_many_halves_cancel_out(amount: int, expected: int) -> None:
    assert tax_on(amount, TaxRule(500, is_included=False)) == expected


def test_amounts_beyond_the_precision_of_floats_are_exact() -> None:
    assert tax_on(10**18 + 1, TaxRule(10_000, is_included=False)) == 10**18 + 1
    assert tax_on((2**53 + 1) * 119, GERMAN) == (2**53 + 1) * 19


@given(amount=amounts, rate=rates)
def test_added_tax_is_what_decimal_arithmetic_rounds_half_to_even(amount: int, rate: int) -> None:
    with localcontext(prec=60):
        expected = (Decimal(amount) * rate / 10_000).quantize(Decimal(1), ROUND_HALF_EVEN)

    assert tax_on(amount, TaxRule(rate, is_included=False)) == int(expected)


@given(amount=amounts, rate=rates)
def test_contained_tax_is_what_the_price_without_it_would_have_had_added(amount: int, rate: int) -> None:
    tax = tax_on(amount, TaxRule(rate, is_included=True))

    assert isinstance(tax, int)
    assert 0 <= tax <= amount
    exact_net = Fraction(amount * 10_000, 10_000 + rate)
    assert abs(amount - tax - exact_net) <= Fraction(1, 2)


@given(net=amounts, rate=rates)
def test_tax_put_onto_a_price_is_found_in_it_again(net: int, rate: int) -> None:
    added = tax_on(net, TaxRule(rate, is_included=False))

    assert tax_on(net + added, TaxRule(rate, is_included=True)) == pytest.approx(added, abs=1)
