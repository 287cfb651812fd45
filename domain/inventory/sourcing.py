"""From which locations an order is served: the whole request, or all of its shortages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.errors import DomainError
from domain.inventory.remedies import Place, Remedy, remedies
from domain.inventory.stock import StockLevel


@dataclass(frozen=True, slots=True)
class Demand:
    """One cart line's wish: units of a variant from the candidates in this order of preference."""

    line_id: UUID
    variant_id: UUID
    sku: str
    quantity: int
    location_ids: tuple[int, ...]
    # The place the shopper chose, for refusals to name; null when any will do.
    chosen_location_id: int | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units of one level for one line, which leave at least `buffer` units there."""

    line_id: UUID
    stock_level_id: int
    quantity: int
    buffer: int = 0


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One wish that cannot be served: `available` is what it could have had. `line_id` is null outside carts."""

    line_id: UUID | None
    variant_id: UUID
    sku: str
    location_id: int | None
    requested: int
    available: int
    remedies: tuple[Remedy, ...] = ()


@dataclass(eq=False)
class InsufficientStock(DomainError):
    """All the shortages of the whole request, never the first only."""

    shortfalls: Sequence[Shortfall] = field(default_factory=tuple)


def allocate(demands: Sequence[Demand], levels: Iterable[StockLevel]) -> tuple[Allocation, ...]:
    """Serve every line whole, or none: from one location where that is possible, else split in order of preference.

    Lines are served in their order, so two lines that want the same variant never count the same unit twice.
    """
    by_place = {(level.variant_id, level.location_id): level for level in levels}
    free = {place: level.sellable for place, level in by_place.items()}
    allocations: list[Allocation] = []
    shortfalls: list[Shortfall] = []
    for demand in demands:
        # A location named twice has its units only once.
        candidates = dict.fromkeys((demand.variant_id, place) for place in demand.location_ids)
        places = [place for place in candidates if place in free]
        available = sum(free[place] for place in places)
        if available < demand.quantity:
            shortfalls.append(
                Shortfall(
                    demand.line_id,
                    demand.variant_id,
                    demand.sku,
                    demand.chosen_location_id,
                    demand.quantity,
                    available,
                )
            )
            continue
        for place, quantity in _take(demand.quantity, places, free):
            free[place] -= quantity
            level = by_place[place]
            allocations.append(Allocation(demand.line_id, level.id, quantity, level.buffer))
    if shortfalls:
        raise InsufficientStock("There is not enough stock for this.", shortfalls=tuple(shortfalls))
    return tuple(allocations)


_Place = tuple[UUID, int]


def _take(quantity: int, places: Sequence[_Place], free: Mapping[_Place, int]) -> list[tuple[_Place, int]]:
    for place in places:
        if free[place] >= quantity:
            return [(place, quantity)]
    taken = []
    outstanding = quantity
    for place in places:
        units = min(outstanding, free[place])
        if units > 0:
            taken.append((place, units))
            outstanding -= units
    return taken


def with_remedies(
    shortfalls: Sequence[Shortfall], levels: Iterable[StockLevel], places: Sequence[Place]
) -> tuple[Shortfall, ...]:
    """The same shortages, each with what the shopper can do instead."""
    by_variant: dict[UUID, list[StockLevel]] = {}
    for level in levels:
        by_variant.setdefault(level.variant_id, []).append(level)
    return tuple(
        replace(
            shortfall,
            remedies=remedies(
                shortfall.requested,
                shortfall.available,
                chosen_location_id=shortfall.location_id,
                levels=by_variant.get(shortfall.variant_id, []),
                places=places,
            ),
        )
        for shortfall in shortfalls
    )
