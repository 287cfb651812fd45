"""Mutations of stock."""

from typing import Annotated

import strawberry

from api.access import Needs
from api.context import Context, Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.inputs import as_request
from api.inventory import commands
from api.inventory.bulk import NamedPair, expect_not_too_many
from api.inventory.commands import WantedChange, WantedSetting, Why
from api.inventory.counts.mutations import CountsMutation
from api.inventory.feeds.mutations import FeedsMutation
from api.inventory.incidents.mutations import IncidentsMutation
from api.inventory.naming import pairs_of
from api.inventory.terms.mutations import TermsMutation
from api.inventory.transfers.mutations import TransfersMutation
from api.inventory.types import (
    InsufficientStock,
    StockAdjustChange,
    StockAdjustInput,
    StockPayload,
    StockSetChange,
    StockSetInput,
    StockSetMismatch,
)
from domain.access import Permission
from domain.inventory.adjustment import QuantityName

StockAdjustResult = Annotated[
    StockPayload | InsufficientStock | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("StockAdjustResult", description="The levels as they are now, or why nothing has changed."),
]
StockSetResult = Annotated[
    StockPayload | StockSetMismatch | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("StockSetResult", description="The levels as they are now, or why nothing has changed."),
]


@strawberry.type
class InventoryMutation(TransfersMutation, IncidentsMutation, CountsMutation, FeedsMutation, TermsMutation):
    @strawberry.mutation(
        description="Changes numbers of stock levels by deltas: all of them, or none. Needs MANAGE_STOCK; whoever is bound to a "
        "location may change stock there only.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def stock_adjust(self, info: Info, input: StockAdjustInput) -> StockAdjustResult:
        context = info.context
        pairs = await _pairs(context, input.changes)
        changes = [
            WantedChange(pair, change.quantity or QuantityName.ON_HAND, change.delta)
            for pair, change in zip(pairs, input.changes, strict=True)
        ]
        return StockPayload(
            level_ids=await commands.adjust_stock(context.database, context.caller, changes, _why(context, input))
        )

    @strawberry.mutation(
        description="Sets what is on hand, where it is what the caller expects: all of it, or nothing. Needs MANAGE_STOCK; "
        "whoever is bound to a location may change stock there only.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def stock_set(self, info: Info, input: StockSetInput) -> StockSetResult:
        context = info.context
        pairs = await _pairs(context, input.changes)
        changes = [
            WantedSetting(pair, change.on_hand, change.expected_on_hand)
            for pair, change in zip(pairs, input.changes, strict=True)
        ]
        return StockPayload(
            level_ids=await commands.set_stock(context.database, context.caller, changes, _why(context, input))
        )


async def _pairs(context: Context, changes: list[StockAdjustChange] | list[StockSetChange]) -> list[NamedPair]:
    expect_not_too_many(len(changes))
    paths = [("input", "changes", str(position), "key") for position in range(len(changes))]
    return await pairs_of(context, [(change.key.variant, change.key.location) for change in changes], paths)


def _why(context: Context, input: StockAdjustInput | StockSetInput) -> Why:
    return Why(
        reason=input.reason,
        reference=input.reference,
        channel_id=context.channel["id"],
        key=input.idempotency_key,
        request=as_request(input),
    )
