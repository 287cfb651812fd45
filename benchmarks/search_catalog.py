"""A catalog to search in: as many products as asked for, the same for the same number, with stock in five places."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product as combinations
from typing import Any
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

LOCATIONS = 5
_SEED = 20_261_123

_DEPARTMENTS = {
    "Clothing": (
        "Shirt", "Jacket", "Coat", "Sweater", "Cardigan", "Trousers", "Skirt", "Dress", "Blazer", "Vest",
        "Hoodie", "Shorts", "Jeans", "Pajamas", "Raincoat",
    ),
    "Shoes": ("Sneaker", "Boot", "Sandal", "Loafer", "Slipper", "Trainer", "Clog"),
    "Home": ("Blanket", "Pillow", "Curtain", "Towel", "Rug", "Lamp", "Vase", "Candle", "Mirror", "Basket", "Duvet"),
    "Kitchen": ("Teapot", "Saucepan", "Knife", "Mug", "Bowl", "Apron", "Kettle", "Carafe", "Grater", "Tray"),
    "Outdoor": ("Backpack", "Tent", "Lantern", "Flask", "Hammock", "Compass", "Headlamp", "Mattress"),
}  # fmt: skip
_ADJECTIVES = (
    "Light", "Heavy", "Classic", "Modern", "Everyday", "Striped", "Quilted", "Washed", "Brushed", "Woven", "Soft",
    "Sturdy", "Compact", "Folding", "Vintage", "Slim", "Wide", "Printed", "Plain", "Reversible",
)  # fmt: skip
_MATERIALS = (
    "Linen",
    "Cotton",
    "Wool",
    "Leather",
    "Steel",
    "Oak",
    "Ceramic",
    "Glass",
    "Canvas",
    "Silk",
    "Cork",
    "Jute",
)
_COLORS = ("Navy", "Sand", "Black", "White", "Olive", "Rust", "Sky", "Rose")
_SIZES = ("XS", "S", "M", "L", "XL")
_ORIGINS = ("Portugal", "Italy", "Japan", "Germany", "India", "Peru")
_TAGS = tuple(f"{season} {theme}" for season, theme in combinations(("spring", "summer", "autumn", "winter"), (
    "basics", "sale", "gifts", "travel", "office", "limited",
)))  # fmt: skip
_SYLLABLES = ("ba", "ro", "ken", "sil", "va", "tor", "mi", "lu", "dra", "nex", "pol", "fen", "gar", "ith", "os", "quel")
_PRODUCT = ("id", "slug", "name", "brand", "category_id", "tags", "attributes", "published_at")
_VARIANT = ("id", "product_id", "sku", "barcode", "name", "selected_options", "position")
_PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)
_PIECE = 5_000

Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class Catalog:
    categories: Rows = field(default_factory=list)
    products: Rows = field(default_factory=list)
    variants: Rows = field(default_factory=list)
    prices: Rows = field(default_factory=list)
    levels: Rows = field(default_factory=list)


def catalog_of(products: int) -> Catalog:
    """Each product has three or four variants; names of models give the dictionary thousands of words."""
    chance = random.Random(_SEED)
    catalog = Catalog()
    kinds: list[tuple[str, int]] = []
    for department, nouns in _DEPARTMENTS.items():
        parent = len(catalog.categories) + 1
        catalog.categories.append((parent, department.lower(), department, None))
        for noun in nouns:
            own = len(catalog.categories) + 1
            catalog.categories.append((own, f"{department}-{noun}".lower(), f"{noun}s", parent))
            kinds.append((noun, own))
    brands = ["".join(chance.choices(_SYLLABLES, k=3)).title() for _ in range(120)]
    for number in range(products):
        _add_product(catalog, chance, number, chance.choice(kinds), chance.choice(brands))
    return catalog


def _add_product(catalog: Catalog, chance: random.Random, number: int, kind: tuple[str, int], brand: str) -> None:
    noun, category_id = kind
    model = "".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3, 4)))).title()
    material = chance.choice(_MATERIALS)
    attributes = [{"name": "Material", "value": material}, {"name": "Made in", "value": chance.choice(_ORIGINS)}]
    id_ = uuid7()
    name = f"{chance.choice(_ADJECTIVES)} {material} {noun} {model}"
    tags = sorted(chance.sample(_TAGS, k=chance.choice((0, 1, 2, 3))))
    catalog.products.append((id_, f"product-{number}", name, brand, category_id, tags, attributes))
    amount = chance.randrange(500, 40_000)
    chosen = chance.sample(list(combinations(_COLORS, _SIZES)), k=chance.choice((3, 4)))
    for position, (color, size) in enumerate(chosen, start=1):
        variant = uuid7()
        selected = [{"name": "Color", "value": color}, {"name": "Size", "value": size}]
        sku, barcode = (
            f"{brand[:3].upper()}-{number:05d}-{position:02d}",
            str(4_000_000_000_000 + number * 10 + position),
        )
        catalog.variants.append((variant, id_, sku, barcode, f"{color} / {size}", selected, position))
        catalog.prices.append((variant, amount + 100 * position))
        catalog.levels += _levels(chance, variant, is_sold_out=number % 7 == 0)


def _levels(chance: random.Random, variant: UUID, *, is_sold_out: bool) -> Iterator[tuple[UUID, int, int]]:
    for location in range(1, LOCATIONS + 1):
        yield variant, location, 0 if is_sold_out else max(0, chance.randrange(-8, 20))


async def write(connection: asyncpg.Connection[asyncpg.Record], catalog: Catalog) -> None:
    """Into a migrated, empty database, with everything that follows from such writes."""
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO market (code, name, currency_code, tax_included) VALUES ('eu', 'Europe', 'EUR', true)"
        )
        await connection.execute("INSERT INTO channel (code, name, kind, market_id) VALUES ('web', 'Web', 'WEB', 1)")
        await connection.execute(
            "INSERT INTO location (code, name, kind, offers_pickup, ships_orders) "
            "SELECT 'store-' || n, 'Store ' || n, 'STORE', true, true FROM generate_series(1, $1) n",
            LOCATIONS,
        )
        await connection.executemany(
            "INSERT INTO category (id, slug, name, parent_id) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4)",
            catalog.categories,
        )
        for table, columns, rows in (
            ("product", _PRODUCT, [(*row, _PUBLISHED) for row in catalog.products]),
            ("variant", _VARIANT, catalog.variants),
            ("price", ("variant_id", "amount", "market_id"), [(*row, 1) for row in catalog.prices]),
            ("stock_level", ("variant_id", "location_id", "on_hand"), catalog.levels),
        ):
            # Pieces, as an import writes them: triggers work on a piece at a time.
            for start in range(0, len(rows), _PIECE):
                await connection.copy_records_to_table(table, columns=columns, records=rows[start : start + _PIECE])
    for table in ("product", "variant", "price", "stock_level", "product_search", "product_price_range", "search_word"):
        await connection.execute(f"VACUUM ANALYZE {table}")
