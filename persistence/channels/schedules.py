"""From a location's row to its schedule."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.channels.opening import Interval, Schedule, minutes_of
from persistence.database import Row


def schedule_of(location: Row | Mapping[str, Any]) -> Schedule:
    """Raises ValueError where what is stored is no time of day."""
    weekly: dict[int, tuple[Interval, ...]] = {}
    for hours in location["opening_hours"]:
        weekly[hours["weekday"]] = (
            *weekly.get(hours["weekday"], ()),
            Interval.between(hours["opens"], hours["closes"]),
        )
    exceptions: dict[date, tuple[Interval, ...]] = {}
    for hours in location["opening_exceptions"]:
        day = date.fromisoformat(hours["date"])
        is_open = hours["opens"] is not None
        opened = (Interval.between(hours["opens"], hours["closes"]),) if is_open else ()
        exceptions[day] = (*exceptions.get(day, ()), *opened)
    cutoff = location["pickup_cutoff"]
    return Schedule(
        zone=ZoneInfo(location["timezone"]),
        weekly=weekly,
        exceptions=exceptions,
        preparation=timedelta(minutes=location["preparation_minutes"]),
        cutoff=None if cutoff is None else minutes_of(cutoff),
    )
