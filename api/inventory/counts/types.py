"""Stock counts as the schema shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from api.access import SCOPED
from api.catalog.types import ProductVariant, ProductVariantBy
from api.channels.types import Location, LocationBy
from api.context import Context
from api.execution.fields import Wanted, batched, column, inline, pick_by
from api.ids import Kind, encode
from api.inventory.types import STAFF, StockLevel
from api.node import Node
from api.pagination import PageInfo, connection, number_of, page
from persistence.catalog import variants
from persistence.inventory import counts, stock_levels


@strawberry.type(description="One variant to be counted.")
class StockCountLine:
    @batched(STAFF, "Of what.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> ProductVariant:
        async with context.database.reading() as reader:
            found = await variants.by_ids(reader, {row["variant_id"] for row in rows}, on_sale_only=False)
        return pick_by(found, "id", rows, "variant_id")

    @batched(STAFF, "Its level as it is now.")
    async def stock_level(rows: Any, context: Context, wanted: Wanted) -> StockLevel:
        async with context.database.reading() as reader:
            found = await stock_levels.by_ids(reader, {row["stock_level_id"] for row in rows})
        return pick_by(found, "id", rows, "stock_level_id")

    expected: int = column(STAFF, "What was on hand by the ledger when the count began.")
    counted: int | None = column(STAFF, "What was there when the count began; null until it is counted.")
    counted_at: datetime | None = column(STAFF, "When it was submitted.")
    counted_by: str | None = column(STAFF, "Who submitted it.")


@strawberry.type(description="A line and its place in its count.")
class StockCountLineEdge:
    cursor: str = column(STAFF, "To ask for what comes after it.")
    node: StockCountLine = column(STAFF, "The line.")


@strawberry.type(description="A page of the lines of a count.")
class StockCountLineConnection:
    edges: list[StockCountLineEdge] = column(STAFF, "The lines of this page with their cursors.")
    nodes: list[StockCountLine] = column(STAFF, "The lines of this page.")
    page_info: PageInfo = column(STAFF, "Where this page lies in the count.")
    total_count: int = column(STAFF, "How many there are on all pages.")


@strawberry.type(
    description="A count of what is there, at one location. What is counted is compared with what was there when the count began: "
    "sales and receipts since then stay valid, and nobody has to stop selling."
)
class StockCount(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.StockCount, row["id"]), STAFF, "Globally unique and opaque.")

    @batched(STAFF, "Where.")
    async def location(rows: Any, context: Context, wanted: Wanted) -> Location:
        return [context.directory.locations[row["location_id"]] for row in rows]

    reference: str | None = column(STAFF, "What it is called, in the words of whoever began it.")
    started_at: datetime = column(STAFF, "When it began.")
    started_by: str = column(STAFF, "Who began it.")
    finished_at: datetime | None = column(STAFF, "When the last line was counted; null while some are not.")

    @batched(STAFF, "What is to be counted; `first` is at most 100.")
    async def lines(
        rows: Any, context: Context, wanted: Wanted, *, first: int | None = 50, after: str | None = None
    ) -> StockCountLineConnection:
        asked = page(first, after, default=50, keys=1)
        after_id = 0 if asked.after is None else number_of(asked.after[0])
        ids = [row["id"] for row in rows]
        async with context.database.reading() as reader:
            found = await counts.lines_of_each(reader, ids, after=after_id, count=asked.fetched)
            sizes = await counts.sizes(reader, ids)
        grouped: dict[UUID, list[Any]] = {id_: [] for id_ in ids}
        for line in found:
            grouped[line["count_id"]].append(line)
        return [
            connection(grouped[id_], asked, lambda line: (line["stock_level_id"],), sizes.get(id_, 0)) for id_ in ids
        ]


@strawberry.type(description="The count as it is now.")
class StockCountPayload:
    count_id: strawberry.Private[UUID]

    @batched(SCOPED, "The count.")
    async def stock_count(rows: Any, context: Context, wanted: Wanted) -> StockCount:
        async with context.database.reading() as reader:
            found = await counts.by_ids(reader, {row.count_id for row in rows})
        return pick_by(found, "id", rows, "count_id")


@strawberry.input(description="Begins a count at one location. Selling goes on meanwhile.")
class StockCountStartInput:
    location: LocationBy = strawberry.field(description="Where.")
    variants: list[ProductVariantBy] | None = strawberry.field(
        default=None, description="What, up to 1,000; null means everything that is stocked there."
    )
    reference: str | None = strawberry.field(
        default=None, description="What to call it, for people; up to 200 characters."
    )
    idempotency_key: str = strawberry.field(description="The same key with the same input begins nothing twice.")


@strawberry.input(description="How many of one variant were there.")
class StockCountLineInput:
    variant: ProductVariantBy = strawberry.field(description="Of what; each variant is named once.")
    counted: int = strawberry.field(
        description="What was there when the count began, so what was sold since counts as still there."
    )


@strawberry.input(description="Hands in what was counted, or part of it: all that is named, or nothing.")
class StockCountSubmitInput:
    count_id: strawberry.ID = strawberry.field(description="Which count.")
    lines: list[StockCountLineInput] = strawberry.field(description="What was counted; up to 1,000 at once.")
    idempotency_key: str = strawberry.field(description="The same key with the same input corrects nothing twice.")
