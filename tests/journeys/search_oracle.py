"""A small random catalog, and what a search of it must find: the rules once more, in plain Python over lists."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from tests.shop import Shop

# No two of these are one typo apart, and none begins with another.
WORDS = ("linen", "jacket", "teapot", "blanket", "marble", "copper", "violet", "hammock", "saucer", "pillow")
BRANDS = ("Nordlys", "Quarry & Sons", "Océan")
TAGS = ("summer", "gift idea", "50% off")
MATERIALS = ("Oak", "Steel", "Wool")
COLORS = ("Red", "Blue")
PARENTS: Mapping[str, str | None] = {"home": None, "kitchen": "home", "pots": "kitchen", "garden": None}
COLLECTIONS = ("fresh", "classics")
LOCATIONS = ("warehouse", "berlin", "hamburg")
AMOUNTS = (500, 1000, 1500, 2000)


@dataclass
class Variant:
    sku: str
    barcode: str | None
    color: str
    is_withdrawn: bool
    amount: int | None
    available: dict[str, int]


@dataclass
class Product:
    id: UUID
    slug: str
    name: str
    brand: str | None
    category: str | None
    tags: list[str]
    material: str | None
    collections: list[str]
    is_published: bool
    variants: list[Variant] = field(default_factory=list)

    @property
    def sold(self) -> list[Variant]:
        return [variant for variant in self.variants if not variant.is_withdrawn]

    @property
    def amounts(self) -> list[int]:
        return [variant.amount for variant in self.sold if variant.amount is not None]

    @property
    def attributes(self) -> set[tuple[str, str]]:
        material = {("Material", self.material)} if self.material else set()
        return material | {("Color", variant.color) for variant in self.sold}

    @property
    def above(self) -> list[str]:
        """Its category and all that the category is a part of."""
        found, at = [], self.category
        while at is not None:
            found.append(at)
            at = PARENTS[at]
        return found

    @property
    def words(self) -> set[str]:
        texts = [self.name, self.brand or "", *self.above, *self.tags, *(value for _, value in self.attributes)]
        texts += [code for variant in self.sold for code in (variant.sku, variant.barcode) if code]
        return {word for text in texts for word in text.lower().replace("é", "e").replace("-", " ").split()}

    def available_at(self, locations: Sequence[str]) -> bool:
        return any(variant.available.get(at, 0) > 0 for variant in self.sold for at in locations)


def random_catalog(seed: int, count: int = 40) -> list[Product]:
    chance = random.Random(seed)
    return [_product(chance, number) for number in range(count)]


def _product(chance: random.Random, number: int) -> Product:
    product = Product(
        id=uuid7(),
        slug=f"product-{number}",
        name=" ".join(chance.sample(WORDS, k=chance.choice((1, 2, 3)))).title(),
        brand=chance.choice((*BRANDS, None)),
        category=chance.choice((*PARENTS, None)),
        tags=chance.sample(TAGS, k=chance.randrange(3)),
        material=chance.choice((*MATERIALS, None)),
        collections=chance.sample(COLLECTIONS, k=chance.randrange(3)),
        is_published=chance.random() < 0.85,
    )
    for place in range(chance.randrange(4)):
        product.variants.append(
            Variant(
                sku=f"SK{number:03d}-{place}",
                barcode=f"40{number:06d}{place}" if chance.random() < 0.5 else None,
                color=chance.choice(COLORS),
                is_withdrawn=chance.random() < 0.2,
                amount=chance.choice((*AMOUNTS, None)),
                available={at: chance.choice((-1, 0, 0, 3)) for at in LOCATIONS if chance.random() < 0.7},
            )
        )
    return product


def narrowed(products: Sequence[Product], filter_: Mapping[str, Any], without: str | None = None) -> list[Product]:
    """Those that meet all conditions but the one of this facet."""
    return [product for product in products if product.is_published and _meets(product, filter_, without)]


def _meets(product: Product, filter_: Mapping[str, Any], without: str | None) -> bool:
    asked = {name: value for name, value in filter_.items() if value not in (None, [])}
    checks: dict[str, Callable[[Any], bool]] = {
        "search": lambda typed: _is_found(product, typed),
        "categories": lambda slugs: without == "Category" or bool(set(slugs) & set(product.above)),
        "collections": lambda slugs: bool(set(slugs) & set(product.collections)),
        "brands": lambda names: without == "Brand" or product.brand in names,
        "tags": lambda tags: without == "Tag" or bool(set(tags) & set(product.tags)),
        "attributes": lambda wanted: all(
            without == one["name"] or any((one["name"], value) in product.attributes for value in one["values"])
            for one in wanted
        ),
        "availableAt": lambda named: product.available_at([one["code"] for one in named]),
        "inStock": lambda wanted: without == "Availability" or product.available_at(LOCATIONS) is wanted,
        "priceMin": lambda _: True,
        "priceMax": lambda _: True,
    }
    return all(checks[name](value) for name, value in asked.items()) and _is_priced(product, asked)


def _is_found(product: Product, typed: str) -> bool:
    *whole, last = typed.lower().replace("-", " ").split()
    return all(word in product.words for word in whole) and any(word.startswith(last) for word in product.words)


def _is_priced(product: Product, asked: Mapping[str, Any]) -> bool:
    if not asked.keys() & {"priceMin", "priceMax"}:
        return True
    least, most = (round(float(asked.get(end, default)) * 100) for end, default in (("priceMin", 0), ("priceMax", 1e6)))
    return any(least <= amount <= most for amount in product.amounts)


def in_order(products: Sequence[Product], sort: str) -> list[Product]:
    newest = sorted(products, key=lambda product: product.id, reverse=True)
    if sort == "NAME":
        return sorted(products, key=lambda product: (product.name.lower(), product.id))
    if sort == "PRICE_ASC":
        return sorted(products, key=lambda product: (min(product.amounts, default=10**9), product.id))
    if sort == "PRICE_DESC":
        return sorted(newest, key=lambda product: -max(product.amounts, default=-1))
    return newest


def facets(products: Sequence[Product], filter_: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Values with their counts, the largest first, then by the alphabet."""
    counts: dict[str, Counter[str]] = {
        "Category": Counter(slug for one in narrowed(products, filter_, "Category") for slug in one.above),
        "Brand": Counter(one.brand for one in narrowed(products, filter_, "Brand") if one.brand),
        "Tag": Counter(tag for one in narrowed(products, filter_, "Tag") for tag in one.tags),
        "Availability": Counter(
            "IN_STOCK" if one.available_at(LOCATIONS) else "OUT_OF_STOCK"
            for one in narrowed(products, filter_, "Availability")
        ),
    }
    for name in ("Material", "Color"):
        others = narrowed(products, filter_, name)
        counts[name] = Counter(value for one in others for own, value in one.attributes if own == name)
    return {
        name: [{"value": value, "count": n} for value, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
        for name, found in counts.items()
        if found
    }


async def write(shop: Shop, products: Sequence[Product]) -> None:
    for slug, parent in PARENTS.items():
        await shop.run(
            "INSERT INTO category (slug, name, parent_id) VALUES (CAST(:slug AS text), initcap(CAST(:slug AS text)), "
            "(SELECT id FROM category WHERE slug = CAST(:parent AS text)))",
            slug=slug,
            parent=parent,
        )
    for slug in COLLECTIONS:
        await shop.run(
            "INSERT INTO collection (slug, name) VALUES (CAST(:slug AS text), CAST(:slug AS text))", slug=slug
        )
    for product in products:
        await write_product(shop, product)


async def write_product(shop: Shop, product: Product) -> None:
    attributes = [{"name": "Material", "value": product.material}] if product.material else []
    await shop.run(
        """
        INSERT INTO product (id, slug, name, brand, category_id, tags, attributes, published_at)
        VALUES (:id, CAST(:slug AS text), CAST(:name AS text), CAST(:brand AS text),
                (SELECT id FROM category WHERE slug = CAST(:category AS text)), CAST(:tags AS text[]),
                CAST(:attributes AS jsonb), CASE WHEN CAST(:is_published AS bool) THEN now() END)
        """,
        id=product.id,
        slug=product.slug,
        name=product.name,
        brand=product.brand,
        category=product.category,
        tags=product.tags,
        attributes=attributes,
        is_published=product.is_published,
    )
    await shop.run(
        "INSERT INTO collection_product (collection_id, product_id) "
        "SELECT id, :product_id FROM collection WHERE slug = ANY (CAST(:slugs AS text[]))",
        product_id=product.id,
        slugs=product.collections,
    )
    for position, variant in enumerate(product.variants, start=1):
        await _write_variant(shop, product, variant, position)


async def _write_variant(shop: Shop, product: Product, variant: Variant, position: int) -> None:
    id_ = uuid7()
    await shop.run(
        """
        INSERT INTO variant (id, product_id, sku, barcode, name, selected_options, position, withdrawn_at)
        VALUES (:id, :product_id, CAST(:sku AS text), CAST(:barcode AS text), 'Variant', CAST(:selected AS jsonb),
                :position, CASE WHEN CAST(:is_withdrawn AS bool) THEN now() END)
        """,
        id=id_,
        product_id=product.id,
        sku=variant.sku,
        barcode=variant.barcode,
        selected=[{"name": "Color", "value": variant.color}],
        position=position,
        is_withdrawn=variant.is_withdrawn,
    )
    if variant.amount is not None:
        await shop.set_price(variant.sku, variant.amount)
    for code, available in variant.available.items():
        await shop.run(
            "INSERT INTO stock_level (variant_id, location_id, on_hand, safety_stock) "
            "SELECT :id, location.id, greatest(CAST(:units AS int), 0), greatest(-CAST(:units AS int), 0) "
            "FROM location WHERE code = CAST(:code AS text)",
            id=id_,
            units=available,
            code=code,
        )
