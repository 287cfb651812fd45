"""Products, variants and their availability as the schema shows them. Every batched field asks the database once a level."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from api.access import PUBLIC
from api.catalog.availability import AvailableQuantity, cap_for, locations_for, most_told, pickup_moments
from api.catalog.columns import costly_of_products, costly_of_variants
from api.channels.types import CoordinatesInput, Location, LocationBy, distance_from
from api.context import Context
from api.directory import Entry
from api.execution.fields import Wanted, batched, column, group_by, inline, of_items, pick_by
from api.ids import Kind, encode, key_of
from api.money import Price, PriceRange, money
from api.node import Node
from api.pagination import PageInfo, connection, foreign_cursor, number_of, page
from domain.carts.hold_policy import HoldPolicy
from domain.inventory.bundles import Component
from domain.inventory.stock import StockStatus, shown, status
from domain.money import amount_of
from persistence.catalog import bundles, products, variants
from persistence.inventory import offers
from persistence.pricing import prices

if TYPE_CHECKING:
    from api.catalog.groups import Category, Collection

MOST_MEDIA = 100
MOST_LOCATIONS = 250
TOLD_ALIKE = frozenset({"location", "status", "available", "pickupReadyAt", "__typename"})
"""What of a LocationAvailability is the same for all variants of which a location has as many."""


@strawberry.enum(description="What a medium is.")
class MediaKind(Enum):
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


@strawberry.type(description="A picture or a film of a product.")
class Media:
    url: str = column(PUBLIC, "Where it is; absolute, or beginning with / when this server has it.")
    alt: str | None = column(PUBLIC, "What it shows, for those who cannot see it.")
    kind: MediaKind = column(PUBLIC, "What it is.")


@strawberry.type(
    description="One way in which the variants of a product differ, with its values in the merchant's order."
)
class ProductOption:
    name: str = column(PUBLIC, "Such as Size.")
    values: list[str] = column(PUBLIC, "Such as S, M, L.")


@strawberry.type(description="Which value of an option a variant has.")
class SelectedOption:
    name: str = column(PUBLIC, "Such as Size.")
    value: str = column(PUBLIC, "Such as M.")


@strawberry.type(description="A property of a product.")
class Attribute:
    name: str = column(PUBLIC, "Such as Material.")
    value: str = column(PUBLIC, "Such as Linen.")


@strawberry.type(
    description="What a shopper may know of one variant at one location. Its id is that of the pair, so a normalized cache "
    "applies a change by itself."
)
class LocationAvailability(Node):
    id: strawberry.ID = inline(
        lambda row: encode(Kind.LocationAvailability, row["id"]), PUBLIC, "That of the pair of variant and location."
    )

    @batched(PUBLIC, "Where it is.")
    async def location(rows: Any, context: Context, wanted: Wanted) -> Location:
        return [context.directory.locations[row["location_id"]] for row in rows]

    @batched(PUBLIC, "What it is.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> "ProductVariant":
        async with context.database.reading() as reader:
            found = await variants.by_ids(
                reader, {row["variant_id"] for row in rows}, on_sale_only=False, costly=costly_of_variants(wanted)
            )
        return pick_by(found, "id", rows, "variant_id")

    status: StockStatus = inline(
        lambda row: status(row["available"], row["backorder_limit"]), PUBLIC, "Whether it can be bought here now."
    )

    @batched(PUBLIC, "How many can be bought here now.")
    async def available(rows: Any, context: Context, wanted: Wanted) -> AvailableQuantity:
        cap = cap_for(context)
        told = {quantity: shown(quantity, cap) for quantity in {row["available"] for row in rows}}
        return [told[row["available"]] for row in rows]

    @batched(
        PUBLIC,
        "When an order placed now can be collected here, from opening hours, preparation time and cut-off; null when not at "
        "all.",
    )
    async def pickup_ready_at(rows: Any, context: Context, wanted: Wanted) -> datetime | None:
        return pickup_moments(context, rows)

    version: int = column(PUBLIC, "Never falls: a client drops what is older than what it has.")
    as_of: datetime = column(PUBLIC, "When this was read.")


@strawberry.type(description="What is sold: one choice of every option of its product.")
class ProductVariant(Node):
    id: strawberry.ID = inline(
        lambda row: encode(Kind.ProductVariant, row["id"]), PUBLIC, "Globally unique and opaque."
    )
    sku: str = column(PUBLIC, "Stock-keeping code; unique.")
    barcode: str | None = column(PUBLIC, "GTIN, as a scanner reads it.")
    name: str = column(PUBLIC, "What tells it from its siblings, such as `White / M`.")
    selected_options: list[SelectedOption] = column(PUBLIC, "Its value of each option.")

    @batched(PUBLIC, "What it is a variant of.")
    async def product(rows: Any, context: Context, wanted: Wanted) -> "Product":
        async with context.database.reading() as reader:
            found = await products.by_ids(
                reader, {row["product_id"] for row in rows}, published_only=False, costly=costly_of_products(wanted)
            )
        return pick_by(found, "id", rows, "product_id")

    @batched(PUBLIC, "In the caller's market; null when it is not sold there.")
    async def price(rows: Any, context: Context, wanted: Wanted) -> Price | None:
        async with context.database.reading() as reader:
            found = await prices.by_variant(reader, {row["id"] for row in rows}, context.market["id"])
        market = context.market
        by_variant = {row["variant_id"]: price_row(row, market) for row in found}
        return [by_variant.get(row["id"]) for row in rows]

    @batched(PUBLIC, "Its own pictures, then those of the product; `first` is at most 100.")
    async def media(rows: Any, context: Context, wanted: Wanted, *, first: int | None = 10) -> list[Media]:
        asked = page(first, None, default=10, keys=0, most=MOST_MEDIA)
        async with context.database.reading() as reader:
            found = await variants.media_of(reader, {row["id"] for row in rows})
        return [pictures[: asked.first] for pictures in group_by(found, "of_variant_id", rows)]

    @batched(
        PUBLIC,
        "One entry for each location that carries the variant and sells to this channel, nearest first when `near` is "
        "given; at most 250.",
    )
    async def availability(
        rows: Any,
        context: Context,
        wanted: Wanted,
        *,
        locations: list[LocationBy] | None = None,
        near: CoordinatesInput | None = None,
        first: int | None = 100,
    ) -> list[LocationAvailability]:
        asked = page(first, None, default=100, keys=0, most=MOST_LOCATIONS)
        selling = locations_for(context, locations)
        ids = {row["id"] for row in rows}
        async with context.database.reading() as reader:
            if wanted <= TOLD_ALIKE:
                listed = list(selling) if near is None else nearest_first(context, near)
                places = {id_: selling[id_] for id_ in listed if id_ in selling}
                lists = await offers.lists(reader, ids, places, most=most_told(context))
                return [lists.get(row["id"], [])[: asked.first] for row in rows]
            found = await offers.availability(reader, ids, selling)
        return [entries[: asked.first] for entries in group_by(in_order(found, context, near), "variant_id", rows)]

    @batched(PUBLIC, "Sum over the locations that sell to this channel.")
    async def available_to_promise(rows: Any, context: Context, wanted: Wanted) -> AvailableQuantity:
        async with context.database.reading() as reader:
            found = await offers.to_promise(reader, {row["id"] for row in rows}, locations_for(context, None))
        available = {row["variant_id"]: row["available"] for row in found}
        return [shown(available.get(row["id"], 0), cap_for(context)) for row in rows]

    @batched(
        PUBLIC,
        "What a bundle is made of; empty for everything else. A bundle has no stock of its own: at each location there are as "
        "many as its scarcest component there allows, and what is sold of it is taken from its components.",
    )
    async def components(rows: Any, context: Context, wanted: Wanted) -> list["BundleComponent"]:
        made = {row["id"] for row in rows if row["is_bundle"]}
        found: dict[UUID, tuple[Component, ...]] = {}
        if made:
            async with context.database.reading() as reader:
                found = await bundles.components_of(reader, made)
        return [found.get(row["id"], ()) for row in rows]


@strawberry.type(description="What is in a bundle: so many units of another variant.")
class BundleComponent:
    @batched(PUBLIC, "What it is; it is no bundle itself. It may not be sold by itself.")
    async def variant(rows: Any, context: Context, wanted: Wanted) -> "ProductVariant":
        async with context.database.reading() as reader:
            found = await variants.by_ids(
                reader, {row.variant_id for row in rows}, on_sale_only=False, costly=costly_of_variants(wanted)
            )
        by_id = {row["id"]: row for row in found}
        return [by_id[row.variant_id] for row in rows]

    quantity: int = column(PUBLIC, "How many of it are in one bundle; 1 to 100.")


@strawberry.type(description="A variant and its place in a list.")
class ProductVariantEdge:
    cursor: str = column(PUBLIC, "To ask for what comes after it.")
    node: ProductVariant = column(PUBLIC, "The variant.")


@strawberry.type(description="A page of variants.")
class ProductVariantConnection:
    edges: list[ProductVariantEdge] = column(PUBLIC, "The variants of this page with their cursors.")
    nodes: list[ProductVariant] = column(PUBLIC, "The variants of this page.")
    page_info: PageInfo = column(PUBLIC, "Where this page lies in the list.")
    total_count: int = column(PUBLIC, "How many there are on all pages.")


_Category = Annotated["Category", strawberry.lazy("api.catalog.groups")]
_Collection = Annotated["Collection", strawberry.lazy("api.catalog.groups")]


@strawberry.type(description="What is described; its variants are what is sold.")
class Product(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Product, row["id"]), PUBLIC, "Globally unique and opaque.")
    slug: str = column(PUBLIC, "Its name in addresses; unique.")
    name: str = column(PUBLIC, "For people.")
    description: str | None = column(PUBLIC, "HTML without scripts: it was sanitized when it was written.")
    brand: str | None = column(PUBLIC, "Whose name is on it.")
    tags: list[str] = column(PUBLIC, "The merchant's free words for it.")
    options: list[ProductOption] = column(PUBLIC, "How its variants differ.")
    attributes: list[Attribute] = column(PUBLIC, "Its properties.")
    hold_policy: HoldPolicy | None = column(PUBLIC, "When its stock is held; null where the channel decides.")

    @batched(PUBLIC, "Where it stands in the tree; null when nobody said.")
    async def category(rows: Any, context: Context, wanted: Wanted) -> _Category | None:
        ids = {row["category_id"] for row in rows if row["category_id"] is not None}
        async with context.database.reading() as reader:
            found = await products.categories_by(reader, "id", ids)
        return pick_by(found, "id", rows, "category_id")

    @batched(PUBLIC, "The collections it is in, by name.")
    async def collections(rows: Any, context: Context, wanted: Wanted) -> list[_Collection]:
        async with context.database.reading() as reader:
            found = await products.collections_of(reader, {row["id"] for row in rows})
        return group_by(found, "product_id", rows)

    @batched(PUBLIC, "Its pictures in the merchant's order; `first` is at most 100.")
    async def media(rows: Any, context: Context, wanted: Wanted, *, first: int | None = 10) -> list[Media]:
        asked = page(first, None, default=10, keys=0, most=MOST_MEDIA)
        async with context.database.reading() as reader:
            found = await products.media_of(reader, [row["id"] for row in rows], count=asked.first)
        return group_by(found, "product_id", rows)

    @batched(PUBLIC, "What is sold of it, in the merchant's order; `first` is at most 100.")
    async def variants(
        rows: Any, context: Context, wanted: Wanted, *, first: int | None = 100, after: str | None = None
    ) -> ProductVariantConnection:
        asked = page(first, after, default=100, keys=2)
        ids = list({row["id"] for row in rows})
        async with context.database.reading() as reader:
            found = await products.variants(
                reader,
                ids,
                count=asked.fetched,
                after=variant_cursor(asked.after),
                costly=costly_of_variants(of_items(wanted)),
            )
            counts = await products.variant_counts(reader, ids) if "totalCount" in wanted else {}
        return [
            connection(siblings, asked, lambda row: (row["position"], row["id"].hex), counts.get(parent["id"], 0))
            for parent, siblings in zip(rows, group_by(found, "product_id", rows), strict=True)
        ]

    @batched(PUBLIC, "In the caller's market; null when none of its variants is sold there.")
    async def price_range(rows: Any, context: Context, wanted: Wanted) -> PriceRange | None:
        async with context.database.reading() as reader:
            found = await prices.ranges(reader, {row["id"] for row in rows}, context.market["id"])
        currency = context.market["currency_code"]
        ranges = {
            row["product_id"]: {"min": money(row["min_amount"], currency), "max": money(row["max_amount"], currency)}
            for row in found
        }
        return [ranges.get(row["id"]) for row in rows]

    @batched(PUBLIC, "The best status over all locations that sell to this channel.")
    async def stock_status(rows: Any, context: Context, wanted: Wanted) -> StockStatus:
        async with context.database.reading() as reader:
            found = await offers.best_by_product(reader, {row["id"] for row in rows}, locations_for(context, None))
        best = {row["product_id"]: status(row["available"], row["sellable"] - row["available"]) for row in found}
        return [best.get(row["id"], status(0)) for row in rows]

    created_at: datetime = column(PUBLIC, "When it was first written.")
    updated_at: datetime = column(PUBLIC, "When it was last changed.")


@strawberry.input(one_of=True, description="Names a product: by exactly one of these.")
class ProductBy:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    slug: str | None = strawberry.field(default=strawberry.UNSET, description="Its slug.")


@strawberry.input(one_of=True, description="Names a variant: by exactly one of these.")
class ProductVariantBy:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    sku: str | None = strawberry.field(default=strawberry.UNSET, description="Its stock-keeping code.")
    barcode: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its barcode; where several variants carry it, the oldest is meant."
    )


def price_row(row: Any, market: Entry) -> dict[str, Any]:
    """The source of a Price."""
    currency = market["currency_code"]
    compare_at = row["compare_at_amount"]
    return {
        "amount": amount_of(row["amount"], currency),
        "currency_code": currency,
        "compare_at": None if compare_at is None else money(compare_at, currency),
        "tax_included": market["tax_included"],
    }


def availability_rows(found: Any, context: Context, near: CoordinatesInput | None = None) -> list[dict[str, Any]]:
    """Sources of LocationAvailability: capped for the caller, nearest first or in sourcing order."""
    cap = cap_for(context)
    return [{**row, "cap": cap} for row in in_order(found, context, near)]


def in_order(found: Any, context: Context, near: CoordinatesInput | None) -> list[Any]:
    """What was found at locations: nearest first or in sourcing order."""
    listed = context.directory.locations if near is None else nearest_first(context, near)
    rank = {id_: position for position, id_ in enumerate(listed)}
    return sorted(found, key=lambda row: rank[row["location_id"]])


def nearest_first(context: Context, near: CoordinatesInput) -> list[int]:
    """All locations; those that nobody knows where they are come last."""
    start = near.to_domain()
    distances = {id_: distance_from(start, place) for id_, place in context.directory.locations.items()}
    rank = {id_: position for position, id_ in enumerate(distances)}
    return sorted(distances, key=lambda id_: (1e9 if (km := distances[id_]) is None else km, rank[id_]))


def variant_cursor(after: tuple[Any, ...] | None) -> tuple[int, Any] | None:
    if after is None:
        return None
    position, hexadecimal = after
    key = key_of(Kind.ProductVariant, f"var_{hexadecimal}")
    if key is None:
        raise foreign_cursor()
    return number_of(position, bits=32), key
