"""Absolute numbers as of a moment: what happened since stays valid."""

from datetime import UTC, datetime
from itertools import accumulate
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.inventory.adjustment import MOST_UNITS, AdjustReason
from domain.inventory.correction import Setting, Statement, StockSetMismatch, correct, correction, set_numbers
from domain.inventory.stock import StockLevel

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DELTAS = st.lists(st.integers(-50, 50), max_size=20)


def level(id_: int = 1, **counters: int) -> StockLevel:
    return StockLevel(id=id_, variant_id=UUID(int=id_), location_id=1, **{"on_hand": 0, **counters})


@given(before=DELTAS, after=DELTAS, stated=st.integers(0, 200))
def test_after_a_correction_the_ledger_gives_the_stated_number_at_its_moment(
    before: list[int], after: list[int], stated: int
) -> None:
    now = level(on_hand=sum(before) + sum(after))

    delta = correction(Statement(1, stated, sum(after), ()), now)

    # The correction stands in the ledger at the moment that it speaks of.
    history = list(accumulate([*before, delta, *after]))
    assert history[len(before)] == stated
    assert history[-1] == stated + sum(after) == now.on_hand + delta


@given(deltas=DELTAS, statements=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 200)), min_size=1, max_size=8))
def test_of_statements_in_any_order_each_holds_at_its_moment_when_it_is_made(
    deltas: list[int], statements: list[tuple[int, int]]
) -> None:
    """A ledger of moments: corrections are written down at the moment of which they speak."""
    ledger = list(enumerate(deltas))

    for moment, stated in statements:
        on_hand = sum(delta for _, delta in ledger)
        since = sum(delta for at, delta in ledger if at > moment)
        ledger.append((moment, correction(Statement(1, stated, since, ()), level(on_hand=on_hand))))
        assert sum(delta for at, delta in ledger if at <= moment) == stated
        assert correction(Statement(1, stated, since, ()), level(on_hand=sum(delta for _, delta in ledger))) == 0, (
            "said again it corrects nothing"
        )


def test_only_what_differs_moves_and_the_movement_happens_at_the_moment() -> None:
    levels = {1: level(1, on_hand=7), 2: level(2, on_hand=7)}
    statements = [Statement(1, 10, -3, ()), Statement(2, 9, -3, ())]

    (moved,) = correct(levels, statements, AdjustReason.COUNT, NOON, "count")

    assert (moved.stock_level_id, moved.on_hand, moved.reason, moved.occurred_at, moved.reference) == (
        2,
        -1,
        "COUNT",
        NOON,
        "count",
    )


def test_every_number_that_cannot_be_counted_is_a_fault() -> None:
    levels = {1: level(1), 2: level(2), 3: level(3)}
    statements = [
        Statement(1, MOST_UNITS, 0, ("one",)),
        Statement(2, MOST_UNITS, 1, ("two",)),
        Statement(3, 0, -MOST_UNITS - 1, ("three",)),
    ]

    with pytest.raises(InvalidInput) as refused:
        correct(levels, statements, AdjustReason.COUNT, NOON, None)

    assert [fault.path for fault in refused.value.faults] == [("two",), ("three",)]


def test_a_number_may_be_set_down_to_what_is_promised_and_not_for_sale_less_what_may_be_backordered() -> None:
    levels = {1: level(1, on_hand=9, reserved=4, unavailable=2, backorder_limit=1)}

    (moved,) = set_numbers(levels, [Setting(1, 5, 9, ())], AdjustReason.ADJUSTMENT)
    with pytest.raises(InvalidInput) as refused:
        set_numbers(levels, [Setting(1, 4, 9, ("changes",))], AdjustReason.ADJUSTMENT)

    assert moved.on_hand == -4
    assert refused.value.path == ("changes", "onHand")


def test_what_is_short_already_may_be_set_up_but_not_further_down() -> None:
    levels = {1: level(1, on_hand=2, reserved=5, shortfall=3)}

    (moved,) = set_numbers(levels, [Setting(1, 3, 2, ())], AdjustReason.ADJUSTMENT)
    with pytest.raises(InvalidInput):
        set_numbers(levels, [Setting(1, 1, 2, ())], AdjustReason.ADJUSTMENT)

    assert moved.on_hand == 1


def test_a_mismatch_comes_before_anything_else_and_names_each_level() -> None:
    levels = {1: level(1, on_hand=9, reserved=9), 2: level(2, on_hand=1), 3: level(3, on_hand=5)}
    settings = [Setting(3, 0, 6, ()), Setting(1, 0, 9, ()), Setting(2, 0, 2, ())]

    with pytest.raises(StockSetMismatch) as refused:
        set_numbers(levels, settings, AdjustReason.ADJUSTMENT)

    assert refused.value.stock_level_ids == [2, 3]
    assert [fault.message for fault in refused.value.faults] == ["On hand is 5, not 6.", "On hand is 1, not 2."]
