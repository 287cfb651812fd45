"""What merging two carts takes and tells."""

from typing import Any
from uuid import UUID

import strawberry

from api.access import SCOPED
from api.carts.inputs import KEY
from api.carts.results import cart_field
from api.catalog.types import ProductVariant
from api.context import Context
from api.execution.fields import Wanted, batched, column, inline
from domain.carts.merging import MergeAction, MergeMode
from persistence.catalog import variants

strawberry.enum(
    MergeMode,
    name="CartMergeMode",
    description="What becomes of the lines. SUM adds the quantities up and MAX takes the higher one, of variants that both "
    "carts have; KEEP_SOURCE leaves only what the source has, KEEP_TARGET only what the target has.",
)
strawberry.enum(
    MergeAction,
    name="CartMergeAction",
    description="What became of a variant. ADDED came from the source; INCREASED has more units than before; KEPT has the "
    "units that the mode says; CAPPED would have more than 999; DROPPED is gone; REPRICED costs something else in the target.",
)


@strawberry.input(
    description="Two carts that the caller can reach. The lines of the source go to the target, which keeps its market; "
    "what is held moves with its lines. What another customer said of itself, and where its lines were to be shipped, stays behind."
)
class CartMergeInput:
    source_id: strawberry.ID = strawberry.field(description="The cart that is merged away.")
    target_id: strawberry.ID = strawberry.field(description="The cart that stays.")
    mode: MergeMode | None = strawberry.field(
        default=MergeMode.MAX, description="What becomes of variants that both have."
    )
    dry_run: bool | None = strawberry.field(
        default=False, description="Tells what would become of each line, and changes nothing."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type(description="What became of one variant when two carts were made one.")
class CartMergeChange:
    action: MergeAction = inline(lambda row: MergeAction(row["action"]), SCOPED, "What happened to it.")
    sku: str = column(SCOPED, "As it was when its line was added.")
    name: str = column(SCOPED, "As it was when its line was added.")

    @batched(SCOPED, "Null when withdrawn.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> ProductVariant | None:
        async with context.database.reading() as reader:
            found = await variants.by_ids(reader, {UUID(row["variant_id"]) for row in rows}, on_sale_only=True)
        on_sale = {str(row["id"]): row for row in found}
        return [on_sale.get(row["variant_id"]) for row in rows]

    quantity_before: int = column(
        SCOPED, "In the target before; for a line of the source that is dropped, what the source had."
    )
    quantity_after: int = column(SCOPED, "In the target afterwards.")


@strawberry.type(description="The target as it stands now, unchanged by a dry run, and what becomes of each line.")
class CartMergePayload:
    cart_id: strawberry.Private[UUID]
    cart = cart_field()
    report: list[CartMergeChange] = column(SCOPED, "One entry for each variant, and one more where its price moved.")
