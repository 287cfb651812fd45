"""What a location's row says of its hours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.channels.opening import Interval, ready_at
from persistence.channels.schedules import schedule_of

ROW: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "opening_hours": [
        {"weekday": 1, "opens": "09:00", "closes": "12:00"},
        {"weekday": 1, "opens": "14:00", "closes": "18:30"},
        {"weekday": 5, "opens": "20:00", "closes": "02:00"},
        {"weekday": 6, "opens": "00:00", "closes": "24:00"},
    ],
    "opening_exceptions": [
        {"date": "2026-12-24", "opens": "09:00", "closes": "11:00", "reason": None},
        {"date": "2026-12-24", "opens": "13:00", "closes": "14:00", "reason": None},
        {"date": "2026-12-25", "opens": None, "closes": None, "reason": "Christmas Day"},
    ],
    "preparation_minutes": 45,
    "pickup_cutoff": "16:15",
}


def test_a_row_becomes_a_schedule_with_breaks_nights_and_closed_days() -> None:
    schedule = schedule_of(ROW)

    assert schedule.zone.key == "Europe/Berlin"
    assert schedule.weekly == {
        1: (Interval(540, 720), Interval(840, 1110)),
        5: (Interval(1200, 1560),),
        6: (Interval(0, 1440),),
    }
    assert schedule.exceptions == {
        date(2026, 12, 24): (Interval(540, 660), Interval(780, 840)),
        date(2026, 12, 25): (),
    }
    assert (schedule.preparation, schedule.cutoff) == (timedelta(minutes=45), 975)


def test_a_location_that_nobody_said_anything_of_is_never_ready() -> None:
    bare = {**ROW, "opening_hours": [], "opening_exceptions": [], "pickup_cutoff": None}

    assert schedule_of(bare).cutoff is None
    assert ready_at(datetime(2026, 3, 2, tzinfo=UTC), schedule_of(bare)) is None


def test_hours_that_are_none_are_not_guessed_at() -> None:
    broken = {**ROW, "opening_hours": [{"weekday": 1, "opens": "nine", "closes": "18:00"}]}

    with pytest.raises(ValueError, match="'nine' is no time of day"):
        schedule_of(broken)
