"""Changing what is there: corrections, receipts, damage and counts, by deltas."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.errors import InvalidInput, Path, refuse_if_any
from domain.inventory.sourcing import InsufficientStock, Shortfall
from domain.inventory.stock import StockLevel

MOST_UNITS = 500_000_000
"""No counter may pass this; it keeps the sum of any four of them within 32 bits."""


class AdjustReason(Enum):
    INITIAL = "INITIAL"
    ADJUSTMENT = "ADJUSTMENT"
    RECEIPT = "RECEIPT"
    DAMAGE = "DAMAGE"
    RETURN = "RETURN"
    COUNT = "COUNT"


class QuantityName(Enum):
    ON_HAND = "ON_HAND"
    UNAVAILABLE = "UNAVAILABLE"
    SAFETY_STOCK = "SAFETY_STOCK"
    INCOMING = "INCOMING"


@dataclass(frozen=True, slots=True)
class Change:
    """A delta to one counter of one level; `path` is where in the input it was asked for."""

    stock_level_id: int
    quantity: QuantityName
    delta: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One row of the ledger to be: deltas to the counters of one level."""

    stock_level_id: int
    reason: str
    on_hand: int = 0
    reserved: int = 0
    unavailable: int = 0
    safety_stock: int = 0
    incoming: int = 0
    reference: str | None = None
    # When it happened, where that was before it is written down.
    occurred_at: datetime | None = None
    # Who reported the fact and under which name, so that it is recorded once.
    source: str | None = None
    source_reference: str | None = None


@dataclass(slots=True)
class _Counters:
    """A level's counters as the changes before have left them."""

    level: StockLevel
    on_hand: int = 0
    unavailable: int = 0
    safety_stock: int = 0
    incoming: int = 0


_NOTHING: Mapping[int, int] = {}


def decide(
    levels: Mapping[int, StockLevel],
    changes: Sequence[Change],
    reason: AdjustReason,
    underway: Mapping[int, int] = _NOTHING,
) -> tuple[Movement, ...]:
    """One movement for each change that changes something; all of them, or none.

    `underway` are the units that transfers bring to a level: they stay incoming until they are received or given up. A count is a fact and is never refused for what is promised. Raises InvalidInput with every change that takes a counter
    below zero or too high, InsufficientStock with every level from which something promised would be taken.
    """
    after = {id_: _Counters(level) for id_, level in levels.items()}
    movements = []
    faults = []
    for change in changes:
        if change.delta == 0:
            continue
        counters = after[change.stock_level_id]
        name = change.quantity.value.lower()
        least = underway.get(change.stock_level_id, 0) if change.quantity is QuantityName.INCOMING else 0
        fault = _out_of_bounds(counters, name, change, least)
        if fault is not None:
            # The changes after it are judged as if it had not been asked for.
            faults.append(fault)
            continue
        setattr(counters, name, getattr(counters, name) + change.delta)
        movements.append(_movement(change, reason))
    refuse_if_any(faults)
    if reason is not AdjustReason.COUNT:
        _expect_promises_kept(after.values())
    return tuple(movements)


def _movement(change: Change, reason: AdjustReason) -> Movement:
    def delta_of(name: QuantityName) -> int:
        return change.delta if change.quantity is name else 0

    return Movement(
        stock_level_id=change.stock_level_id,
        reason=reason.value,
        on_hand=delta_of(QuantityName.ON_HAND),
        unavailable=delta_of(QuantityName.UNAVAILABLE),
        safety_stock=delta_of(QuantityName.SAFETY_STOCK),
        incoming=delta_of(QuantityName.INCOMING),
    )


def _out_of_bounds(counters: _Counters, name: str, change: Change, least: int) -> InvalidInput | None:
    value = getattr(counters.level, name) + getattr(counters, name) + change.delta
    if value > MOST_UNITS:
        return InvalidInput(f"{name} would pass {MOST_UNITS:,} units.", path=(*change.path, "delta"))
    # What a recorded fact has made negative may come up again step by step, but go no deeper.
    if value < 0 and change.delta < 0:
        return InvalidInput(f"{name} would become {value}.", path=(*change.path, "delta"))
    if value < least and change.delta < 0:
        return InvalidInput(
            f"{least} units come with transfers: receive them, or give them up.", (*change.path, "delta")
        )
    return None


def _expect_promises_kept(changed: Iterable[_Counters]) -> None:
    shortfalls = []
    for counters in changed:
        level = counters.level
        taken = counters.unavailable - counters.on_hand
        limit = level.on_hand - level.reserved - level.unavailable + level.backorder_limit
        if taken > 0 and taken > limit:
            shortfalls.append(Shortfall(None, level.variant_id, "", level.location_id, taken, max(0, limit)))
    if shortfalls:
        raise InsufficientStock("This would take units that are promised.", shortfalls=tuple(shortfalls))
