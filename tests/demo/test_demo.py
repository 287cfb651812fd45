"""The demo is whole: what it names exists, what it prints works, and GraphiQL's stories can be played in it."""

import httpx
import pytest
from starlette.applications import Starlette

from api.demo.catalog import CATEGORIES, COLLECTIONS, COLORS, PRODUCTS, barcode, variants_of
from api.demo.loader import Outcome, load
from api.demo.people import CLERKS, SHOPPERS
from api.demo.pictures import demo_media_routes, pictures_of
from api.demo.places import CHANNELS, LOCATIONS
from api.demo.stock import beginnings
from api.graphiql import stories
from api.identity.passwords import Passwords
from persistence.customers import accounts
from persistence.database import Database
from persistence.statements import Statement

VARIANTS = [variant for product in PRODUCTS for variant in variants_of(product)]
_UNITS = Statement("""
SELECT location.code, level.available FROM stock_level level
JOIN variant ON variant.id = level.variant_id JOIN location ON location.id = level.location_id
WHERE variant.sku = :sku ORDER BY location.code
""")


def test_twelve_products_have_forty_variants_in_known_groups_and_colors() -> None:
    assert len(PRODUCTS) == 12
    assert len({variant.sku for variant in VARIANTS}) == 40
    assert {product.category for product in PRODUCTS} == CATEGORIES.keys()
    assert {slug for product in PRODUCTS for slug in product.collections} == COLLECTIONS.keys()
    assert {variant.color for variant in VARIANTS} == COLORS.keys()


def test_barcodes_are_valid_and_each_is_used_once() -> None:
    assert len({variant.barcode for variant in VARIANTS}) == 40
    for variant in VARIANTS:
        digits = [int(digit) for digit in variant.barcode]
        assert len(digits) == 13
        assert sum(digits[::2] + [3 * digit for digit in digits[1::2]]) % 10 == 0
    assert barcode(0) == "2000000000015"


def test_the_stock_is_the_same_in_every_demo() -> None:
    skus = [variant.sku for variant in VARIANTS]

    assert list(beginnings(skus)) == list(beginnings(skus))


@pytest.mark.anyio
async def test_every_picture_that_a_product_names_is_served() -> None:
    transport = httpx.ASGITransport(Starlette(routes=demo_media_routes()))
    paths = [path for product in PRODUCTS for path in pictures_of(product, variants_of(product)).values()]

    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
        answers = [await client.get(path) for path in paths]
        unknown = [await client.get(f"/media/demo/{name}.svg") for name in ("linen-t-shirt-plaid", "sofa-red", "x")]

    assert len(paths) == 21
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["content-type"] for answer in answers} == {"image/svg+xml"}
    assert [answer.status_code for answer in unknown] == [404, 404, 404]


def test_what_graphiqls_stories_name_is_there() -> None:
    assert stories.SKU in {variant.sku for variant in VARIANTS}
    assert stories.PICKUP_LOCATION in {place["code"] for place in LOCATIONS if place["offers_pickup"]}
    assert stories.CHANNEL in {channel[0] for channel in CHANNELS}


@pytest.mark.anyio
async def test_loading_it_twice_changes_nothing(database: Database) -> None:
    outcomes = [await load(database), await load(database)]

    async with database.reading() as reader:
        last_one = {row["code"]: row["available"] for row in await reader.fetch(_UNITS, sku="SWEATER-MERINO-RUST-M")}
        in_a_shop = {row["code"]: row["available"] for row in await reader.fetch(_UNITS, sku="SNEAKER-CANVAS-42")}
    assert outcomes == [Outcome.LOADED, Outcome.LOADED_BEFORE]
    assert last_one == {"berlin": 1, "leipzig": 0, "new-york": 0}
    assert in_a_shop == {"berlin": 0, "leipzig": 0, "new-york": 4}


@pytest.mark.anyio
async def test_everybody_signs_in_with_the_password_that_is_printed(database: Database) -> None:
    await load(database)
    passwords = Passwords()

    for person in (*SHOPPERS, *CLERKS):
        async with database.reading() as reader:
            found = await accounts.signed_in_by(reader, person.email)
        assert [row["name"] for row in found] == [person.name]
        assert await passwords.verify(found[0]["password_hash"], person.password)
    passwords.close()
