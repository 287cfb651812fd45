"""What a shopper can do instead when a line cannot be served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import islice


class RemedyKind(Enum):
    LOWER_QUANTITY = "LOWER_QUANTITY"
    PICK_UP_ELSEWHERE = "PICK_UP_ELSEWHERE"
    SHIP_INSTEAD = "SHIP_INSTEAD"
    WAIT_FOR_INCOMING = "WAIT_FOR_INCOMING"
    REMOVE_LINE = "REMOVE_LINE"


MOST_PLACES_NAMED = 10
"""A chain may have hundreds of stores; nobody reads more than these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    kind: RemedyKind
    quantity: int | None = None
    location_id: int | None = None
    available_on: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a location does for shoppers, as far as remedies need to know."""

    location_id: int
    offers_pickup: bool
    ships_orders: bool
    # Whether somebody is there to be paid.
    is_store: bool = False


def remedies(
    requested: int,
    available: int,
    *,
    chosen_location_id: int | None,
    sellable: Mapping[int, int],
    places: Sequence[Place],
) -> tuple[Remedy, ...]:
    """In the order in which a shopper would rather have them; removing the line is always possible.

    `sellable` are the units that each location could serve, `places` in order of preference.
    """
    found: list[Remedy] = []
    if chosen_location_id is not None:
        shippable = sum(sellable.get(place.location_id, 0) for place in places if place.ships_orders)
        if shippable >= requested:
            found.append(Remedy(kind=RemedyKind.SHIP_INSTEAD, quantity=requested))
    elsewhere = (
        Remedy(kind=RemedyKind.PICK_UP_ELSEWHERE, location_id=place.location_id, quantity=requested)
        for place in places
        if place.offers_pickup
        and place.location_id != chosen_location_id
        and sellable.get(place.location_id, 0) >= requested
    )
    found.extend(islice(elsewhere, MOST_PLACES_NAMED))
    if available > 0:
        found.append(Remedy(kind=RemedyKind.LOWER_QUANTITY, quantity=available))
    found.append(Remedy(kind=RemedyKind.REMOVE_LINE))
    return tuple(found)
