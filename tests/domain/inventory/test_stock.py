"""What a level's counters mean for selling, and how much of it a shopper is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.stock import SHOPPER_CAP, AvailableQuantity, StockLevel, StockStatus, shown, status
from tests.builders import stock_level

units = st.integers(0, 1_000)
levels = st.builds(
    lambda on_hand, reserved, unavailable, safety_stock, backorder_limit: stock_level(
        on_hand=on_hand,
        reserved=reserved,
        unavailable=unavailable,
        safety_stock=safety_stock,
        backorder_limit=backorder_limit,
    ),
    st.integers(-100, 1_000),
    units,
    units,
    units,
    units,
)


@pytest.mark.parametrize(
    ("level", "available", "sellable"),
    [
        (stock_level(on_hand=10), 10, 10),
        (stock_level(on_hand=10, reserved=3), 7, 7),
        (stock_level(on_hand=10, unavailable=2), 8, 8),
        (stock_level(on_hand=10, safety_stock=4), 6, 6),
        (stock_level(on_hand=10, reserved=3, unavailable=2, safety_stock=4), 1, 1),
        (stock_level(on_hand=10, backorder_limit=5), 10, 15),
        (stock_level(on_hand=0, reserved=2, backorder_limit=5), -2, 3),
        (stock_level(on_hand=-1, backorder_limit=5), -1, 4),
        (stock_level(on_hand=2, safety_stock=4), -2, 0),
        (stock_level(on_hand=10, incoming=7), 10, 10),
        (stock_level(on_hand=3, reserved=5, shortfall=2), -2, 0),
    ],
)
def test_only_what_is_there_and_free_is_sold_and_backorders_beyond_it(
    level: StockLevel, available: int, sellable: int
) -> None:
    assert (level.available, level.sellable) == (available, sellable)


@given(level=levels)
def test_selling_all_that_is_sellable_never_breaks_what_the_database_holds_us_to(level: StockLevel) -> None:
    promised = level.reserved + level.sellable

    assert level.sellable >= 0
    assert level.sellable == 0 or promised + level.unavailable <= level.on_hand + level.backorder_limit


@pytest.mark.parametrize(
    ("available", "backorder_limit", "expected"),
    [
        (4, 0, StockStatus.IN_STOCK),
        (3, 0, StockStatus.LOW_STOCK),
        (1, 0, StockStatus.LOW_STOCK),
        (1, 50, StockStatus.LOW_STOCK),
        (0, 0, StockStatus.OUT_OF_STOCK),
        (0, 1, StockStatus.BACKORDER),
        (-2, 3, StockStatus.BACKORDER),
        (-2, 2, StockStatus.OUT_OF_STOCK),
    ],
)
def test_a_status_says_whether_it_can_be_bought_now_soon_no_longer_or_later(
    available: int, backorder_limit: int, expected: StockStatus
) -> None:
    assert status(available, backorder_limit) is expected


@given(level=levels)
def test_exactly_what_is_sellable_is_not_out_of_stock(level: StockLevel) -> None:
    is_out = status(level.available, level.backorder_limit) is StockStatus.OUT_OF_STOCK

    assert is_out == (level.sellable == 0)


@pytest.mark.parametrize(
    ("available", "cap", "expected"),
    [
        (11, SHOPPER_CAP, AvailableQuantity(10, is_capped=True)),
        (10, SHOPPER_CAP, AvailableQuantity(10, is_capped=False)),
        (0, SHOPPER_CAP, AvailableQuantity(0, is_capped=False)),
        (-3, SHOPPER_CAP, AvailableQuantity(0, is_capped=False)),
        (-3, None, AvailableQuantity(0, is_capped=False)),
        (5_000, None, AvailableQuantity(5_000, is_capped=False)),
    ],
)
def test_a_quantity_is_shown_up_to_the_cap(available: int, cap: int | None, expected: AvailableQuantity) -> None:
    assert shown(available, cap) == expected


@given(more=st.integers(1, 10**9), cap=st.integers(0, 100))
def test_beyond_the_cap_all_quantities_look_the_same(more: int, cap: int) -> None:
    assert shown(cap + more, cap) == AvailableQuantity(cap, is_capped=True)
