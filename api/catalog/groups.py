"""Categories and collections: how products are found without a search."""

from typing import Any

import strawberry

from api.access import PUBLIC
from api.catalog.columns import costly_of_products
from api.catalog.facets import FACETS_OF, facets_of
from api.catalog.types import Product
from api.context import Context
from api.execution.cost import costing
from api.execution.fields import Wanted, batched, column, group_by, inline, of_items, pick_by
from api.ids import Kind, bad_input, encode, key_of
from api.node import Node
from api.pagination import Page, PageInfo, connection, page
from persistence.catalog import products as stored


@strawberry.type(description="A product and its place in a list.")
class ProductEdge:
    cursor: str = column(PUBLIC, "To ask for what comes after it.")
    node: Product = column(PUBLIC, "The product.")


@strawberry.type(description="A choice, and how many products it would leave.")
class FacetValue:
    value: str = column(
        PUBLIC,
        "What the filter takes: the slug of a category, the name of a brand, a tag, the value of an attribute; IN_STOCK or "
        "OUT_OF_STOCK.",
    )
    count: int = column(
        PUBLIC,
        "Products with it that all other filters let pass; what is in a part of a category counts for the whole.",
    )


@strawberry.type(
    description="What a list can be narrowed by: Category, Brand, Tag, Availability, or an attribute by its name."
)
class Facet:
    name: str = column(PUBLIC, "For people and programs.")
    values: list[FacetValue] = column(PUBLIC, "The most frequent first, at most 20.")


@strawberry.type(description="A page of products.")
class ProductConnection:
    edges: list[ProductEdge] = column(PUBLIC, "The products of this page with their cursors.")
    nodes: list[Product] = column(PUBLIC, "The products of this page.")
    page_info: PageInfo = column(PUBLIC, "Where this page lies in the list.")
    total_count: int = column(PUBLIC, "How many there are on all pages.")

    # They look at every product of the list, not at those of the page.
    @costing(weight=200)
    @batched(
        PUBLIC,
        "Over all pages, each counted with all filters but its own, so that a shopper can change a choice. At most 10: "
        "Category, Brand, the six most frequent attributes, Tag and Availability; those without a value are left out.",
    )
    async def facets(rows: Any, context: Context, wanted: Wanted) -> list[Facet]:
        return await facets_of(rows, context)


@strawberry.type(description="A place in the tree of categories.")
class Category(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Category, row["id"]), PUBLIC, "Globally unique and opaque.")
    slug: str = column(PUBLIC, "Its name in addresses; unique.")
    name: str = column(PUBLIC, "For people.")

    @batched(PUBLIC, "What it is a part of; null at the top.")
    async def parent(rows: Any, context: Context, wanted: Wanted) -> "Category | None":
        ids = {row["parent_id"] for row in rows if row["parent_id"] is not None}
        async with context.database.reading() as reader:
            found = await stored.categories_by(reader, "id", ids)
        return pick_by(found, "id", rows, "parent_id")

    @batched(PUBLIC, "Its parts, by name.")
    async def children(rows: Any, context: Context, wanted: Wanted) -> list["Category"]:
        async with context.database.reading() as reader:
            found = await stored.categories_by(reader, "parent_id", {row["id"] for row in rows})
        return group_by(found, "parent_id", rows)

    @batched(PUBLIC, "Products in it and in its parts, newest first; `first` is at most 100.")
    async def products(
        rows: Any, context: Context, wanted: Wanted, *, first: int | None = 24, after: str | None = None
    ) -> ProductConnection:
        return await _products_of_each("category_id", rows, context, wanted, first, after)


@strawberry.type(description="Products put together by the merchant.")
class Collection(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Collection, row["id"]), PUBLIC, "Globally unique and opaque.")
    slug: str = column(PUBLIC, "Its name in addresses; unique.")
    name: str = column(PUBLIC, "For people.")

    @batched(PUBLIC, "Products in it, newest first; `first` is at most 100.")
    async def products(
        rows: Any, context: Context, wanted: Wanted, *, first: int | None = 24, after: str | None = None
    ) -> ProductConnection:
        return await _products_of_each("collection_id", rows, context, wanted, first, after)


async def _products_of_each(
    group: str, rows: Any, context: Context, wanted: Wanted, first: int | None, after: str | None
) -> list[dict[str, Any]]:
    asked = page(first, after, default=24, keys=1)
    ids = list({row["id"] for row in rows})
    async with context.database.reading() as reader:
        found = await stored.page_of_each(
            reader,
            group,
            ids,
            after=product_cursor(asked),
            count=asked.fetched,
            costly=costly_of_products(of_items(wanted)),
        )
        counts = await stored.count_of_each(reader, group, ids) if "totalCount" in wanted else {}
    return [
        product_connection(members, asked, counts.get(row["id"], 0), {FACETS_OF: (group, row["id"])})
        for row, members in zip(rows, group_by(found, "group_id", rows), strict=True)
    ]


def product_connection(
    rows: Any, asked: Page, total_count: int | None, more: dict[str, Any] | None = None
) -> dict[str, Any]:
    return connection(rows, asked, lambda row: (row["id"].hex,), total_count, more)


def product_cursor(asked: Page) -> Any | None:
    """The id of the last product seen."""
    if asked.after is None:
        return None
    key = key_of(Kind.Product, f"prd_{asked.after[0]}")
    if key is None:
        raise bad_input("This cursor does not belong to this list.")
    return key
