"""Stock as staff and partner apps see it, and shortages as everybody does."""

from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from api.access import PUBLIC, SCOPED, Needs
from api.catalog.availability import AvailableQuantity, cap_for
from api.catalog.types import ProductVariant, ProductVariantBy
from api.channels.types import Channel, Location, LocationBy
from api.context import Context
from api.errors import FaultyError, InputFault, UserError
from api.execution.fields import Wanted, batched, column, inline, pick_by
from api.ids import Kind, encode
from api.node import Node
from api.pagination import PageInfo, connection, number_of, page
from domain.access import Permission
from domain.inventory.adjustment import AdjustReason, QuantityName
from domain.inventory.ledger import MovementReason
from domain.inventory.remedies import Remedy as DomainRemedy
from domain.inventory.remedies import RemedyKind
from domain.inventory.sourcing import InsufficientStock as Refusal
from domain.inventory.stock import shown
from persistence.catalog import variants
from persistence.inventory import movements, stock_levels

strawberry.enum(RemedyKind, description="What a shopper can do instead.")
strawberry.enum(AdjustReason, name="StockAdjustReason", description="Why staff or a partner changes a number.")
strawberry.enum(QuantityName, name="StockQuantityName", description="Which number of a stock level.")
strawberry.enum(MovementReason, name="StockMovementReason", description="Why a number changed.")

STAFF = Needs(Permission.READ_STOCK, Permission.MANAGE_STOCK)


@strawberry.type(description="What a shopper can do instead.")
class Remedy:
    kind: RemedyKind = column(PUBLIC, "What to do.")

    @batched(PUBLIC, "How many would be possible, as far as the caller may know.")
    async def quantity(rows: Any, context: Context, wanted: Wanted) -> int | None:
        cap = cap_for(context)
        return [_known(row, cap) for row in rows]

    available_on: datetime | None = column(PUBLIC, "From when on; null when now.")

    @batched(PUBLIC, "Where; null when it is not about a place.")
    async def location(rows: Any, context: Context, wanted: Wanted) -> Location | None:
        return [context.directory.locations.get(row.location_id) for row in rows]


def _known(remedy: DomainRemedy, cap: int | None) -> int | None:
    """What could be had instead tells how much there is; the other quantities are what the caller asked for."""
    if remedy.kind is RemedyKind.LOWER_QUANTITY and remedy.quantity is not None:
        return shown(remedy.quantity, cap).quantity
    return remedy.quantity


@strawberry.type(description="One thing of which there is not enough.")
class StockShortfall:
    sku: str = column(PUBLIC, "Of what.")

    @batched(PUBLIC, "Of what; null when withdrawn.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> ProductVariant | None:
        async with context.database.reading() as reader:
            found = await variants.by_ids(reader, {row.variant_id for row in rows}, on_sale_only=True)
        return pick_by(found, "id", rows, "variant_id")

    @batched(PUBLIC, "Where, when a place was asked for.")
    async def location(rows: Any, context: Context, wanted: Wanted) -> Location | None:
        return [context.directory.locations.get(row.location_id) for row in rows]

    requested: int = column(PUBLIC, "How many were asked for.")

    @batched(PUBLIC, "How many there are.")
    async def available(rows: Any, context: Context, wanted: Wanted) -> AvailableQuantity:
        return [shown(row.available, cap_for(context)) for row in rows]

    remedies: list[Remedy] = column(PUBLIC, "What the shopper can do instead, best first.")


@strawberry.type(description="All the shortages of the whole request, never the first only.")
class InsufficientStock(UserError):
    shortfalls: list[StockShortfall] = column(PUBLIC, "One for each thing of which there is not enough.")

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        return cls(**UserError.fields_of(refusal), shortfalls=list(refusal.shortfalls))


_Level = Annotated["StockLevel", strawberry.lazy("api.inventory.types")]


@strawberry.type(description="The ledger: one row for every change, never altered; replaying it gives the level.")
class StockMovement(Node):
    id: strawberry.ID = inline(
        lambda row: encode(Kind.StockMovement, (row["stock_level_id"], row["version"])), STAFF, "Globally unique."
    )

    @batched(STAFF, "What changed.")
    async def stock_level(rows: Any, context: Context, wanted: Wanted) -> _Level:
        async with context.database.reading() as reader:
            found = await stock_levels.by_ids(reader, {row["stock_level_id"] for row in rows})
        return pick_by(found, "id", rows, "stock_level_id")

    version: int = column(STAFF, "The level's version after it: they follow each other without gaps.")
    reason: MovementReason = column(STAFF, "Why.")
    on_hand_delta: int = column(STAFF, "Change of what is physically there.")
    reserved_delta: int = column(STAFF, "Change of what is promised.")
    unavailable_delta: int = column(STAFF, "Change of what is there but not for sale.")
    safety_stock_delta: int = column(STAFF, "Change of what is kept back.")
    incoming_delta: int = column(STAFF, "Change of what is on its way.")
    reference: str | None = column(STAFF, "What it belongs to, in the words of whoever caused it.")
    actor: str = column(STAFF, "Who caused it.")

    @batched(STAFF, "Over which channel; null when over none.")
    async def channel(rows: Any, context: Context, wanted: Wanted) -> Channel | None:
        return [context.directory.channels.get(row["channel_id"]) for row in rows]

    occurred_at: datetime = column(STAFF, "When it happened.")
    recorded_at: datetime = column(STAFF, "When it was written down; later for what was reported late.")


@strawberry.type(description="A movement and its place in the ledger.")
class StockMovementEdge:
    cursor: str = column(STAFF, "To ask for what comes after it.")
    node: StockMovement = column(STAFF, "The movement.")


@strawberry.type(description="A page of the ledger of one level, newest first.")
class StockMovementConnection:
    edges: list[StockMovementEdge] = column(STAFF, "The movements of this page with their cursors.")
    nodes: list[StockMovement] = column(STAFF, "The movements of this page.")
    page_info: PageInfo = column(STAFF, "Where this page lies in the ledger.")
    total_count: int = column(STAFF, "How many there are on all pages.")


@strawberry.type(
    description="available = onHand - reserved - unavailable - safetyStock (+ backorderLimit may be promised beyond it). A "
    "database constraint keeps what is promised within what is there."
)
class StockLevel(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.StockLevel, row["id"]), STAFF, "That of the pair.")

    @batched(STAFF, "Of what.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> ProductVariant:
        async with context.database.reading() as reader:
            found = await variants.by_ids(reader, {row["variant_id"] for row in rows}, on_sale_only=False)
        return pick_by(found, "id", rows, "variant_id")

    @batched(STAFF, "Where.")
    async def location(rows: Any, context: Context, wanted: Wanted) -> Location:
        return [context.directory.locations[row["location_id"]] for row in rows]

    on_hand: int = column(
        STAFF, "Physically there; negative when a recorded fact says that more has left than was known."
    )
    reserved: int = column(STAFF, "Promised: held for carts and committed to orders.")

    @batched(STAFF, "Held for carts, until a moment; derived from the open reservations.")
    async def held(rows: Any, context: Context, wanted: Wanted) -> int:
        return [held for held, _ in await _promised(rows, context)]

    @batched(STAFF, "Committed to orders, not yet handed over; derived from the open reservations.")
    async def committed(rows: Any, context: Context, wanted: Wanted) -> int:
        return [committed for _, committed in await _promised(rows, context)]

    unavailable: int = column(STAFF, "There, but not for sale: damaged, quarantined.")
    safety_stock: int = column(STAFF, "Kept back from sale.")
    backorder_limit: int = column(STAFF, "How many may be promised beyond what is there.")
    incoming: int = column(STAFF, "On its way here.")
    shortfall: int = column(
        STAFF, "Promised but not there; only facts recorded late (a till sale, a count) can raise it."
    )
    available: int = column(STAFF, "What may still be sold; negative when more is kept back or promised than is there.")
    version: int = column(STAFF, "Counts its movements.")
    updated_at: datetime = column(STAFF, "When it last changed.")

    @batched(STAFF, "Its ledger, newest first; `first` is at most 100.")
    async def movements(
        rows: Any, context: Context, wanted: Wanted, *, first: int | None = 50, after: str | None = None
    ) -> StockMovementConnection:
        asked = page(first, after, default=50, keys=1)
        before = None if asked.after is None else number_of(asked.after[0])
        async with context.database.reading() as reader:
            found = await movements.page_of_each(
                reader, [row["id"] for row in rows], before=before, count=asked.fetched
            )
        grouped: dict[int, list[Any]] = {row["id"]: [] for row in rows}
        for movement in found:
            grouped[movement["stock_level_id"]].append(movement)
        return [
            connection(grouped[row["id"]], asked, lambda movement: (movement["version"],), row["version"])
            for row in rows
        ]


async def _promised(rows: Any, context: Context) -> list[tuple[int, int]]:
    async with context.database.reading() as reader:
        found = await stock_levels.promised(reader, {row["id"] for row in rows})
    return [found.get(row["id"], (0, 0)) for row in rows]


@strawberry.type(description="A stock level and its place in a list.")
class StockLevelEdge:
    cursor: str = column(STAFF, "To ask for what comes after it.")
    node: StockLevel = column(STAFF, "The stock level.")


@strawberry.type(description="A page of stock levels.")
class StockLevelConnection:
    edges: list[StockLevelEdge] = column(STAFF, "The stock levels of this page with their cursors.")
    nodes: list[StockLevel] = column(STAFF, "The stock levels of this page.")
    page_info: PageInfo = column(STAFF, "Where this page lies in the list.")
    total_count: int = column(STAFF, "How many there are on all pages.")


@strawberry.type(description="The stock levels as they are after the change.")
class StockPayload:
    level_ids: strawberry.Private[list[int]]

    @batched(SCOPED, "Each level that was named, once, by id.")
    async def stock_levels(rows: Any, context: Context, wanted: Wanted) -> list[StockLevel]:
        async with context.database.reading() as reader:
            found = {
                row["id"]: row
                for row in await stock_levels.by_ids(reader, {id_ for row in rows for id_ in row.level_ids})
            }
        return [[found[id_] for id_ in row.level_ids] for row in rows]


@strawberry.type(
    description="Some levels have other numbers than expected. Nothing has changed; look at them and decide anew."
)
class StockSetMismatch(FaultyError):
    level_ids: strawberry.Private[list[int]]
    faults: list[InputFault] = column(SCOPED, "Every number that is another, each with its path.")

    @batched(SCOPED, "Those that differ, as they are now; one that was never stocked has none.")
    async def stock_levels(rows: Any, context: Context, wanted: Wanted) -> list[StockLevel]:
        async with context.database.reading() as reader:
            levels = await stock_levels.by_ids(reader, {id_ for row in rows for id_ in row.level_ids})
        found = {level["id"]: level for level in levels}
        return [[found[id_] for id_ in row.level_ids if id_ in found] for row in rows]

    @classmethod
    def of(cls, refusal: Any) -> Self:
        return cls(**cls.fields_of(refusal), level_ids=list(refusal.stock_level_ids))


@strawberry.input(description="Names one variant at one location.")
class StockLevelKey:
    variant: ProductVariantBy = strawberry.field(description="Of what.")
    location: LocationBy = strawberry.field(description="Where.")


@strawberry.input(description="A delta to one number of one stock level.")
class StockAdjustChange:
    key: StockLevelKey = strawberry.field(description="Which level; a pair not stocked yet begins at 0.")
    quantity: QuantityName | None = strawberry.field(default=QuantityName.ON_HAND, description="Which number.")
    delta: int = strawberry.field(description="How much more; negative for less.")


@strawberry.input(
    description="All or nothing; up to 1,000 changes; a pair not stocked yet begins at 0. COUNT is a fact: where it falls below "
    "what is promised, it raises the shortfall and opens an incident. Every other reason that would take promised units is "
    "InsufficientStock."
)
class StockAdjustInput:
    changes: list[StockAdjustChange] = strawberry.field(description="Applied in this order.")
    reason: AdjustReason = strawberry.field(description="Why; it stands in the ledger.")
    reference: str | None = strawberry.field(
        default=None, description="What it belongs to, for people; up to 200 characters."
    )
    idempotency_key: str = strawberry.field(description="The same key with the same input changes nothing twice.")


@strawberry.input(description="The number that one stock level is to have on hand.")
class StockSetChange:
    key: StockLevelKey = strawberry.field(description="Which level; a pair not stocked yet begins at 0.")
    on_hand: int = strawberry.field(description="How many are there.")
    expected_on_hand: int = strawberry.field(description="How many the caller believes that Oneshelf knows of.")


@strawberry.input(
    description="Absolute, so it must say what it believes is there now; otherwise the same rules as stockAdjust. Each level is "
    "named once. A number that would take promised units is InvalidInput, unless the reason is COUNT."
)
class StockSetInput:
    changes: list[StockSetChange] = strawberry.field(description="All or nothing; up to 1,000.")
    reason: AdjustReason = strawberry.field(description="Why; it stands in the ledger.")
    reference: str | None = strawberry.field(
        default=None, description="What it belongs to, for people; up to 200 characters."
    )
    idempotency_key: str = strawberry.field(description="The same key with the same input changes nothing twice.")
