"""Payments as a state machine, and what several of them amount to."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.errors import InvalidTransition
from domain.payments.payment import Payment, status_of
from domain.payments.status import PaymentStatus


def payment(status: str = "PENDING", amount: int = 1000, refunded: int = 0) -> Payment:
    return Payment(id=UUID(int=1), gateway="test", status=PaymentStatus(status), amount=amount, refunded=refunded)


@pytest.mark.parametrize(
    ("before", "happens", "after"),
    [
        ("PENDING", "authorized", "AUTHORIZED"),
        ("PENDING", "captured", "PAID"),
        ("PENDING", "voided", "VOIDED"),
        ("PENDING", "failed", "FAILED"),
        ("PAY_IN_STORE", "captured", "PAID"),
        ("PAY_IN_STORE", "voided", "VOIDED"),
        ("AUTHORIZED", "captured", "PAID"),
        ("AUTHORIZED", "voided", "VOIDED"),
    ],
)
def test_what_may_happen_happens_and_twice_is_once(before: str, happens: str, after: str) -> None:
    moved = move(payment(before), happens)

    assert moved.status is PaymentStatus(after)
    assert move(moved, happens) == moved


@pytest.mark.parametrize(
    ("before", "happens"),
    [
        *[(status, "authorized") for status in ("PAID", "VOIDED", "FAILED", "REFUNDED", "PAY_IN_STORE")],
        *[(status, "captured") for status in ("VOIDED", "FAILED", "REFUNDED", "PARTIALLY_REFUNDED")],
        *[(status, "voided") for status in ("PAID", "FAILED", "REFUNDED", "PARTIALLY_REFUNDED")],
        *[(status, "failed") for status in ("AUTHORIZED", "PAID", "VOIDED", "REFUNDED")],
    ],
)
def test_what_must_not_happen_is_refused(before: str, happens: str) -> None:
    with pytest.raises(InvalidTransition):
        move(payment(before), happens)


def move(before: Payment, happens: str) -> Payment:
    if happens == "authorized":
        return before.authorized("ch_1")
    moved = getattr(before, happens)()
    assert isinstance(moved, Payment)
    return moved


class Refunding(RuleBasedStateMachine):
    """However often and in whatever parts money is given back, it is never more than was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.payment = payment("PAID", amount=100)
        self.returned = 0

    @rule(amount=st.integers(-5, 120))
    def give_back(self, amount: int) -> None:
        try:
            self.payment = self.payment.given_back(amount)
        except InvalidTransition:
            assert not 0 < amount <= 100 - self.returned
        else:
            self.returned += amount

    @precondition(lambda self: self.returned == 100)
    @rule()
    def nothing_is_left(self) -> None:
        assert self.payment.status is PaymentStatus.REFUNDED

    @invariant()
    def what_is_kept_is_the_rest(self) -> None:
        assert self.payment.kept == 100 - self.returned


TestRefunding = Refunding.TestCase


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["PENDING"], "PENDING"),
        (["PAY_IN_STORE"], "PAY_IN_STORE"),
        (["AUTHORIZED", "AUTHORIZED"], "AUTHORIZED"),
        (["AUTHORIZED", "PENDING"], "PENDING"),
        (["PAID", "AUTHORIZED"], "PARTIALLY_PAID"),
        (["PAID", "PAID"], "PAID"),
        (["PAID", "PAID", "FAILED"], "PAID"),
        (["VOIDED", "FAILED"], "VOIDED"),
        (["FAILED"], "FAILED"),
        ([], "PENDING"),
    ],
)
def test_an_order_stands_as_its_payments_do(statuses: list[str], expected: str) -> None:
    total = 500 * max(1, len([status for status in statuses if status != "FAILED"]))

    assert status_of([payment(status, amount=500) for status in statuses], total) is PaymentStatus(expected)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=5))
def test_what_was_given_back_shows_on_the_order(parts: list[tuple[int, int]]) -> None:
    payments = [payment("PAID", amount=amount) for amount, _ in parts]
    given_back = [
        one.given_back(min(one.amount, back)) if back else replace(one)
        for one, (_, back) in zip(payments, parts, strict=True)
    ]
    total = sum(one.amount for one in payments)

    status = status_of(given_back, total)

    left = sum(one.kept for one in given_back)
    expected = "PAID" if left == total else "REFUNDED" if left == 0 else "PARTIALLY_REFUNDED"
    assert status is PaymentStatus(expected)


def test_what_costs_nothing_is_paid() -> None:
    assert status_of([], 0) is PaymentStatus.PAID
