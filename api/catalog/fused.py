"""What of the catalog, its prices and its stock one statement can answer; persistence says how, here is said for what."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from api.catalog.availability import cap_for, locations_for
from api.catalog.filters import ProductFilter
from api.catalog.groups import product_cursor
from api.catalog.listing import question_of, understood
from api.catalog.lookup import find_variants, sees_all
from api.catalog.types import MOST_LOCATIONS, MOST_MEDIA, ProductBy, ProductVariantBy, nearest_first, variant_cursor
from api.channels.types import CoordinatesInput, LocationBy
from api.context import Context
from api.execution.fusing.declarations import Asked, Declarations, Root
from api.ids import Kind, key_of
from api.pagination import page
from domain.money import digits
from persistence.search import pages
from persistence.search.pages import Order
from persistence.shapes import catalog, inventory, pricing

_AFTER_ALL = UUID(int=2**128 - 1)
_BEFORE_ALL = (-(2**31), UUID(int=0))


async def _products(
    context: Context,
    first: int | None = 24,
    after: str | None = None,
    filter: ProductFilter | None = None,
    sort: Order | None = None,
) -> Asked:
    question = question_of(context, first, after, filter, sort)
    is_searched = question.chunks is not None
    if is_searched:
        async with context.database.reading() as reader:
            question = await understood(reader, question)
    place = question.place
    source = pages.page_rows(question.order, question.criteria.used, after=place is not None, is_searched=is_searched)
    values = pages.page_values(question.criteria, question.order, place)
    values |= {"first": question.asked.first, "count": question.asked.fetched}
    if is_searched:
        values["corrections_json"] = orjson.dumps(question.corrections).decode()
    return Asked(source, values)


async def _product(context: Context, by: ProductBy) -> Asked:
    published_only = not sees_all(context)
    if by.slug:
        return Asked(catalog.product_by("slug", published_only=published_only), {"slug": by.slug})
    return Asked(catalog.product_by("id", published_only=published_only), {"id": key_of(Kind.Product, by.id or "")})


async def _variant(context: Context, by: ProductVariantBy) -> Asked:
    key, value = _name_of(by)
    return Asked(catalog.variant_by(key, on_sale_only=not sees_all(context)), {key: value})


def _name_of(by: ProductVariantBy) -> tuple[str, Any]:
    """Nothing has the name null."""
    if by.id:
        return "id", key_of(Kind.ProductVariant, by.id)
    return ("sku", by.sku) if by.sku else ("barcode", by.barcode or None)


async def _availability_of_named(
    context: Context,
    variants: Sequence[ProductVariantBy],
    locations: Sequence[LocationBy] | None = None,
    near: CoordinatesInput | None = None,
) -> Asked:
    ids = [row["id"] for row in await find_variants(context, variants) if row is not None]
    places = _places(context, locations_for(context, locations), near)
    values = {f"named_{name}": numbers for name, numbers in places.items()}
    return Asked(inventory.AVAILABILITY_OF_NAMED, {"variant_ids": ids, **values})


async def _category(_context: Context, slug: str) -> Asked:
    return Asked(catalog.CATEGORY_BY_SLUG, {"slug": slug})


async def _collection(_context: Context, slug: str) -> Asked:
    return Asked(catalog.COLLECTION_BY_SLUG, {"slug": slug})


def _products_in(_context: Context, *, first: int | None = 24, after: str | None = None) -> Mapping[str, Any]:
    asked = page(first, after, default=24, keys=1)
    return {
        "first": asked.first,
        "after": product_cursor(asked) or _AFTER_ALL,
        "has_previous": asked.after is not None,
    }


def _media(_context: Context, *, first: int | None = 10) -> Mapping[str, Any]:
    return {"first": page(first, None, default=10, keys=0, most=MOST_MEDIA).first}


def _variants(_context: Context, *, first: int | None = 100, after: str | None = None) -> Mapping[str, Any]:
    asked = page(first, after, default=100, keys=2)
    position, id_ = variant_cursor(asked.after) or _BEFORE_ALL
    return {
        "first": asked.first,
        "after_position": position,
        "after_id": id_,
        "has_previous": asked.after is not None,
    }


def _availability(
    context: Context,
    *,
    locations: Sequence[LocationBy] | None = None,
    near: CoordinatesInput | None = None,
    first: int | None = 100,
) -> Mapping[str, Any]:
    asked = page(first, None, default=100, keys=0, most=MOST_LOCATIONS)
    return {"first": asked.first, **_places(context, locations_for(context, locations), near)}


def _places(context: Context, buffers: Mapping[int, int], near: CoordinatesInput | None = None) -> dict[str, list[int]]:
    """Parallel lists of the locations that count, in the order in which they are listed."""
    entries = {id_: number for number, id_ in enumerate(context.directory.locations, start=1)}
    ids = list(buffers) if near is None else [id_ for id_ in nearest_first(context, near) if id_ in buffers]
    return {
        "location_ids": ids,
        "buffers": [buffers[id_] for id_ in ids],
        "entries": [entries[id_] for id_ in ids],
    }


def _of_channel(name: str) -> Any:
    return lambda context: _places(context, locations_for(context, None))[name]


def _currency_json(context: Context) -> str:
    return orjson.dumps(context.market["currency_code"]).decode()


DECLARATIONS = Declarations(
    shapes={
        "Product": catalog.PRODUCT,
        "ProductVariant": catalog.VARIANT,
        "BundleComponent": catalog.COMPONENT,
        "Media": catalog.MEDIA,
        "Category": catalog.CATEGORY,
        "Collection": catalog.COLLECTION,
        "Price": pricing.PRICE,
        "PriceRange": pricing.PRICE_RANGE,
        "LocationAvailability": inventory.LOCATION_AVAILABILITY,
        "AvailableQuantity": inventory.AVAILABLE_QUANTITY,
    },
    roots={
        "product": Root(_product, catalog.product_by("slug", published_only=True)),
        "productVariant": Root(_variant, catalog.variant_by("barcode", on_sale_only=True)),
        "products": Root(_products, pages.page_rows(Order.NEWEST, frozenset(), after=False, is_searched=False)),
        "availability": Root(_availability_of_named, inventory.AVAILABILITY_OF_NAMED),
        "category": Root(_category, catalog.CATEGORY_BY_SLUG),
        "collection": Root(_collection, catalog.COLLECTION_BY_SLUG),
    },
    arguments={
        ("Category", "products"): _products_in,
        ("Collection", "products"): _products_in,
        ("Product", "media"): _media,
        ("Product", "variants"): _variants,
        ("ProductVariant", "media"): _media,
        ("ProductVariant", "availability"): _availability,
    },
    parameters={
        "market_id": lambda context: context.market["id"],
        "minor_unit": lambda context: Decimal(1).scaleb(-digits(context.market["currency_code"])),
        "currency_json": _currency_json,
        "tax_included": lambda context: context.market["tax_included"],
        "cap": cap_for,
        "location_ids": _of_channel("location_ids"),
        "buffers": _of_channel("buffers"),
        "entries": _of_channel("entries"),
    },
    directories={"location": lambda context: context.directory.locations},
    prefix=lambda type_name: Kind[type_name].value,
)
