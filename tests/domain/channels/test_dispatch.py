"""When what is shipped leaves, and when it arrives."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.channels.dispatch import Arrival, arrival, leaves_on
from domain.channels.opening import Interval, Schedule

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
# A Wednesday.
NOON = datetime(2026, 3, 4, 12, tzinfo=BERLIN)
WAREHOUSE = Schedule(BERLIN, preparation=HOUR, cutoff=14 * 60)
STORE = Schedule(BERLIN, {day: (Interval.between("10:00", "18:00"),) for day in range(1, 6)}, preparation=2 * HOUR)


def test_a_warehouse_without_hours_sends_on_the_day_until_its_cutoff() -> None:
    assert leaves_on(NOON, WAREHOUSE) == date(2026, 3, 4)
    assert leaves_on(NOON + 2 * HOUR, WAREHOUSE) == date(2026, 3, 5)


def test_a_warehouse_sends_nothing_on_a_day_that_is_an_exception() -> None:
    closed = Schedule(BERLIN, {}, {date(2026, 3, 4): (), date(2026, 3, 5): ()}, HOUR)

    assert leaves_on(NOON, closed) == date(2026, 3, 6)


def test_a_store_sends_what_it_has_packed_while_it_was_open() -> None:
    friday = datetime(2026, 3, 6, 15, tzinfo=BERLIN)

    assert leaves_on(friday, STORE) == date(2026, 3, 6)
    assert leaves_on(friday + 2 * HOUR, STORE) == date(2026, 3, 9)


def test_it_arrives_from_the_beginning_of_the_first_day_to_the_end_of_the_last() -> None:
    found = arrival(NOON, [WAREHOUSE], 2, 4)

    assert found == Arrival(
        datetime(2026, 3, 6, tzinfo=BERLIN).astimezone(UTC), datetime(2026, 3, 9, tzinfo=BERLIN).astimezone(UTC)
    )


def test_the_promise_holds_wherever_it_is_shipped_from() -> None:
    found = arrival(NOON + 5 * HOUR, [STORE, Schedule(BERLIN, preparation=HOUR)], 1, 1)

    # The warehouse sends today, the store tomorrow.
    assert found == Arrival(
        datetime(2026, 3, 5, tzinfo=BERLIN).astimezone(UTC), datetime(2026, 3, 7, tzinfo=BERLIN).astimezone(UTC)
    )


def test_nothing_arrives_that_nobody_sends() -> None:
    never = Schedule(BERLIN, {}, {date(2026, 3, 4) + timedelta(days): () for days in range(70)}, HOUR)

    assert arrival(NOON, [], 1, 2) is None
    assert arrival(NOON, [never], 1, 2) is None


@given(
    minutes=st.integers(0, 60 * 24 * 400),
    days=st.tuples(st.integers(0, 10), st.integers(0, 10)).map(sorted),
    origins=st.lists(st.sampled_from([WAREHOUSE, STORE]), min_size=1, max_size=3),
)
def test_the_end_of_a_promise_is_later_than_its_beginning_and_than_now(
    minutes: int, days: list[int], origins: list[Schedule]
) -> None:
    now = NOON + timedelta(minutes=minutes)

    found = arrival(now, origins, *days)

    assert found is not None
    assert found.earliest < found.latest
    assert found.latest > now
