"""Variants: what is sold, found by id, SKU or barcode."""

from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select

from persistence.catalog.columns import COSTLY_OF_VARIANTS, select_with
from persistence.catalog.tables import media, product, variant
from persistence.database import Reader, Row
from persistence.statements import Statement, among


@lru_cache
def _by(key: str, costly: frozenset[str], *, on_sale_only: bool) -> Statement:
    query = select_with(variant, costly).where(among(variant.c[key], "keys"))
    if on_sale_only:
        query = query.join(product, product.c.id == variant.c.product_id).where(
            variant.c.withdrawn_at.is_(None), product.c.published_at.is_not(None)
        )
    return Statement(query.order_by(variant.c.id))


async def by_ids(
    reader: Reader, ids: Collection[UUID], *, on_sale_only: bool, costly: frozenset[str] = COSTLY_OF_VARIANTS
) -> list[Row]:
    """On sale means published and not withdrawn."""
    return await reader.fetch(_by("id", costly, on_sale_only=on_sale_only), keys=list(ids))


async def by_skus(
    reader: Reader, skus: Collection[str], *, on_sale_only: bool, costly: frozenset[str] = COSTLY_OF_VARIANTS
) -> list[Row]:
    return await reader.fetch(_by("sku", costly, on_sale_only=on_sale_only), keys=list(skus))


async def by_barcodes(
    reader: Reader, barcodes: Collection[str], *, on_sale_only: bool, costly: frozenset[str] = COSTLY_OF_VARIANTS
) -> list[Row]:
    """Where several variants carry one barcode, the oldest comes first."""
    return await reader.fetch(_by("barcode", costly, on_sale_only=on_sale_only), keys=list(barcodes))


DESCRIPTIONS = (
    select(
        variant.c.id,
        variant.c.sku,
        # What a cart or an order calls it: a product with a single variant needs no more than its own name.
        func.concat_ws(" · ", product.c.name, func.nullif(variant.c.name, "Default Title")).label("full_name"),
        product.c.hold_policy,
    )
    .join(product, product.c.id == variant.c.product_id)
    .where(among(variant.c.id, "ids"))
)
"""id, sku, full_name and hold_policy, of those among :ids."""
_DESCRIBED = Statement(DESCRIPTIONS)


async def described(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    """id, sku, full_name and hold_policy of each."""
    return await reader.fetch(_DESCRIBED, ids=list(ids))


_MEDIA = Statement(
    select(variant.c.id.label("of_variant_id"), media.c.url, media.c.alt, media.c.kind)
    .join(variant, variant.c.product_id == media.c.product_id)
    .where(among(variant.c.id, "variant_ids"), (media.c.variant_id == variant.c.id) | media.c.variant_id.is_(None))
    # Its own pictures first, then those of the product.
    .order_by(media.c.variant_id.is_(None), media.c.position, media.c.id)
)


async def media_of(reader: Reader, variant_ids: Collection[UUID]) -> list[Row]:
    """A variant's own pictures, then those that show the product as a whole; at most 250 a product exist."""
    return await reader.fetch(_MEDIA, variant_ids=list(variant_ids))
