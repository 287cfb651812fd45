"""Questions about the catalog."""

from typing import Annotated

import strawberry

from api.access import PUBLIC
from api.catalog.availability import locations_for
from api.catalog.columns import costly_of_products, costly_of_variants
from api.catalog.filters import ProductFilter
from api.catalog.groups import Category, Collection, ProductConnection
from api.catalog.listing import list_products
from api.catalog.lookup import find_variants, sees_all
from api.catalog.types import (
    LocationAvailability,
    Product,
    ProductBy,
    ProductVariant,
    ProductVariantBy,
    availability_rows,
)
from api.channels.types import CoordinatesInput, LocationBy
from api.context import Info
from api.execution.access import ACCESS
from api.execution.cost import costing
from api.execution.fields import selected_names
from api.ids import Kind, key_of
from persistence.catalog import products
from persistence.inventory import offers
from persistence.search.pages import Order


@strawberry.type
class CatalogQuery:
    @strawberry.field(
        description="One product; null when there is none such, or it is not published.", metadata={ACCESS: PUBLIC}
    )
    async def product(self, info: Info, by: ProductBy) -> Product | None:
        context = info.context
        published_only = not sees_all(context)
        costly = costly_of_products(selected_names(info._raw_info))  # noqa: SLF001
        async with context.database.reading() as reader:
            if by.slug:
                return await products.by_slug(reader, by.slug, published_only=published_only, costly=costly)
            key = key_of(Kind.Product, by.id or "")
            found = await products.by_ids(reader, [key] if key else [], published_only=published_only, costly=costly)
        return found[0] if found else None

    @strawberry.field(
        description="One variant; null when there is none such, or it is not on sale. By barcode it answers a scanner.",
        metadata={ACCESS: PUBLIC},
    )
    async def product_variant(self, info: Info, by: ProductVariantBy) -> ProductVariant | None:
        costly = costly_of_variants(selected_names(info._raw_info))  # noqa: SLF001
        found = await find_variants(info.context, [by], costly=costly)
        return found[0]

    @strawberry.field(
        description="Published products that meet the filter; `first` is at most 100. Ordered by relevance when something is "
        "searched for, else the newest first. A cursor goes on in the same order with the same filter.",
        metadata={ACCESS: PUBLIC},
    )
    async def products(
        self,
        info: Info,
        first: int | None = 24,
        after: str | None = None,
        filter: ProductFilter | None = None,
        sort: Annotated[Order | None, strawberry.argument(description="How they are ordered.")] = None,
    ) -> ProductConnection:
        wanted = selected_names(info._raw_info)  # noqa: SLF001
        return await list_products(info.context, first, after, filter, sort, wanted)

    @strawberry.field(description="One category; null when there is none such.", metadata={ACCESS: PUBLIC})
    async def category(self, info: Info, slug: str) -> Category | None:
        async with info.context.database.reading() as reader:
            found = await products.categories_by(reader, "slug", [slug])
        return found[0] if found else None

    @strawberry.field(description="All categories, by name.", metadata={ACCESS: PUBLIC})
    async def categories(self, info: Info) -> list[Category]:
        async with info.context.database.reading() as reader:
            return await products.categories(reader)

    @strawberry.field(description="One collection; null when there is none such.", metadata={ACCESS: PUBLIC})
    async def collection(self, info: Info, slug: str) -> Collection | None:
        async with info.context.database.reading() as reader:
            found = await products.collections_by(reader, "slug", [slug])
        return found[0] if found else None

    @strawberry.field(description="All collections, by name.", metadata={ACCESS: PUBLIC})
    async def collections(self, info: Info) -> list[Collection]:
        async with info.context.database.reading() as reader:
            return await products.collections(reader)

    @costing(sized_by=("variants", "locations"))
    @strawberry.field(
        description="Stock of some variants at the locations that sell to this channel, nearest first when `near` is given. At "
        "most 100 variants; unknown ones are left out.",
        metadata={ACCESS: PUBLIC},
    )
    async def availability(
        self,
        info: Info,
        variants: list[ProductVariantBy],
        locations: list[LocationBy] | None = None,
        near: CoordinatesInput | None = None,
    ) -> list[LocationAvailability]:
        context = info.context
        found_variants = await find_variants(context, variants, costly=frozenset())
        ids = [row["id"] for row in found_variants if row is not None]
        async with context.database.reading() as reader:
            found = await offers.availability(reader, set(ids), locations_for(context, locations))
        place = {id_: position for position, id_ in enumerate(reversed(ids))}
        return sorted(availability_rows(found, context, near), key=lambda row: -place[row["variant_id"]])
