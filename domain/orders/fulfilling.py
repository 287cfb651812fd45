"""Handing over what was promised to an order: what may leave one place now, and how far the order is then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from domain.carts.cart import DeliveryMethod
from domain.errors import Faulty, InvalidInput, InvalidTransition, NotFound, Path, refuse_if_any
from domain.orders.placing import FulfillmentStatus
from domain.orders.state import OrderStatus
from domain.payments.status import PaymentStatus


class Departure(Enum):
    """How units leave; the value is the reason that the ledger gives."""

    SHIPMENT = "SHIPMENT"
    COLLECTION = "COLLECTION"


METHODS_OF = {
    Departure.SHIPMENT: frozenset({DeliveryMethod.SHIP}),
    Departure.COLLECTION: frozenset({DeliveryMethod.PICKUP, DeliveryMethod.RESERVE_IN_STORE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """Units that are promised to an order line and not handed over yet; of a bundle those of one component."""

    reservation_id: int
    order_line_id: UUID
    stock_level_id: int
    variant_id: UUID
    location_id: int
    open: int
    # How many of them one unit of the line takes.
    per_unit: int = 1


@dataclass(frozen=True, slots=True)
class WantedLine:
    """Units of an order line that are to leave. A null id names nothing that exists."""

    order_line_id: UUID | None
    quantity: int
    path: Path


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Units of one reservation that leave their level."""

    reservation_id: int
    stock_level_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Advance:
    """How far the order is after a hand-over."""

    status: OrderStatus
    fulfillment_status: FulfillmentStatus


def choose(
    commitments: Sequence[Commitment],
    methods: Mapping[UUID, DeliveryMethod],
    departure: Departure,
    location_id: int,
    wanted: Sequence[WantedLine] | None,
) -> tuple[HandedOver, ...]:
    """From which commitments the wanted units leave; null wants all that this location still owes in this way.

    `methods` has every line of the order. Raises NotFound, InvalidInput and InvalidTransition with all that is wrong.
    """
    here: dict[UUID, list[Commitment]] = {}
    for commitment in commitments:
        is_due = methods[commitment.order_line_id] in METHODS_OF[departure] and commitment.location_id == location_id
        if is_due:
            here.setdefault(commitment.order_line_id, []).append(commitment)
    if wanted is None:
        if not here:
            raise InvalidTransition("Nothing is left to hand over from here in this way.", path=("input", "orderId"))
        return tuple(_whole(commitment) for owed in here.values() for commitment in owed)
    refuse_if_any(_faults(wanted, methods, here))
    return tuple(
        handed_over
        for line in wanted
        if line.order_line_id is not None
        for handed_over in _take(line.quantity, here[line.order_line_id])
    )


def _faults(
    wanted: Sequence[WantedLine], methods: Mapping[UUID, DeliveryMethod], here: Mapping[UUID, Sequence[Commitment]]
) -> list[Faulty]:
    faults: list[Faulty] = []
    seen: set[UUID] = set()
    for line in wanted:
        id_ = line.order_line_id
        if id_ is None or id_ not in methods:
            faults.append(NotFound("This line is not part of the order.", path=(*line.path, "orderLineId")))
            continue
        left = _left(here.get(id_, ()))
        if id_ in seen:
            faults.append(InvalidInput("This is named more than once.", path=(*line.path, "orderLineId")))
        elif line.quantity < 1:
            faults.append(InvalidInput("At least one unit is handed over.", path=(*line.path, "quantity")))
        elif line.quantity > left:
            message = f"{left} units are left to hand over from here in this way."
            faults.append(InvalidTransition(message, path=(*line.path, "quantity")))
        seen.add(id_)
    return faults


def _whole(commitment: Commitment) -> HandedOver:
    return HandedOver(commitment.reservation_id, commitment.stock_level_id, commitment.open)


def _by_variant(commitments: Sequence[Commitment]) -> dict[UUID, list[Commitment]]:
    parts: dict[UUID, list[Commitment]] = {}
    for commitment in commitments:
        parts.setdefault(commitment.variant_id, []).append(commitment)
    return parts


def _left(commitments: Sequence[Commitment]) -> int:
    """Units of the line: as many as the part with the fewest allows."""
    parts = _by_variant(commitments).values()
    return min((sum(one.open for one in part) // part[0].per_unit for part in parts), default=0)


def _take(quantity: int, commitments: Sequence[Commitment]) -> list[HandedOver]:
    """So many units of the line, with every part that they are made of."""
    taken = []
    for part in _by_variant(commitments).values():
        wanted = quantity * part[0].per_unit
        for commitment in part:
            units = min(wanted, commitment.open)
            if units:
                taken.append(HandedOver(commitment.reservation_id, commitment.stock_level_id, units))
            wanted -= units
    return taken


def advance(commitments: Sequence[Commitment], handed_over: Sequence[HandedOver], payment: PaymentStatus) -> Advance:
    """An order is complete when all of it was handed over and paid."""
    left = sum(commitment.open for commitment in commitments) - sum(one.quantity for one in handed_over)
    if left:
        return Advance(OrderStatus.OPEN, FulfillmentStatus.PARTIALLY_FULFILLED)
    is_complete = payment is PaymentStatus.PAID
    return Advance(OrderStatus.COMPLETED if is_complete else OrderStatus.OPEN, FulfillmentStatus.FULFILLED)


def expect_open(status: OrderStatus) -> None:
    if status is not OrderStatus.OPEN:
        raise InvalidTransition(f"The order is {status.value} already.", path=("input", "orderId"))
