"""What other systems say is on hand, as the schema shows it."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from api.access import SCOPED
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy
from api.context import Context
from api.execution.fields import Wanted, batched, column, pick_by
from api.inventory.feeds.commands import Outcome
from api.inventory.types import StockLevel
from persistence.inventory import stock_levels


@strawberry.enum(description="What a statement has changed.")
class StockSyncOutcome(Enum):
    CORRECTED = "CORRECTED"
    UNCHANGED = "UNCHANGED"
    IGNORED = "IGNORED"


@strawberry.type(description="What has become of one statement.")
class StockSyncLevel:
    @batched(SCOPED, "The level as it is now.")
    async def stock_level(rows: Any, context: Context, wanted: Wanted) -> StockLevel:
        async with context.database.reading() as reader:
            found = await stock_levels.by_ids(reader, {row["stock_level_id"] for row in rows})
        return pick_by(found, "id", rows, "stock_level_id")

    outcome: StockSyncOutcome = column(
        SCOPED, "Ignored when the same source has already spoken of a later moment; otherwise whether it was corrected."
    )
    correction: int = column(SCOPED, "What was missing from on hand; negative for what was too much.")


@strawberry.type(description="What has become of every statement.")
class StockSyncPayload:
    outcomes: strawberry.Private[Sequence[Outcome]]

    @batched(SCOPED, "One for each statement, in the order of the input.")
    async def levels(rows: Any, context: Context, wanted: Wanted) -> list[StockSyncLevel]:
        return [
            [
                {
                    "stock_level_id": outcome.stock_level_id,
                    "outcome": StockSyncOutcome(outcome.name),
                    "correction": outcome.correction,
                }
                for outcome in row.outcomes
            ]
            for row in rows
        ]


@strawberry.input(description="How many units of one variant were at one location.")
class StockSyncLevelInput:
    variant: ProductVariantBy = strawberry.field(description="Of what.")
    location: LocationBy = strawberry.field(description="Where; each pair is named once.")
    on_hand: int = strawberry.field(description="How many were physically there at that moment.")


@strawberry.input(
    description="Absolute numbers from another system, such as an ERP, as of a moment. Each is compared with what was on hand at "
    "that moment by the ledger, by when things happened, and the difference is corrected: what happened since stays valid."
)
class StockSyncInput:
    source: str = strawberry.field(
        description="Which system; 1 to 60 characters. Of its statements about a level only ever newer ones count."
    )
    as_of: datetime = strawberry.field(description="The moment of which it speaks; not in the future.")
    levels: list[StockSyncLevelInput] = strawberry.field(description="All or nothing; up to 1,000.")
    reference: str | None = strawberry.field(
        default=None, description="What it belongs to, for people; up to 200 characters."
    )
    idempotency_key: str = strawberry.field(description="The same key with the same input changes nothing twice.")
