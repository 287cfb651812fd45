"""What people may type for opening hours."""

import pytest

from domain.channels.opening_words import closed_dates, expect_cutoff, weekly_hours
from domain.errors import InvalidInput


def hours(weekday: int, opens: str, closes: str) -> dict[str, object]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def test_hours_are_named_by_days_and_ranges_of_days() -> None:
    assert weekly_hours(["Sa,Su 10:00-14:00", "Mo-We  09:00-18:30"]) == [
        hours(1, "09:00", "18:30"),
        hours(2, "09:00", "18:30"),
        hours(3, "09:00", "18:30"),
        hours(6, "10:00", "14:00"),
        hours(7, "10:00", "14:00"),
    ]
    assert weekly_hours([]) == []


def test_a_day_may_have_a_break_and_a_range_may_go_over_sunday() -> None:
    assert weekly_hours(["Mo 14:00-18:00", "Mo 09:00-12:00"]) == [
        hours(1, "09:00", "12:00"),
        hours(1, "14:00", "18:00"),
    ]
    assert [one["weekday"] for one in weekly_hours(["Sa-Mo 00:00-24:00"])] == [1, 6, 7]
    assert [one["weekday"] for one in weekly_hours(["Fr,Fr-Sa 22:00-02:00"])] == [5, 6]


@pytest.mark.parametrize(
    "wrong",
    ["", "Mo", "10:00-20:00", "Mon 10:00-20:00", "Mo-Xx 10:00-20:00", "Mo 10-20", "Mo 10:00-25:00", "Mo 10:00-10:00",
     "Mo 24:00-02:00", "Mo, 10:00-20:00", "Mo 10:00-12:00,14:00-18:00"],
)  # fmt: skip
def test_what_are_no_hours_is_named_in_the_refusal(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="are no opening hours") as refusal:
        weekly_hours(["Mo 10:00-20:00", wrong])

    assert refusal.value.message.startswith(repr(wrong))
    assert refusal.value.path == ("open",)


def test_a_closed_date_may_have_a_reason() -> None:
    assert closed_dates(["2026-12-26", "2026-12-25  Christmas Day"]) == [
        {"date": "2026-12-25", "opens": None, "closes": None, "reason": "Christmas Day"},
        {"date": "2026-12-26", "opens": None, "closes": None, "reason": None},
    ]


@pytest.mark.parametrize("wrong", ["", "Christmas", "2026-02-30", "25.12.2026"])
def test_what_is_no_date_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="is no date") as refusal:
        closed_dates([wrong])

    assert refusal.value.path == ("closed",)


def test_a_cutoff_is_a_time_of_day() -> None:
    expect_cutoff(None)
    expect_cutoff("00:00")
    expect_cutoff("23:59")
    for wrong in ("24:00", "noon", "9:00"):
        with pytest.raises(InvalidInput, match="is no time of day"):
            expect_cutoff(wrong)
