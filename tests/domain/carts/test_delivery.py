"""How lines leave, and where each is then looked for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.carts.cart import DeliveryMethod
from domain.carts.delivery import Regrouped, Wish, demands, regroup
from domain.carts.shipping import DeliveryOption
from domain.errors import DomainError, InvalidInput, NotFound
from domain.inventory.sourcing import Demand
from tests.builders import (
    ADDRESS,
    carried_out,
    cart,
    cart_line,
    collected,
    group_id,
    line_id,
    place,
    shipped,
    variant_id,
)

WAREHOUSE, STORE, TILL, CLOSED = 1, 2, 3, 4
PLACES = {
    WAREHOUSE: place(WAREHOUSE, ships_orders=True),
    STORE: place(STORE, offers_pickup=True, ships_orders=True),
    TILL: place(TILL, offers_pickup=True),
    CLOSED: place(CLOSED),
}

_ANYWHERE = DeliveryOption(
    id=1,
    code="standard",
    name="Standard",
    amount=490,
    free_from=None,
    earliest_days=2,
    latest_days=4,
    countries=frozenset(),
    is_default=True,
)
OPTIONS = (_ANYWHERE, replace(_ANYWHERE, id=2, countries=frozenset({"FR"}), is_default=False))


def wish(
    method: DeliveryMethod, *lines: int, at: int | None = None, address: dict[str, Any] | None = None, number: int = 0
) -> Wish:
    """Without lines: all of them."""
    named = tuple(line_id(line) for line in lines) if lines else None
    return Wish(named, method, at, address, ("input", "groups", str(number)))


def ship(*lines: int, **values: Any) -> Wish:
    return wish(DeliveryMethod.SHIP, *lines, **values)


def collect(*lines: int, **values: Any) -> Wish:
    return wish(DeliveryMethod.PICKUP, *lines, **values)


def carry_out(*lines: int, **values: Any) -> Wish:
    return wish(DeliveryMethod.CARRY_OUT, *lines, **values)


def test_all_lines_leave_together_when_none_is_named() -> None:
    its = cart([cart_line(1), cart_line(2, group=1)], [shipped(1)])

    after = regroup(its, [collect(at=STORE)], [group_id(9)], PLACES, None)

    assert after.groups == (collected(9, at=STORE),)
    assert after.moved == {line_id(1): group_id(9), line_id(2): group_id(9)}


def test_lines_not_named_stay_where_they_are() -> None:
    its = cart([cart_line(1, group=1), cart_line(2, group=1), cart_line(3)], [collected(1, at=STORE)])

    after = regroup(its, [ship(2, address=ADDRESS)], [group_id(9)], PLACES, None)

    assert after.groups == (collected(1, at=STORE), shipped(9))
    assert after.moved == {line_id(2): group_id(9)}


def test_a_line_named_twice_leaves_as_was_said_last() -> None:
    its = cart([cart_line(1), cart_line(2)])

    after = regroup(its, [ship(1, 2), collect(1, 2, at=STORE)], [group_id(8), group_id(9)], PLACES, None)

    assert after.groups == (collected(9, at=STORE),)
    assert after.moved == {line_id(1): group_id(9), line_id(2): group_id(9)}


def test_a_till_carries_out_at_its_own_location() -> None:
    after = regroup(cart([cart_line()]), [carry_out(at=TILL)], [group_id(9)], PLACES, TILL)

    assert after.groups == (carried_out(9, at=TILL),)


@pytest.mark.parametrize(
    ("refused", "till", "message", "where"),
    [
        (ship(at=STORE), None, "What is shipped has no location: we choose it.", "location"),
        (collect(), None, "Say at which location it is handed over.", "location"),
        (carry_out(), TILL, "Say at which location it is handed over.", "location"),
        (collect(at=STORE, address=ADDRESS), None, "Only what is shipped has an address.", "address"),
        (carry_out(at=TILL, address=ADDRESS), TILL, "Only what is shipped has an address.", "address"),
        (collect(at=WAREHOUSE), None, "Orders cannot be collected at this location.", "location"),
        (carry_out(at=TILL), None, "Only the till of this location can hand it over.", "location"),
        (carry_out(at=STORE), TILL, "Only the till of this location can hand it over.", "location"),
    ],
)
def test_what_a_place_cannot_do_is_refused_where_it_was_asked(
    refused: Wish, till: int | None, message: str, where: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        regroup(cart([cart_line()]), [refused], [group_id(9)], PLACES, till)

    assert (refusal.value.message, refusal.value.path) == (message, ("input", "groups", "0", where))


@pytest.mark.parametrize(
    ("method", "at", "option_id", "refusal", "message"),
    [
        (DeliveryMethod.PICKUP, STORE, 1, InvalidInput, "Only what is shipped has an option."),
        (DeliveryMethod.SHIP, None, 9, NotFound, "There is no such delivery option in this market."),
        (DeliveryMethod.SHIP, None, 2, InvalidInput, "This delivery option does not go to that country."),
    ],
)
def test_an_option_that_the_group_cannot_have_is_refused(
    method: DeliveryMethod, at: int | None, option_id: int, refusal: type[DomainError], message: str
) -> None:
    asked = replace(wish(method, at=at, address=ADDRESS if at is None else None), option_id=option_id)

    with pytest.raises(refusal) as refused:
        regroup(cart([cart_line()]), [asked], [group_id(9)], PLACES, None, OPTIONS)

    assert (refused.value.message, refused.value.path) == (message, ("input", "groups", "0", "option"))


def test_the_option_that_was_asked_for_is_the_groups() -> None:
    asked = replace(ship(address=ADDRESS), option_id=1)

    after = regroup(cart([cart_line()]), [asked], [group_id(9)], PLACES, None, OPTIONS)

    assert after.groups == (replace(shipped(9), option_id=1),)


def test_only_a_store_that_hands_over_orders_takes_reservations() -> None:
    places = {**PLACES, STORE: replace(PLACES[STORE], is_store=True), CLOSED: replace(PLACES[CLOSED], is_store=True)}

    def reserve(at: int) -> Regrouped:
        asked = wish(DeliveryMethod.RESERVE_IN_STORE, at=at)
        return regroup(cart([cart_line()]), [asked], [group_id(9)], places, None)

    assert [group.method for group in reserve(STORE).groups] == [DeliveryMethod.RESERVE_IN_STORE]
    with pytest.raises(InvalidInput, match="Nobody can be paid at this location"):
        reserve(TILL)
    with pytest.raises(InvalidInput, match="Orders cannot be collected at this location"):
        reserve(CLOSED)


def test_a_line_of_another_cart_is_unknown() -> None:
    with pytest.raises(NotFound) as refusal:
        regroup(cart([cart_line(1)]), [ship(1, 2)], [group_id(9)], PLACES, None)

    assert refusal.value.path == ("input", "groups", "0", "lineIds", "1")


named_lines = st.lists(st.integers(1, 3), max_size=4)
wishes_of = st.lists(
    st.one_of(
        st.builds(lambda lines: ship(*lines), named_lines),
        st.builds(lambda lines, at: collect(*lines, at=at), named_lines, st.sampled_from([STORE, TILL])),
        st.builds(lambda lines: carry_out(*lines, at=TILL), named_lines),
    ),
    max_size=4,
)


@given(wishes=wishes_of)
def test_afterwards_every_line_is_where_the_last_word_put_it_and_no_group_is_empty(wishes: list[Wish]) -> None:
    its = cart([cart_line(1, group=1), cart_line(2, group=1), cart_line(3)], [shipped(1)])
    new_ids = [group_id(10 + number) for number in range(len(wishes))]
    expected = {line.id: line.delivery_group_id for line in its.lines}
    for one, new_id in zip(wishes, new_ids, strict=True):
        expected |= dict.fromkeys(expected if one.line_ids is None else one.line_ids, new_id)

    after = regroup(its, wishes, new_ids, PLACES, TILL)

    assert {line.id: line.delivery_group_id for line in its.lines} | dict(after.moved) == expected
    assert {group.id for group in after.groups} == set(expected.values()) - {None}
    methods = {group_id(1): DeliveryMethod.SHIP} | dict(zip(new_ids, (one.method for one in wishes), strict=True))
    assert all(group.method is methods[group.id] for group in after.groups)
    assert all((group.location_id is None) == (group.method is DeliveryMethod.SHIP) for group in after.groups)


def demand_of(line: int, locations: tuple[int, ...], chosen: int | None) -> Demand:
    return Demand(line_id(line), variant_id(line), f"SKU-{line}", line, locations, chosen)


def test_each_line_is_looked_for_where_it_is_to_leave() -> None:
    its = cart(
        [
            cart_line(1, quantity=1, group=1),
            cart_line(2, quantity=2, group=2),
            cart_line(3, quantity=3, group=3),
            cart_line(4, quantity=4),
        ],
        [shipped(1), collected(2, at=CLOSED), carried_out(3, at=TILL)],
    )
    selling = (STORE, TILL, WAREHOUSE)

    assert demands(its, selling, PLACES, None) == (
        demand_of(1, (STORE, WAREHOUSE), None),
        demand_of(2, (), CLOSED),
        demand_of(3, (TILL,), TILL),
        demand_of(4, (STORE, WAREHOUSE), None),
    )
    # At a till a line leaves over the counter, unless it is said to be shipped.
    at_till = demands(its, selling, PLACES, TILL)
    assert at_till[0] == demand_of(1, (STORE, WAREHOUSE), None)
    assert at_till[3] == demand_of(4, (TILL,), TILL)


@given(selling=st.permutations(sorted(PLACES)))
def test_what_is_shipped_comes_from_where_orders_are_shipped_in_the_order_of_preference(selling: list[int]) -> None:
    [found] = demands(cart([cart_line(group=1)], [shipped(1)]), selling, PLACES, TILL)

    assert found.location_ids == tuple(id_ for id_ in selling if id_ in (WAREHOUSE, STORE))
