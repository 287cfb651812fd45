"""Two carts made one, for any two carts."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.carts.cart import MOST_LINES, MOST_UNITS, Cart, CartLine, CartStatus
from domain.carts.merging import MergeAction, Merged, MergeMode, choose_target, merge

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
VARIANTS = [UUID(int=number) for number in range(1, 9)]


def line(variant: UUID, quantity: int, *, amount: int = 500, id_: int = 0) -> CartLine:
    return CartLine(
        id=UUID(int=id_ or variant.int + 1000),
        variant_id=variant,
        sku=f"sku-{variant.int}",
        name=f"Article {variant.int}",
        quantity=quantity,
        added_amount=amount,
        current_amount=amount,
        is_on_sale=True,
        channel_id=1,
        delivery_group_id=None,
    )


def cart(*lines: CartLine, id_: int = 1, market: int = 1, updated_at: datetime = MOMENT) -> Cart:
    return Cart(
        id=UUID(int=id_),
        version=1,
        status=CartStatus.OPEN,
        customer_id=None,
        token_hash=None,
        staff_channel_id=None,
        email=None,
        phone=None,
        billing_address=None,
        channel_id=1,
        market_id=market,
        created_at=MOMENT,
        updated_at=updated_at,
        expires_at=MOMENT,
        held_until=None,
        order_id=None,
        lines=lines,
        groups=(),
    )


AMOUNTS = dict.fromkeys(VARIANTS, 500)
contents = st.dictionaries(st.sampled_from(VARIANTS), st.integers(1, MOST_UNITS))
amounts = st.dictionaries(st.sampled_from(VARIANTS), st.integers(0, 900))


def filled(quantities: dict[UUID, int], id_: int) -> Cart:
    return cart(*(line(variant, quantity) for variant, quantity in quantities.items()), id_=id_)


def actions(merged: Merged) -> list[tuple[str, int, int, int]]:
    return [
        (change.action.value, change.variant_id.int, change.quantity_before, change.quantity_after)
        for change in merged.report
    ]


@pytest.mark.parametrize(
    ("mode", "expected", "told"),
    [
        (
            MergeMode.SUM,
            {1: 2, 2: 8, 3: 4},
            [("KEPT", 1, 2, 2), ("INCREASED", 2, 3, 8), ("ADDED", 3, 0, 4)],
        ),
        (MergeMode.MAX, {1: 2, 2: 5, 3: 4}, [("KEPT", 1, 2, 2), ("INCREASED", 2, 3, 5), ("ADDED", 3, 0, 4)]),
        (MergeMode.KEEP_SOURCE, {2: 5, 3: 4}, [("DROPPED", 1, 2, 0), ("INCREASED", 2, 3, 5), ("ADDED", 3, 0, 4)]),
        (MergeMode.KEEP_TARGET, {1: 2, 2: 3}, [("KEPT", 1, 2, 2), ("KEPT", 2, 3, 3), ("DROPPED", 3, 4, 0)]),
    ],
)
def test_each_mode_has_its_own_rule(
    mode: MergeMode, expected: dict[int, int], told: list[tuple[str, int, int, int]]
) -> None:
    target = cart(line(VARIANTS[0], 2), line(VARIANTS[1], 3), id_=1)
    source = cart(line(VARIANTS[1], 5), line(VARIANTS[2], 4), id_=2)

    merged = merge(source, target, mode, AMOUNTS)

    assert {variant.int: quantity for variant, quantity in merged.quantities.items()} == expected
    assert actions(merged) == told


@given(contents, contents)
def test_sum_and_max_lose_nothing(of_target: dict[UUID, int], of_source: dict[UUID, int]) -> None:
    target, source = filled(of_target, 1), filled(of_source, 2)

    summed = merge(source, target, MergeMode.SUM, AMOUNTS).quantities
    highest = merge(source, target, MergeMode.MAX, AMOUNTS).quantities

    both = Counter(of_target) + Counter(of_source)
    assert summed == {variant: min(quantity, MOST_UNITS) for variant, quantity in both.items()}
    assert highest == dict(Counter(of_target) | Counter(of_source))


@given(contents, contents, st.sampled_from(MergeMode), amounts)
def test_the_report_tells_of_every_line_and_adds_up(
    of_target: dict[UUID, int], of_source: dict[UUID, int], mode: MergeMode, sold_at: dict[UUID, int]
) -> None:
    merged = merge(filled(of_source, 2), filled(of_target, 1), mode, sold_at)

    told = {change.variant_id: change for change in merged.report if change.action is not MergeAction.REPRICED}
    assert told.keys() == of_target.keys() | of_source.keys()
    assert {id_: change.quantity_after for id_, change in told.items() if change.quantity_after} == dict(
        merged.quantities
    )
    assert {moved.variant_id for moved in merged.moved} == merged.quantities.keys() - of_target.keys()
    assert {removed.variant_id for removed in merged.removed} == of_target.keys() - merged.quantities.keys()
    assert all(1 <= quantity <= MOST_UNITS for quantity in merged.quantities.values())


@given(contents, st.sampled_from(MergeMode))
def test_merging_an_empty_cart_changes_no_line_unless_the_source_is_kept(
    of_target: dict[UUID, int], mode: MergeMode
) -> None:
    merged = merge(cart(id_=2), filled(of_target, 1), mode, AMOUNTS)

    assert dict(merged.quantities) == ({} if mode is MergeMode.KEEP_SOURCE else of_target)


def test_what_exceeds_a_line_is_capped_and_told() -> None:
    merged = merge(cart(line(VARIANTS[0], 600), id_=2), cart(line(VARIANTS[0], 700), id_=1), MergeMode.SUM, AMOUNTS)

    assert actions(merged) == [("CAPPED", 1, 700, 999)]


def test_lines_beyond_the_200th_are_dropped_and_told() -> None:
    many = [UUID(int=number) for number in range(1, MOST_LINES + 2)]
    target = cart(*(line(variant, 1) for variant in many[:-2]), id_=1)
    source = cart(*(line(variant, 1) for variant in many[-2:]), id_=2)

    merged = merge(source, target, MergeMode.MAX, dict.fromkeys(many, 500))

    assert len(merged.quantities) == MOST_LINES
    assert actions(merged)[-2:] == [("ADDED", 200, 0, 1), ("DROPPED", 201, 1, 0)]


def test_another_price_is_told_beside_the_line() -> None:
    source = cart(line(VARIANTS[0], 2, amount=450), id_=2)

    merged = merge(source, cart(id_=1), MergeMode.MAX, AMOUNTS)

    assert actions(merged) == [("ADDED", 1, 0, 2), ("REPRICED", 1, 0, 2)]


def test_what_the_targets_market_does_not_sell_is_dropped() -> None:
    merged = merge(cart(line(VARIANTS[0], 2), id_=2, market=2), cart(id_=1), MergeMode.MAX, {})

    assert actions(merged) == [("DROPPED", 1, 2, 0)]


def test_the_open_cart_last_touched_is_merged_into() -> None:
    older = cart(id_=9)
    newer = cart(id_=3, updated_at=MOMENT.replace(hour=5))

    assert choose_target([newer, older]) is newer
    assert choose_target([]) is None
