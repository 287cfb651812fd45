"""What a shopper is offered instead, best first."""

from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.remedies import Remedy, RemedyKind, remedies
from domain.inventory.stock import StockLevel
from tests.builders import place, stock_level

REMOVE = Remedy(kind=RemedyKind.REMOVE_LINE)

WAREHOUSE = place(1, ships_orders=True)
STORE = place(2, offers_pickup=True)
BIG_STORE = place(3, offers_pickup=True, ships_orders=True)


def sellable(levels: list[StockLevel]) -> dict[int, int]:
    return {level.location_id: level.sellable for level in levels}


shops_of = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 3), st.booleans(), st.booleans()),
    max_size=4,
)


def test_whoever_wanted_to_collect_may_have_it_shipped_or_collect_elsewhere_or_take_less() -> None:
    levels = [
        stock_level(location=1, on_hand=3),
        stock_level(location=2, on_hand=1),
        stock_level(location=3, on_hand=4),
    ]

    found = remedies(4, 1, chosen_location_id=2, sellable=sellable(levels), places=[WAREHOUSE, STORE, BIG_STORE])

    assert found == (
        Remedy(kind=RemedyKind.SHIP_INSTEAD, quantity=4),
        Remedy(kind=RemedyKind.PICK_UP_ELSEWHERE, location_id=3, quantity=4),
        Remedy(kind=RemedyKind.LOWER_QUANTITY, quantity=1),
        REMOVE,
    )


def test_shipping_may_come_from_several_locations_but_collecting_only_from_one() -> None:
    levels = [stock_level(location=1, on_hand=3), stock_level(location=3, on_hand=3)]

    found = remedies(4, 0, chosen_location_id=2, sellable=sellable(levels), places=[WAREHOUSE, STORE, BIG_STORE])

    assert found == (Remedy(kind=RemedyKind.SHIP_INSTEAD, quantity=4), REMOVE)


def test_what_cannot_be_shipped_may_be_collected_and_is_not_offered_shipped_again() -> None:
    levels = [
        stock_level(location=1, on_hand=1),
        stock_level(location=2, on_hand=2),
        stock_level(location=3, on_hand=2),
    ]

    found = remedies(2, 1, chosen_location_id=None, sellable=sellable(levels), places=[BIG_STORE, WAREHOUSE, STORE])

    assert found == (
        Remedy(kind=RemedyKind.PICK_UP_ELSEWHERE, location_id=3, quantity=2),
        Remedy(kind=RemedyKind.PICK_UP_ELSEWHERE, location_id=2, quantity=2),
        Remedy(kind=RemedyKind.LOWER_QUANTITY, quantity=1),
        REMOVE,
    )


def test_where_there_is_nothing_only_removing_is_left() -> None:
    assert remedies(1, 0, chosen_location_id=None, sellable={}, places=[WAREHOUSE, STORE]) == (REMOVE,)


def test_the_place_that_was_chosen_is_no_other_place() -> None:
    levels = [stock_level(location=2, on_hand=5)]

    assert remedies(3, 0, chosen_location_id=2, sellable=sellable(levels), places=[STORE]) == (REMOVE,)


@given(
    requested=st.integers(1, 6),
    available=st.integers(0, 5),
    chosen=st.none() | st.integers(1, 4),
    shops=shops_of,
)
def test_every_remedy_can_be_had_and_every_one_that_can_be_had_is_offered(
    requested: int, available: int, chosen: int | None, shops: list[tuple[int, int, int, bool, bool]]
) -> None:
    numbered = list(enumerate(shops, start=1))
    levels = [
        stock_level(location=number, on_hand=on_hand, reserved=reserved, backorder_limit=backorder_limit)
        for number, (on_hand, reserved, backorder_limit, _, _) in numbered
    ]
    places = [place(number, offers_pickup=shop[3], ships_orders=shop[4]) for number, shop in numbered]

    found = remedies(requested, available, chosen_location_id=chosen, sellable=sellable(levels), places=places)

    free = {level.location_id: level.sellable for level in levels}
    ships = sum(free[one.location_id] for one in places if one.ships_orders) >= requested
    elsewhere = [
        one.location_id
        for one in places
        if one.offers_pickup and one.location_id != chosen and free[one.location_id] >= requested
    ]
    assert found == (
        *[Remedy(kind=RemedyKind.SHIP_INSTEAD, quantity=requested)] * (ships and chosen is not None),
        *(Remedy(kind=RemedyKind.PICK_UP_ELSEWHERE, location_id=id_, quantity=requested) for id_ in elsewhere),
        *[Remedy(kind=RemedyKind.LOWER_QUANTITY, quantity=available)] * (available > 0),
        REMOVE,
    )


def test_names_at_most_ten_stores() -> None:
    levels = [stock_level(on_hand=5, location=number) for number in range(1, 30)]
    places = [place(number, offers_pickup=True) for number in range(1, 30)]

    found = remedies(3, 0, chosen_location_id=1, sellable=sellable(levels), places=places)

    named = [remedy.location_id for remedy in found if remedy.kind is RemedyKind.PICK_UP_ELSEWHERE]
    assert named == list(range(2, 12))
