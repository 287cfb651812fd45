"""Mutations of what other systems say."""

from typing import Annotated

import strawberry

from api.access import Needs
from api.context import Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.inputs import as_request
from api.inventory.bulk import expect_not_too_many
from api.inventory.feeds import commands
from api.inventory.feeds.commands import Stated, Sync
from api.inventory.feeds.types import StockSyncInput, StockSyncPayload
from api.inventory.naming import pairs_of
from domain.access import Permission

StockSyncResult = Annotated[
    StockSyncPayload | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("StockSyncResult", description="What has become of every statement, or why nothing has changed."),
]


@strawberry.type
class FeedsMutation:
    @strawberry.mutation(
        description="Takes over absolute numbers of another system as of a moment. They are facts: where one falls below what is "
        "promised, it opens an incident. A source's statement older than its last one of the level is ignored and says so. Needs "
        "MANAGE_STOCK at every location.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def stock_sync(self, info: Info, input: StockSyncInput) -> StockSyncResult:
        context = info.context
        expect_not_too_many(len(input.levels), "levels")
        paths = [("input", "levels", str(position)) for position in range(len(input.levels))]
        pairs = await pairs_of(context, [(level.variant, level.location) for level in input.levels], paths)
        asked = Sync(
            source=input.source,
            as_of=input.as_of,
            levels=[Stated(pair, level.on_hand) for pair, level in zip(pairs, input.levels, strict=True)],
            reference=input.reference,
            now=context.now,
            channel_id=context.channel["id"],
            key=input.idempotency_key,
            request=as_request(input),
        )
        return StockSyncPayload(outcomes=await commands.sync_stock(context.database, context.caller, asked))
