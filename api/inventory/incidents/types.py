"""Incidents as the schema shows them."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from api.access import SCOPED, Needs
from api.catalog.types import ProductVariant
from api.channels.types import Location
from api.context import Context
from api.execution.fields import Wanted, batched, column, inline, pick_by
from api.ids import Kind, encode
from api.node import Node
from api.pagination import PageInfo
from domain.access import Permission
from persistence.catalog import variants
from persistence.inventory import incidents

SEES_INCIDENTS = Needs(Permission.READ_STOCK, Permission.MANAGE_STOCK)


@strawberry.enum(description="What an incident is about.")
class OversellIncidentKind(Enum):
    OVERSOLD = "OVERSOLD"
    TRANSFER_LOST = "TRANSFER_LOST"


@strawberry.type(
    description="Units that are promised but not there, or that never arrived; open until somebody has resolved it."
)
class OversellIncident(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.OversellIncident, row["id"]), SCOPED, "Globally unique.")
    kind: OversellIncidentKind = column(SCOPED, "Whether more was promised than is there, or a transfer lost units.")

    @batched(SCOPED, "Of what.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> ProductVariant:
        async with context.database.reading() as reader:
            found = await variants.by_ids(reader, {row["variant_id"] for row in rows}, on_sale_only=False)
        return pick_by(found, "id", rows, "variant_id")

    @batched(SCOPED, "Where.")
    async def location(rows: Any, context: Context, wanted: Wanted) -> Location:
        return [context.directory.locations[row["location_id"]] for row in rows]

    quantity: int = column(SCOPED, "How many units.")
    opened_at: datetime = column(SCOPED, "When it was found.")
    resolved_at: datetime | None = column(SCOPED, "When somebody resolved it; null while it is open.")
    resolved_by: str | None = column(SCOPED, "Who resolved it.")
    resolution: str | None = column(SCOPED, "What was done about it, in the words of whoever resolved it.")


@strawberry.type(description="An incident and its place in a list.")
class OversellIncidentEdge:
    cursor: str = column(SCOPED, "To ask for what comes after it.")
    node: OversellIncident = column(SCOPED, "The incident.")


@strawberry.type(description="A page of incidents, the oldest first.")
class OversellIncidentConnection:
    edges: list[OversellIncidentEdge] = column(SCOPED, "The incidents of this page with their cursors.")
    nodes: list[OversellIncident] = column(SCOPED, "The incidents of this page.")
    page_info: PageInfo = column(SCOPED, "Where this page lies in the list.")
    total_count: int = column(SCOPED, "How many there are on all pages.")


@strawberry.type(description="The incidents as they are now.")
class OversellIncidentResolvePayload:
    incident_ids: strawberry.Private[list[int]]

    @batched(SCOPED, "Each that was named, once, by id.")
    async def incidents(rows: Any, context: Context, wanted: Wanted) -> list[OversellIncident]:
        return await incidents_of(context, [row.incident_ids for row in rows])


@strawberry.input(description="Says that incidents are dealt with: all of them, or none.")
class OversellIncidentResolveInput:
    incident_ids: list[strawberry.ID] = strawberry.field(description="Which; up to 1,000.")
    resolution: str | None = strawberry.field(
        default=None, description="What was done, for people; up to 200 characters."
    )
    idempotency_key: str = strawberry.field(description="The same key with the same input changes nothing twice.")


async def incidents_of(context: Context, ids_of_each: list[list[int]]) -> list[list[Any]]:
    async with context.database.reading() as reader:
        rows = await incidents.by_ids(reader, {id_ for ids in ids_of_each for id_ in ids})
    found = {row["id"]: row for row in rows}
    return [[found[id_] for id_ in ids] for ids in ids_of_each]
