"""What is read of a row depends on what is selected; what is answered does not."""

from typing import Any

import pytest

from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio

PRODUCT = (
    "id", "slug", "name", "description", "brand", "tags", "options { name values }", "attributes { name value }",
    "holdPolicy", "category { slug }", "collections { slug }", "media { url alt kind }", "createdAt", "updatedAt",
    "priceRange { min { amount } max { amount } }", "stockStatus", "variants { nodes { sku } totalCount }",
)  # fmt: skip
VARIANT = (
    "id", "sku", "barcode", "name", "selectedOptions { name value }", "product { slug }", "media { url alt kind }",
    "price { amount currencyCode compareAt { amount currencyCode } taxIncluded }", "availableToPromise { quantity }",
    "availability { location { code } status }", "components { quantity variant { sku } }",
)  # fmt: skip
AVAILABILITY = (
    "id", "location { code }", "variant { sku }", "status", "available { quantity isCapped }", "pickupReadyAt", "version",
)  # fmt: skip

PRODUCTS_AT = (
    'product(by: {slug: "shirt"}) { %s }',
    'productVariant(by: {sku: "shirt-m"}) { product { %s } }',
    "products { nodes { %s } }",
    "products { edges { node { %s } } }",
    "products { ...Page } } fragment Page on ProductConnection { nodes { ... on Product { %s } }",
    "products(sort: NAME) { nodes { %s } }",
    'category(slug: "tops") { products { nodes { %s } } }',
    'collection(slug: "summer") { products { edges { node { %s } } } }',
)
VARIANTS_AT = (
    'productVariant(by: {sku: "shirt-m"}) { %s }',
    'productVariant(by: {barcode: "2000000000015"}) { %s }',
    'product(by: {slug: "shirt"}) { variants { nodes { %s } } }',
    'product(by: {slug: "shirt"}) { variants { edges { node { %s } } } }',
    'productVariant(by: {sku: "set"}) { components { variant { %s } } }',
    'productVariant(by: {sku: "shirt-m"}) { availability { variant { %s } } }',
    'availability(variants: [{sku: "shirt-m"}]) { variant { %s } }',
)
AVAILABILITY_AT = (
    'product(by: {slug: "shirt"}) { variants { nodes { availability { %s } } } }',
    'productVariant(by: {sku: "set"}) { availability { %s } }',
    'productVariant(by: {sku: "shirt-m"}) { availability(near: {latitude: 48.1, longitude: 11.6}) { %s } }',
    'productVariant(by: {sku: "shirt-m"}) { availability(first: 1) { %s } }',
    'productVariant(by: {sku: "shirt-m"}) { availability(locations: [{code: "warehouse"}, {code: "berlin"}]) { %s } }',
)


@pytest.fixture
async def catalog(shop: Shop) -> Shop:
    """A shirt of which everything is known, and a set of two of them; much, little, nothing and less than nothing in stock."""
    await shop.product("shirt-m", "shirt-l", slug="shirt")
    await shop.run("""
        WITH tops AS (INSERT INTO category (slug, name) VALUES ('tops', 'Tops') RETURNING id)
        UPDATE product SET description = '<p>Linen</p>', brand = 'Weaver', tags = '{new,light}', category_id = tops.id,
          options = '[{"name": "Size", "values": ["M", "L"]}]', attributes = '[{"name": "Material", "value": "Linen"}]',
          hold_policy = 'AT_CART' FROM tops
    """)
    await shop.run("""
        WITH summer AS (INSERT INTO collection (slug, name) VALUES ('summer', 'Summer') RETURNING id)
        INSERT INTO collection_product (collection_id, product_id) SELECT summer.id, product.id FROM summer, product
    """)
    await shop.run("""
        UPDATE variant SET barcode = '2000000000015', selected_options = '[{"name": "Size", "value": "M"}]'
        WHERE sku = 'shirt-m'
    """)
    await shop.run("UPDATE price SET compare_at_amount = 1990 WHERE amount = 1190")
    await shop.run("INSERT INTO media (product_id, position, url, alt) SELECT id, 1, '/shirt', 'A shirt' FROM product")
    await shop.receive("shirt-m", 50, at="berlin")
    await shop.receive("shirt-m", 2, at="warehouse")
    await shop.receive("shirt-l", -1, at="berlin")
    await shop.bundle("set", {"shirt-m": 2})
    return shop


async def alone_and_together(caller: Caller, place: str, fields: tuple[str, ...]) -> tuple[list[Any], list[Any]]:
    """What each field says when nothing else is selected, and when everything is."""
    whole = await caller.ask("{ " + place % " ".join(fields) + " }")
    alone = [await caller.ask("{ " + place % field + " }") for field in fields]
    return alone, [only(whole, field.split(" ")[0], fields) for field in fields]


def only(value: Any, name: str, fields: tuple[str, ...]) -> Any:
    """The same answer, with one field where all of them are."""
    if isinstance(value, list):
        return [only(item, name, fields) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {field.split(" ")[0] for field in fields}:
        return {name: value[name]}
    return {key: only(item, name, fields) for key, item in value.items()}


@pytest.mark.parametrize(
    ("places", "fields"),
    [(PRODUCTS_AT, PRODUCT), (VARIANTS_AT, VARIANT), (AVAILABILITY_AT, AVAILABILITY)],
    ids=["products", "variants", "availability"],
)
async def test_a_field_says_the_same_alone_as_among_all_others(
    catalog: Shop, places: tuple[str, ...], fields: tuple[str, ...]
) -> None:
    for caller in (catalog.guest().unfused(), catalog.staff().unfused()):
        for place in places:
            alone, together = await alone_and_together(caller, place, fields)

            assert alone == together, place


async def test_pages_named_apart_in_one_document_have_what_each_of_them_selects(catalog: Shop) -> None:
    document = """{
      brief: products { nodes { slug } } long: products { nodes { slug description tags } }
      product(by: {slug: "shirt"}) {
        few: variants(first: 1) { nodes { sku } } all: variants(first: 1) { edges { node { sku selectedOptions { value } } } }
      }
    }"""

    data = await catalog.guest().unfused().ask(document)

    assert data["brief"]["nodes"][-1] == {"slug": "shirt"}
    assert data["long"]["nodes"][-1] == {"slug": "shirt", "description": "<p>Linen</p>", "tags": ["new", "light"]}
    assert data["product"]["few"]["nodes"] == [{"sku": "shirt-m"}]
    assert data["product"]["all"]["edges"] == [{"node": {"sku": "shirt-m", "selectedOptions": [{"value": "M"}]}}]


async def test_columns_that_nobody_selects_are_not_read(catalog: Shop, statements: list[str]) -> None:
    statements.clear()
    await catalog.guest().unfused().ask("{ products { nodes { slug variants { nodes { sku } } } } }")
    brief = "".join(statements)
    statements.clear()
    await (
        catalog.guest()
        .unfused()
        .ask("{ products { nodes { tags variants { edges { node { selectedOptions { name } } } } } } }")
    )
    long = "".join(statements)

    costly = ("product.tags", "product.options", "product.attributes", "product.description", "selected_options")
    assert [name in brief for name in costly] == [False] * 5
    assert [name in long for name in costly] == [True, False, False, False, True]
