"""Making one cart of two: what becomes of each line, told before it is done and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from domain.carts.cart import MOST_LINES, MOST_UNITS, Cart, CartLine


class MergeMode(Enum):
    """What happens to the lines of source and target."""

    SUM = "SUM"
    MAX = "MAX"
    KEEP_SOURCE = "KEEP_SOURCE"
    KEEP_TARGET = "KEEP_TARGET"


class MergeAction(Enum):
    ADDED = "ADDED"
    INCREASED = "INCREASED"
    KEPT = "KEPT"
    CAPPED = "CAPPED"
    DROPPED = "DROPPED"
    REPRICED = "REPRICED"


@dataclass(frozen=True, slots=True)
class MergeChange:
    """What became of one variant. The quantities are the target's, except that a line of the source which is dropped had the
    source's. A variant whose price moved is told of twice: once for its quantity, once as REPRICED.
    """

    action: MergeAction
    variant_id: UUID
    sku: str
    name: str
    quantity_before: int
    quantity_after: int


@dataclass(frozen=True, slots=True)
class Merged:
    """`quantities` has every variant of the target as it is afterwards; `moved` are the source's lines that it did not have."""

    quantities: Mapping[UUID, int]
    moved: tuple[CartLine, ...]
    removed: tuple[CartLine, ...]
    report: tuple[MergeChange, ...]


def merge(source: Cart, target: Cart, mode: MergeMode, amounts: Mapping[UUID, int]) -> Merged:
    """The target as it will be. `amounts` has what each variant costs in the target's market, in minor units.

    SUM adds quantities up and MAX takes the higher one, to 999 at most; lines beyond the 200th are dropped. KEEP_SOURCE
    leaves only what the source has, KEEP_TARGET only what the target has. A line of the source that the target's market does
    not sell is dropped, since nobody could say what it costs.
    """
    before = {line.variant_id: line for line in target.lines}
    report: list[MergeChange] = []
    quantities: dict[UUID, int] = {}
    removed: list[CartLine] = []
    arriving = {line.variant_id: line for line in source.lines}
    for variant_id, line in before.items():
        if mode is MergeMode.KEEP_SOURCE and variant_id not in arriving:
            removed.append(line)
            report.append(_change(MergeAction.DROPPED, line, line.quantity, 0))
        elif variant_id not in arriving:
            quantities[variant_id] = line.quantity
            report.append(_change(MergeAction.KEPT, line, line.quantity, line.quantity))
        else:
            change = _met(line, arriving[variant_id], mode)
            quantities[variant_id] = change.quantity_after
            report.append(change)
    moved: list[CartLine] = []
    for variant_id, line in arriving.items():
        if variant_id in before:
            continue
        has_room = len(quantities) < MOST_LINES
        if mode is MergeMode.KEEP_TARGET or not has_room or variant_id not in amounts:
            report.append(_change(MergeAction.DROPPED, line, line.quantity, 0))
            continue
        quantities[variant_id] = line.quantity
        moved.append(line)
        report.append(_change(MergeAction.ADDED, line, 0, line.quantity))
        if amounts[variant_id] != line.unit_amount or source.market_id != target.market_id:
            report.append(_change(MergeAction.REPRICED, line, 0, line.quantity))
    return Merged(quantities, tuple(moved), tuple(removed), tuple(report))


def _met(target: CartLine, source: CartLine, mode: MergeMode) -> MergeChange:
    """A variant that both carts have."""
    before = target.quantity
    wanted = {
        MergeMode.SUM: before + source.quantity,
        MergeMode.MAX: max(before, source.quantity),
        MergeMode.KEEP_SOURCE: source.quantity,
        MergeMode.KEEP_TARGET: before,
    }[mode]
    after = min(wanted, MOST_UNITS)
    if after < wanted:
        return _change(MergeAction.CAPPED, target, before, after)
    return _change(MergeAction.INCREASED if after > before else MergeAction.KEPT, target, before, after)


def _change(action: MergeAction, line: CartLine, before: int, after: int) -> MergeChange:
    return MergeChange(action, line.variant_id, line.sku, line.name, before, after)


def choose_target(own: Sequence[Cart]) -> Cart | None:
    """Of a customer's open carts the one that a guest's cart is merged into on signing in: the last touched."""
    return max(own, key=lambda cart: (cart.updated_at, cart.id), default=None)
