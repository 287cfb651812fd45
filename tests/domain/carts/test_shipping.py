"""What delivery costs, and which option a group has."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.carts.cart import DeliveryGroup, DeliveryMethod
from domain.carts.shipping import Charge, DeliveryOption, charges, chosen, cost, offered, without_option
from domain.orders.placing import place
from domain.pricing.tax import TaxRule
from domain.pricing.totals import Totals
from tests.builders import ADDRESS, carried_out, cart, cart_line, collected, group_id, line_id, shipped

STORE = 2
INCLUDED = TaxRule(1900, is_included=True)
ADDED = TaxRule(1000, is_included=False)


def option(id_: int, amount: int = 490, **values: Any) -> DeliveryOption:
    """It takes two to four days to anywhere."""
    return DeliveryOption(
        **{
            "id": id_,
            "code": f"option-{id_}",
            "name": f"Option {id_}",
            "amount": amount,
            "free_from": None,
            "earliest_days": 2,
            "latest_days": 4,
            "countries": frozenset(),
            "is_default": False,
            **values,
        }
    )


def shipped_by(option_id: int | None, number: int = 1, address: dict[str, str] | None = ADDRESS) -> DeliveryGroup:
    return DeliveryGroup(
        id=group_id(number), method=DeliveryMethod.SHIP, location_id=None, address=address, option_id=option_id
    )


STANDARD = option(1, is_default=True)
EXPRESS = option(2, 1_290)
FRENCH = option(3, countries=frozenset({"FR"}))


def test_the_default_is_taken_unless_another_is_chosen() -> None:
    assert chosen(shipped_by(None), [EXPRESS, STANDARD]) is STANDARD
    assert chosen(shipped_by(2), [EXPRESS, STANDARD]) is EXPRESS


def test_an_option_that_is_gone_or_goes_elsewhere_gives_way_to_the_default() -> None:
    assert chosen(shipped_by(9), [STANDARD]) is STANDARD
    assert chosen(shipped_by(3), [FRENCH, STANDARD]) is STANDARD
    assert chosen(shipped_by(3), [FRENCH]) is None


def test_only_what_goes_to_the_country_is_offered_and_all_of_it_while_nobody_knows_where_to() -> None:
    assert offered(shipped_by(None), [STANDARD, FRENCH]) == (STANDARD,)
    assert offered(shipped_by(None, address={**ADDRESS, "country_code": "FR"}), [STANDARD, FRENCH]) == (
        STANDARD,
        FRENCH,
    )
    assert offered(shipped_by(None, address=None), [STANDARD, FRENCH]) == (STANDARD, FRENCH)


@pytest.mark.parametrize("group", [collected(1, at=STORE), carried_out(1, at=STORE)])
def test_what_is_handed_over_is_not_shipped_and_costs_nothing(group: DeliveryGroup) -> None:
    its = cart([cart_line(group=1)], [group])

    assert offered(group, [STANDARD]) == ()
    assert charges(its, [STANDARD]) == (Charge(group_id(1), None, 0),)
    assert without_option(its, [STANDARD]) == ()


def test_each_group_pays_for_its_own_lines() -> None:
    free_from_50 = option(1, free_from=5_000, is_default=True)
    its = cart(
        [
            cart_line(1, amount=2_500, quantity=2, group=1),
            cart_line(2, amount=4_999, group=2),
            cart_line(3, amount=9_000, group=3),
        ],
        [shipped_by(None, 1), shipped_by(None, 2), collected(3, at=STORE)],
    )

    assert [charge.amount for charge in charges(its, [free_from_50])] == [0, 490, 0]
    assert cost(its, [free_from_50], INCLUDED) == Totals(
        subtotal=18_999, tax=798 + 798 + 1_437 + 78, total=19_489, delivery=490
    )


def test_tax_is_added_to_the_delivery_where_it_is_added_to_prices() -> None:
    its = cart([cart_line(amount=1_000, group=1)], [shipped(1)])

    assert cost(its, [STANDARD], ADDED) == Totals(subtotal=1_000, tax=100 + 49, total=1_639, delivery=490)


def test_a_market_without_options_ships_for_nothing() -> None:
    its = cart([cart_line(amount=1_000, group=1)], [shipped(1)])

    assert cost(its, [], INCLUDED) == Totals(subtotal=1_000, tax=160, total=1_000, delivery=0)
    assert without_option(its, []) == ()


def test_lines_without_an_option_are_named_only_where_there_is_no_default() -> None:
    its = cart([cart_line(1, group=1), cart_line(2, group=2), cart_line(3)], [shipped_by(None, 1), shipped_by(2, 2)])

    assert [line.id for line in without_option(its, [option(1), EXPRESS])] == [line_id(1)]
    assert without_option(its, [STANDARD, EXPRESS]) == ()


amounts = st.integers(0, 10**9)
options_of = st.builds(
    option, st.integers(1, 3), amounts, free_from=st.none() | amounts, is_default=st.booleans()
)  # fmt: skip


@given(
    sold=st.lists(st.tuples(amounts, st.integers(1, 999), st.integers(1, 3)), min_size=1, max_size=6),
    wanted=st.tuples(*(st.sampled_from([None, 1, 2, 3]) for _ in range(3))),
    options=st.lists(options_of, max_size=3, unique_by=lambda option: option.id),
    rule=st.builds(TaxRule, st.integers(0, 10_000), is_included=st.booleans()),
)
def test_lines_and_delivery_always_sum_to_the_total(
    sold: list[tuple[int, int, int]], wanted: tuple[int | None, ...], options: list[DeliveryOption], rule: TaxRule
) -> None:
    lines = [
        cart_line(number, amount=amount, quantity=quantity, group=group)
        for number, (amount, quantity, group) in enumerate(sold, start=1)
    ]
    used = {group for _, _, group in sold}
    groups = [shipped_by(wanted[number - 1], number) for number in sorted(used)]

    placed = place(cart(lines, groups), (), rule, [], "EUR", options)

    sums = placed.totals
    goods = sum(line.line_amount for line in placed.lines)
    delivery = sum(delivery.amount for delivery in placed.deliveries)
    tax = sum(line.tax_amount for line in placed.lines) + sum(delivery.tax_amount for delivery in placed.deliveries)
    assert (sums.subtotal, sums.delivery, sums.tax) == (goods, delivery, tax)
    assert sums.total == goods + delivery + (0 if rule.is_included else tax)
    assert sums == cost(cart(lines, groups), options, rule)
    assert [amount for _, _, amount in placed.payments] == [sums.total]
