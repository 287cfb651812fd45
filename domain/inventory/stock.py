"""One variant at one location: what is there, what is promised, and how much may still be sold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    """The counters of one level; `available` and `sellable` are what everything else is decided by."""

    id: int
    variant_id: UUID
    location_id: int
    on_hand: int  # Negative once a store, offline, has sold what we believed was gone.
    reserved: int = 0
    unavailable: int = 0
    safety_stock: int = 0
    backorder_limit: int = 0
    incoming: int = 0
    shortfall: int = 0
    version: int = 0
    buffer: int = (
        0  # Kept back from the channel that looks; belongs to the pair of location and channel, not to the level.
    )

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved - self.unavailable - self.safety_stock

    @property
    def sellable(self) -> int:
        """What may still be promised over the channel that looks, backorders included; never negative."""
        return max(0, self.available - self.buffer + self.backorder_limit)


def seen_by(levels: Iterable[StockLevel], buffers: Mapping[int, int]) -> list[StockLevel]:
    """The levels as a channel sees them: `buffers` are the units that each location keeps back from it."""
    return [
        replace(level, buffer=buffer) if (buffer := buffers.get(level.location_id, 0)) else level for level in levels
    ]


class StockStatus(Enum):
    IN_STOCK = "IN_STOCK"
    LOW_STOCK = "LOW_STOCK"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    BACKORDER = "BACKORDER"


LOW_STOCK_AT_MOST = 3
"""From this many units down a shopper is told that it is running low."""

SHOPPER_CAP = 10
"""Shoppers see no more than this, so that nobody reads the stock by asking."""


def status(available: int, backorder_limit: int = 0) -> StockStatus:
    if available > LOW_STOCK_AT_MOST:
        return StockStatus.IN_STOCK
    if available > 0:
        return StockStatus.LOW_STOCK
    return StockStatus.BACKORDER if available + backorder_limit > 0 else StockStatus.OUT_OF_STOCK


@dataclass(frozen=True, slots=True)
class AvailableQuantity:
    """How many a caller may know of."""

    quantity: int
    is_capped: bool


def shown(available: int, cap: int | None) -> AvailableQuantity:
    """Exact without a cap; with one never more than it. Never negative."""
    quantity = max(0, available)
    if cap is None or quantity <= cap:
        return AvailableQuantity(quantity, is_capped=False)
    return AvailableQuantity(cap, is_capped=True)
