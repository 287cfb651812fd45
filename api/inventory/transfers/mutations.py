"""Mutations of transfers."""

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
from api.inventory.naming import location_id_of, stocked_ids_of, variant_ids_of
from api.inventory.transfers import commands
from api.inventory.transfers.commands import Receive, Ship, WantedLine
from api.inventory.transfers.types import TransferPayload, TransferReceiveInput, TransferShipInput
from api.inventory.types import InsufficientStock
from domain.access import Permission
from domain.inventory.transfers import Arrival

TransferShipResult = Annotated[
    TransferPayload | InsufficientStock | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("TransferShipResult", description="The transfer, or everything that keeps it from leaving."),
]
TransferReceiveResult = Annotated[
    TransferPayload | NotFound | InvalidInput | InvalidTransition | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("TransferReceiveResult", description="The transfer as it is now, or why nothing was taken in."),
]


@strawberry.type
class TransfersMutation:
    @strawberry.mutation(
        description="Sends what is available at one location to another, where it is incoming until it is received. Neither what "
        "is promised nor the safety stock can leave. Needs MANAGE_STOCK at the origin.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def transfer_ship(self, info: Info, input: TransferShipInput) -> TransferShipResult:
        context = info.context
        expect_not_too_many(len(input.lines), "lines")
        paths = [("input", "lines", str(position), "variant") for position in range(len(input.lines))]
        variant_ids = await stocked_ids_of(context, [line.variant for line in input.lines], paths)
        asked = Ship(
            origin_id=location_id_of(context, input.origin),
            destination_id=location_id_of(context, input.destination),
            lines=[
                WantedLine(variant_id, line.quantity, ("input", "lines", str(position)))
                for position, (variant_id, line) in enumerate(zip(variant_ids, input.lines, strict=True))
            ],
            expected_at=input.expected_at,
            channel_id=context.channel["id"],
            key=input.idempotency_key,
            request=as_request(input),
        )
        return TransferPayload(transfer_id=await commands.ship(context.database, context.caller, asked))

    @strawberry.mutation(
        description="Takes in what has arrived of a transfer, and gives up what is lost, which opens an incident; as often as "
        "needed until all of it is dealt with. Needs MANAGE_STOCK at the destination.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def transfer_receive(self, info: Info, input: TransferReceiveInput) -> TransferReceiveResult:
        context = info.context
        expect_not_too_many(len(input.lines), "lines")
        variant_ids = await variant_ids_of(context, [line.variant for line in input.lines])
        key = key_of(Kind.Transfer, input.transfer_id)
        asked = Receive(
            transfer_id=key if isinstance(key, UUID) else None,
            arrivals=[
                Arrival(variant_id, line.received, line.lost or 0, ("input", "lines", str(position)))
                for position, (variant_id, line) in enumerate(zip(variant_ids, input.lines, strict=True))
            ],
            channel_id=context.channel["id"],
            key=input.idempotency_key,
            request=as_request(input),
        )
        return TransferPayload(transfer_id=await commands.receive(context.database, context.caller, asked))
