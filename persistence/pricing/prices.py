"""Prices per variant and market, in minor units."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, func, select

from persistence.catalog.tables import variant
from persistence.catalog.variants import DESCRIPTIONS
from persistence.database import Reader, Row
from persistence.pricing.tables import price
from persistence.statements import Statement, among

_BY_VARIANT = Statement(
    select(price.c.variant_id, price.c.amount, price.c.compare_at_amount).where(
        among(price.c.variant_id, "variant_ids"), price.c.market_id == bindparam("market_id")
    )
)

_OFFERED = Statement(
    DESCRIPTIONS.add_columns(price.c.amount).outerjoin(
        price, (price.c.variant_id == variant.c.id) & (price.c.market_id == bindparam("market_id"))
    )
)
_RANGES = Statement(
    select(
        variant.c.product_id, func.min(price.c.amount).label("min_amount"), func.max(price.c.amount).label("max_amount")
    )
    .join(price, price.c.variant_id == variant.c.id)
    .where(
        among(variant.c.product_id, "product_ids"),
        variant.c.withdrawn_at.is_(None),
        price.c.market_id == bindparam("market_id"),
    )
    .group_by(variant.c.product_id)
)


async def by_variant(reader: Reader, variant_ids: Collection[UUID], market_id: int) -> list[Row]:
    """variant_id, amount and compare_at_amount; variants that are not sold in the market are left out."""
    return await reader.fetch(_BY_VARIANT, variant_ids=list(variant_ids), market_id=market_id)


async def offered(reader: Reader, variant_ids: Collection[UUID], market_id: int) -> list[Row]:
    """id, sku, full_name, hold_policy and amount of each; the amount is null for what is not sold in the market."""
    return await reader.fetch(_OFFERED, ids=list(variant_ids), market_id=market_id)


async def ranges(reader: Reader, product_ids: Collection[UUID], market_id: int) -> list[Row]:
    """The lowest and highest amount of each product that has a price in the market."""
    return await reader.fetch(_RANGES, product_ids=list(product_ids), market_id=market_id)
