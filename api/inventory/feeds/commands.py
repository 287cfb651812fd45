"""Taking over what another system says is on hand, as of a moment, without losing what happened since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.inventory.bulk import NamedPair, expect_named, expect_not_too_many, expect_short, lock_pairs, repeated
from domain.access import Principal
from domain.errors import Faulty, InvalidInput
from domain.inventory import correction
from domain.inventory.adjustment import MOST_UNITS, AdjustReason
from domain.inventory.correction import Statement
from domain.inventory.stock import StockLevel
from persistence import idempotency
from persistence.database import Connection, Database
from persistence.inventory import feeds, movements

LONGEST_SOURCE = 60

_CLOCKS_DIFFER_BY = timedelta(minutes=1)
"""The clock of another system may be this much ahead of ours."""


@dataclass(frozen=True, slots=True)
class Stated:
    """So many units were there."""

    pair: NamedPair
    on_hand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    source: str
    as_of: datetime
    levels: Sequence[Stated]
    reference: str | None
    now: datetime
    channel_id: int
    key: str
    request: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """CORRECTED, UNCHANGED or IGNORED."""

    stock_level_id: int
    name: str
    correction: int = 0


async def sync_stock(database: Database, caller: Principal, asked: Sync) -> list[Outcome]:
    """Correct each level by what was missing, or too much, at that moment: all of them, or none.

    What happened since is told by when it happened, not by when it was written down: a till's sale that was reported late had
    left the shelf all the same. A statement about a moment before the last one of the same source and level is ignored.
    Raises NotFound and InvalidInput, each with all that is wrong, and the pair of idempotency refusals.
    """
    expect_not_too_many(len(asked.levels), "levels")
    expect_short(asked.reference)
    pairs = expect_named(caller, [stated.pair for stated in asked.levels], _faults_of(asked))
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(caller),
            key=asked.key,
            operation="stockSync",
            request=asked.request,
        ) as first,
    ):
        if first.result is not None:
            return [Outcome(*outcome) for outcome in first.result["outcomes"]]
        ids, levels = await lock_pairs(connection, pairs)
        level_ids = [ids[pair] for pair in pairs]
        outcomes = await _reconcile(connection, caller, asked, level_ids, levels)
        first.remember({"outcomes": [[row.stock_level_id, row.name, row.correction] for row in outcomes]})
    return outcomes


def _faults_of(asked: Sync) -> list[Faulty]:
    faults: list[Faulty] = []
    if not (asked.source.isprintable() and 1 <= len(asked.source) <= LONGEST_SOURCE):
        message = f"A source has a name of 1 to {LONGEST_SOURCE} printable characters."
        faults.append(InvalidInput(message, path=("input", "source")))
    if asked.as_of > asked.now + _CLOCKS_DIFFER_BY:
        faults.append(InvalidInput("Nobody knows what will be there.", path=("input", "asOf")))
    faults += [
        InvalidInput(f"On hand is between 0 and {MOST_UNITS:,}.", path=(*stated.pair.path, "onHand"))
        for stated in asked.levels
        if not 0 <= stated.on_hand <= MOST_UNITS
    ]
    names = [
        None if None in (pair.variant_id, pair.location_id) else (pair.variant_id, pair.location_id)
        for pair in (stated.pair for stated in asked.levels)
    ]
    return [*faults, *repeated(names, [stated.pair.path for stated in asked.levels])]


async def _reconcile(
    connection: Connection, caller: Principal, asked: Sync, level_ids: Sequence[int], levels: Mapping[int, StockLevel]
) -> list[Outcome]:
    as_of = min(asked.as_of, asked.now)
    newest = await feeds.newest(connection, asked.source, level_ids)
    since = await movements.changed_since_moment(connection, level_ids, as_of)
    statements = [
        Statement(level_id, stated.on_hand, since[level_id], (*stated.pair.path, "onHand"))
        for level_id, stated in zip(level_ids, asked.levels, strict=True)
        if not (level_id in newest and as_of < newest[level_id])
    ]
    moved = correction.correct(
        levels, statements, AdjustReason.ADJUSTMENT, as_of, asked.reference or f"sync:{asked.source}"
    )
    stated_by_level = {statement.stock_level_id: statement.on_hand for statement in statements}
    await feeds.remember(connection, asked.source, as_of, stated_by_level)
    await movements.apply(connection, moved, actor=caller.actor, channel_id=asked.channel_id)
    corrections = {movement.stock_level_id: movement.on_hand for movement in moved}
    return [_outcome(level_id, level_id in stated_by_level, corrections.get(level_id, 0)) for level_id in level_ids]


def _outcome(level_id: int, is_newest: bool, corrected_by: int) -> Outcome:  # noqa: FBT001
    if not is_newest:
        return Outcome(level_id, "IGNORED")
    return Outcome(level_id, "CORRECTED" if corrected_by else "UNCHANGED", corrected_by)
