"""Products of the demo as rows: described, priced in both markets, illustrated and sorted into groups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.demo.catalog import BRAND, COLLECTIONS, DemoProduct
from api.demo.pictures import picture_path
from api.demo.places import DOLLAR_MARKET, EURO_MARKET
from api.demo.taxonomy import CATEGORY_PATHS
from api.demo.vocabulary import DEPARTMENTS
from persistence import bulk_loading, importing
from persistence.database import Connection

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    connection: Connection
    market_ids: Mapping[str, int]
    category_ids: Mapping[str, int]
    collection_ids: Mapping[str, int]
    published_at: datetime

    @classmethod
    async def begin(cls, connection: Connection, market_ids: Mapping[str, int]) -> Listing:
        """Makes the categories and collections."""
        return cls(
            connection,
            market_ids,
            await _categories(connection),
            {
                slug: await importing.collection_id(connection, slug=slug, name=name)
                for slug, name in COLLECTIONS.items()
            },
            datetime.now(UTC),
        )

    async def list(self, products: Sequence[DemoProduct]) -> dict[str, UUID]:
        """The id of each variant by its SKU."""
        # Shoppers see the newest first, which is the greatest id: so the first of the catalogue comes last.
        product_ids: dict[str, UUID] = {product.slug: uuid7() for product in reversed(products)}
        variant_ids: dict[str, UUID] = {variant.sku: uuid7() for product in products for variant in product.variants}
        await bulk_loading.copy_products(
            self.connection, (self._product(product, product_ids[product.slug]) for product in products)
        )
        await bulk_loading.copy_variants(
            self.connection,
            (item for product in products for item in _variants(product, product_ids[product.slug], variant_ids)),
        )
        await bulk_loading.copy_prices(
            self.connection, (item for product in products for item in self._prices(product, variant_ids))
        )
        await bulk_loading.copy_media(
            self.connection,
            (item for product in products for item in _pictures(product, product_ids[product.slug], variant_ids)),
        )
        await bulk_loading.copy_collection_members(
            self.connection,
            (
                {"collection_id": self.collection_ids[slug], "product_id": product_ids[product.slug]}
                for product in products
                for slug in product.collections
            ),
        )
        return variant_ids

    def _product(self, product: DemoProduct, product_id: UUID) -> Item:
        return {
            "id": product_id,
            "slug": product.slug,
            "name": product.name,
            "description": product.description,
            "brand": BRAND,
            "category_id": self.category_ids[product.category],
            "tags": sorted(product.collections),
            "options": [{"name": name, "values": list(values)} for name, values in product.options],
            "attributes": [{"name": name, "value": value} for name, value in product.attributes],
            "published_at": self.published_at,
        }

    def _prices(self, product: DemoProduct, variant_ids: Mapping[str, UUID]) -> Iterator[Item]:
        for variant in product.variants:
            euros = {"amount": variant.euro, "compare_at_amount": variant.euro_before}
            dollars = {"amount": variant.dollar, "compare_at_amount": None}
            for market, amounts in ((EURO_MARKET, euros), (DOLLAR_MARKET, dollars)):
                yield {"variant_id": variant_ids[variant.sku], "market_id": self.market_ids[market], **amounts}


async def _categories(connection: Connection) -> dict[str, int]:
    """Departments, and below each the taxonomy's categories that it sells, without what the taxonomy has in between."""
    ids = {}
    for department, kinds in DEPARTMENTS.items():
        parent_id = await importing.category_id(connection, slug=_slug(department), name=department, parent_id=None)
        below = {path for path in CATEGORY_PATHS.values() if department in path}
        assert all(CATEGORY_PATHS[kind.category] in below for kind in kinds), department
        for id_, path in CATEGORY_PATHS.items():
            if path in below:
                ids[id_] = await importing.category_id(
                    connection, slug=_slug(path[-1]), name=path[-1], parent_id=parent_id
                )
    return ids


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _variants(product: DemoProduct, product_id: UUID, variant_ids: Mapping[str, UUID]) -> Iterator[Item]:
    for position, variant in enumerate(product.variants, start=1):
        yield {
            "id": variant_ids[variant.sku],
            "product_id": product_id,
            "sku": variant.sku,
            "barcode": variant.barcode,
            "name": variant.name,
            "selected_options": [{"name": name, "value": value} for name, value in variant.selected],
            "position": position,
        }


def _pictures(product: DemoProduct, product_id: UUID, variant_ids: Mapping[str, UUID]) -> Iterator[Item]:
    """One for each variant, by its color; one of each color comes first."""
    colors = list(dict.fromkeys(variant.color for variant in product.variants))
    seen: set[str] = set()
    for place, variant in enumerate(product.variants):
        is_first = variant.color not in seen
        seen.add(variant.color)
        yield {
            "product_id": product_id,
            "variant_id": variant_ids[variant.sku],
            "position": colors.index(variant.color) + 1 if is_first else len(colors) + place + 1,
            "url": picture_path(product, variant.color),
            "alt": f"{product.name}, {variant.color.lower()}",
        }
