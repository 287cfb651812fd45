"""Counting what is there while it is being sold. Each command is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.inventory.bulk import expect_not_too_many, expect_short, no_location, no_variant, repeated
from domain.access import Permission, Principal
from domain.errors import Faulty, InvalidInput, InvalidTransition, NotFound, Path, refuse_if_any
from domain.inventory import correction
from domain.inventory.adjustment import MOST_UNITS, AdjustReason
from domain.inventory.correction import Statement
from persistence import idempotency
from persistence.database import Connection, Database, Row
from persistence.inventory import counts, movements, stock_levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is to be counted where; null ids name nothing that exists, null variants everything there."""

    location_id: int | None
    variant_ids: Sequence[UUID | None] | None
    reference: str | None
    key: str
    request: Any


async def start(database: Database, caller: Principal, asked: Start) -> UUID:
    """Begin a count: remember what every level has now.

    Raises NotFound and InvalidInput, each with all that is wrong, and the pair of idempotency refusals.
    """
    location_id = _expect_sensible(caller, asked)
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(caller),
            key=asked.key,
            operation="stockCountStart",
            request=asked.request,
        ) as first,
    ):
        if first.result is not None:
            return UUID(first.result["count"])
        count_id = uuid7()
        level_ids = None
        if asked.variant_ids is not None:
            pairs = [(id_, location_id) for id_ in asked.variant_ids if id_ is not None]
            level_ids = (await stock_levels.open_pairs(connection, pairs)).values()
        await counts.start(
            connection,
            count_id,
            location_id=location_id,
            level_ids=level_ids,
            reference=asked.reference,
            actor=caller.actor,
        )
        first.remember({"count": str(count_id)})
    return count_id


def _expect_sensible(caller: Principal, asked: Start) -> int:
    """The id of the location."""
    expect_short(asked.reference)
    faults: list[Faulty] = []
    if asked.location_id is None or not caller.may_at(Permission.MANAGE_STOCK, asked.location_id):
        faults.append(no_location(("input", "location")))
    if asked.variant_ids is not None:
        expect_not_too_many(len(asked.variant_ids), "variants")
        paths: list[Path] = [("input", "variants", str(position)) for position in range(len(asked.variant_ids))]
        faults += [no_variant(path) for id_, path in zip(asked.variant_ids, paths, strict=True) if id_ is None]
        faults += repeated(asked.variant_ids, paths)
    refuse_if_any(faults)
    assert asked.location_id is not None
    return asked.location_id


@dataclass(frozen=True, slots=True)
class Counted:
    """A null variant names nothing that exists."""

    variant_id: UUID | None
    units: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """What was counted; a null id names nothing that exists."""

    count_id: UUID | None
    lines: Sequence[Counted]
    channel_id: int
    key: str
    request: Any


async def submit(database: Database, caller: Principal, asked: Submit) -> UUID:
    """Correct each level by what was missing, or too much, when the count began: all that is named, or nothing.

    A count is a fact: where it falls below what is promised it opens an incident. Raises NotFound, InvalidInput and
    InvalidTransition, each with all that is wrong, and the pair of idempotency refusals.
    """
    expect_not_too_many(len(asked.lines), "lines")
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection,
            scope=idempotency.scope_of(caller),
            key=asked.key,
            operation="stockCountSubmit",
            request=asked.request,
        ) as first,
    ):
        if first.result is not None:
            return UUID(first.result["count"])
        count = await _lock(connection, caller, asked.count_id)
        await _correct(connection, caller, count, asked)
        first.remember({"count": str(count["id"])})
    found: UUID = count["id"]
    return found


async def _lock(connection: Connection, caller: Principal, id_: UUID | None) -> Row:
    row = None if id_ is None else await counts.lock(connection, id_)
    if row is None or not caller.may_at(Permission.MANAGE_STOCK, row["location_id"]):
        raise NotFound("There is no such count for you.", path=("input", "countId"))
    return row


async def _correct(connection: Connection, caller: Principal, count: Row, asked: Submit) -> None:
    named = {line.variant_id for line in asked.lines if line.variant_id is not None}
    rows = await counts.lines_of_variants(connection, count["id"], named)
    level_ids = [row["stock_level_id"] for row in rows.values()]
    levels = await stock_levels.lock(connection, level_ids)
    superseded = await counts.counted_later(connection, count["id"], count["started_at"], level_ids)
    _expect_countable(asked.lines, rows, superseded)
    counted = [(line, rows[line.variant_id]) for line in asked.lines if line.variant_id is not None]
    versions = {row["stock_level_id"]: row["version"] for row in rows.values()}
    since = await movements.changed_since_versions(connection, versions, count["started_at"])
    statements = [
        Statement(row["stock_level_id"], line.units, since[row["stock_level_id"]], (*line.path, "counted"))
        for line, row in counted
    ]
    # What was missing then was missing since then: whoever asks for a moment in between is told so.
    moved = correction.correct(levels, statements, AdjustReason.COUNT, count["started_at"], f"count:{count['id']}")
    await counts.record(
        connection, count["id"], {row["stock_level_id"]: line.units for line, row in counted}, actor=caller.actor
    )
    await movements.apply(connection, moved, actor=caller.actor, channel_id=asked.channel_id)


def _expect_countable(lines: Sequence[Counted], rows: Mapping[UUID, Row], superseded: Collection[int]) -> None:
    faults: list[Faulty] = []
    for line in lines:
        row = None if line.variant_id is None else rows.get(line.variant_id)
        if row is None:
            faults.append(NotFound("This variant is not part of the count.", path=(*line.path, "variant")))
        elif row["counted"] is not None:
            faults.append(InvalidTransition("This variant is counted already.", path=(*line.path, "variant")))
        elif row["stock_level_id"] in superseded:
            message = "A count that began later has counted this variant."
            faults.append(InvalidTransition(message, path=(*line.path, "variant")))
        if not 0 <= line.units <= MOST_UNITS:
            message = f"What is counted is between 0 and {MOST_UNITS:,}."
            faults.append(InvalidInput(message, path=(*line.path, "counted")))
    names = [line.variant_id for line in lines]
    refuse_if_any([*faults, *repeated(names, [(*line.path, "variant") for line in lines])])
