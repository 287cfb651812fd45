"""Distances between places on Earth."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

_EARTH_RADIUS_KM = 6371.0088  # Mean radius, IUGG.


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Degrees, north and east positive."""

    latitude: float
    longitude: float


def distance_km(start: Coordinates, end: Coordinates) -> float:
    """Great-circle distance by the haversine formula."""
    north, south = radians(start.latitude), radians(end.latitude)
    chord = (
        sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(radians(end.longitude - start.longitude) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))
