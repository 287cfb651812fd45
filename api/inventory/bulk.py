"""What all changes of stock in bulk have in common: how many, what they may name, and that every fault is told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.access import Permission, Principal
from domain.errors import Faulty, InvalidInput, NotFound, Path, refuse_if_any
from domain.inventory.sourcing import InsufficientStock
from domain.inventory.stock import StockLevel
from persistence.catalog import variants
from persistence.database import Connection, Reader
from persistence.inventory import reservations, stock_levels
from persistence.inventory.stock_levels import Pair

MOST_CHANGES = 1_000
LONGEST_REFERENCE = 200


@dataclass(frozen=True, slots=True)
class NamedPair:
    """A variant at a location as an input names them. Null ids name nothing that exists."""

    variant_id: UUID | None
    location_id: int | None
    path: Path
    is_bundle: bool = False


def expect_not_too_many(changes: int, field: str = "changes") -> None:
    """Raises InvalidInput; for callers that look something up for each change before they ask for it."""
    if not 1 <= changes <= MOST_CHANGES:
        raise InvalidInput(f"Between 1 and {MOST_CHANGES:,} {field} at once.", path=("input", field))


def expect_short(text: str | None, field: str = "reference") -> None:
    if text is not None and not (len(text) <= LONGEST_REFERENCE and "\0" not in text):
        raise InvalidInput(f"`{field}` has up to {LONGEST_REFERENCE} characters.", path=("input", field))


def no_location(path: Path) -> NotFound:
    """For what does not exist and for what is out of bounds: nobody learns which other locations exist."""
    return NotFound("There is no such location for you.", path=path)


def no_variant(path: Path) -> NotFound:
    return NotFound("There is no such variant.", path=path)


def no_stock_of_bundles(path: Path) -> InvalidInput:
    return InvalidInput("A bundle has no stock of its own: change the stock of its components.", path=path)


def expect_named(caller: Principal, named: Sequence[NamedPair], faults: Sequence[Faulty] = ()) -> list[Pair]:
    """The pairs, where all exist, have stock and may be managed; raises NotFound or InvalidInput with all others and `faults`."""
    missing: list[Faulty] = []
    pairs: list[Pair] = []
    for pair in named:
        if pair.variant_id is None:
            missing.append(no_variant((*pair.path, "variant")))
        elif pair.is_bundle:
            missing.append(no_stock_of_bundles((*pair.path, "variant")))
        if pair.location_id is None or not caller.may_at(Permission.MANAGE_STOCK, pair.location_id):
            missing.append(no_location((*pair.path, "location")))
        elif pair.variant_id is not None:
            pairs.append((pair.variant_id, pair.location_id))
    refuse_if_any([*missing, *faults])
    return pairs


def repeated(names: Sequence[object], paths: Sequence[Path]) -> list[Faulty]:
    """A fault for each name that was there before; null names nothing."""
    seen: set[object] = set()
    faults: list[Faulty] = []
    for name, path in zip(names, paths, strict=True):
        if name is not None and name in seen:
            faults.append(InvalidInput("This is named more than once.", path=path))
        seen.add(name)
    return faults


async def lock_pairs(connection: Connection, pairs: Collection[Pair]) -> tuple[dict[Pair, int], dict[int, StockLevel]]:
    """The ids of these pairs, and their levels, locked; a pair not stocked yet begins at 0."""
    ids = await stock_levels.open_pairs(connection, pairs)
    return ids, await stock_levels.lock(connection, ids.values())


async def without_expired_holds(connection: Connection, levels: dict[int, StockLevel]) -> dict[int, StockLevel]:
    """The levels, which are locked, once everything that has expired on them is taken back."""
    if not await reservations.reclaim_expired(connection, levels):
        return levels
    return await stock_levels.lock(connection, levels)


async def with_skus(reader: Reader, refusal: InsufficientStock) -> InsufficientStock:
    rows = await variants.described(reader, [shortfall.variant_id for shortfall in refusal.shortfalls])
    skus = {row["id"]: row["sku"] for row in rows}
    shortfalls = tuple(replace(shortfall, sku=skus[shortfall.variant_id]) for shortfall in refusal.shortfalls)
    return InsufficientStock(refusal.message, shortfalls=shortfalls)
