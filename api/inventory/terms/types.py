"""On which terms channels sell stock, as the schema takes and shows them."""

from typing import Any

import strawberry

from api.access import SCOPED
from api.catalog.types import Product, ProductBy
from api.channels.types import Channel, Location, LocationBy
from api.context import Context
from api.execution.fields import Wanted, batched, column
from domain.carts.hold_policy import HoldPolicy
from persistence.catalog import products


@strawberry.type(description="What a channel may have of a location's stock.")
class ChannelLocation:
    @batched(SCOPED, "Null where it is about what the location keeps back from every channel but its own till.")
    async def channel(rows: Any, context: Context, wanted: Wanted) -> Channel | None:
        return [context.directory.channels.get(row["channel_id"]) for row in rows]

    @batched(SCOPED, "Where.")
    async def location(rows: Any, context: Context, wanted: Wanted) -> Location:
        return [context.directory.locations[row["location_id"]] for row in rows]

    sells: bool = column(SCOPED, "Whether the channel sells what is there.")
    buffer: int = column(SCOPED, "Units of each article that are kept back from it.")


@strawberry.type(description="The terms after the change.")
class ChannelLocationSetPayload:
    named: strawberry.Private[list[tuple[int | None, int]]]

    @batched(SCOPED, "As they are now, in the order of the input.")
    async def channel_locations(payloads: Any, context: Context, wanted: Wanted) -> list[ChannelLocation]:
        return [[_terms(context, *pair) for pair in payload.named] for payload in payloads]


def _terms(context: Context, channel_id: int | None, location_id: int) -> dict[str, Any]:
    if channel_id is None:
        sells, buffer = True, context.directory.locations[location_id]["online_buffer"]
    else:
        override = context.directory.overrides.get((channel_id, location_id))
        sells, buffer = (True, 0) if override is None else (override["sells"], override["buffer"])
    return {"channel_id": channel_id, "location_id": location_id, "sells": sells, "buffer": buffer}


@strawberry.input(description="What a channel may have of a location from now on, whatever was said before.")
class ChannelLocationChange:
    channel: str | None = strawberry.field(
        default=None,
        description="The code of a channel. Without one: what the location keeps back from every channel but its own till.",
    )
    location: LocationBy = strawberry.field(description="Where; each pair is named once.")
    sells: bool | None = strawberry.field(
        default=True, description="Whether the channel sells what is there; what it has sold stays sold."
    )
    buffer: int | None = strawberry.field(
        default=0,
        description="Units of each article kept back, 0 to 1,000,000; the channel's on top of the location's own.",
    )


@strawberry.input(description="All or nothing; up to 1,000 changes.")
class ChannelLocationSetInput:
    changes: list[ChannelLocationChange] = strawberry.field(description="Each pair of channel and location once.")
    idempotency_key: str = strawberry.field(description="The same key with the same input changes nothing twice.")


@strawberry.input(description="When a channel holds what nothing else is said of.")
class ChannelHoldPolicyInput:
    channel: str = strawberry.field(description="The code of the channel.")
    policy: HoldPolicy = strawberry.field(description="When.")


@strawberry.input(description="When the variants of a product are held, whatever the channel says.")
class ProductHoldPolicyInput:
    product: ProductBy = strawberry.field(description="Which product.")
    policy: HoldPolicy | None = strawberry.field(default=None, description="When; null leaves it to the channel.")


@strawberry.input(description="All or nothing; up to 1,000 channels and products.")
class HoldPolicySetInput:
    channels: list[ChannelHoldPolicyInput] | None = strawberry.field(default=None, description="Each once.")
    products: list[ProductHoldPolicyInput] | None = strawberry.field(default=None, description="Each once.")
    idempotency_key: str = strawberry.field(description="The same key with the same input changes nothing twice.")


@strawberry.type(description="The channels and products after the change.")
class HoldPolicySetPayload:
    channel_ids: strawberry.Private[list[int]]
    product_ids: strawberry.Private[list[Any]]

    @batched(SCOPED, "In the order of the input.")
    async def channels(payloads: Any, context: Context, wanted: Wanted) -> list[Channel]:
        return [[context.directory.channels[id_] for id_ in payload.channel_ids] for payload in payloads]

    @batched(SCOPED, "In the order of the input.")
    async def products(payloads: Any, context: Context, wanted: Wanted) -> list[Product]:
        async with context.database.reading() as reader:
            rows = await products.by_ids(
                reader, {id_ for payload in payloads for id_ in payload.product_ids}, published_only=False
            )
        found = {row["id"]: row for row in rows}
        return [[found[id_] for id_ in payload.product_ids] for payload in payloads]
