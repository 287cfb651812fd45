"""Putting the demo into an empty database: all of it in one transaction, and never twice."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.channels.founding import CHANNEL_CODE, MARKET_CODE
from api.demo import places as demo
from api.demo.catalog import BRAND, CATEGORIES, COLLECTIONS, PRODUCTS, DemoProduct, DemoVariant, variants_of
from api.demo.people import let_in
from api.demo.pictures import pictures_of
from api.demo.stock import beginnings
from domain.inventory.adjustment import Movement
from persistence import importing
from persistence.channels import beginning, places
from persistence.database import Connection, Database
from persistence.inventory import movements, stock_levels

_ACTOR = "system"
_REFERENCE = "demo"


class Outcome(Enum):
    LOADED = auto()
    LOADED_BEFORE = auto()
    DATABASE_IN_USE = auto()
    """It has data of somebody's own, which the demo would be mixed up with."""


async def load(database: Database) -> Outcome:
    """The database is migrated. A first market that nothing was sold in becomes the demo's."""
    async with database.transaction() as connection:
        await beginning.lock_places(connection)
        if not await beginning.is_unused(connection, market_code=MARKET_CODE, channel_code=CHANNEL_CODE):
            return await _why_not(connection)
        market_ids, location_ids = await _open_places(connection)
        variant_ids = await _list_products(connection, market_ids)
        await _stock_up(connection, variant_ids, location_ids)
        await let_in(connection, location_ids)
    return Outcome.LOADED


async def _why_not(connection: Connection) -> Outcome:
    slugs = {product.slug for product in PRODUCTS}
    codes = {row["code"] for row in await places.markets(connection)}
    is_there = demo.MARKETS.keys() <= codes and len(await importing.product_ids(connection, slugs)) == len(slugs)
    return Outcome.LOADED_BEFORE if is_there else Outcome.DATABASE_IN_USE


async def _open_places(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    market_ids = {}
    for code, values in demo.MARKETS.items():
        row = None
        if code == demo.EURO_MARKET:
            row = await beginning.redefine_market(connection, MARKET_CODE, code, **values)
        row = row or await places.insert_market(connection, code=code, **values)
        market_ids[code] = row["id"]
    location_ids = {row["code"]: (await places.insert_location(connection, **row))["id"] for row in demo.LOCATIONS}
    known = {row["code"] for row in await places.channels(connection)}
    for code, name, kind, market, location in demo.CHANNELS:
        if code not in known:
            await places.insert_channel(
                connection,
                code=code,
                name=name,
                kind=kind,
                market_id=market_ids[market],
                location_id=location_ids[location] if location else None,
            )
    return market_ids, location_ids


async def _list_products(connection: Connection, market_ids: Mapping[str, int]) -> dict[str, UUID]:
    """The id of each variant by its SKU."""
    category_ids = {
        slug: await importing.category_id(connection, slug=slug, name=name, parent_id=None)
        for slug, name in CATEGORIES.items()
    }
    product_ids: dict[str, UUID] = {product.slug: uuid7() for product in PRODUCTS}
    variants = {product.slug: variants_of(product) for product in PRODUCTS}
    variant_ids: dict[str, UUID] = {variant.sku: uuid7() for all_of_one in variants.values() for variant in all_of_one}
    await importing.upsert_products(
        connection,
        [_product_row(product, product_ids, category_ids) for product in PRODUCTS],
        frozenset({"name", "published_at"}),
    )
    await importing.upsert_variants(
        connection,
        [
            _variant_row(variant, position, variant_ids[variant.sku], product_ids[slug])
            for slug, all_of_one in variants.items()
            for position, variant in enumerate(all_of_one, start=1)
        ],
        frozenset({"name"}),
    )
    await _price(connection, market_ids, variant_ids)
    await _illustrate(connection, product_ids, variant_ids)
    await _collect(connection, product_ids)
    return variant_ids


def _product_row(
    product: DemoProduct, product_ids: Mapping[str, UUID], category_ids: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "id": str(product_ids[product.slug]),
        "slug": product.slug,
        "name": product.name,
        "description": product.description,
        "brand": BRAND,
        "category_id": category_ids[product.category],
        "tags": sorted(product.collections),
        "options": [{"name": name, "values": list(values)} for name, values in product.options],
        "attributes": [{"name": "Material", "value": product.material}],
        "is_published": True,
    }


def _variant_row(variant: DemoVariant, position: int, variant_id: UUID, product_id: UUID) -> dict[str, Any]:
    return {
        "id": str(variant_id),
        "product_id": str(product_id),
        "sku": variant.sku,
        "barcode": variant.barcode,
        "name": variant.name,
        "selected_options": [{"name": name, "value": value} for name, value in variant.selected],
        "position": position,
    }


async def _price(connection: Connection, market_ids: Mapping[str, int], variant_ids: Mapping[str, UUID]) -> None:
    for market, is_euro in ((demo.EURO_MARKET, True), (demo.DOLLAR_MARKET, False)):
        prices = [
            {
                "variant_id": str(variant_ids[variant.sku]),
                "amount": product.euro if is_euro else product.dollar,
                "compare_at_amount": product.euro_before if is_euro else None,
            }
            for product in PRODUCTS
            for variant in variants_of(product)
        ]
        await importing.upsert_prices(connection, market_ids[market], prices)


async def _illustrate(connection: Connection, product_ids: Mapping[str, UUID], variant_ids: Mapping[str, UUID]) -> None:
    pictures = []
    for product in PRODUCTS:
        variants = variants_of(product)
        for position, (color, url) in enumerate(pictures_of(product, variants).items(), start=1):
            shown = [variant for variant in variants if variant.color == color]
            pictures.append(
                {
                    "product_id": str(product_ids[product.slug]),
                    "variant_id": str(variant_ids[shown[0].sku]) if len(shown) == 1 else None,
                    "position": position,
                    "url": url,
                    "alt": f"{product.name}, {color.lower()}",
                }
            )
    await importing.replace_media(connection, list(product_ids.values()), pictures)


async def _collect(connection: Connection, product_ids: Mapping[str, UUID]) -> None:
    members = []
    for slug, name in COLLECTIONS.items():
        collection_id = await importing.collection_id(connection, slug=slug, name=name)
        members += [
            {"collection_id": collection_id, "product_id": str(product_ids[product.slug])}
            for product in PRODUCTS
            if slug in product.collections
        ]
    await importing.collect(connection, members)


async def _stock_up(connection: Connection, variant_ids: Mapping[str, UUID], location_ids: Mapping[str, int]) -> None:
    levels = list(beginnings(list(variant_ids)))
    pairs = {(level.sku, level.location): (variant_ids[level.sku], location_ids[level.location]) for level in levels}
    ids = await stock_levels.open_pairs(connection, list(pairs.values()))
    await stock_levels.lock(connection, list(ids.values()))
    moves = [
        Movement(
            stock_level_id=ids[pairs[level.sku, level.location]],
            reason="INITIAL",
            on_hand=level.on_hand,
            unavailable=level.unavailable,
            safety_stock=level.safety_stock,
            incoming=level.incoming,
            reference=_REFERENCE,
        )
        for level in levels
        if level.on_hand or level.incoming
    ]
    await movements.apply(connection, moves, actor=_ACTOR)
