"""What bundles can be made of what is there, and that what was planned is found again in what is held."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, product

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.carts.cart import Cart
from domain.inventory.bundles import Component, units_at
from domain.inventory.sourcing import Demand, InsufficientStock, allocate, serve
from domain.orders.placing import Hold, Share, covering
from tests.builders import cart, cart_line, collected, line_id, shipped, stock_level, variant_id

LOCATIONS = (1, 2, 3)
ARTICLES = (1, 2, 3)

compositions = st.dictionaries(st.sampled_from(ARTICLES), st.integers(1, 3), min_size=1, max_size=3).map(
    lambda found: tuple(Component(variant_id(number), quantity) for number, quantity in found.items())
)
stocks = st.fixed_dictionaries(
    {(variant_id(number), place): st.integers(-2, 9) for number, place in product(ARTICLES, LOCATIONS)}
)
# Each line wants bundles, or one of the articles; anywhere, or at a place of its choice.
lines = st.lists(
    st.tuples(
        st.none() | compositions, st.sampled_from(ARTICLES), st.integers(1, 4), st.none() | st.sampled_from(LOCATIONS)
    ),
    min_size=1,
    max_size=4,
)


def demands_of(found: Sequence[tuple[tuple[Component, ...] | None, int, int, int | None]]) -> list[Demand]:
    return [
        Demand(
            line_id(number),
            variant_id(article) if components is None else variant_id(100 + number),
            "SKU",
            quantity,
            LOCATIONS if chosen is None else (chosen,),
            chosen,
            components or (),
        )
        for number, (components, article, quantity, chosen) in enumerate(found, start=1)
    ]


@given(components=compositions, free=stocks, place=st.sampled_from(LOCATIONS))
def test_one_more_bundle_would_need_more_of_some_component_than_there_is(
    components: tuple[Component, ...], free: dict[tuple[object, int], int], place: int
) -> None:
    units = units_at(place, components, free)  # type: ignore[arg-type]

    there = {part: max(0, free[part.variant_id, place]) for part in components}
    assert all(part.quantity * units <= count for part, count in there.items())
    assert any(part.quantity * (units + 1) > count for part, count in there.items())


@given(found=lines, free=stocks)
def test_every_line_gets_whole_bundles_from_each_place_and_no_unit_is_given_twice(
    found: Sequence[tuple[tuple[Component, ...] | None, int, int, int | None]], free: dict[tuple[object, int], int]
) -> None:
    demands = demands_of(found)

    servings = serve(demands, free)  # type: ignore[arg-type]

    taken = Counter[object]()
    for demand, serving in zip(demands, servings, strict=True):
        if serving.available < demand.quantity:
            assert serving.taken == ()
            continue
        assert sum(units for _, units in serving.taken) == demand.quantity
        assert {place for place, _ in serving.taken} <= set(demand.location_ids)
        for place, units in serving.taken:
            for part in demand.parts:
                taken[part.variant_id, place] += units * part.quantity
    assert all(units <= max(0, free[pair]) for pair, units in taken.items())  # type: ignore[index]


@given(components=compositions, quantity=st.integers(1, 9), free=stocks)
def test_bundles_are_split_only_when_no_place_has_them_all_and_refused_only_when_all_places_have_too_few(
    components: tuple[Component, ...], quantity: int, free: dict[tuple[object, int], int]
) -> None:
    each = {place: units_at(place, components, free) for place in LOCATIONS}  # type: ignore[arg-type]

    (serving,) = serve(demands_of([(components, 1, quantity, None)]), free)  # type: ignore[arg-type]

    assert serving.available == sum(each.values())
    if quantity > serving.available:
        assert serving.taken == ()
    elif any(units >= quantity for units in each.values()):
        assert serving.taken == ((next(place for place in LOCATIONS if each[place] >= quantity), quantity),)
    else:
        # In order of preference, each but the last gives all that it has.
        assert all(units == each[place] for place, units in serving.taken[:-1])
        assert all(first < second for (first, _), (second, _) in pairwise(serving.taken))


def as_cart(demands: Sequence[Demand]) -> Cart:
    groups = {place: collected(place, at=place) for place in LOCATIONS} | {None: shipped(9)}
    return cart(
        [
            cart_line(
                number,
                variant_id=demand.variant_id,
                quantity=demand.quantity,
                components=demand.components,
                delivery_group_id=groups[demand.chosen_location_id].id,
            )
            for number, demand in enumerate(demands, start=1)
        ],
        list(groups.values()),
    )


@given(found=lines, free=stocks)
def test_what_was_planned_for_each_line_is_found_again_in_what_is_held(
    found: Sequence[tuple[tuple[Component, ...] | None, int, int, int | None]], free: dict[tuple[object, int], int]
) -> None:
    demands = demands_of(found)
    levels = {
        (variant, place): stock_level(id=number, location=place, on_hand=0, variant=0)
        for number, ((variant, place), _) in enumerate(free.items(), start=1)
    }
    stocked = [
        # As the level that the database has of it.
        type(level)(id=level.id, variant_id=variant, location_id=place, on_hand=free[variant, place])  # type: ignore[arg-type]
        for (variant, place), level in levels.items()
    ]
    try:
        planned = allocate(demands, stocked)
    except InsufficientStock:
        assume(False)
    held = Counter[int]()
    for allocation in planned:
        held[allocation.stock_level_id] += allocation.quantity
    by_id = {level.id: level for level in stocked}
    holds = [
        Hold(id_, line_id(99), id_, by_id[id_].variant_id, by_id[id_].location_id, units) for id_, units in held.items()
    ]

    shares = covering(as_cart(demands), holds, LOCATIONS)

    assert shares is not None
    assert Counter({(share.cart_line_id, share.hold.stock_level_id): share.quantity for share in shares}) == Counter(
        {(one.line_id, one.stock_level_id): one.quantity for one in planned}
    )
    assert covering(as_cart(demands), holds[1:], LOCATIONS) is None


def test_one_hold_may_be_for_two_lines() -> None:
    tea_set = (Component(variant_id(1), 1), Component(variant_id(2), 2))
    its = cart(
        [
            cart_line(1, variant_id=variant_id(9), components=tea_set, quantity=2, group=1),
            cart_line(2, variant_id=variant_id(2), group=1),
        ],
        [collected(1, at=1)],
    )
    pots, cups = [Hold(number, line_id(99), number, variant_id(number), 1, units) for number, units in ((1, 2), (2, 5))]

    assert covering(its, [pots, cups], LOCATIONS) == (
        Share(line_id(1), pots, 2),
        Share(line_id(1), cups, 4),
        Share(line_id(2), cups, 1),
    )
