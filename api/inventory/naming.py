"""Finding what changes of stock name."""

from collections.abc import Sequence
from uuid import UUID

from api.catalog.lookup import look_up_variants
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy, find_location
from api.context import Context
from api.inventory.bulk import NamedPair
from domain.errors import Path


async def variant_ids_of(context: Context, named: Sequence[ProductVariantBy]) -> list[UUID | None]:
    """Null where there is none such; what is not on sale has stock too."""
    found = await look_up_variants(context, named, on_sale_only=False)
    return [None if variant is None else variant["id"] for variant in found]


def location_id_of(context: Context, by: LocationBy) -> int | None:
    location = find_location(context, by)
    return None if location is None else location["id"]


async def pairs_of(
    context: Context, named: Sequence[tuple[ProductVariantBy, LocationBy]], paths: Sequence[Path]
) -> list[NamedPair]:
    """Each with the path below which it is named."""
    variant_ids = await variant_ids_of(context, [variant for variant, _ in named])
    return [
        NamedPair(variant_id, location_id_of(context, location), path)
        for variant_id, (_, location), path in zip(variant_ids, named, paths, strict=True)
    ]
