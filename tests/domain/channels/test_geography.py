"""Distances on a sphere of the Earth's mean radius."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels.geography import Coordinates, distance_km

BERLIN = Coordinates(52.520008, 13.404954)
PARIS = Coordinates(48.856613, 2.352222)
SYDNEY = Coordinates(-33.868820, 151.209290)

HALF_AROUND = 20_015.1145  # Half of the circumference for a radius of 6371.0088 km.

coordinates = st.builds(Coordinates, st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (BERLIN, PARIS, 877.46),
        (BERLIN, SYDNEY, 16_094.5),
        (Coordinates(0, 179.5), Coordinates(0, -179.5), 111.195),
        (Coordinates(90, 0), Coordinates(-90, 0), HALF_AROUND),
        (Coordinates(0, 0), Coordinates(0, 180), HALF_AROUND),
        (Coordinates(90, 17), Coordinates(90, -120), 0),
    ],
)
def test_a_distance_is_that_of_the_great_circle(start: Coordinates, end: Coordinates, expected: float) -> None:
    assert distance_km(start, end) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@given(start=coordinates, end=coordinates)
def test_it_is_as_far_there_as_back_and_never_more_than_half_around(start: Coordinates, end: Coordinates) -> None:
    distance = distance_km(start, end)

    assert distance == pytest.approx(distance_km(end, start))
    assert 0 <= distance <= HALF_AROUND + 0.001


@given(here=coordinates)
def test_a_place_is_no_distance_from_itself(here: Coordinates) -> None:
    assert distance_km(here, here) == 0


@given(here=coordinates)
def test_the_other_side_of_the_earth_is_half_around(here: Coordinates) -> None:
    other_side = Coordinates(-here.latitude, here.longitude + (180 if here.longitude < 0 else -180))

    assert distance_km(here, other_side) == pytest.approx(HALF_AROUND, abs=0.001)


@given(start=coordinates, over=coordinates, end=coordinates)
def test_no_detour_is_shorter(start: Coordinates, over: Coordinates, end: Coordinates) -> None:
    # Near the antipodes the sine is flat: there the formula is good to about a hundred meters.
    assert distance_km(start, end) <= distance_km(start, over) + distance_km(over, end) + 0.5
