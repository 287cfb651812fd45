"""Mutations of stock counts."""

from typing import Annotated
from uuid import UUID

import strawberry

from api.access import Needs
from api.context import Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, InvalidTransition, NotFound
from api.execution.access import ACCESS
from api.ids import Kind, key_of
from api.inputs import as_request
from api.inventory.bulk import expect_not_too_many
from api.inventory.counts import commands
from api.inventory.counts.commands import Counted, Start, Submit
from api.inventory.counts.types import StockCountPayload, StockCountStartInput, StockCountSubmitInput
from api.inventory.naming import location_id_of, stocked_ids_of, variant_ids_of
from domain.access import Permission

StockCountStartResult = Annotated[
    StockCountPayload | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("StockCountStartResult", description="The count that has begun, or why none has."),
]
StockCountSubmitResult = Annotated[
    StockCountPayload | NotFound | InvalidInput | InvalidTransition | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("StockCountSubmitResult", description="The count as it is now, or why nothing has changed."),
]


@strawberry.type
class CountsMutation:
    @strawberry.mutation(
        description="Begins a count: remembers what is there, so that whatever is sold while people count stays valid. Needs "
        "MANAGE_STOCK at the location.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def stock_count_start(self, info: Info, input: StockCountStartInput) -> StockCountStartResult:
        context = info.context
        variant_ids = None
        if input.variants is not None:
            expect_not_too_many(len(input.variants), "variants")
            paths = [("input", "variants", str(position)) for position in range(len(input.variants))]
            variant_ids = await stocked_ids_of(context, input.variants, paths)
        asked = Start(
            location_id=location_id_of(context, input.location),
            variant_ids=variant_ids,
            reference=input.reference,
            key=input.idempotency_key,
            request=as_request(input),
        )
        return StockCountPayload(count_id=await commands.start(context.database, context.caller, asked))

    @strawberry.mutation(
        description="Corrects what is on hand by what was missing, or too much, when the count began. May be called for a part "
        "of the lines at a time, for each once. A count is a fact: where it falls below what is promised, it opens an "
        "incident. Needs MANAGE_STOCK at the location.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def stock_count_submit(self, info: Info, input: StockCountSubmitInput) -> StockCountSubmitResult:
        context = info.context
        expect_not_too_many(len(input.lines), "lines")
        variant_ids = await variant_ids_of(context, [line.variant for line in input.lines])
        key = key_of(Kind.StockCount, input.count_id)
        asked = Submit(
            count_id=key if isinstance(key, UUID) else None,
            lines=[
                Counted(variant_id, line.counted, ("input", "lines", str(position)))
                for position, (variant_id, line) in enumerate(zip(variant_ids, input.lines, strict=True))
            ],
            channel_id=context.channel["id"],
            key=input.idempotency_key,
            request=as_request(input),
        )
        return StockCountPayload(count_id=await commands.submit(context.database, context.caller, asked))
