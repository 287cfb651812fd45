"""Mutations of stock."""

from typing import Annotated

import strawberry

from api.access import Needs
from api.catalog.lookup import look_up_variants
from api.channels.types import find_location
from api.context import Context, Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.inputs import as_request
from api.inventory import commands
from api.inventory.commands import WantedChange
from api.inventory.types import InsufficientStock, StockAdjustChange, StockAdjustInput, StockPayload
from domain.access import Permission
from domain.inventory.adjustment import QuantityName

StockAdjustResult = Annotated[
    StockPayload | InsufficientStock | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("StockAdjustResult", description="The levels as they are now, or why nothing has changed."),
]


@strawberry.type
class InventoryMutation:
    @strawberry.mutation(
        description="Changes numbers of stock levels by deltas: all of them, or none. Needs MANAGE_STOCK; whoever is bound to a "
        "location may change stock there only.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def stock_adjust(self, info: Info, input: StockAdjustInput) -> StockAdjustResult:
        context = info.context
        ids = await commands.adjust_stock(
            context.database,
            context.caller,
            channel_id=context.channel["id"],
            changes=await _wanted(context, input.changes),
            reason=input.reason,
            reference=input.reference,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return StockPayload(level_ids=ids)


async def _wanted(context: Context, changes: list[StockAdjustChange]) -> list[WantedChange]:
    commands.expect_not_too_many(len(changes))
    named = [change.key.variant for change in changes]
    variants = await look_up_variants(context, named, on_sale_only=False)
    locations = [find_location(context, change.key.location) for change in changes]
    return [
        WantedChange(
            None if variant is None else variant["id"],
            None if location is None else location["id"],
            change.quantity or QuantityName.ON_HAND,
            change.delta,
            ("input", "changes", str(position)),
        )
        for position, (change, variant, location) in enumerate(zip(changes, variants, locations, strict=True))
    ]
