"""Opening hours as people type them: schema.org's `openingHours`, such as `Mo-Fr 10:00-20:00` or `Sa,Su 10:00-14:00`."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from domain.channels.opening import Interval, minutes_of
from domain.errors import InvalidInput

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_HOURS = re.compile(r"(?P<days>\S+) +(?P<opens>[0-9:]+)-(?P<closes>[0-9:]+)")
_CLOSED = re.compile(r"(?P<date>\S+)(?: +(?P<reason>\S.*))?")


def weekly_hours(spans: Sequence[str]) -> list[dict[str, Any]]:
    """As a location keeps them. Raises InvalidInput for the first span that is none."""
    hours = []
    for span in spans:
        found = _HOURS.fullmatch(span.strip())
        weekdays = list(_weekdays(found["days"])) if found else []
        if found is None or not weekdays or not _is_span(found["opens"], found["closes"]):
            raise InvalidInput(f"{span!r} are no opening hours, such as Mo-Fr 10:00-20:00.", path=("open",))
        hours += [{"weekday": day, "opens": found["opens"], "closes": found["closes"]} for day in weekdays]
    return sorted(hours, key=lambda one: (one["weekday"], one["opens"]))


def closed_dates(words: Sequence[str]) -> list[dict[str, Any]]:
    """Each is a date, and after it the reason where there is one. Raises InvalidInput for the first that is none."""
    dates = []
    for word in words:
        found = _CLOSED.fullmatch(word.strip())
        try:
            day = date.fromisoformat(found["date"]) if found else None
        except ValueError:
            day = None
        if found is None or day is None:
            raise InvalidInput(f"{word!r} is no date, such as 2026-12-25 Christmas Day.", path=("closed",))
        dates.append({"date": day.isoformat(), "opens": None, "closes": None, "reason": found["reason"]})
    return sorted(dates, key=lambda one: one["date"])


def expect_cutoff(clock: str | None) -> None:
    """Raises InvalidInput unless it is a time of day; the end of the day is none, since nothing comes after it."""
    try:
        is_time = clock is None or minutes_of(clock) < minutes_of("24:00")
    except ValueError:
        is_time = False
    if not is_time:
        raise InvalidInput(f"{clock!r} is no time of day, such as 16:00.", path=("cutoff",))


def _weekdays(words: str) -> Iterator[int]:
    """Nothing where one of them is no weekday. A range may go over Sunday."""
    named: list[int] = []
    for word in words.split(","):
        first, _, last = word.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            return
        day = _DAYS.index(first)
        length = (_DAYS.index(last or first) - day) % 7
        named += [(day + step) % 7 + 1 for step in range(length + 1)]
    yield from dict.fromkeys(named)


def _is_span(opens: str, closes: str) -> bool:
    try:
        hours = Interval.between(opens, closes)
    except ValueError:
        return False
    return hours.opens < hours.closes
