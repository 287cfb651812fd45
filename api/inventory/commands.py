"""What staff and partner apps do to stock. Each command is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.access import Permission, Principal
from domain.errors import InvalidInput, NotFound, Path
from domain.inventory import adjustment
from domain.inventory.adjustment import AdjustReason, Change, QuantityName
from domain.inventory.sourcing import InsufficientStock
from persistence import idempotency
from persistence.catalog import variants
from persistence.database import Connection, Database
from persistence.inventory import movements, stock_levels

MOST_CHANGES = 1_000
LONGEST_REFERENCE = 200


@dataclass(frozen=True, slots=True)
class WantedChange:
    """A delta, before it is known whether the pair is stocked. Null ids name nothing that exists."""

    variant_id: UUID | None
    location_id: int | None
    quantity: QuantityName
    delta: int
    path: Path


async def adjust_stock(
    database: Database,
    caller: Principal,
    *,
    channel_id: int,
    changes: Sequence[WantedChange],
    reason: AdjustReason,
    reference: str | None,
    key: str,
    request: Any,
) -> list[int]:
    """Change numbers by deltas: all of them, or none. Returns the ids of the levels, ascending."""
    _expect_sensible(caller, changes, reference)
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection, scope=idempotency.scope_of(caller), key=key, operation="stockAdjust", request=request
        ) as first,
    ):
        if first.result is not None:
            return list(first.result["levels"])
        pairs = [(change.variant_id, change.location_id) for change in changes]
        ids = await stock_levels.open_pairs(connection, pairs)  # type: ignore[arg-type]  # None was refused above.
        levels = await stock_levels.lock(connection, ids.values())
        wanted = [
            Change(ids[pair], change.quantity, change.delta, change.path)  # type: ignore[index]
            for pair, change in zip(pairs, changes, strict=True)
        ]
        try:
            decided = adjustment.decide(levels, wanted, reason)
        except InsufficientStock as refusal:
            raise await _with_skus(connection, refusal) from None
        moved = [replace(movement, reference=reference) for movement in decided]
        await movements.apply(connection, moved, actor=caller.actor, channel_id=channel_id)
        first.remember({"levels": sorted(levels)})
    return sorted(levels)


def expect_not_too_many(changes: int) -> None:
    """Raises InvalidInput; for callers that look something up for each change before they ask for it."""
    if not 1 <= changes <= MOST_CHANGES:
        raise InvalidInput(f"Between 1 and {MOST_CHANGES:,} changes at once.", path=("input", "changes"))


def _expect_sensible(caller: Principal, changes: Sequence[WantedChange], reference: str | None) -> None:
    expect_not_too_many(len(changes))
    if reference is not None and len(reference) > LONGEST_REFERENCE:
        raise InvalidInput(f"A reference has up to {LONGEST_REFERENCE} characters.", path=("input", "reference"))
    for change in changes:
        if change.variant_id is None:
            raise NotFound("There is no such variant.", path=(*change.path, "key", "variant"))
        # Whoever is bound to a location does not learn which others exist.
        if change.location_id is None or not caller.may_at(Permission.MANAGE_STOCK, change.location_id):
            raise NotFound("There is no such location for you.", path=(*change.path, "key", "location"))


async def _with_skus(connection: Connection, refusal: InsufficientStock) -> InsufficientStock:
    rows = await variants.described(connection, [shortfall.variant_id for shortfall in refusal.shortfalls])
    skus = {row["id"]: row["sku"] for row in rows}
    shortfalls = tuple(replace(shortfall, sku=skus[shortfall.variant_id]) for shortfall in refusal.shortfalls)
    return InsufficientStock(refusal.message, shortfalls=shortfalls)
