"""What stands in a cart's way, all of it at once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.carts.cart import Cart, DeliveryGroup
from domain.carts.problems import CartProblem, CartProblemCode, missing, noticed, short
from domain.carts.shipping import DeliveryOption
from domain.inventory.bundles import Component
from domain.inventory.remedies import Remedy, RemedyKind
from domain.inventory.sourcing import Shortfall
from tests.builders import carried_out, cart, cart_line, collected, line_id, shipped, variant_id

REMOVE = Remedy(kind=RemedyKind.REMOVE_LINE)
STORE = 2


def codes(problems: tuple[CartProblem, ...]) -> list[CartProblemCode]:
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    "ready",
    [
        cart([cart_line(group=1)], [shipped(1)]),
        cart([cart_line(group=1)], [collected(1, at=STORE)]),
        cart([cart_line(group=1)], [carried_out(1, at=STORE)], email=None),
    ],
)
def test_nothing_is_missing_from_a_cart_that_is_ready(ready: Cart) -> None:
    assert missing(ready) == ()


def test_an_empty_cart_is_empty_and_nothing_else() -> None:
    assert missing(cart(email=None)) == (CartProblem(CartProblemCode.CART_EMPTY, "The cart is empty."),)


def test_everything_that_is_missing_is_told_at_once() -> None:
    its = cart(
        [
            cart_line(1, is_on_sale=False),
            cart_line(2, current_amount=None, group=1),
            cart_line(3, is_on_sale=False, current_amount=None, group=1),
        ],
        [shipped(1, address=None)],
        email=None,
    )

    assert missing(its) == (
        CartProblem(CartProblemCode.WITHDRAWN, "Article 1 is no longer sold.", line_id(1), (REMOVE,)),
        CartProblem(CartProblemCode.NOT_SOLD_IN_MARKET, "Article 2 is not sold in this market.", line_id(2), (REMOVE,)),
        CartProblem(CartProblemCode.WITHDRAWN, "Article 3 is no longer sold.", line_id(3), (REMOVE,)),
        CartProblem(CartProblemCode.DELIVERY_MISSING, "Say how Article 1 is to leave.", line_id(1)),
        CartProblem(CartProblemCode.ADDRESS_MISSING, "Say where it is to be shipped."),
        CartProblem(CartProblemCode.EMAIL_MISSING, "Say which e-mail address the order is for."),
    )


def test_without_a_delivery_the_email_is_missing_already() -> None:
    assert codes(missing(cart([cart_line(1)], email=None))) == [
        CartProblemCode.DELIVERY_MISSING,
        CartProblemCode.EMAIL_MISSING,
    ]


def test_who_takes_only_a_part_away_at_the_till_still_needs_an_email() -> None:
    its = cart([cart_line(1, group=1), cart_line(2, group=2)], [carried_out(1, at=STORE), collected(2, at=STORE)])

    assert missing(its) == ()
    assert codes(missing(cart(its.lines, its.groups, email=None))) == [CartProblemCode.EMAIL_MISSING]


def test_a_price_that_moved_is_noticed_while_it_is_sold_but_blocks_nothing() -> None:
    its = cart(
        [
            cart_line(1, group=1, added_amount=1_000, current_amount=1_100),
            cart_line(2, group=1, added_amount=1_000, current_amount=1_000),
            cart_line(3, group=1, added_amount=1_000, current_amount=0),
        ],
        [shipped(1)],
    )
    unsold = cart([cart_line(1, current_amount=None), cart_line(2, current_amount=1, is_on_sale=False)])

    assert noticed(its) == (
        CartProblem(CartProblemCode.PRICE_CHANGED, "The price of Article 1 has changed.", line_id(1)),
        CartProblem(CartProblemCode.PRICE_CHANGED, "The price of Article 3 has changed.", line_id(3)),
    )
    assert missing(its) == ()
    assert noticed(unsold) == ()


@pytest.mark.parametrize(
    ("location", "available", "code", "message"),
    [
        (None, 0, CartProblemCode.OUT_OF_STOCK, "SKU-1 is sold out."),
        (STORE, 0, CartProblemCode.NOT_AVAILABLE_AT_LOCATION, "SKU-1 is not available there."),
        (None, 2, CartProblemCode.INSUFFICIENT_STOCK, "There is not enough of SKU-1."),
        (STORE, 2, CartProblemCode.INSUFFICIENT_STOCK, "There is not enough of SKU-1."),
    ],
)
def test_a_shortage_says_whether_there_is_nothing_nothing_there_or_not_enough(
    location: int | None, available: int, code: CartProblemCode, message: str
) -> None:
    shortfall = Shortfall(line_id(), variant_id(), "SKU-1", location, 3, available, (REMOVE,))

    assert short([shortfall]) == (CartProblem(code, message, line_id(), (REMOVE,)),)


groups_of = st.sampled_from(
    [None, shipped(1), shipped(2, address=None), collected(3, at=STORE), carried_out(4, at=STORE)]
)


@given(
    chosen=st.lists(st.tuples(groups_of, st.booleans(), st.none() | st.integers(0, 9)), min_size=1, max_size=5),
    email=st.none() | st.just("ada@example.com"),
)
def test_a_problem_is_told_exactly_where_there_is_one(
    chosen: list[tuple[DeliveryGroup | None, bool, int | None]], email: str | None
) -> None:
    lines = [
        cart_line(
            number,
            delivery_group_id=None if group is None else group.id,
            is_on_sale=is_on_sale,
            current_amount=current_amount,
        )
        for number, (group, is_on_sale, current_amount) in enumerate(chosen, start=1)
    ]
    groups = {group.id: group for group, _, _ in chosen if group is not None}

    problems = missing(cart(lines, tuple(groups.values()), email=email))

    found = {(problem.code, problem.line_id) for problem in problems}
    assert len(found) == len(problems)
    expected: set[tuple[CartProblemCode, object]] = set()
    for line, (group, is_on_sale, current_amount) in zip(lines, chosen, strict=True):
        if not is_on_sale:
            expected.add((CartProblemCode.WITHDRAWN, line.id))
        elif current_amount is None:
            expected.add((CartProblemCode.NOT_SOLD_IN_MARKET, line.id))
        if group is None:
            expected.add((CartProblemCode.DELIVERY_MISSING, line.id))
        elif group == shipped(2, address=None):
            expected.add((CartProblemCode.ADDRESS_MISSING, None))
        if group != carried_out(4, at=STORE) and email is None:
            expected.add((CartProblemCode.EMAIL_MISSING, None))
    assert found == expected


def test_a_line_of_which_some_part_is_held_no_longer_says_so() -> None:
    bundle = cart_line(2, components=(Component(variant_id(7), 1), Component(variant_id(8), 2)))
    its = cart([cart_line(1), bundle, cart_line(3)], lapsed=frozenset({variant_id(1), variant_id(8)}))

    assert noticed(its) == (
        CartProblem(CartProblemCode.HOLD_EXPIRED, "Article 1 is no longer held for you.", line_id(1)),
        CartProblem(CartProblemCode.HOLD_EXPIRED, "Article 2 is no longer held for you.", line_id(2)),
    )


def test_a_line_is_not_shipped_before_somebody_has_said_how() -> None:
    option = DeliveryOption(
        id=1,
        code="van",
        name="Van",
        amount=3_000,
        free_from=None,
        earliest_days=2,
        latest_days=4,
        countries=frozenset(),
        is_default=False,
    )
    its = cart([cart_line(1, group=1), cart_line(2, group=2)], [shipped(1), collected(2, at=STORE)])

    assert missing(its, [option]) == (
        CartProblem(
            CartProblemCode.DELIVERY_OPTION_MISSING, "Say by which option Article 1 is to be shipped.", line_id(1)
        ),
    )
    assert missing(its, [replace(option, is_default=True)]) == ()
