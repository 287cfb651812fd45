"""Questions about carts."""

from collections.abc import Collection, Sequence
from typing import Any

import strawberry

from api.access import PUBLIC
from api.carts.parking.queries import ParkingQuery
from api.carts.types import Cart
from api.context import Context, Info
from api.execution.access import ACCESS
from api.ids import Kind, key_of
from persistence.carts import carts


@strawberry.type
class CartsQuery(ParkingQuery):
    @strawberry.field(
        description="One cart; null when there is none such, or the caller neither owns it nor holds its token. A cart's id "
        "authorizes nothing.",
        metadata={ACCESS: PUBLIC},
    )
    async def cart(self, info: Info, id: strawberry.ID) -> Cart | None:
        key = key_of(Kind.Cart, id)
        found = await visible_carts(info.context, [] if key is None else [key])
        return found[0] if found else None


async def visible_carts(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    """Those of these carts that the caller may see."""
    if not keys:
        return []
    async with context.database.reading() as reader:
        found = await carts.by_ids(reader, keys)
    return [cart for cart in found if cart.is_open_to(context.caller, context.channel["id"])]
