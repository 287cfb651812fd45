"""Transfers as the schema shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from api.access import SCOPED
from api.catalog.types import ProductVariant, ProductVariantBy
from api.channels.types import Location, LocationBy
from api.context import Context
from api.execution.fields import Wanted, batched, column, group_by, inline, pick_by
from api.ids import Kind, encode
from api.inventory.types import STAFF
from api.node import Node
from api.pagination import PageInfo
from domain.inventory.transfers import TransferStatus, status
from persistence.catalog import variants
from persistence.inventory import transfers

strawberry.enum(TransferStatus, description="How much of a transfer has arrived; what is lost counts as dealt with.")


@strawberry.type(description="Units of one variant on their way.")
class TransferLine:
    @batched(STAFF, "Of what.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> ProductVariant:
        async with context.database.reading() as reader:
            found = await variants.by_ids(reader, {row["variant_id"] for row in rows}, on_sale_only=False)
        return pick_by(found, "id", rows, "variant_id")

    quantity: int = column(STAFF, "How many left the origin.", name="quantity")
    received: int = column(STAFF, "How many have arrived.")
    lost: int = column(STAFF, "How many were given up; each time that opens an incident at the destination.")


@strawberry.type(
    description="Stock that has left one location for another. Until it arrives it is incoming there and nobody can sell it."
)
class Transfer(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Transfer, row["id"]), STAFF, "Globally unique and opaque.")

    @batched(STAFF, "Where it left.")
    async def origin(rows: Any, context: Context, wanted: Wanted) -> Location:
        return [context.directory.locations[row["origin_id"]] for row in rows]

    @batched(STAFF, "Where it goes.")
    async def destination(rows: Any, context: Context, wanted: Wanted) -> Location:
        return [context.directory.locations[row["destination_id"]] for row in rows]

    status: TransferStatus = inline(lambda row: status(row["shipped"], row["settled"]), STAFF, "How much has arrived.")

    @batched(STAFF, "What is in it, in the order in which it was named.")
    async def lines(rows: Any, context: Context, wanted: Wanted) -> list[TransferLine]:
        async with context.database.reading() as reader:
            found = await transfers.lines_of(reader, {row["id"] for row in rows})
        return group_by([{**line, "quantity": line["shipped"]} for line in found], "transfer_id", rows)

    expected_at: datetime | None = column(STAFF, "When it should arrive; null when nobody said.")
    shipped_at: datetime = column(STAFF, "When it left.")


@strawberry.type(description="A transfer and its place in a list.")
class TransferEdge:
    cursor: str = column(STAFF, "To ask for what comes after it.")
    node: Transfer = column(STAFF, "The transfer.")


@strawberry.type(description="A page of transfers, the newest first.")
class TransferConnection:
    edges: list[TransferEdge] = column(STAFF, "The transfers of this page with their cursors.")
    nodes: list[Transfer] = column(STAFF, "The transfers of this page.")
    page_info: PageInfo = column(STAFF, "Where this page lies in the list.")
    total_count: int = column(STAFF, "How many there are on all pages.")


@strawberry.type(description="The transfer as it is now.")
class TransferPayload:
    transfer_id: strawberry.Private[UUID]

    @batched(SCOPED, "The transfer.")
    async def transfer(rows: Any, context: Context, wanted: Wanted) -> Transfer:
        async with context.database.reading() as reader:
            found = await transfers.by_ids(reader, {row.transfer_id for row in rows})
        return pick_by(found, "id", rows, "transfer_id")


@strawberry.input(description="Units of one variant.")
class TransferLineInput:
    variant: ProductVariantBy = strawberry.field(description="Of what; each variant is named once.")
    quantity: int = strawberry.field(description="How many; at least 1.")


@strawberry.input(description="Sends stock from one location to another: all of it, or nothing.")
class TransferShipInput:
    origin: LocationBy = strawberry.field(description="Where it leaves.")
    destination: LocationBy = strawberry.field(description="Where it goes.")
    lines: list[TransferLineInput] = strawberry.field(description="What leaves; up to 1,000.")
    expected_at: datetime | None = strawberry.field(default=None, description="When it should arrive.")
    idempotency_key: str = strawberry.field(description="The same key with the same input ships nothing twice.")


@strawberry.input(description="What has become of one variant of a transfer, on top of what was said before.")
class TransferReceiveLineInput:
    variant: ProductVariantBy = strawberry.field(description="Of what; each variant is named once.")
    received: int = strawberry.field(description="How many have arrived now.")
    lost: int | None = strawberry.field(
        default=0, description="How many will never arrive; they become an incident at the destination."
    )


@strawberry.input(description="Takes in a transfer, or part of it: all that is named, or nothing.")
class TransferReceiveInput:
    transfer_id: strawberry.ID = strawberry.field(description="Which transfer.")
    lines: list[TransferReceiveLineInput] = strawberry.field(description="What has come or is given up; up to 1,000.")
    idempotency_key: str = strawberry.field(description="The same key with the same input receives nothing twice.")
