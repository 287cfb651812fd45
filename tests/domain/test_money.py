"""Amounts in minor units, for every currency there is."""

from decimal import Decimal

import pytest
from babel.core import get_global
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money, digits, total

_CURRENT = sorted(
    {
        code
        for currencies in get_global("territory_currencies").values()
        for code, _since, until, _is_tender in currencies
        if until is None
    }
)

# Babel tells how many digits people write, we keep those that ISO 4217 defines: here custom has dropped them.
_WRITTEN_WITHOUT_CENTS = {
    **dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2),
    "IQD": 3,
}

currencies = st.sampled_from(_CURRENT)
minor_units = st.integers(-(2**63), 2**63 - 1)


def test_there_are_all_current_currencies_to_compare_with() -> None:
    assert len(_CURRENT) > 150
    assert {"EUR", "USD", "JPY", "KWD", "CLF", *_WRITTEN_WITHOUT_CENTS} <= set(_CURRENT)


@pytest.mark.parametrize("code", _CURRENT)
def test_a_currency_has_the_digits_that_babel_knows_or_those_that_only_iso_still_has(code: str) -> None:
    written = get_currency_precision(code)

    assert (written, digits(code)) == (
        (0, _WRITTEN_WITHOUT_CENTS[code]) if code in _WRITTEN_WITHOUT_CENTS else (written, written)
    )


@pytest.mark.parametrize(
    ("amount", "code", "expected"),
    [
        ("19.95", "EUR", 1995),
        ("19.9500", "EUR", 1995),
        ("1995", "JPY", 1995),
        ("1.2E+3", "JPY", 1200),
        ("1.995", "KWD", 1995),
        ("0.0001", "CLF", 1),
        ("-0.01", "EUR", -1),
        ("0", "EUR", 0),
    ],
)
def test_an_amount_is_counted_in_minor_units(amount: str, code: str, expected: int) -> None:
    assert Money.of(Decimal(amount), code) == Money(expected, code)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("19.955", "EUR"),
        ("0.5", "JPY"),
        ("1.00000000000000000000000000000000000001", "EUR"),
        ("99999999999999999999.999999999999999999", "KWD"),
    ],
)
def test_an_amount_with_more_digits_than_its_currency_is_refused_however_many_it_has(amount: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"{amount} has more than {digits(code)} digits after the point"):
        Money.of(Decimal(amount), code)


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_amount(amount: str) -> None:
    with pytest.raises(ValueError, match=f"{amount} is no amount"):
        Money.of(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("money", "shown"), [(Money(5, "EUR"), "0.05"), (Money(0, "KWD"), "0.000"), (Money(7, "JPY"), "7")]
)
def test_an_amount_is_shown_with_all_digits_of_its_currency(money: Money, shown: str) -> None:
    assert format(money.amount, "f") == shown


@given(minor_units=minor_units, code=currencies)
def test_nothing_is_lost_between_minor_units_and_amount(minor_units: int, code: str) -> None:
    money = Money(minor_units, code)

    assert Money.of(money.amount, code) == money
    assert -int(money.amount.as_tuple().exponent) == digits(code)


@given(minor_units=minor_units, code=currencies, finer=st.integers(1, 9), more=st.integers(1, 30))
def test_one_digit_more_is_always_refused(minor_units: int, code: str, finer: int, more: int) -> None:
    units, places = str(minor_units * 10**more + finer), digits(code) + more

    with pytest.raises(ValueError, match="digits after the point"):
        Money.of(Decimal(f"{units}E-{places}"), code)


@given(amounts=st.lists(minor_units, max_size=20), code=currencies)
def test_a_total_is_the_sum_whatever_is_added_first(amounts: list[int], code: str) -> None:
    moneys = [Money(amount, code) for amount in amounts]

    assert total(moneys, code) == total(reversed(moneys), code) == Money(sum(amounts), code)


def test_money_is_added_subtracted_and_multiplied_by_a_count() -> None:
    price = Money(1995, "EUR")

    assert price + Money(5, "EUR") == Money(2000, "EUR")
    assert price - Money(2000, "EUR") == Money(-5, "EUR")
    assert price * 3 == Money(5985, "EUR")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="EUR and USD cannot be added"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="EUR and USD cannot be added"):
        Money(1, "EUR") - Money(1, "USD")
    with pytest.raises(ValueError, match="EUR and USD cannot be added"):
        total([Money(1, "USD")], "EUR")
