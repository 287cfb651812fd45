"""Who is served from where: everybody whole, or nobody and all shortages."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.remedies import Remedy, RemedyKind
from domain.inventory.sourcing import Allocation, Demand, InsufficientStock, Shortfall, allocate, with_remedies
from domain.inventory.stock import StockLevel
from tests.builders import demand, line_id, place, stock_level, variant_id

_COUNTERS = ("reserved", "unavailable", "safety_stock", "backorder_limit", "buffer")

locations = st.integers(1, 4)
levels_of = st.lists(
    st.builds(
        lambda location, variant, on_hand, counters: stock_level(
            location=location, variant=variant, on_hand=on_hand, **dict(zip(_COUNTERS, counters, strict=True))
        ),
        locations,
        st.integers(1, 2),
        st.integers(-5, 20),
        st.tuples(*[st.integers(0, 3)] * len(_COUNTERS)),
    ),
    max_size=8,
    unique_by=lambda level: level.id,
)
wishes = st.tuples(st.integers(1, 2), st.integers(1, 20), st.lists(locations, max_size=6))
demands_of = st.lists(wishes, min_size=1, max_size=4).map(
    lambda found: [
        demand(quantity, *candidates, variant=variant, line=number)
        for number, (variant, quantity, candidates) in enumerate(found, start=1)
    ]
)


def outcome(demands: Sequence[Demand], levels: Sequence[StockLevel]) -> tuple[Allocation, ...] | tuple[Shortfall, ...]:
    try:
        return allocate(demands, levels)
    except InsufficientStock as refusal:
        return tuple(refusal.shortfalls)


def test_the_first_location_that_has_all_serves_all() -> None:
    levels = [
        stock_level(location=1, on_hand=2),
        stock_level(location=2, on_hand=9),
        stock_level(location=3, on_hand=9),
    ]

    assert allocate([demand(5, 1, 2, 3)], levels) == (Allocation(line_id(), 1002, 5),)
    assert allocate([demand(5, 3, 2, 1)], levels) == (Allocation(line_id(), 1003, 5),)


def test_what_no_location_has_alone_is_split_in_order_of_preference() -> None:
    levels = [
        stock_level(location=1, on_hand=2),
        stock_level(location=2, on_hand=0),
        stock_level(location=3, on_hand=4),
        stock_level(location=4, on_hand=4),
    ]

    assert allocate([demand(5, 4, 2, 1, 3)], levels) == (
        Allocation(line_id(), 1004, 4),
        Allocation(line_id(), 1001, 1),
    )


def test_the_last_unit_is_given_once() -> None:
    level = stock_level(on_hand=1)

    with pytest.raises(InsufficientStock) as refusal:
        allocate([demand(1, 1, line=1), demand(1, 1, line=2)], [level])

    assert refusal.value.message == "There is not enough stock for this."
    assert refusal.value.shortfalls == (Shortfall(line_id(2), variant_id(), "SKU-1", None, 1, 0),)


def test_a_location_named_twice_has_its_units_once() -> None:
    [shortfall] = outcome([demand(5, 1, 1)], [stock_level(on_hand=3)])

    assert isinstance(shortfall, Shortfall)
    assert shortfall.available == 3


def test_all_shortages_are_told_at_once_with_what_there_is_where_it_was_wanted() -> None:
    levels = [
        stock_level(variant=1, on_hand=2),
        stock_level(variant=2, on_hand=9),
        stock_level(variant=3, location=2, on_hand=9),
    ]
    demands = [
        demand(3, 1, variant=1, line=1),
        demand(4, 1, variant=2, line=2),
        demand(1, 1, variant=3, line=3, chosen=1),
    ]

    assert outcome(demands, levels) == (
        Shortfall(line_id(1), variant_id(1), "SKU-1", None, 3, 2),
        Shortfall(line_id(3), variant_id(3), "SKU-3", 1, 1, 0),
    )


def test_nothing_is_wanted_and_nothing_given() -> None:
    assert allocate([], [stock_level(on_hand=1)]) == ()


def test_safety_stock_and_promised_units_are_never_given_but_backorders_are() -> None:
    level = stock_level(on_hand=10, reserved=3, unavailable=1, safety_stock=4, backorder_limit=2)

    assert allocate([demand(4, 1)], [level]) == (Allocation(line_id(), level.id, 4),)
    with pytest.raises(InsufficientStock):
        allocate([demand(5, 1)], [level])


@given(demands=demands_of, levels=levels_of)
def test_each_line_gets_exactly_what_it_asked_for_from_where_it_may_and_no_unit_is_given_twice(
    demands: list[Demand], levels: list[StockLevel]
) -> None:
    by_id = {level.id: level for level in levels}

    allocations = outcome(demands, levels)

    if isinstance(allocations[0], Shortfall):
        return
    assert all(one.quantity > 0 for one in allocations)
    taken = Counter[int]()
    for wish in demands:
        own = [one for one in allocations if one.line_id == wish.line_id]
        assert sum(one.quantity for one in own) == wish.quantity
        assert len({one.stock_level_id for one in own}) == len(own)
        assert {by_id[one.stock_level_id].variant_id for one in own} == {wish.variant_id}
        assert {by_id[one.stock_level_id].location_id for one in own} <= set(wish.location_ids)
        taken.update({one.stock_level_id: one.quantity for one in own})
    assert all(quantity <= by_id[id_].sellable for id_, quantity in taken.items())


@given(demands=demands_of, levels=levels_of)
def test_a_line_is_refused_only_when_what_is_left_for_it_is_too_little(
    demands: list[Demand], levels: list[StockLevel]
) -> None:
    found = outcome(demands, levels)

    short = {one.line_id for one in found if isinstance(one, Shortfall)}
    served_before = Counter[object]()
    for wish in demands:
        free = sum(
            level.sellable
            for level in levels
            if level.variant_id == wish.variant_id and level.location_id in wish.location_ids
        )
        if wish.quantity > free:
            assert wish.line_id in short
        elif wish.quantity + served_before[wish.variant_id] <= free:
            assert wish.line_id not in short
        if wish.line_id not in short:
            served_before[wish.variant_id] += wish.quantity


@given(wish=st.integers(1, 20), levels=levels_of)
def test_a_line_is_split_only_when_no_location_has_it_all(wish: int, levels: list[StockLevel]) -> None:
    own = [level for level in levels if level.variant_id == variant_id(1)]

    found = outcome([demand(wish, 1, 2, 3, 4)], levels)

    if any(level.sellable >= wish for level in own):
        first = min((level for level in own if level.sellable >= wish), key=lambda level: level.location_id)
        assert found == (Allocation(line_id(), first.id, wish, first.buffer),)
    elif sum(level.sellable for level in own) >= wish:
        assert len(found) > 1
        assert sum(one.quantity for one in found if isinstance(one, Allocation)) == wish
    else:
        assert found == (Shortfall(line_id(), variant_id(), "SKU-1", None, wish, sum(level.sellable for level in own)),)


def test_each_shortage_gets_the_remedies_of_its_own_variant() -> None:
    levels = [stock_level(variant=1, location=2, on_hand=5), stock_level(variant=2, location=1, on_hand=2)]
    wishes = [demand(3, 1, variant=1, line=1, chosen=1), demand(3, 1, variant=2, line=2)]
    with pytest.raises(InsufficientStock) as refusal:
        allocate(wishes, levels)

    helpful = with_remedies(refusal.value, wishes, levels, [place(1), place(2, offers_pickup=True)])

    first, second = helpful.shortfalls

    remove = Remedy(kind=RemedyKind.REMOVE_LINE)
    assert first == Shortfall(
        line_id(1),
        variant_id(1),
        "SKU-1",
        1,
        3,
        0,
        (Remedy(kind=RemedyKind.PICK_UP_ELSEWHERE, location_id=2, quantity=3), remove),
    )
    assert second.remedies == (Remedy(kind=RemedyKind.LOWER_QUANTITY, quantity=2), remove)
