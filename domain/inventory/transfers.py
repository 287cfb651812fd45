"""Stock on its way from one location to another: shipped as a whole, received in parts, sometimes lost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from domain.errors import InvalidInput, InvalidTransition, NotFound, Path, refuse_if_any
from domain.inventory.adjustment import MOST_UNITS, Movement
from domain.inventory.sourcing import InsufficientStock, Shortfall
from domain.inventory.stock import StockLevel


class TransferStatus(Enum):
    IN_TRANSIT = "IN_TRANSIT"
    PARTIALLY_RECEIVED = "PARTIALLY_RECEIVED"
    RECEIVED = "RECEIVED"


def status(shipped: int, received_or_lost: int) -> TransferStatus:
    """Of a transfer of so many units, of which so many have arrived or been given up."""
    if received_or_lost == 0:
        return TransferStatus.IN_TRANSIT
    return TransferStatus.RECEIVED if received_or_lost == shipped else TransferStatus.PARTIALLY_RECEIVED


@dataclass(frozen=True, slots=True)
class Shipment:
    """Units of one variant that leave one level for another."""

    origin_level_id: int
    destination_level_id: int
    quantity: int
    path: Path


def ship(levels: Mapping[int, StockLevel], shipments: Sequence[Shipment], reference: str) -> tuple[Movement, ...]:
    """Two movements for each shipment. Only what is available may leave: neither what is promised nor the safety stock.

    Raises InsufficientStock with every shortage, InvalidInput where too much would be on its way.
    """
    shortfalls = []
    for shipment in shipments:
        origin = levels[shipment.origin_level_id]
        if shipment.quantity > origin.available:
            available = max(0, origin.available)
            shortfalls.append(Shortfall(None, origin.variant_id, "", origin.location_id, shipment.quantity, available))
    if shortfalls:
        raise InsufficientStock("There is not enough available to ship this.", shortfalls=tuple(shortfalls))
    refuse_if_any(
        [
            InvalidInput("More would be on its way than can be counted.", path=(*shipment.path, "quantity"))
            for shipment in shipments
            if levels[shipment.destination_level_id].incoming + shipment.quantity > MOST_UNITS
        ]
    )
    return tuple(movement for shipment in shipments for movement in _on_its_way(shipment, reference))


def _on_its_way(shipment: Shipment, reference: str) -> tuple[Movement, Movement]:
    return (
        Movement(
            stock_level_id=shipment.origin_level_id,
            reason="TRANSFER_OUT",
            on_hand=-shipment.quantity,
            reference=reference,
        ),
        Movement(
            stock_level_id=shipment.destination_level_id,
            reason="TRANSFER_INCOMING",
            incoming=shipment.quantity,
            reference=reference,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One variant of a transfer as it stands."""

    id: int
    variant_id: UUID
    destination_level_id: int
    shipped: int
    received: int
    lost: int

    @property
    def open(self) -> int:
        return self.shipped - self.received - self.lost


@dataclass(frozen=True, slots=True)
class Arrival:
    """What has come of one variant, and what is given up. A null variant names nothing that exists."""

    variant_id: UUID | None
    received: int
    lost: int
    path: Path


def receive(lines: Iterable[Line], arrivals: Sequence[Arrival]) -> tuple[tuple[Line, Arrival], ...]:
    """Which line each arrival belongs to.

    Raises NotFound, InvalidInput or InvalidTransition with all that is wrong: variants that are not on their way, numbers
    that are none, and more than is still on its way.
    """
    by_variant = {line.variant_id: line for line in lines}
    named = Counter(arrival.variant_id for arrival in arrivals)
    faults: list[NotFound | InvalidInput | InvalidTransition] = []
    received = []
    for arrival in arrivals:
        line = None if arrival.variant_id is None else by_variant.get(arrival.variant_id)
        if line is None:
            faults.append(NotFound("This variant is not part of the transfer.", path=(*arrival.path, "variant")))
        elif named[arrival.variant_id] > 1:
            faults.append(InvalidInput("This variant is named more than once.", path=(*arrival.path, "variant")))
        elif min(arrival.received, arrival.lost) < 0 or arrival.received + arrival.lost == 0:
            faults.append(InvalidInput("At least one unit has come or is given up.", path=(*arrival.path, "received")))
        elif arrival.received + arrival.lost > line.open:
            message = f"Only {line.open} of {line.shipped} units are still on their way."
            faults.append(InvalidTransition(message, path=(*arrival.path, "received")))
        else:
            received.append((line, arrival))
    refuse_if_any(faults)
    return tuple(received)


def arrive(
    levels: Mapping[int, StockLevel], received: Sequence[tuple[Line, Arrival]], reference: str
) -> tuple[Movement, ...]:
    """One movement for each arrival: what has come is there, and what is given up is no longer awaited.

    Raises InvalidInput where there would be more than can be counted.
    """
    refuse_if_any(
        [
            InvalidInput("More would be there than can be counted.", path=(*arrival.path, "received"))
            for line, arrival in received
            if levels[line.destination_level_id].on_hand + arrival.received > MOST_UNITS
        ]
    )
    return tuple(
        Movement(
            stock_level_id=line.destination_level_id,
            reason="TRANSFER_IN",
            on_hand=arrival.received,
            incoming=-arrival.received - arrival.lost,
            reference=reference,
        )
        for line, arrival in received
    )
