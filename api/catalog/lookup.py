"""Finding what inputs name."""

from collections.abc import Sequence
from typing import Any

from api.catalog.types import ProductVariantBy
from api.context import Context
from api.ids import Kind, bad_input, key_of
from domain.access import Permission
from persistence.catalog import variants
from persistence.catalog.columns import COSTLY_OF_VARIANTS

MOST_VARIANTS_NAMED = 100


def sees_all(context: Context) -> bool:
    """Whoever manages the catalog sees what is not published too."""
    return context.caller.may(Permission.MANAGE_CATALOG)


async def find_variants(
    context: Context, named: Sequence[ProductVariantBy], *, costly: frozenset[str] = COSTLY_OF_VARIANTS
) -> list[Any | None]:
    """The row of each, or null, in one statement for each way of naming that was used."""
    if len(named) > MOST_VARIANTS_NAMED:
        raise bad_input(f"At most {MOST_VARIANTS_NAMED} variants can be named.")
    return await look_up_variants(context, named, on_sale_only=not sees_all(context), costly=costly)


async def look_up_variants(
    context: Context,
    named: Sequence[ProductVariantBy],
    *,
    on_sale_only: bool,
    costly: frozenset[str] = COSTLY_OF_VARIANTS,
) -> list[Any | None]:
    """Like find_variants, without a limit; the caller has its own."""
    ids = {key for by in named if by.id and (key := key_of(Kind.ProductVariant, by.id))}
    skus = {by.sku for by in named if by.sku}
    barcodes = {by.barcode for by in named if by.barcode}
    found: dict[tuple[str, Any], Any] = {}
    async with context.database.reading() as reader:
        if ids:
            rows = await variants.by_ids(reader, ids, on_sale_only=on_sale_only, costly=costly)  # type: ignore[arg-type]
            found |= {("id", row["id"]): row for row in rows}
        if skus:
            rows = await variants.by_skus(reader, skus, on_sale_only=on_sale_only, costly=costly)
            found |= {("sku", row["sku"]): row for row in rows}
        if barcodes:
            rows = await variants.by_barcodes(reader, barcodes, on_sale_only=on_sale_only, costly=costly)
            found |= {("barcode", row["barcode"]): row for row in reversed(rows)}
    return [found.get(_name(by)) for by in named]


def _name(by: ProductVariantBy) -> tuple[str, Any]:
    if by.id:
        return "id", key_of(Kind.ProductVariant, by.id)
    return ("sku", by.sku) if by.sku else ("barcode", by.barcode)
