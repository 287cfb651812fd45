"""Mutations of the terms on which channels sell stock."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from api import directory
from api.access import Needs
from api.catalog.types import ProductBy
from api.context import Context, Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.ids import Kind, key_of
from api.inputs import as_request
from api.inventory.bulk import expect_not_too_many
from api.inventory.naming import location_id_of
from api.inventory.terms import commands
from api.inventory.terms.commands import ChannelPolicy, ProductPolicy, Terms
from api.inventory.terms.types import (
    ChannelLocationSetInput,
    ChannelLocationSetPayload,
    HoldPolicySetInput,
    HoldPolicySetPayload,
)
from domain.access import Permission
from persistence.catalog import products

ChannelLocationSetResult = Annotated[
    ChannelLocationSetPayload | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("ChannelLocationSetResult", description="The terms, or why nothing has changed."),
]
HoldPolicySetResult = Annotated[
    HoldPolicySetPayload | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("HoldPolicySetResult", description="The channels and products, or why nothing has changed."),
]


@strawberry.type
class TermsMutation:
    @strawberry.mutation(
        description="Says which locations a channel sells, and how many units of each article are kept back from it. What is held "
        "or ordered stays so. This process knows at once, others within two seconds; a subscription tells of it with the next "
        "change of the level. Needs MANAGE_STOCK; whoever is bound to a location says it of that one only.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def channel_location_set(self, info: Info, input: ChannelLocationSetInput) -> ChannelLocationSetResult:
        context = info.context
        expect_not_too_many(len(input.changes))
        asked = [
            Terms(
                channel_id=_channel_id(context, change.channel),
                location_id=location_id_of(context, change.location),
                is_own=change.channel is None,
                sells=change.sells is not False,
                buffer=change.buffer or 0,
                path=("input", "changes", str(position)),
            )
            for position, change in enumerate(input.changes)
        ]
        await commands.set_terms(
            context.database, context.caller, asked, key=input.idempotency_key, request=as_request(input)
        )
        context.directory = await directory.changed(context.database)
        named = [(one.channel_id, one.location_id) for one in asked if one.location_id is not None]
        return ChannelLocationSetPayload(named=named)

    @strawberry.mutation(
        description="Says when stock is held: for a channel, and for products whatever the channel says. What is held stays held; "
        "what lies in carts is held as said from their next change on. Needs MANAGE_STOCK, bound to no location.",
        metadata={ACCESS: Needs(Permission.MANAGE_STOCK)},
    )
    async def hold_policy_set(self, info: Info, input: HoldPolicySetInput) -> HoldPolicySetResult:
        context = info.context
        channels = [
            ChannelPolicy(_channel_id(context, one.channel), one.policy, ("input", "channels", str(position)))
            for position, one in enumerate(input.channels or [])
        ]
        asked_products = input.products or []
        if asked_products:
            expect_not_too_many(len(asked_products), "products")
        product_ids = await _product_ids(context, [one.product for one in asked_products])
        of_products = [
            ProductPolicy(id_, one.policy, ("input", "products", str(position)))
            for position, (id_, one) in enumerate(zip(product_ids, asked_products, strict=True))
        ]
        await commands.set_hold_policies(
            context.database,
            context.caller,
            channels,
            of_products,
            key=input.idempotency_key,
            request=as_request(input),
        )
        context.directory = await directory.changed(context.database)
        return HoldPolicySetPayload(
            channel_ids=[one.channel_id for one in channels if one.channel_id is not None],
            product_ids=[one.product_id for one in of_products if one.product_id is not None],
        )


def _channel_id(context: Context, code: str | None) -> int | None:
    channel = None if code is None else context.directory.channels_by_code.get(code)
    return None if channel is None else channel["id"]


async def _product_ids(context: Context, named: Sequence[ProductBy]) -> list[UUID | None]:
    """Null where there is none such; what is not published counts."""
    keys = {key for by in named if by.id and isinstance(key := key_of(Kind.Product, by.id), UUID)}
    slugs = {by.slug for by in named if by.slug}
    async with context.database.reading() as reader:
        rows = await products.by_ids(reader, keys, published_only=False) if keys else []
        by_slug = await products.by_slugs(reader, slugs) if slugs else []
    known = {row["id"] for row in rows}
    of_slug = {row["slug"]: row["id"] for row in by_slug}
    found: list[UUID | None] = []
    for by in named:
        key = key_of(Kind.Product, by.id) if by.id else None
        found.append(of_slug.get(by.slug or "") if by.slug else key if key in known and isinstance(key, UUID) else None)
    return found
