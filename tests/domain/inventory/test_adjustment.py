"""Changing what is there: in bounds, all or nothing, and never at the cost of a promise."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.inventory.adjustment import MOST_UNITS, AdjustReason, Change, Movement, QuantityName, decide
from domain.inventory.sourcing import InsufficientStock, Shortfall
from domain.inventory.stock import StockLevel
from tests.builders import stock_level, variant_id

PATH = ("input", "changes", "0")

GUARDED = [reason for reason in AdjustReason if reason is not AdjustReason.COUNT]


def change(delta: int, quantity: QuantityName = QuantityName.ON_HAND, level: int = 1, at: int = 0) -> Change:
    return Change(level, quantity, delta, ("input", "changes", str(at)))


def decided(
    level: StockLevel, *changes: Change, reason: AdjustReason = AdjustReason.ADJUSTMENT
) -> tuple[Movement, ...]:
    return decide({level.id: level}, changes, reason)


@st.composite
def kept_levels(draw: st.DrawFn, id_: int = 1) -> StockLevel:
    """What the database lets a level be: no promise beyond what is there, unless a shortfall says so exactly."""
    reserved, unavailable, safety_stock, incoming, backorder_limit = draw(st.tuples(*[st.integers(0, 10)] * 5))
    on_hand = draw(st.integers(-5, 30))
    return stock_level(
        id=id_,
        location=id_,
        on_hand=on_hand,
        reserved=reserved,
        unavailable=unavailable,
        safety_stock=safety_stock,
        incoming=incoming,
        backorder_limit=backorder_limit,
        shortfall=max(0, reserved + unavailable - on_hand - backorder_limit),
    )


changes_of = st.lists(
    st.builds(change, st.integers(-15, 15), st.sampled_from(QuantityName), st.integers(1, 2)), max_size=6
)


def promised_beyond(level: StockLevel, movements: Sequence[Movement] = ()) -> int:
    own = [movement for movement in movements if movement.stock_level_id == level.id]
    on_hand = level.on_hand + sum(movement.on_hand for movement in own)
    unavailable = level.unavailable + sum(movement.unavailable for movement in own)
    return level.reserved + unavailable - on_hand - level.backorder_limit


def test_each_change_is_one_movement_in_the_order_given() -> None:
    level = stock_level(id=1, on_hand=5)

    movements = decided(
        level,
        change(3),
        change(2, QuantityName.UNAVAILABLE),
        change(1, QuantityName.SAFETY_STOCK),
        change(9, QuantityName.INCOMING),
        change(-1),
        reason=AdjustReason.RECEIPT,
    )

    assert movements == (
        Movement(stock_level_id=1, reason="RECEIPT", on_hand=3),
        Movement(stock_level_id=1, reason="RECEIPT", unavailable=2),
        Movement(stock_level_id=1, reason="RECEIPT", safety_stock=1),
        Movement(stock_level_id=1, reason="RECEIPT", incoming=9),
        Movement(stock_level_id=1, reason="RECEIPT", on_hand=-1),
    )


def test_a_change_by_nothing_is_not_written_down() -> None:
    assert decided(stock_level(id=1, on_hand=5), change(0), change(0, QuantityName.INCOMING)) == ()


@pytest.mark.parametrize("reason", GUARDED)
def test_promised_units_are_not_taken(reason: AdjustReason) -> None:
    level = stock_level(id=1, on_hand=10, reserved=7, unavailable=1)

    with pytest.raises(InsufficientStock) as refusal:
        decided(level, change(-3), reason=reason)

    assert refusal.value.message == "This would take units that are promised."
    assert refusal.value.shortfalls == (Shortfall(None, variant_id(), "", 1, 3, 2),)
    assert decided(level, change(-2), reason=reason) == (Movement(stock_level_id=1, reason=reason.value, on_hand=-2),)


def test_a_count_is_a_fact_that_promises_do_not_refuse() -> None:
    level = stock_level(id=1, on_hand=10, reserved=7)

    movements = decided(level, change(-10), reason=AdjustReason.COUNT)

    assert movements == (Movement(stock_level_id=1, reason="COUNT", on_hand=-10),)


def test_setting_units_aside_takes_them_as_removing_does_and_throwing_away_what_is_set_aside_takes_nothing() -> None:
    level = stock_level(id=1, on_hand=10, reserved=7, unavailable=2)

    with pytest.raises(InsufficientStock):
        decided(level, change(2, QuantityName.UNAVAILABLE))
    assert len(decided(level, change(-2, QuantityName.UNAVAILABLE), change(-2))) == 2


def test_a_level_that_is_short_already_may_be_mended_but_not_worsened() -> None:
    short = stock_level(id=1, on_hand=3, reserved=5, shortfall=2)

    assert decided(short, change(1)) == (Movement(stock_level_id=1, reason="ADJUSTMENT", on_hand=1),)
    with pytest.raises(InsufficientStock) as refusal:
        decided(short, change(-1))
    assert refusal.value.shortfalls[0].available == 0


def test_units_that_may_be_promised_beyond_the_stock_do_not_guard_it() -> None:
    level = stock_level(id=1, on_hand=5, reserved=5, backorder_limit=3)

    assert decided(level, change(-3)) == (Movement(stock_level_id=1, reason="ADJUSTMENT", on_hand=-3),)
    with pytest.raises(InsufficientStock):
        decided(level, change(-4))


def test_safety_stock_is_kept_from_sale_not_from_staff() -> None:
    level = stock_level(id=1, on_hand=5, safety_stock=5)

    assert decided(level, change(-5)) == (Movement(stock_level_id=1, reason="ADJUSTMENT", on_hand=-5),)


def test_every_level_whose_promises_would_break_is_named_at_once() -> None:
    levels = {id_: stock_level(id=id_, location=id_, on_hand=4, reserved=id_) for id_ in (1, 2, 3)}

    with pytest.raises(InsufficientStock) as refusal:
        decide(levels, [change(-4, level=1), change(-1, level=2), change(-2, level=3)], AdjustReason.DAMAGE)

    assert [(one.location_id, one.requested, one.available) for one in refusal.value.shortfalls] == [
        (1, 4, 3),
        (3, 2, 1),
    ]


@pytest.mark.parametrize("quantity", QuantityName)
@pytest.mark.parametrize("reason", AdjustReason)
def test_no_counter_is_brought_below_zero_not_even_by_a_count(quantity: QuantityName, reason: AdjustReason) -> None:
    name = quantity.value.lower()
    level = stock_level(id=1, **{"on_hand": 9, "backorder_limit": 50, name: 2})

    with pytest.raises(InvalidInput) as refusal:
        decided(level, change(-1, quantity), change(-2, quantity, at=1), reason=reason)

    assert (refusal.value.message, refusal.value.path) == (
        f"{name} would become -1.",
        ("input", "changes", "1", "delta"),
    )


def test_what_a_late_sale_has_made_negative_may_rise_step_by_step_but_sink_no_deeper() -> None:
    level = stock_level(id=1, on_hand=-5, backorder_limit=50)

    assert [movement.on_hand for movement in decided(level, change(2), change(1))] == [2, 1]
    for reason in AdjustReason:
        with pytest.raises(InvalidInput, match=r"^on_hand would become -6\.$"):
            decided(level, change(-1), reason=reason)
    with pytest.raises(InvalidInput, match=r"^on_hand would become -1\.$"):
        decided(level, change(7), change(-3))


@pytest.mark.parametrize("quantity", QuantityName)
def test_no_counter_passes_the_most_units(quantity: QuantityName) -> None:
    level = stock_level(id=1, **{"on_hand": MOST_UNITS, quantity.value.lower(): MOST_UNITS - 1})

    assert len(decided(level, change(1, quantity), reason=AdjustReason.COUNT)) == 1
    with pytest.raises(InvalidInput) as refusal:
        decided(level, change(2, quantity), reason=AdjustReason.COUNT)
    assert (refusal.value.message, refusal.value.path) == (
        f"{quantity.value.lower()} would pass 500,000,000 units.",
        (*PATH, "delta"),
    )


def test_four_full_counters_fit_into_a_column_of_32_bits() -> None:
    worst = stock_level(on_hand=-MOST_UNITS, reserved=MOST_UNITS, unavailable=MOST_UNITS, safety_stock=MOST_UNITS)

    assert worst.available >= -(2**31)


@given(first=kept_levels(1), second=kept_levels(2), changes=changes_of, reason=st.sampled_from(AdjustReason))
def test_what_is_decided_leaves_levels_that_the_database_accepts(
    first: StockLevel, second: StockLevel, changes: list[Change], reason: AdjustReason
) -> None:
    levels = {1: first, 2: second}
    movements: Sequence[Movement] = ()
    shortfalls: Sequence[Shortfall] = ()

    try:
        movements = decide(levels, changes, reason)
    except InvalidInput:
        return
    except InsufficientStock as refusal:
        shortfalls = refusal.shortfalls

    if shortfalls:
        assert reason is not AdjustReason.COUNT
        assert all(one.requested > one.available >= 0 for one in shortfalls)
        return

    assert len(movements) == sum(one.delta != 0 for one in changes)
    for level in levels.values():
        own = [movement for movement in movements if movement.stock_level_id == level.id]
        assert all(movement.reserved == 0 for movement in own)
        assert level.on_hand + sum(movement.on_hand for movement in own) >= min(0, level.on_hand)
        assert level.unavailable + sum(movement.unavailable for movement in own) >= 0
        assert level.safety_stock + sum(movement.safety_stock for movement in own) >= 0
        assert level.incoming + sum(movement.incoming for movement in own) >= 0
        if reason is not AdjustReason.COUNT:
            assert promised_beyond(level, movements) <= max(0, promised_beyond(level))


@given(level=kept_levels(), delta=st.integers(-15, 15))
def test_one_change_is_refused_exactly_when_it_breaks_a_bound_or_a_promise(level: StockLevel, delta: int) -> None:
    breaks_bound = delta < 0 and level.on_hand + delta < 0
    breaks_promise = delta < 0 and promised_beyond(level) - delta > 0

    if breaks_bound:
        with pytest.raises(InvalidInput):
            decided(level, change(delta))
    elif breaks_promise:
        with pytest.raises(InsufficientStock):
            decided(level, change(delta))
    else:
        assert sum(movement.on_hand for movement in decided(level, change(delta))) == delta
