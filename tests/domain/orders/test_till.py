"""What a till's receipt says, as amounts of an order."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput, NotFound
from domain.orders.till import MOST_UNITS_SOLD, ReportedLine, ReportedPayment, SoldLine, pay, price
from domain.pricing.tax import TaxRule

GROSS = TaxRule(1900, is_included=True)
NET = TaxRule(1900, is_included=False)
SHIRT = UUID(int=1)


def line(
    quantity: int = 1, price: str = "1.19", *, discount: str | None = None, rate: str | None = None, number: int = 0
) -> ReportedLine:
    return ReportedLine(
        variant_id=SHIRT,
        quantity=quantity,
        unit_price=Decimal(price),
        discount=None if discount is None else Decimal(discount),
        tax_rate=None if rate is None else Decimal(rate),
        path=("lines", str(number)),
    )


CENTS = st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)


@given(
    lines=st.lists(st.tuples(st.integers(1, 50), CENTS), min_size=1, max_size=10), rule=st.sampled_from([GROSS, NET])
)
def test_lines_add_up_to_the_total(lines: list[tuple[int, Decimal]], rule: TaxRule) -> None:
    sold, totals = price([line(quantity, str(unit)) for quantity, unit in lines], rule, "EUR")

    assert totals.subtotal == sum(quantity * int(unit * 100) for quantity, unit in lines)
    assert totals.tax == sum(item.tax_amount for item in sold)
    assert totals.total == totals.subtotal + (0 if rule.is_included else totals.tax)


def test_a_discount_is_off_the_line_and_tax_is_on_what_is_left() -> None:
    (sold,), _ = price([line(3, "10.00", discount="0.25", rate="0.07")], NET, "EUR")

    assert sold == SoldLine(variant_id=SHIRT, quantity=3, unit_amount=1000, line_amount=2975, tax_amount=208)


def test_a_currency_without_digits_has_none() -> None:
    (sold,), _ = price([line(2, "500")], GROSS, "JPY")

    assert sold.line_amount == 1000


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (line(0), "quantity"),
        (line(MOST_UNITS_SOLD + 1), "quantity"),
        (line(price="-0.01"), "unitPrice"),
        (line(price="0.001"), "unitPrice"),
        (line(price="1e11"), "unitPrice"),
        (line(discount="-1"), "discount"),
        (line(discount="1.20"), "discount"),
        (line(rate="1"), "taxRate"),
        (line(rate="-0.01"), "taxRate"),
    ],
)
def test_what_no_receipt_says_is_a_fault(wrong: ReportedLine, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        price([line(), wrong], GROSS, "EUR")

    assert refused.value.path == ("lines", "0", field)


def test_faults_found_before_come_first() -> None:
    before = NotFound("There is no such location.", path=("location",))

    with pytest.raises(NotFound) as refused:
        price([line(0, number=7)], GROSS, "EUR", [before])

    assert [fault.path for fault in refused.value.faults] == [("location",), ("lines", "7", "quantity")]


def test_without_payments_all_was_taken_by_hand_and_one_without_amount_is_the_rest() -> None:
    assert pay([], 1000, "EUR") == (("manual", 1000),)
    assert pay([ReportedPayment("cash", Decimal("4.50")), ReportedPayment("card", None)], 1000, "EUR") == (
        ("cash", 450),
        ("card", 550),
    )
