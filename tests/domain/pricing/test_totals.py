"""What a cart costs is what its lines cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.tax import TaxRule, tax_on
from domain.pricing.totals import PricedLine, Totals, totals

INCLUDED = TaxRule(1900, is_included=True)
ADDED = TaxRule(825, is_included=False)

lines_of = st.lists(st.builds(PricedLine, st.integers(0, 10**12), st.integers(1, 999)), max_size=20)
rules = st.builds(TaxRule, st.integers(0, 10_000), is_included=st.booleans())


def test_included_tax_is_told_but_not_added() -> None:
    cost = totals([PricedLine(1995, 2), PricedLine(500, 1)], INCLUDED)

    assert cost == Totals(subtotal=4490, tax=637 + 80, total=4490)


def test_tax_that_prices_do_not_include_is_added() -> None:
    cost = totals([PricedLine(1995, 2), PricedLine(500, 1)], ADDED)

    assert cost == Totals(subtotal=4490, tax=329 + 41, total=4860)


def test_each_line_is_rounded_by_itself_not_their_sum() -> None:
    half = PricedLine(10, 1)

    assert totals([half, half], TaxRule(500, is_included=False)) == Totals(20, 0, 20)
    assert totals([PricedLine(10, 3)], TaxRule(500, is_included=False)) == Totals(30, 2, 32)


@pytest.mark.parametrize("rule", [INCLUDED, ADDED])
def test_nothing_costs_nothing(rule: TaxRule) -> None:
    assert totals([], rule) == Totals(0, 0, 0)


@given(lines=lines_of, rule=rules, deliveries=st.lists(st.integers(0, 10**9), max_size=4))
def test_lines_and_deliveries_always_add_up(lines: list[PricedLine], rule: TaxRule, deliveries: list[int]) -> None:
    cost = totals(lines, rule, deliveries)

    assert cost.subtotal == sum(line.unit_amount * line.quantity for line in lines)
    assert cost.delivery == sum(deliveries)
    taxed = (*(line.unit_amount * line.quantity for line in lines), *deliveries)
    assert cost.tax == sum(tax_on(amount, rule) for amount in taxed)
    assert cost.total == cost.subtotal + cost.delivery + (0 if rule.is_included else cost.tax)
    assert {type(part) for part in (cost.subtotal, cost.delivery, cost.tax, cost.total)} == {int}


@given(lines=lines_of, rule=rules, data=st.data())
def test_the_order_of_lines_changes_no_total(lines: list[PricedLine], rule: TaxRule, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(lines))

    assert totals(shuffled, rule) == totals(lines, rule)
