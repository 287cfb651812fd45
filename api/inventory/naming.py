"""Finding what changes of stock name."""

from collections.abc import Sequence
from uuid import UUID

from api.catalog.lookup import look_up_variants
from api.catalog.types import ProductVariantBy
from api.channels.types import LocationBy, find_location
from api.context import Context
from api.inventory.bulk import NamedPair, no_stock_of_bundles
from domain.errors import Path, refuse_if_any


async def variant_ids_of(context: Context, named: Sequence[ProductVariantBy]) -> list[UUID | None]:
    """Null where there is none such; what is not on sale has stock too."""
    found = await look_up_variants(context, named, on_sale_only=False)
    return [None if variant is None else variant["id"] for variant in found]


def location_id_of(context: Context, by: LocationBy) -> int | None:
    location = find_location(context, by)
    return None if location is None else location["id"]


async def stocked_ids_of(
    context: Context, named: Sequence[ProductVariantBy], paths: Sequence[Path]
) -> list[UUID | None]:
    """Null where there is none such. Raises InvalidInput with every bundle, which has no stock of its own."""
    found = await look_up_variants(context, named, on_sale_only=False)
    refuse_if_any(
        [no_stock_of_bundles(path) for row, path in zip(found, paths, strict=True) if row and row["is_bundle"]]
    )
    return [None if variant is None else variant["id"] for variant in found]


async def pairs_of(
    context: Context, named: Sequence[tuple[ProductVariantBy, LocationBy]], paths: Sequence[Path]
) -> list[NamedPair]:
    """Each with the path below which it is named."""
    found = await look_up_variants(context, [variant for variant, _ in named], on_sale_only=False)
    return [
        NamedPair(
            None if variant is None else variant["id"],
            location_id_of(context, location),
            path,
            is_bundle=variant is not None and variant["is_bundle"],
        )
        for variant, (_, location), path in zip(found, named, paths, strict=True)
    ]
