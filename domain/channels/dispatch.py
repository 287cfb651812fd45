"""When what is ordered now leaves a location, and between which moments it then arrives."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from domain.channels.opening import Interval, Schedule, ready_at

_AROUND_THE_CLOCK = {weekday: (Interval.between("00:00", "24:00"),) for weekday in range(1, 8)}


@dataclass(frozen=True, slots=True)
class Arrival:
    """From the beginning of its first day to the end of its last, where it left."""

    earliest: datetime
    latest: datetime


def leaves_on(now: datetime, schedule: Schedule) -> date | None:
    """The day, there, on which an order placed now is ready to be sent; null when that is not within 60 days.

    A place without weekly hours, such as a warehouse, works on every day that is no exception. `now` is aware.
    """
    working = schedule if schedule.weekly else replace(schedule, weekly=_AROUND_THE_CLOCK)
    ready = ready_at(now, working)
    return None if ready is None else ready.astimezone(schedule.zone).date()


def arrival(now: datetime, origins: Sequence[Schedule], earliest_days: int, latest_days: int) -> Arrival | None:
    """When it arrives, whichever of these places it is sent from; null when none sends anything.

    Days are those of the calendar, counted from the one on which it leaves.
    """
    leaving = [(day, origin) for origin in origins if (day := leaves_on(now, origin)) is not None]
    if not leaving:
        return None
    return Arrival(
        min(_midnight(day + timedelta(days=earliest_days), origin) for day, origin in leaving),
        max(_midnight(day + timedelta(days=latest_days + 1), origin) for day, origin in leaving),
    )


def _midnight(day: date, origin: Schedule) -> datetime:
    return datetime.combine(day, time(), tzinfo=origin.zone).astimezone(UTC)
