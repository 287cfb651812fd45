"""When a place is open, and when an order placed now can be collected there.

What opening hours mean follows schema.org's OpeningHoursSpecification; what a clock change does to them follows RFC 5545.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_DAYS_AHEAD = 60
"""Nobody is promised anything later than this many days from now."""

_MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Wall-clock minutes since midnight, from `opens` on and before `closes`.

    Past 24:00 it ends on the next day. One that ends when it begins is never open.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < _MINUTES_OF_A_DAY or not 0 <= self.closes - self.opens <= _MINUTES_OF_A_DAY:
            raise ValueError("an interval begins within its day and lasts no longer than one")

    @classmethod
    def between(cls, opens: str, closes: str) -> "Interval":
        """Of times such as 09:00. One that closes before it opens closes on the next day; 24:00 is the end of the day.

        Raises ValueError for what is no such time.
        """
        first, last = minutes_of(opens), minutes_of(closes)
        return cls(first, last + _MINUTES_OF_A_DAY if last < first else last)


def minutes_of(clock: str) -> int:
    """Since midnight, of a time written as 09:00; 24:00 is allowed. Raises ValueError."""
    hours, colon, minutes = clock.partition(":")
    if not (colon and len(hours) == len(minutes) == 2 and clock.isascii() and (hours + minutes).isdigit()):
        raise ValueError(f"{clock!r} is no time of day such as 09:00")
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > _MINUTES_OF_A_DAY:
        raise ValueError(f"{clock!r} is no time of day such as 09:00")
    return total


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a place is open, in its own time zone, and how long it takes to get an order ready there.

    `weekly` is by ISO weekday, 1 for Monday; `exceptions` replace a date's hours, with none on a day that it is closed.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Interval, ...]] = field(default_factory=dict)
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    preparation: timedelta = timedelta(hours=1)
    # Minutes since midnight; null when orders are taken until closing.
    cutoff: int | None = None

    def hours_on(self, day: date) -> tuple[Interval, ...]:
        exception = self.exceptions.get(day)
        return self.weekly.get(day.isoweekday(), ()) if exception is None else exception


def ready_at(now: datetime, schedule: Schedule) -> datetime | None:
    """When an order placed now can be collected, in UTC; null when that is not within 60 days.

    Orders are prepared while the place is open, and only then: work waits overnight and over a holiday, and goes on where it
    stopped. What is placed at or after the cut-off of its day is worked on from the next day on (schema.org's `cutoffTime`:
    orders received later are not processed on that day). Ready is the first moment at which the place is open and has been open
    for as long as preparation takes, so it never lies outside opening hours, never before now + preparation, and whoever orders
    later is never ready earlier.

    `now` is aware. Real time counts, whatever the clock on the wall does.
    """
    if now.tzinfo is None:
        raise ValueError("a moment has a time zone")
    start = _work_begins(now, schedule)
    latest = now.astimezone(UTC) + timedelta(days=MOST_DAYS_AHEAD)
    outstanding = schedule.preparation
    for opens, closes in _openings(start, schedule):
        begins = max(start, opens)
        if begins >= closes:
            continue
        if begins + outstanding < closes:
            ready = begins + outstanding
            return ready if ready <= latest else None
        outstanding -= closes - begins
        # Overlapping hours are no second pair of hands.
        start = closes
    return None


def _work_begins(now: datetime, schedule: Schedule) -> datetime:
    moment = now.astimezone(UTC)
    today = now.astimezone(schedule.zone).date()
    if schedule.cutoff is None or moment < _moment(today, schedule.cutoff, schedule.zone):
        return moment
    # After a clock was put back over midnight, the next day may have begun before.
    return max(moment, _moment(today, _MINUTES_OF_A_DAY, schedule.zone))


def _openings(start: datetime, schedule: Schedule) -> Iterator[tuple[datetime, datetime]]:
    """From the day before the start, which may reach past midnight, in order of their beginnings."""
    first = start.astimezone(schedule.zone).date() - timedelta(days=1)
    for days in range(MOST_DAYS_AHEAD + 3):
        day = first + timedelta(days=days)
        # What begins and ends in a skipped hour, or on the day that Samoa skipped, ends before it begins: it is never open.
        yield from sorted(
            (_moment(day, hours.opens, schedule.zone), _closing(day, hours.closes, schedule.zone))
            for hours in schedule.hours_on(day)
        )


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """A wall-clock time as a moment, by RFC 5545, 3.3.5: what the clock skips counts by the offset before, and of what it
    shows twice the first is meant.
    """
    return _wall(day, minutes, zone).astimezone(UTC)


def _closing(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Of a closing time that the clock skips, the offset after counts: nobody is sent to a door that says closed."""
    wall = _wall(day, minutes, zone)
    return min(wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))


def _wall(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone) + timedelta(minutes=minutes)
