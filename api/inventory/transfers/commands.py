"""Sending stock from one location to another and taking it in. Each command is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.inventory.bulk import (
    expect_not_too_many,
    lock_pairs,
    no_location,
    no_variant,
    repeated,
    with_skus,
    without_expired_holds,
)
from domain.access import Permission, Principal
from domain.errors import Faulty, InvalidInput, NotFound, Path, refuse_if_any
from domain.inventory import transfers as deciding
from domain.inventory.adjustment import MOST_UNITS, Movement
from domain.inventory.sourcing import InsufficientStock
from domain.inventory.stock import StockLevel
from domain.inventory.transfers import Arrival, Line, Shipment
from persistence import idempotency
from persistence.database import Connection, Database
from persistence.inventory import incidents, movements, stock_levels, transfers


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A null variant names nothing that exists."""

    variant_id: UUID | None
    quantity: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Ship:
    """What is to leave for where; null locations name nothing that exists."""

    origin_id: int | None
    destination_id: int | None
    lines: Sequence[WantedLine]
    expected_at: datetime | None
    channel_id: int
    key: str
    request: Any


async def ship(database: Database, caller: Principal, asked: Ship) -> UUID:
    """What is available at the origin leaves it and is incoming at the destination: all of it, or nothing.

    Raises NotFound, InvalidInput and InsufficientStock, each with all that is wrong, and the pair of idempotency refusals.
    """
    origin_id, destination_id = _expect_sensible(caller, asked)
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(caller),
            key=asked.key,
            operation="transferShip",
            request=asked.request,
        ) as first,
    ):
        if first.result is not None:
            return UUID(first.result["transfer"])
        transfer_id = uuid7()
        variant_ids = [line.variant_id for line in asked.lines if line.variant_id is not None]
        pairs = [(id_, place) for id_ in variant_ids for place in (origin_id, destination_id)]
        ids, levels = await lock_pairs(connection, pairs)
        shipments = [
            Shipment(ids[id_, origin_id], ids[id_, destination_id], line.quantity, line.path)
            for id_, line in zip(variant_ids, asked.lines, strict=True)
        ]
        moved = await _shipped(connection, levels, shipments, _reference(transfer_id))
        await transfers.insert_transfer(
            connection,
            transfer_id,
            origin_id=origin_id,
            destination_id=destination_id,
            expected_at=asked.expected_at,
            lines=[
                (shipment.origin_level_id, shipment.destination_level_id, shipment.quantity) for shipment in shipments
            ],
        )
        await movements.apply(connection, moved, actor=caller.actor, channel_id=asked.channel_id)
        first.remember({"transfer": str(transfer_id)})
    return transfer_id


def _expect_sensible(caller: Principal, asked: Ship) -> tuple[int, int]:
    """The ids of origin and destination."""
    expect_not_too_many(len(asked.lines), "lines")
    faults: list[Faulty] = []
    origin_id, destination_id = asked.origin_id, asked.destination_id
    if origin_id is None or not caller.may_at(Permission.MANAGE_STOCK, origin_id):
        faults.append(no_location(("input", "origin")))
    if destination_id is None:
        faults.append(NotFound("There is no such location.", path=("input", "destination")))
    faults += [no_variant((*line.path, "variant")) for line in asked.lines if line.variant_id is None]
    if origin_id is not None and origin_id == destination_id:
        faults.append(InvalidInput("A transfer goes to another location.", path=("input", "destination")))
    faults += [
        InvalidInput(f"A transfer has 1 to {MOST_UNITS:,} units of each.", path=(*line.path, "quantity"))
        for line in asked.lines
        if not 1 <= line.quantity <= MOST_UNITS
    ]
    names = [line.variant_id for line in asked.lines]
    refuse_if_any([*faults, *repeated(names, [(*line.path, "variant") for line in asked.lines])])
    assert origin_id is not None
    assert destination_id is not None
    return origin_id, destination_id


async def _shipped(
    connection: Connection, levels: dict[int, StockLevel], shipments: Sequence[Shipment], reference: str
) -> tuple[Movement, ...]:
    try:
        return deciding.ship(levels, shipments, reference)
    except InsufficientStock:
        levels = await without_expired_holds(connection, levels)
    try:
        return deciding.ship(levels, shipments, reference)
    except InsufficientStock as refusal:
        raise await with_skus(connection, refusal) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """What has arrived of which transfer; null names nothing that exists."""

    transfer_id: UUID | None
    arrivals: Sequence[Arrival]
    channel_id: int
    key: str
    request: Any


async def receive(database: Database, caller: Principal, asked: Receive) -> UUID:
    """What has arrived is there; what is lost becomes an incident. All that is named, or nothing.

    Raises NotFound, InvalidInput and InvalidTransition, each with all that is wrong, and the pair of idempotency refusals.
    """
    expect_not_too_many(len(asked.arrivals), "lines")
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(caller),
            key=asked.key,
            operation="transferReceive",
            request=asked.request,
        ) as first,
    ):
        if first.result is not None:
            return UUID(first.result["transfer"])
        transfer_id = await _lock(connection, caller, asked.transfer_id)
        lines = [transfers.line_from_row(row) for row in await transfers.lines_of(connection, [transfer_id])]
        received = deciding.receive(lines, asked.arrivals)
        levels = await stock_levels.lock(connection, {line.destination_level_id for line, _ in received})
        moved = deciding.arrive(levels, received, _reference(transfer_id))
        await transfers.receive(connection, [(line.id, come.received, come.lost) for line, come in received])
        changed = await movements.apply(connection, moved, actor=caller.actor, channel_id=asked.channel_id)
        await _open_incidents(connection, received, {row["id"]: row["version"] for row in changed})
        first.remember({"transfer": str(transfer_id)})
    return transfer_id


async def _lock(connection: Connection, caller: Principal, id_: UUID | None) -> UUID:
    row = None if id_ is None else await transfers.lock(connection, id_)
    if row is None or not caller.may_at(Permission.MANAGE_STOCK, row["destination_id"]):
        raise NotFound("There is no such transfer for you.", path=("input", "transferId"))
    found: UUID = row["id"]
    return found


async def _open_incidents(
    connection: Connection, received: Sequence[tuple[Line, Arrival]], versions: dict[int, int]
) -> None:
    lost = [
        (line.destination_level_id, versions[line.destination_level_id], come.lost)
        for line, come in received
        if come.lost
    ]
    if lost:
        await incidents.open_lost(connection, lost)


def _reference(transfer_id: UUID) -> str:
    return f"transfer:{transfer_id}"
