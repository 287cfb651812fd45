"""What must be true before a cart becomes an order, and what the order then says."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.carts.cart import Cart, CartNotOpen, CartStatus, PriceChanged, VersionConflict
from domain.carts.problems import CartNotReady, CartProblemCode
from domain.errors import InvalidInput
from domain.orders.placing import (
    FulfillmentStatus,
    Hold,
    PlacedDelivery,
    PlacedLine,
    Placement,
    Share,
    WantedPayment,
    covering,
    expect_placeable,
    is_covered,
    place,
)
from domain.payments.status import PaymentStatus
from domain.pricing.tax import TaxRule
from domain.pricing.totals import Totals
from tests.builders import NOW, carried_out, cart, cart_line, collected, group_id, hold, line_id, shipped

INCLUDED = TaxRule(1900, is_included=True)
FREE = TaxRule(0, is_included=True)
STORE, WAREHOUSE = 2, 1
SOURCING = (WAREHOUSE, STORE, 3)


def placeable(its: Cart, rule: TaxRule = INCLUDED, **expected: Any) -> None:
    expect_placeable(
        its, rule, NOW, **{"expected_version": None, "expected_total": None, "currency_code": "EUR", **expected}
    )


def shares_of(its: Cart, *holds: Hold) -> tuple[Share, ...]:
    shares = covering(its, holds, SOURCING)
    assert shares is not None
    return shares


def paid(*amounts: int | None, total: int = 1_000) -> list[tuple[str, PaymentStatus, int]]:
    its = cart([cart_line(amount=total, group=1)], [carried_out(1, at=STORE)])
    wanted = [WantedPayment("manual", amount) for amount in amounts]
    return list(place(its, shares_of(its, hold(1, location=STORE)), FREE, wanted, "EUR").payments)


def test_a_cart_that_is_as_expected_can_be_placed() -> None:
    ready = cart([cart_line(amount=1_000, quantity=3, group=1)], [shipped(1)], version=4)

    placeable(ready)
    placeable(ready, expected_version=4, expected_total=3_000)
    placeable(ready, TaxRule(1_000, is_included=False), expected_total=3_300)


def test_refusals_come_in_the_order_in_which_they_matter() -> None:
    wrong: dict[str, Any] = {"expected_version": 3, "expected_total": 1}
    no_email: dict[str, Any] = {"lines": [cart_line(group=1)], "groups": [shipped(1)], "version": 4, "email": None}

    with pytest.raises(CartNotOpen) as not_open:
        placeable(cart(**no_email, status=CartStatus.ORDERED), **wrong)
    with pytest.raises(CartNotOpen) as expired:
        placeable(cart(**no_email, expires_at=NOW - timedelta(days=1)), **wrong)
    with pytest.raises(VersionConflict):
        placeable(cart(**no_email), **wrong)
    with pytest.raises(CartNotReady) as not_ready:
        placeable(cart(**no_email), **wrong | {"expected_version": 4})
    with pytest.raises(PriceChanged) as changed:
        placeable(cart(**no_email | {"email": "ada@example.com"}), **wrong | {"expected_version": 4})

    assert not_open.value.status is CartStatus.ORDERED
    assert expired.value.status is CartStatus.EXPIRED
    assert [problem.code for problem in not_ready.value.problems] == [CartProblemCode.EMAIL_MISSING]
    assert (changed.value.expected_total, changed.value.current_total, changed.value.currency_code) == (1, 1_000, "EUR")
    assert changed.value.path == ("input", "expectedTotal")


@pytest.mark.parametrize("expected_total", [999, 1_001])
def test_a_total_that_fell_has_changed_as_one_that_rose(expected_total: int) -> None:
    with pytest.raises(PriceChanged) as changed:
        placeable(cart([cart_line(amount=1_000, group=1)], [shipped(1)]), expected_total=expected_total)

    assert (changed.value.expected_total, changed.value.current_total) == (expected_total, 1_000)


def test_a_total_expected_without_the_tax_that_is_added_has_changed() -> None:
    ready = cart([cart_line(amount=1_000, group=1)], [shipped(1)])

    with pytest.raises(PriceChanged) as changed:
        placeable(ready, TaxRule(1_900, is_included=False), expected_total=1_000)

    assert changed.value.current_total == 1_190


COVERABLE = cart(
    [cart_line(1, quantity=5, group=1), cart_line(2, quantity=1, group=2)], [shipped(1), collected(2, at=STORE)]
)


@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        ([hold(5, variant=1), hold(1, variant=2, location=STORE)], True),
        ([hold(3, variant=1), hold(2, variant=1, location=3), hold(1, variant=2, location=STORE)], True),
        ([hold(5, variant=1), hold(1, variant=2, location=WAREHOUSE)], False),
        ([hold(5, variant=1)], False),
        ([hold(4, variant=1), hold(1, variant=2, location=STORE)], False),
        ([hold(6, variant=1), hold(1, variant=2, location=STORE)], False),
        ([hold(5, variant=1), hold(1, variant=2, location=STORE), hold(1, variant=3)], False),
        ([], False),
    ],
)
def test_a_cart_is_covered_by_exactly_its_units_where_they_are_to_leave(
    holds: list[Hold],
    *,
    expected: bool,
) -> None:
    assert is_covered(COVERABLE, holds, SOURCING) is expected


@given(
    quantities=st.lists(st.integers(1, 20), min_size=1, max_size=4),
    is_collected=st.booleans(),
    cuts=st.lists(st.integers(1, 20), min_size=4, max_size=4),
    fault=st.none() | st.integers(0, 3),
)
def test_however_a_hold_is_split_it_covers_the_cart_until_a_unit_is_missing(
    quantities: list[int],
    cuts: list[int],
    *,
    is_collected: bool,
    fault: int | None,
) -> None:
    group = collected(1, at=STORE) if is_collected else shipped(1)
    its = cart([cart_line(number, quantity=q, group=1) for number, q in enumerate(quantities, start=1)], [group])
    holds = []
    for number, (quantity, cut) in enumerate(zip(quantities, cuts, strict=False), start=1):
        if cut < quantity and not is_collected:
            holds.append(hold(cut, variant=number, location=STORE))
            holds.append(hold(quantity - cut, variant=number, location=WAREHOUSE))
        else:
            holds.append(hold(quantity, variant=number, location=STORE))
    if fault is not None:
        del holds[fault % len(holds)]

    assert is_covered(its, holds, SOURCING) == (fault is None)


def test_an_order_fixes_each_line_with_its_price_and_tax() -> None:
    its = cart(
        [
            cart_line(1, quantity=2, added_amount=9, current_amount=1_995, group=1),
            cart_line(2, amount=500, group=1),
        ],
        [shipped(1)],
    )

    shares = (Share(line_id(1), hold(2, variant=1), 2), Share(line_id(2), hold(1, variant=2), 1))

    placed = place(its, shares, INCLUDED, [], "EUR")

    assert placed == Placement(
        lines=(PlacedLine(line_id(1), 1_995, 3_990, 637), PlacedLine(line_id(2), 500, 500, 80)),
        deliveries=(PlacedDelivery(group_id(1), None, 0, 0),),
        totals=Totals(4_490, 717, 4_490),
        payments=(("manual", PaymentStatus.PENDING, 4_490),),
        payment_status=PaymentStatus.PENDING,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
        shares=shares,
        handed_over=frozenset(),
    )


OVER_THE_COUNTER, LATER, BY_MAIL = carried_out(1, at=STORE), collected(2, at=STORE), shipped(3)


@pytest.mark.parametrize(
    ("groups", "payment", "fulfillment", "handed_over"),
    [
        ([OVER_THE_COUNTER], PaymentStatus.PAID, FulfillmentStatus.FULFILLED, [1]),
        ([LATER], PaymentStatus.PAY_IN_STORE, FulfillmentStatus.UNFULFILLED, []),
        ([BY_MAIL], PaymentStatus.PENDING, FulfillmentStatus.UNFULFILLED, []),
        ([OVER_THE_COUNTER, LATER], PaymentStatus.PAY_IN_STORE, FulfillmentStatus.PARTIALLY_FULFILLED, [1]),
        ([BY_MAIL, OVER_THE_COUNTER], PaymentStatus.PENDING, FulfillmentStatus.PARTIALLY_FULFILLED, [2]),
        ([LATER, BY_MAIL], PaymentStatus.PENDING, FulfillmentStatus.UNFULFILLED, []),
    ],
)
def test_how_lines_leave_decides_when_they_are_paid_and_what_is_handed_over_now(
    groups: list[Any], payment: PaymentStatus, fulfillment: FulfillmentStatus, handed_over: list[int]
) -> None:
    lines = [cart_line(number, delivery_group_id=group.id) for number, group in enumerate(groups, start=1)]
    holds = [hold(1, variant=number, location=STORE) for number in range(1, len(groups) + 1)]

    its = cart(lines, groups)

    placed = place(its, shares_of(its, *holds), FREE, [], "EUR")

    assert (placed.payment_status, placed.fulfillment_status) == (payment, fulfillment)
    assert placed.handed_over == {line_id(number) for number in handed_over}


def test_payments_are_split_as_wanted_and_the_last_may_be_whatever_is_left() -> None:
    manual, now = "manual", PaymentStatus.PAID

    assert paid() == [(manual, now, 1_000)]
    assert paid(1_000) == [(manual, now, 1_000)]
    assert paid(300, 200, None) == [(manual, now, 300), (manual, now, 200), (manual, now, 500)]


def test_what_costs_nothing_is_paid_with_nothing() -> None:
    assert paid(total=0) == [("manual", PaymentStatus.PAID, 0)]
    assert paid(0, total=0) == [("manual", PaymentStatus.PAID, 0)]


@pytest.mark.parametrize(
    ("amounts", "position"),
    [((-1, None), 0), ((1_001,), 0), ((600, 500), 1), ((0, 1_000), 0), ((1_000, None), 1), ((1_000, 0), 1)],
)
def test_a_payment_of_nothing_or_of_more_than_is_left_is_refused(
    amounts: tuple[int | None, ...], position: int
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        paid(*amounts)

    assert refusal.value.message == "Payments are positive and together no more than the total."
    assert refusal.value.path == ("input", "payments", str(position), "amount")


def test_payments_that_leave_something_unpaid_say_how_much() -> None:
    with pytest.raises(InvalidInput) as refusal:
        paid(300, 695)

    assert (refusal.value.message, refusal.value.path) == ("The payments leave 0.05 EUR unpaid.", ("input", "payments"))


def test_there_is_one_gateway() -> None:
    its = cart([cart_line(group=1)], [shipped(1)])

    with pytest.raises(InvalidInput) as refusal:
        place(its, (), FREE, [WantedPayment("manual", 1), WantedPayment("stripe", None)], "EUR")

    assert refusal.value.message == "The only payment gateway is `manual`."
    assert refusal.value.path == ("input", "payments", "1", "gateway")


@given(total=st.integers(0, 50), amounts=st.lists(st.none() | st.integers(-1, 50), max_size=4))
def test_what_is_paid_is_the_total_or_nothing_is_placed(total: int, amounts: list[int | None]) -> None:
    try:
        payments = paid(*amounts, total=total)
    except InvalidInput:
        fixed = [amount for amount in amounts if amount is not None]
        assert sum(fixed) != total or None in amounts or min(fixed) <= 0
        return

    assert sum(amount for _, _, amount in payments) == total
    assert len(payments) == max(1, len(amounts))
    assert all(amount > 0 or total == 0 for _, _, amount in payments)


@given(
    quantities=st.lists(st.tuples(st.integers(1, 999), st.integers(0, 10**9)), min_size=1, max_size=5),
    rule=st.builds(TaxRule, st.integers(0, 10_000), is_included=st.booleans()),
)
def test_the_lines_of_an_order_add_up_to_its_totals(quantities: list[tuple[int, int]], rule: TaxRule) -> None:
    numbered = list(enumerate(quantities, start=1))
    lines = [cart_line(number, quantity=quantity, amount=amount, group=1) for number, (quantity, amount) in numbered]

    placed = place(cart(lines, [shipped(1)]), (), rule, [], "EUR")

    assert sum(line.line_amount for line in placed.lines) == placed.totals.subtotal
    assert sum(line.tax_amount for line in placed.lines) == placed.totals.tax
    assert placed.totals.total == placed.totals.subtotal + (0 if rule.is_included else placed.totals.tax)
    assert [amount for _, _, amount in placed.payments] == [placed.totals.total]
