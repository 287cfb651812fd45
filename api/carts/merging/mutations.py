"""The mutation that makes one cart of two."""

from typing import Annotated, Any

import strawberry

from api.access import PUBLIC
from api.carts.merging import commands
from api.carts.merging.types import CartMergeInput, CartMergePayload
from api.carts.results import CartNotOpen
from api.carts.viewing import asking
from api.context import Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.ids import Kind, key_of
from api.inputs import as_request
from domain.carts.merging import MergeMode
from domain.errors import NotFound as Missing
from domain.errors import Path

CartMergeResult = Annotated[
    CartMergePayload | NotFound | CartNotOpen | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("CartMergeResult", description="The cart that stays with a report, or why nothing was merged."),
]


@strawberry.type
class MergingMutation:
    @strawberry.mutation(
        description="Makes one cart of two that the caller can reach, open or parked: the source is MERGED and leads on to the "
        "target. A dry run changes nothing and remembers no key.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart_merge(self, info: Info, input: CartMergeInput) -> CartMergeResult:
        merged = await commands.merge_carts(
            info.context.database,
            asking(info.context),
            _key(input.source_id, commands.SOURCE_PATH),
            _key(input.target_id, commands.TARGET_PATH),
            mode=input.mode or MergeMode.MAX,
            is_dry_run=bool(input.dry_run),
            key=input.idempotency_key,
            request=as_request(input),
        )
        return CartMergePayload(cart_id=merged.cart_id, report=merged.report)


def _key(id_: str, path: Path) -> Any:
    key = key_of(Kind.Cart, id_)
    if key is None:
        raise Missing("There is no such cart.", path=path)
    return key
