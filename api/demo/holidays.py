"""Dates on which the demo's stores keep other hours: those of whole countries, not of single states."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

Exceptions = list[dict[str, Any]]

_EASTER = (date(2026, 4, 5), date(2027, 3, 28), date(2028, 4, 16), date(2029, 4, 1), date(2030, 4, 21))


def _exceptions(
    *,
    closed: Mapping[str, str],
    after_easter: Mapping[int, str],
    short: Mapping[str, tuple[str, str, str]],
    has_thanksgiving: bool = False,
) -> Exceptions:
    """`closed` and `short` are by month and day, `after_easter` by days."""
    found: dict[str, dict[str, Any]] = {}
    for easter in _EASTER:
        for day, reason in closed.items():
            found[f"{easter.year}-{day}"] = {"opens": None, "closes": None, "reason": reason}
        for days, reason in after_easter.items():
            found[(easter + timedelta(days=days)).isoformat()] = {"opens": None, "closes": None, "reason": reason}
        for day, (opens, closes, reason) in short.items():
            found[f"{easter.year}-{day}"] = {"opens": opens, "closes": closes, "reason": reason}
        if has_thanksgiving:
            fourth_thursday = list(_thursdays(easter.year))[3]
            found[fourth_thursday.isoformat()] = {"opens": None, "closes": None, "reason": "Thanksgiving"}
    return [{"date": day, **hours} for day, hours in sorted(found.items())]


def _thursdays(year: int) -> Iterator[date]:
    """Those of November."""
    return (date(year, 11, day) for day in range(1, 31) if date(year, 11, day).isoweekday() == 4)


GERMANY = _exceptions(
    closed={
        "01-01": "New Year's Day",
        "05-01": "Labor Day",
        "10-03": "German Unity Day",
        "12-25": "Christmas Day",
        "12-26": "Second Day of Christmas",
    },
    after_easter={-2: "Good Friday", 1: "Easter Monday", 39: "Ascension Day", 50: "Whit Monday"},
    short={"12-24": ("10:00", "14:00", "Christmas Eve"), "12-31": ("10:00", "14:00", "New Year's Eve")},
)

DENMARK = _exceptions(
    closed={
        "01-01": "New Year's Day",
        "06-05": "Constitution Day",
        "12-25": "Christmas Day",
        "12-26": "Second Day of Christmas",
    },
    after_easter={
        -3: "Maundy Thursday",
        -2: "Good Friday",
        0: "Easter Sunday",
        1: "Easter Monday",
        39: "Ascension Day",
        49: "Whit Sunday",
        50: "Whit Monday",
    },
    short={"12-24": ("10:00", "15:00", "Christmas Eve"), "12-31": ("10:00", "15:00", "New Year's Eve")},
)

# Shops may open on federal holidays; these are the dates on which most do not, or close early.
UNITED_STATES = _exceptions(
    closed={"01-01": "New Year's Day", "12-25": "Christmas Day"},
    after_easter={0: "Easter Sunday"},
    short={
        "07-04": ("10:00", "17:00", "Independence Day"),
        "12-24": ("10:00", "17:00", "Christmas Eve"),
        "12-31": ("10:00", "17:00", "New Year's Eve"),
    },
    has_thanksgiving=True,
)
