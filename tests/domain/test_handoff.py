"""Codes that move a cart to another device."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.carts.handoff import (
    ALPHABET,
    LENGTH,
    LIFETIME,
    Handoff,
    HandoffInvalid,
    code_of,
    expect_claimable,
    normalized,
)

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
digits = st.lists(st.integers(0, len(ALPHABET) - 1), min_size=LENGTH, max_size=LENGTH)


def test_no_character_looks_like_another() -> None:
    assert not set("01ILOU") & set(ALPHABET)
    assert len(set(ALPHABET)) == 30


@given(digits)
def test_a_code_is_read_back_however_it_is_typed(numbers: list[int]) -> None:
    code = code_of(numbers)

    assert normalized(code) == code.replace("-", "")
    assert normalized(f" {code.lower().replace('-', ' ')}\n") == normalized(code)


@pytest.mark.parametrize(
    "typed", ["", "7", "ABCDE-FGHJ", "ABCDE-FGHJKM", "ABCDE-FGHJ0", "ABCDE-FGHJ\u00df", "'; DROP TABLE"]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert normalized(typed) is None


@pytest.mark.parametrize(
    "handoff",
    [None, Handoff(MOMENT + LIFETIME, is_claimed=True), Handoff(MOMENT, is_claimed=False)],
    ids=["unknown", "used", "too old"],
)
def test_unknown_used_and_old_codes_are_refused_alike(handoff: Handoff | None) -> None:
    with pytest.raises(HandoffInvalid) as refusal:
        expect_claimable(handoff, MOMENT)

    assert refusal.value.message == "This code is not good, or no longer."


def test_a_code_is_good_until_its_last_moment() -> None:
    expect_claimable(Handoff(MOMENT + timedelta(microseconds=1), is_claimed=False), MOMENT)


def test_guessing_takes_years() -> None:
    alive, guesses_a_minute = 10_000, 10_000

    minutes = len(ALPHABET) ** LENGTH / alive / guesses_a_minute

    assert minutes / 60 / 24 / 365 > 11
