"""Absolute numbers: what somebody says is there, or was there at a moment, and what that changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import Faulty, InvalidInput, Path, refuse_if_any
from domain.inventory.adjustment import MOST_UNITS, AdjustReason, Movement
from domain.inventory.stock import StockLevel


@dataclass(frozen=True, slots=True)
class Statement:
    """So many units were on hand at a moment, since when that number has changed by `changed_since`."""

    stock_level_id: int
    on_hand: int
    changed_since: int
    path: Path


def correction(statement: Statement, level: StockLevel) -> int:
    """What is missing from the ledger, or too much in it: what happened since the moment stays valid."""
    on_hand_then = level.on_hand - statement.changed_since
    return statement.on_hand - on_hand_then


def correct(
    levels: Mapping[int, StockLevel],
    statements: Sequence[Statement],
    reason: AdjustReason,
    occurred_at: datetime,
    reference: str | None,
) -> tuple[Movement, ...]:
    """One movement for each statement that differs from the ledger. A statement is a fact: nothing promised stops it.

    The movements happen at the moment of which the statements speak, so that the next statement about a later moment finds
    them in place. Raises InvalidInput with every statement that would take a number too high or too low.
    """
    faults = []
    movements = []
    for statement in statements:
        level = levels[statement.stock_level_id]
        delta = correction(statement, level)
        if abs(level.on_hand + delta) > MOST_UNITS:
            faults.append(InvalidInput(f"On hand would become {level.on_hand + delta:,}.", path=statement.path))
        elif delta:
            movements.append(
                Movement(
                    stock_level_id=level.id,
                    reason=reason.value,
                    on_hand=delta,
                    reference=reference,
                    occurred_at=occurred_at,
                )
            )
    refuse_if_any(faults)
    return tuple(movements)


@dataclass(frozen=True, slots=True)
class Setting:
    """The number that a level is to have, and the one that the caller believes it has now."""

    stock_level_id: int
    on_hand: int
    expected_on_hand: int
    path: Path


@dataclass(eq=False)
class StockSetMismatch(Faulty):
    """Some levels have other numbers than expected; the faults name them all, those never stocked too."""

    stock_level_ids: Sequence[int] = field(default_factory=tuple)


def set_numbers(
    levels: Mapping[int, StockLevel], settings: Sequence[Setting], reason: AdjustReason
) -> tuple[Movement, ...]:
    """One movement for each level whose number changes; all of them, or none. Each level is named once.

    Raises StockSetMismatch with all levels that are not as expected; InvalidInput with all numbers that would take promised
    units, which only a count may.
    """
    wrong = [setting for setting in settings if levels[setting.stock_level_id].on_hand != setting.expected_on_hand]
    if wrong:
        raise _mismatch(levels, wrong)
    if reason is not AdjustReason.COUNT:
        refuse_if_any([fault for setting in settings if (fault := _broken_promise(levels, setting))])
    deltas = {setting.stock_level_id: setting.on_hand - setting.expected_on_hand for setting in settings}
    return tuple(
        Movement(stock_level_id=level_id, reason=reason.value, on_hand=delta)
        for level_id, delta in deltas.items()
        if delta
    )


def _mismatch(levels: Mapping[int, StockLevel], wrong: Sequence[Setting]) -> StockSetMismatch:
    faults = [
        StockSetMismatch(
            f"On hand is {levels[setting.stock_level_id].on_hand}, not {setting.expected_on_hand}.",
            path=(*setting.path, "expectedOnHand"),
        )
        for setting in wrong
    ]
    ids = sorted({setting.stock_level_id for setting in wrong})
    return StockSetMismatch(faults[0].message, faults[0].path, tuple(faults), stock_level_ids=ids)


def _broken_promise(levels: Mapping[int, StockLevel], setting: Setting) -> InvalidInput | None:
    level = levels[setting.stock_level_id]
    # What is promised and what is not for sale must stay there, less what may be backordered.
    least = level.reserved + level.unavailable - level.backorder_limit
    if setting.on_hand >= min(least, level.on_hand):
        return None
    return InvalidInput(
        f"{least} units are promised or not for sale: only a COUNT may state fewer.", path=(*setting.path, "onHand")
    )
