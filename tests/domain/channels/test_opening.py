"""When an order can be collected: by hand for the days that go wrong, and by property in zones that go wrong."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.channels.opening import MOST_DAYS_AHEAD, Interval, Schedule, minutes_of, ready_at

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")

WORKDAYS = dict.fromkeys(range(1, 6), (Interval.between("10:00", "18:00"),))
NEVER_CLOSED = dict.fromkeys(range(1, 8), (Interval.between("00:00", "24:00"),))
CHRISTMAS = dict.fromkeys((date(2026, 12, 25), date(2026, 12, 26)), ())


def at(zone: ZoneInfo, *moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=zone, fold=fold)  # type: ignore[misc, arg-type]


def store(**values: object) -> Schedule:
    return Schedule(**{"zone": BERLIN, "weekly": WORKDAYS, **values})  # type: ignore[arg-type]


# The week from Monday 2 March 2026 has no holiday and no clock change.
@pytest.mark.parametrize(
    ("placed", "ready"),
    [
        pytest.param((2026, 3, 2, 11, 0), (2026, 3, 2, 12, 0), id="while it is open"),
        pytest.param((2026, 3, 2, 7, 30), (2026, 3, 2, 11, 0), id="before it opens"),
        pytest.param((2026, 3, 2, 15, 59), (2026, 3, 2, 16, 59), id="a minute before the cut-off"),
        pytest.param((2026, 3, 2, 16, 0), (2026, 3, 3, 11, 0), id="at the cut-off"),
        pytest.param((2026, 3, 2, 23, 0), (2026, 3, 3, 11, 0), id="late in the evening"),
        pytest.param((2026, 3, 3, 0, 30), (2026, 3, 3, 11, 0), id="after midnight"),
        pytest.param((2026, 3, 6, 17, 0), (2026, 3, 9, 11, 0), id="on Friday after the cut-off"),
        pytest.param((2026, 3, 7, 12, 0), (2026, 3, 9, 11, 0), id="on a day that it is closed"),
        pytest.param((2026, 3, 8, 22, 0), (2026, 3, 9, 11, 0), id="on a closed day after the cut-off"),
    ],
)
def test_an_order_is_prepared_in_opening_hours_and_after_the_cutoff_on_the_next_day(
    placed: tuple[int, ...], ready: tuple[int, ...]
) -> None:
    assert ready_at(at(BERLIN, *placed), store(cutoff=16 * 60)) == at(BERLIN, *ready)


def test_work_stops_at_closing_and_goes_on_where_it_stopped() -> None:
    lunch = dict.fromkeys(range(1, 6), (Interval.between("14:00", "18:00"), Interval.between("09:00", "12:00")))
    friday = at(BERLIN, 2026, 3, 6, 17, 30)

    assert ready_at(friday, store()) == at(BERLIN, 2026, 3, 9, 10, 30)
    assert ready_at(at(BERLIN, 2026, 3, 2, 11, 30), store(weekly=lunch)) == at(BERLIN, 2026, 3, 2, 14, 30)
    # Nine hours are the half hour of Friday, the seven of Monday and an hour and a half of Tuesday.
    nine_hours = store(weekly=lunch, preparation=timedelta(hours=9))
    assert ready_at(friday, nine_hours) == at(BERLIN, 2026, 3, 10, 10, 30)


def test_what_is_finished_at_the_moment_of_closing_is_collected_at_the_next_opening() -> None:
    assert ready_at(at(BERLIN, 2026, 3, 6, 16, 59), store()) == at(BERLIN, 2026, 3, 6, 17, 59)
    assert ready_at(at(BERLIN, 2026, 3, 6, 17, 0), store()) == at(BERLIN, 2026, 3, 9, 10, 0)


def test_what_needs_no_preparation_is_ready_at_once_or_when_the_store_opens() -> None:
    at_once = store(preparation=timedelta(0))

    assert ready_at(at(BERLIN, 2026, 3, 2, 10, 0), at_once) == at(BERLIN, 2026, 3, 2, 10, 0)
    assert ready_at(at(BERLIN, 2026, 3, 2, 18, 0), at_once) == at(BERLIN, 2026, 3, 3, 10, 0)


def test_nothing_is_prepared_on_holidays_and_other_hours_count_instead_of_the_usual() -> None:
    short_day = {date(2026, 12, 24): (Interval.between("09:00", "13:00"),)}
    closed_and_short = store(exceptions=CHRISTMAS | short_day)

    # Thursday is Christmas Eve; Friday and Saturday are holidays, then comes Sunday.
    assert ready_at(at(BERLIN, 2026, 12, 24, 8, 0), closed_and_short) == at(BERLIN, 2026, 12, 24, 10, 0)
    assert ready_at(at(BERLIN, 2026, 12, 24, 12, 30), closed_and_short) == at(BERLIN, 2026, 12, 28, 10, 30)
    assert ready_at(at(BERLIN, 2026, 12, 24, 12, 30), store(exceptions=CHRISTMAS)) == at(BERLIN, 2026, 12, 24, 13, 30)


def test_a_store_may_open_on_a_date_of_a_day_that_it_is_usually_closed() -> None:
    sunday = store(exceptions={date(2026, 3, 8): (Interval.between("13:00", "18:00"),)})

    assert ready_at(at(BERLIN, 2026, 3, 7, 12, 0), sunday) == at(BERLIN, 2026, 3, 8, 14, 0)


def test_the_hours_of_one_day_may_reach_into_the_next() -> None:
    late = store(weekly={5: (Interval.between("18:00", "02:00"),)}, cutoff=20 * 60)

    assert ready_at(at(BERLIN, 2026, 3, 6, 19, 0), late) == at(BERLIN, 2026, 3, 6, 20, 0)
    # After Friday's cut-off work begins with Saturday, of which two hours belong to Friday's opening.
    assert ready_at(at(BERLIN, 2026, 3, 6, 23, 0), late) == at(BERLIN, 2026, 3, 7, 1, 0)
    assert ready_at(at(BERLIN, 2026, 3, 7, 0, 30), late) == at(BERLIN, 2026, 3, 7, 1, 30)
    assert ready_at(at(BERLIN, 2026, 3, 7, 1, 30), late) == at(BERLIN, 2026, 3, 13, 18, 30)


def test_hours_that_are_written_twice_are_worked_once() -> None:
    twice = store(weekly={1: (Interval.between("10:00", "14:00"), Interval.between("12:00", "16:00"))})
    five_hours = store(weekly=twice.weekly, preparation=timedelta(hours=5))

    assert ready_at(at(BERLIN, 2026, 3, 2, 8, 0), five_hours) == at(BERLIN, 2026, 3, 2, 15, 0)


def test_a_clock_put_forward_takes_an_hour_of_work_away() -> None:
    # 29 March 2026, 02:00 becomes 03:00.
    four_hours = store(weekly=NEVER_CLOSED, preparation=timedelta(hours=4))
    morning = store(weekly={7: (Interval.between("01:00", "05:00"),)}, preparation=timedelta(hours=2))

    assert ready_at(at(BERLIN, 2026, 3, 29, 0, 0), four_hours) == at(BERLIN, 2026, 3, 29, 5, 0)
    assert ready_at(at(BERLIN, 2026, 3, 28, 12, 0), morning) == at(BERLIN, 2026, 3, 29, 4, 0)


def test_hours_that_begin_in_the_skipped_hour_begin_after_it() -> None:
    half_past_two = store(weekly={7: (Interval.between("02:30", "06:00"),)}, preparation=timedelta(0))

    assert ready_at(at(BERLIN, 2026, 3, 28, 12, 0), half_past_two) == at(BERLIN, 2026, 3, 29, 3, 30)


def test_hours_that_end_in_the_skipped_hour_end_before_it() -> None:
    until_half_past_two = store(weekly={7: (Interval.between("00:00", "02:30"),)}, preparation=timedelta(minutes=45))

    assert ready_at(at(BERLIN, 2026, 3, 29, 0, 30), until_half_past_two) == at(BERLIN, 2026, 3, 29, 1, 15)
    assert ready_at(at(BERLIN, 2026, 3, 29, 1, 0), until_half_past_two) == at(BERLIN, 2026, 4, 5, 0, 15)


def test_a_clock_put_back_gives_an_hour_of_work() -> None:
    # 25 October 2026, 03:00 becomes 02:00.
    four_hours = store(weekly=NEVER_CLOSED, preparation=timedelta(hours=4))

    assert ready_at(at(BERLIN, 2026, 10, 25, 0, 0), four_hours) == at(BERLIN, 2026, 10, 25, 3, 0)
    assert ready_at(at(BERLIN, 2026, 10, 25, 2, 0, fold=1), four_hours) == at(BERLIN, 2026, 10, 25, 6, 0)


def test_hours_that_begin_or_a_cutoff_that_falls_in_the_repeated_hour_mean_the_first_time() -> None:
    half_past_two = store(weekly={7: (Interval.between("02:30", "06:00"),)}, preparation=timedelta(0))
    night = store(weekly=NEVER_CLOSED, cutoff=150, preparation=timedelta(0))
    first, second = at(BERLIN, 2026, 10, 25, 2, 15), at(BERLIN, 2026, 10, 25, 2, 15, fold=1)

    assert ready_at(at(BERLIN, 2026, 10, 24, 12, 0), half_past_two) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert ready_at(first, night) == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert ready_at(second, night) == at(BERLIN, 2026, 10, 26, 0, 0)


def test_lord_howe_moves_its_clock_by_half_an_hour() -> None:
    # 4 October 2026, 02:00 becomes 02:30.
    night = Schedule(zone=LORD_HOWE, weekly=NEVER_CLOSED, preparation=timedelta(hours=2))

    assert ready_at(at(LORD_HOWE, 2026, 10, 4, 1, 0), night) == at(LORD_HOWE, 2026, 10, 4, 3, 30)


def test_a_day_that_the_clock_has_begun_twice_is_not_begun_in_the_past() -> None:
    # Until 2011 Newfoundland put its clock back at 00:01, from the seventh of November to the sixth again.
    night = Schedule(zone=ZoneInfo("America/St_Johns"), weekly=NEVER_CLOSED, cutoff=23 * 60)

    assert ready_at(datetime(2010, 11, 7, 3, 0, tzinfo=UTC), night) == datetime(2010, 11, 7, 4, 0, tzinfo=UTC)


def test_on_the_day_that_samoa_skipped_nothing_is_open() -> None:
    friday = Schedule(zone=APIA, weekly={5: (Interval.between("10:00", "18:00"),)})

    # There was no Friday 30 December 2011.
    assert ready_at(at(APIA, 2011, 12, 29, 12, 0), friday) == at(APIA, 2012, 1, 6, 11, 0)


def test_each_store_counts_in_its_own_time() -> None:
    placed = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
    new_york = Schedule(zone=NEW_YORK, weekly=WORKDAYS)

    assert ready_at(placed, store()) == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    assert ready_at(placed, new_york) == datetime(2026, 3, 2, 22, 0, tzinfo=UTC)


def test_a_store_that_does_not_open_within_sixty_days_promises_nothing() -> None:
    now = at(BERLIN, 2026, 3, 2, 12, 0)
    reopens = {date(2026, 4, 30): (Interval.between("10:00", "18:00"),)}
    too_late = {date(2026, 5, 2): (Interval.between("10:00", "18:00"),)}

    assert ready_at(now, store(weekly={})) is None
    assert ready_at(now, store(weekly={}, exceptions=reopens)) == at(BERLIN, 2026, 4, 30, 11, 0)
    assert ready_at(now, store(weekly={}, exceptions=too_late)) is None
    assert ready_at(now, store(weekly={1: (Interval.between("10:00", "10:00"),)})) is None


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ready_at(datetime(2026, 3, 2, 12, 0), store())  # noqa: DTZ001 - That is what is refused.


@pytest.mark.parametrize(
    "wrong", ["", "9:00", "09.00", "0900", "09:60", "24:01", "-1:00", "\N{ARABIC-INDIC DIGIT ZERO}9:00", "09:00:00"]
)
def test_a_time_is_two_digits_a_colon_and_two_digits(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no time of day"):
        minutes_of(wrong)

    assert (minutes_of("00:00"), minutes_of("09:05"), minutes_of("24:00")) == (0, 545, 1440)


# Properties.

ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Antarctica/Troll",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
intervals = st.builds(
    lambda opens, minutes: Interval(opens, opens + minutes),
    # Most clocks change in the small hours.
    st.integers(0, 240) | st.integers(0, 1439),
    st.integers(0, 240) | st.integers(0, 1440),
)
hours = st.lists(intervals, max_size=3).map(tuple)
weeks = st.dictionaries(st.integers(1, 7), hours, max_size=7)
# From before St. John's changed its clock at 00:01 and before Samoa skipped a day.
days = st.dates(date(2010, 1, 1), date(2027, 12, 31))
moments = st.datetimes(datetime(2010, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def changes_of_clocks(draw: st.DrawFn, zone: ZoneInfo) -> datetime:
    """A moment within three hours of the zone's next change of its clock, or anywhere when it has none within a year."""
    moment = draw(moments)
    for _ in range(366):
        following = moment + timedelta(days=1)
        if moment.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            while following - moment > timedelta(minutes=1):
                middle = moment + (following - moment) / 2
                if moment.astimezone(zone).utcoffset() == middle.astimezone(zone).utcoffset():
                    moment = middle
                else:
                    following = middle
            return following + timedelta(minutes=draw(st.integers(-180, 180)))
        moment = following
    return moment


@st.composite
def situations(draw: st.DrawFn) -> tuple[datetime, Schedule]:
    """Half of the orders are placed close to a change of the clock, and the exceptions are about those days."""
    zone = draw(zones)
    now = draw(st.one_of(moments, changes_of_clocks(zone)))
    today = now.astimezone(zone).date()
    near = st.integers(-1, 4).map(lambda ahead: today + timedelta(days=ahead))
    schedule = Schedule(
        zone=zone,
        weekly=draw(weeks),
        exceptions=draw(st.dictionaries(near, hours, max_size=3)),
        preparation=timedelta(minutes=draw(st.integers(0, 600))),
        cutoff=draw(st.none() | st.integers(0, 1440)),
    )
    return now, schedule


def is_open(moment: datetime, schedule: Schedule) -> bool:
    """By the clock on the wall, as somebody before the door would judge; of an hour that is shown twice both count."""
    wall = moment.astimezone(schedule.zone)
    minute = wall.hour * 60 + wall.minute + (wall.second + wall.microsecond / 1e6) / 60
    shifts = {wall.replace(fold=fold).utcoffset() for fold in (0, 1)}
    slack = abs(max(shifts, default=timedelta()) - min(shifts, default=timedelta())).total_seconds() / 60  # type: ignore[type-var, operator]
    today = schedule.hours_on(wall.date())
    yesterday = schedule.hours_on(wall.date() - timedelta(days=1))
    spans = [(one.opens, one.closes) for one in today]
    spans += [(one.opens - 1440, one.closes - 1440) for one in yesterday]
    return any(opens - slack <= minute < closes + slack for opens, closes in spans)


@given(situations())
def test_an_order_is_ready_no_sooner_than_it_can_be_prepared_and_within_sixty_days(
    situation: tuple[datetime, Schedule],
) -> None:
    now, schedule = situation

    ready = ready_at(now, schedule)

    assert ready is None or (ready.tzinfo is UTC and schedule.preparation <= ready - now)
    assert ready is None or ready - now <= timedelta(days=MOST_DAYS_AHEAD)


@given(situations())
def test_an_order_is_ready_only_while_the_store_is_open(situation: tuple[datetime, Schedule]) -> None:
    now, schedule = situation
    ready = ready_at(now, schedule)
    assume(ready is not None)
    assert ready is not None

    assert is_open(ready, schedule)


@given(situations(), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_who_orders_later_is_not_ready_earlier(situation: tuple[datetime, Schedule], later: timedelta) -> None:
    now, schedule = situation
    ready, ready_later = ready_at(now, schedule), ready_at(now + later, schedule)

    assert ready is None or ready_later is None or ready <= ready_later


@given(situations(), st.integers(0, 600))
def test_longer_preparation_is_never_ready_earlier(situation: tuple[datetime, Schedule], minutes: int) -> None:
    now, schedule = situation
    slower = Schedule(
        zone=schedule.zone,
        weekly=schedule.weekly,
        exceptions=schedule.exceptions,
        preparation=schedule.preparation + timedelta(minutes=minutes),
        cutoff=schedule.cutoff,
    )
    ready, ready_slower = ready_at(now, schedule), ready_at(now, slower)

    assert ready_slower is None or (ready is not None and ready <= ready_slower)


@given(situations())
def test_it_does_not_matter_in_which_zone_now_is_said(situation: tuple[datetime, Schedule]) -> None:
    now, schedule = situation

    assert ready_at(now, schedule) == ready_at(now.astimezone(schedule.zone), schedule)


@given(days, st.integers(0, 1439), weeks, st.integers(-12, 14), st.integers(0, 600), st.none() | st.integers(0, 1440))
def test_moving_a_store_to_another_zone_moves_the_answer_with_it(
    day: date, minute: int, weekly: dict[int, tuple[Interval, ...]], offset: int, minutes: int, cutoff: int | None
) -> None:
    here, there = ZoneInfo("UTC"), ZoneInfo(f"Etc/GMT{-offset:+d}")
    preparation = timedelta(minutes=minutes)
    noon = datetime(day.year, day.month, day.day, tzinfo=here) + timedelta(minutes=minute)

    ready_here = ready_at(noon, Schedule(here, weekly, preparation=preparation, cutoff=cutoff))
    ready_there = ready_at(noon.replace(tzinfo=there), Schedule(there, weekly, preparation=preparation, cutoff=cutoff))

    assert ready_there == (None if ready_here is None else ready_here - timedelta(hours=offset))
