"""Adding to lines and setting their quantities, within bounds."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.carts.cart import MOST_LINES, MOST_UNITS
from domain.carts.editing import Addition, NewQuantity, add, set_quantities
from domain.errors import InvalidInput, NotFound
from tests.builders import cart, cart_line, line_id, variant_id


def addition(quantity: int, variant: int = 1, at: int = 0) -> Addition:
    return Addition(variant_id(variant), quantity, ("input", "lines", str(at)))


def new_quantity(quantity: int, line: int = 1, at: int = 0) -> NewQuantity:
    path = ("input", "lines", str(at))
    return NewQuantity(line_id(line), quantity, (*path, "lineId"), (*path, "quantity"))


def test_a_new_cart_gets_what_is_added() -> None:
    assert add(None, [addition(2, 1), addition(3, 2)]) == {variant_id(1): 2, variant_id(2): 3}


def test_what_is_added_to_a_line_raises_it_and_leaves_the_others_alone() -> None:
    its = cart([cart_line(1, quantity=5), cart_line(2, quantity=7)])

    assert add(its, [addition(2, 1)]) == {variant_id(1): 7}


def test_naming_a_variant_twice_counts_twice() -> None:
    its = cart([cart_line(1, quantity=5)])

    assert add(its, [addition(2), addition(3)]) == {variant_id(1): 10}


@pytest.mark.parametrize("quantity", [0, -1, MOST_UNITS + 1, 2**31])
def test_between_1_and_999_units_are_added_at_once(quantity: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add(cart(), [addition(1), addition(quantity, 2, at=1)])

    assert refusal.value.message == "The quantity is between 1 and 999."
    assert refusal.value.path == ("input", "lines", "1", "quantity")


def test_a_line_grows_to_999_units_and_no_further() -> None:
    its = cart([cart_line(1, quantity=990)])

    assert add(its, [addition(4), addition(5)]) == {variant_id(1): 999}
    with pytest.raises(InvalidInput) as refusal:
        add(its, [addition(4), addition(6, at=1)])
    assert refusal.value.message == "A line has at most 999 units."
    assert refusal.value.path == ("input", "lines", "1", "quantity")


def test_a_full_cart_takes_more_of_what_is_in_it_but_nothing_else() -> None:
    full = cart([cart_line(number) for number in range(1, MOST_LINES + 1)])

    assert add(full, [addition(1, MOST_LINES)]) == {variant_id(MOST_LINES): 2}
    with pytest.raises(InvalidInput) as refusal:
        add(full, [addition(1, MOST_LINES + 1)])
    assert (refusal.value.message, refusal.value.path) == ("A cart has at most 200 lines.", ("input", "lines"))


@given(
    before=st.dictionaries(st.integers(1, 5), st.integers(1, MOST_UNITS)),
    added=st.lists(st.tuples(st.integers(1, 5), st.integers(-1, 400)), max_size=8),
)
def test_sums_add_up_or_nothing_is_added(before: dict[int, int], added: list[tuple[int, int]]) -> None:
    its = cart([cart_line(number, quantity=quantity) for number, quantity in before.items()])
    sums = Counter(before)
    for variant, quantity in added:
        sums[variant] += quantity
    additions = [addition(quantity, variant) for variant, quantity in added]

    if any(quantity < 1 for _, quantity in added) or max(sums.values(), default=0) > MOST_UNITS:
        with pytest.raises(InvalidInput):
            add(its, additions)
    else:
        assert add(its, additions) == {variant_id(variant): sums[variant] for variant, _ in added}


def test_quantities_are_set_and_nothing_removes_the_line() -> None:
    its = cart([cart_line(1), cart_line(2, quantity=5), cart_line(3)])

    after = set_quantities(its, [new_quantity(999, 1), new_quantity(0, 2)])

    assert after == {line_id(1): 999, line_id(2): 0}


def test_a_line_of_another_cart_is_unknown() -> None:
    with pytest.raises(NotFound) as refusal:
        set_quantities(cart([cart_line(1)]), [new_quantity(1, 1), new_quantity(1, 2, at=1)])

    assert refusal.value.path == ("input", "lines", "1", "lineId")


@pytest.mark.parametrize("quantity", [-1, 1_000])
def test_between_0_and_999_units_may_be_set(quantity: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_quantities(cart([cart_line()]), [new_quantity(quantity)])

    assert refusal.value.message == "The quantity is between 0 and 999."
    assert refusal.value.path == ("input", "lines", "0", "quantity")


@given(changes=st.lists(st.tuples(st.integers(1, 3), st.integers(0, MOST_UNITS)), max_size=6))
def test_the_last_word_on_a_line_counts(changes: list[tuple[int, int]]) -> None:
    its = cart([cart_line(number, quantity=1) for number in (1, 2, 3)])
    expected: dict[UUID, int] = {}
    for line, quantity in changes:
        expected[line_id(line)] = quantity

    assert set_quantities(its, [new_quantity(quantity, line) for line, quantity in changes]) == expected
