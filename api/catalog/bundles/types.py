"""Bundles as the schema takes and shows them."""

from typing import Any
from uuid import UUID

import strawberry

from api.access import SCOPED
from api.catalog.types import ProductVariant, ProductVariantBy
from api.context import Context
from api.execution.fields import Wanted, batched
from persistence.catalog import variants


@strawberry.input(description="So many units of a variant in one bundle.")
class BundleComponentInput:
    variant: ProductVariantBy = strawberry.field(description="Of what; no bundle itself. Each is named once.")
    quantity: int = strawberry.field(default=1, description="How many are in one bundle; 1 to 100.")


@strawberry.input(
    description="What a variant is made of, instead of whatever was said before. The variant must never have had stock of its own."
)
class BundleSetInput:
    variant: ProductVariantBy = strawberry.field(description="The bundle.")
    components: list[BundleComponentInput] = strawberry.field(description="1 to 20.")
    idempotency_key: str = strawberry.field(description="The same key with the same input changes nothing twice.")


@strawberry.type(description="The bundle after the change.")
class BundleSetPayload:
    variant_id: strawberry.Private[UUID]

    @batched(SCOPED, "As it is now.", name="variant")
    async def variant(payloads: Any, context: Context, wanted: Wanted) -> ProductVariant:
        async with context.database.reading() as reader:
            rows = await variants.by_ids(reader, {payload.variant_id for payload in payloads}, on_sale_only=False)
        found = {row["id"]: row for row in rows}
        return [found[payload.variant_id] for payload in payloads]
