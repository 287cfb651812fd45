"""From which locations an order is served: the whole request, or all of its shortages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.errors import DomainError
from domain.inventory.bundles import Component, Pair, parts_of, units_at
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
    # What a bundle is made of; empty for everything else.
    components: tuple[Component, ...] = ()

    @property
    def parts(self) -> tuple[Component, ...]:
        return parts_of(self.variant_id, self.components)


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


@dataclass(frozen=True, slots=True)
class Serving:
    """The locations that serve a wish, each with its units; none where too little is available."""

    taken: tuple[tuple[int, int], ...]
    available: int


def serve(demands: Sequence[Demand], free: Mapping[Pair, int]) -> list[Serving]:
    """What each wish gets: all of it from one location where that is possible, else split in order of preference.

    No unit is given twice. Whoever can be served at one place only is served first, then bundles, those of the most
    components before others, since what they leave still serves the rest; among equals the order is that of the wishes. So
    the same wishes get the same again out of exactly what they have got.
    """
    left = dict(free)
    served: dict[int, Serving] = {}
    for position in sorted(range(len(demands)), key=lambda position: _rank(demands[position])):
        demand = demands[position]
        # A location named twice has its units only once.
        units = {place: units_at(place, demand.parts, left) for place in dict.fromkeys(demand.location_ids)}
        available = sum(units.values())
        taken = _take(demand.quantity, units) if available >= demand.quantity else ()
        for place, quantity in taken:
            for part in demand.parts:
                left[part.variant_id, place] -= quantity * part.quantity
        served[position] = Serving(taken, available)
    return [served[position] for position in range(len(demands))]


def _rank(demand: Demand) -> tuple[bool, int]:
    return demand.chosen_location_id is None, -len(demand.parts)


def _take(quantity: int, units: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    for place, count in units.items():
        if count >= quantity:
            return ((place, quantity),)
    taken = []
    outstanding = quantity
    for place, count in units.items():
        share = min(outstanding, count)
        if share > 0:
            taken.append((place, share))
            outstanding -= share
    return tuple(taken)


def allocate(demands: Sequence[Demand], levels: Iterable[StockLevel]) -> tuple[Allocation, ...]:
    """Serve every line whole, or none. A bundle takes from the levels of its components."""
    by_pair = {(level.variant_id, level.location_id): level for level in levels}
    servings = serve(demands, {pair: level.sellable for pair, level in by_pair.items()})
    shortfalls = tuple(
        Shortfall(
            demand.line_id,
            demand.variant_id,
            demand.sku,
            demand.chosen_location_id,
            demand.quantity,
            serving.available,
        )
        for demand, serving in zip(demands, servings, strict=True)
        if serving.available < demand.quantity
    )
    if shortfalls:
        raise InsufficientStock("There is not enough stock for this.", shortfalls=shortfalls)
    return tuple(
        Allocation(demand.line_id, level.id, units * part.quantity, level.buffer)
        for demand, serving in zip(demands, servings, strict=True)
        for place, units in serving.taken
        for part in demand.parts
        for level in [by_pair[part.variant_id, place]]
    )


def with_remedies(
    refusal: InsufficientStock, demands: Sequence[Demand], levels: Iterable[StockLevel], places: Sequence[Place]
) -> InsufficientStock:
    """The same refusal of these wishes, where each shortage says what the shopper can do instead."""
    free = {(level.variant_id, level.location_id): level.sellable for level in levels}
    parts = {demand.variant_id: demand.parts for demand in demands}
    shortfalls = tuple(
        replace(
            shortfall,
            remedies=remedies(
                shortfall.requested,
                shortfall.available,
                chosen_location_id=shortfall.location_id,
                sellable={
                    place.location_id: units_at(place.location_id, parts[shortfall.variant_id], free)
                    for place in places
                },
                places=places,
            ),
        )
        for shortfall in refusal.shortfalls
    )
    return InsufficientStock(refusal.message, refusal.path, shortfalls)
