"""What staff and partner apps do to the numbers of stock. Each command is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.inventory.bulk import (
    NamedPair,
    expect_named,
    expect_not_too_many,
    expect_short,
    lock_pairs,
    repeated,
    with_skus,
    without_expired_holds,
)
from domain.access import Principal
from domain.errors import Faulty, InvalidInput
from domain.inventory import adjustment, correction
from domain.inventory.adjustment import MOST_UNITS, AdjustReason, Change, Movement, QuantityName
from domain.inventory.correction import Setting
from domain.inventory.sourcing import InsufficientStock
from domain.inventory.stock import StockLevel
from persistence import idempotency
from persistence.database import Connection, Database
from persistence.inventory import movements, transfers
from persistence.inventory.stock_levels import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What all changes of one request have in common."""

    reason: AdjustReason
    reference: str | None
    channel_id: int
    key: str
    request: Any


@dataclass(frozen=True, slots=True)
class WantedChange:
    """A delta, before it is known whether the pair is stocked."""

    pair: NamedPair
    quantity: QuantityName
    delta: int


async def adjust_stock(database: Database, caller: Principal, changes: Sequence[WantedChange], why: Why) -> list[int]:
    """Change numbers by deltas: all of them, or none. Returns the ids of the levels, ascending.

    Raises NotFound, InvalidInput and InsufficientStock, each with all that is wrong, and the pair of idempotency refusals.
    """
    expect_not_too_many(len(changes))
    expect_short(why.reference)
    pairs = expect_named(caller, [change.pair for change in changes])
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(caller),
            key=why.key,
            operation="stockAdjust",
            request=why.request,
        ) as first,
    ):
        if first.result is not None:
            return list(first.result["levels"])
        ids, levels = await lock_pairs(connection, pairs)
        wanted = [
            # A change's own path, where the pair's is that of its key.
            Change(ids[pair], change.quantity, change.delta, change.pair.path[:-1])
            for pair, change in zip(pairs, changes, strict=True)
        ]
        decided = await _adjusted(connection, levels, wanted, why.reason)
        await _apply(connection, caller, decided, why)
        first.remember({"levels": sorted(levels)})
    return sorted(levels)


async def _adjusted(
    connection: Connection, levels: dict[int, StockLevel], wanted: Sequence[Change], reason: AdjustReason
) -> tuple[Movement, ...]:
    less = {one.stock_level_id for one in wanted if one.quantity is QuantityName.INCOMING and one.delta < 0}
    underway = await transfers.underway(connection, less) if less else {}
    try:
        return adjustment.decide(levels, wanted, reason, underway)
    except InsufficientStock:
        levels = await without_expired_holds(connection, levels)
    try:
        return adjustment.decide(levels, wanted, reason, underway)
    except InsufficientStock as refusal:
        raise await with_skus(connection, refusal) from None


@dataclass(frozen=True, slots=True)
class WantedSetting:
    """An absolute number and the one it replaces, before it is known whether the pair is stocked."""

    pair: NamedPair
    on_hand: int
    expected_on_hand: int


async def set_stock(database: Database, caller: Principal, changes: Sequence[WantedSetting], why: Why) -> list[int]:
    """Set what is on hand: all of it, or nothing. Returns the ids of the levels, ascending.

    Raises StockSetMismatch, NotFound and InvalidInput, each with all that is wrong, and the pair of idempotency refusals.
    """
    expect_not_too_many(len(changes))
    expect_short(why.reference)
    pairs = expect_named(caller, [change.pair for change in changes], _faults_of(changes))
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection, scope=idempotency.scope_of(caller), key=why.key, operation="stockSet", request=why.request
        ) as first,
    ):
        if first.result is not None:
            return list(first.result["levels"])
        ids, levels = await lock_pairs(connection, pairs)
        settings = [
            Setting(ids[pair], change.on_hand, change.expected_on_hand, change.pair.path[:-1])
            for pair, change in zip(pairs, changes, strict=True)
        ]
        try:
            decided = correction.set_numbers(levels, settings, why.reason)
        except InvalidInput:
            levels = await without_expired_holds(connection, levels)
            decided = correction.set_numbers(levels, settings, why.reason)
        await _apply(connection, caller, decided, why)
        first.remember({"levels": sorted(levels)})
    return sorted(levels)


def _faults_of(changes: Sequence[WantedSetting]) -> list[Faulty]:
    faults: list[Faulty] = [
        InvalidInput(f"On hand is between 0 and {MOST_UNITS:,}.", path=(*change.pair.path[:-1], "onHand"))
        for change in changes
        if not 0 <= change.on_hand <= MOST_UNITS
    ]
    names: list[Pair | None] = [
        None
        if change.pair.variant_id is None or change.pair.location_id is None
        else (change.pair.variant_id, change.pair.location_id)
        for change in changes
    ]
    return [*faults, *repeated(names, [change.pair.path for change in changes])]


async def _apply(connection: Connection, caller: Principal, decided: Sequence[Movement], why: Why) -> None:
    moved = [replace(movement, reference=why.reference) for movement in decided]
    await movements.apply(connection, moved, actor=caller.actor, channel_id=why.channel_id)
