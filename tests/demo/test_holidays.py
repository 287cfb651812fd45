"""Holidays fall where the calendars of their countries have them."""

import pytest

from api.demo.holidays import DENMARK, GERMANY, UNITED_STATES, Exceptions


def dates_of(country: Exceptions, year: int) -> dict[str, str]:
    return {one["date"]: one["reason"] for one in country if one["date"].startswith(f"{year}-")}


@pytest.mark.parametrize("country", [GERMANY, DENMARK, UNITED_STATES], ids=["Germany", "Denmark", "United States"])
def test_each_date_stands_once_and_in_order(country: Exceptions) -> None:
    dates = [one["date"] for one in country]

    assert dates == sorted(set(dates))
    assert {date[:4] for date in dates} == {"2026", "2027", "2028", "2029", "2030"}


def test_the_movable_holidays_of_2027_are_those_of_the_calendar() -> None:
    assert dates_of(GERMANY, 2027) == {
        "2027-01-01": "New Year's Day",
        "2027-03-26": "Good Friday",
        "2027-03-29": "Easter Monday",
        "2027-05-01": "Labor Day",
        "2027-05-06": "Ascension Day",
        "2027-05-17": "Whit Monday",
        "2027-10-03": "German Unity Day",
        "2027-12-24": "Christmas Eve",
        "2027-12-25": "Christmas Day",
        "2027-12-26": "Second Day of Christmas",
        "2027-12-31": "New Year's Eve",
    }
    assert dates_of(DENMARK, 2027).items() >= {("2027-03-25", "Maundy Thursday"), ("2027-05-16", "Whit Sunday")}
    assert dates_of(UNITED_STATES, 2027).items() >= {("2027-03-28", "Easter Sunday"), ("2027-11-25", "Thanksgiving")}
    assert "2026-11-26" in dates_of(UNITED_STATES, 2026)


def test_short_days_have_hours_and_holidays_none() -> None:
    christmas = [(one["opens"], one["closes"]) for one in GERMANY if one["date"] in ("2026-12-24", "2026-12-25")]

    assert christmas == [("10:00", "14:00"), (None, None)]
