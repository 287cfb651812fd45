"""What the demo sells is complete, believable where that can be asked, and the same in every chain."""

import hashlib
from collections import Counter

from api.demo.catalog import COLLECTIONS, KINDS, PRODUCT_COUNT, DemoProduct, barcode, products
from api.demo.classics import CLASSICS
from api.demo.colors import COLORS
from api.demo.people import CLERKS, SHOPPERS
from api.demo.places import LOCATIONS, MARKETS, channels, locations
from api.demo.stock import UNDERWAY, beginnings
from api.demo.taxonomy import ATTRIBUTE_VALUES, CATEGORY_PATHS
from api.demo.vocabulary import DEPARTMENTS
from api.demo.vocabulary.materials import MATERIALS
from api.graphiql import stories

PRODUCTS = list(products())
VARIANTS = [variant for product in PRODUCTS for variant in product.variants]
# Whoever changes the words on purpose writes the new sum here.
_SUM = "8c62695e3ca7f98f4ad72460ce61e1cfc3ee84ea0bdc59ed34ac8169410be10c"


def department_of(product: DemoProduct) -> str:
    return next(name for name in CATEGORY_PATHS[product.category] if name in DEPARTMENTS)


def test_there_are_240_products_in_eight_departments_and_621_variants() -> None:
    by_department = Counter(department_of(product) for product in PRODUCTS)

    assert len(PRODUCTS) == len({product.slug for product in PRODUCTS}) == PRODUCT_COUNT == 240
    assert len(VARIANTS) == len({variant.sku for variant in VARIANTS}) == 621
    assert by_department.keys() == DEPARTMENTS.keys()
    assert len(by_department) == 8
    assert min(by_department.values()) == by_department["Lighting"] == 18


def test_each_category_of_the_taxonomy_has_a_product() -> None:
    assert {product.category for product in PRODUCTS} == CATEGORY_PATHS.keys()


def test_attributes_and_their_values_are_the_taxonomys() -> None:
    unknown = {
        (name, value)
        for product in products(5_000)
        for name, value in product.attributes
        if value not in ATTRIBUTE_VALUES[name]
    }

    assert unknown == set()


def test_names_of_one_kind_repeat_only_with_a_number() -> None:
    slugs = [product.slug for product in products(30_000)]

    assert len(set(slugs)) == 30_000


def test_every_word_for_a_material_is_known_and_every_color_can_be_painted() -> None:
    assert {word for kind in KINDS for word in kind.materials} == MATERIALS.keys()
    assert {color for kind in KINDS for color in kind.colors} | {
        color for material in MATERIALS.values() for color in material.colors
    } == COLORS.keys()
    assert {slug for product in PRODUCTS for slug in product.collections} == COLLECTIONS.keys()


def test_barcodes_are_valid_and_each_is_used_once() -> None:
    assert len({variant.barcode for variant in VARIANTS}) == 621
    for variant in VARIANTS:
        digits = [int(digit) for digit in variant.barcode]
        assert len(digits) == 13
        assert sum(digits[::2] + [3 * digit for digit in digits[1::2]]) % 10 == 0
    assert barcode(0) == "2000000000015"


def test_what_is_on_sale_costs_less_than_before() -> None:
    on_sale = [variant for variant in VARIANTS if variant.euro_before is not None]

    assert all(0 < variant.euro < (variant.euro_before or 0) for variant in on_sale)
    assert 40 <= len(on_sale) <= 140
    assert all(variant.dollar > 0 for variant in VARIANTS)


def test_it_is_the_same_catalogue_every_time_byte_for_byte() -> None:
    stores = ["amsterdam", "munich", "vienna", "paris", "chicago", "aarhus"]
    stock = [level for product in PRODUCTS for level in beginnings(product, stores)]

    content = repr((PRODUCTS, stock)).encode()

    assert hashlib.sha256(content).hexdigest() == _SUM


def test_a_larger_chain_begins_like_the_small_one() -> None:
    larger = list(products(700))
    places = locations(60)

    assert larger[:PRODUCT_COUNT] == PRODUCTS
    assert places[: len(LOCATIONS)] == list(LOCATIONS)
    assert len({place["code"] for place in places}) == 60


def test_five_stores_a_warehouse_and_a_locker_have_coordinates_and_hours() -> None:
    assert Counter(place["kind"] for place in LOCATIONS) == {"STORE": 5, "WAREHOUSE": 1, "LOCKER": 1}
    assert len({(place["latitude"], place["longitude"]) for place in LOCATIONS}) == 7
    assert {place["timezone"] for place in LOCATIONS if place["kind"] == "STORE"} == {
        "Europe/Berlin",
        "Europe/Copenhagen",
        "America/New_York",
        "America/Los_Angeles",
    }
    assert [place["code"] for place in LOCATIONS if place["offers_pickup"] and not place["opening_hours"]] == []


def test_each_store_has_a_till_in_its_own_market_and_each_market_an_online_channel() -> None:
    chain = locations(40)
    found = {code: (kind, market, place) for code, _, kind, market, place in channels(chain)}
    stores = {place["code"]: place["address"]["country_code"] for place in chain if place["kind"] == "STORE"}

    assert {code: place for code, (kind, _, place) in found.items() if kind == "POS"} == {
        f"till-{code}": code for code in stores
    }
    assert all(country in MARKETS[found[f"till-{code}"][1]]["countries"] for code, country in stores.items())
    assert {market for kind, market, _ in found.values() if kind == "WEB"} == MARKETS.keys()
    assert {kind for kind, _, _ in found.values()} == {"WEB", "APP", "POS", "MARKETPLACE", "SOCIAL"}


def test_what_graphiqls_stories_name_is_there() -> None:
    assert stories.SKU in {variant.sku for variant in VARIANTS}
    assert stories.PICKUP_LOCATION in {place["code"] for place in LOCATIONS if place["offers_pickup"]}
    assert stories.CHANNEL in {channel[0] for channel in channels(list(LOCATIONS))}
    assert stories.BUYER_EMAIL in {shopper.email for shopper in SHOPPERS}


def test_stories_are_told_about_what_is_there() -> None:
    skus = {variant.sku for product in PRODUCTS[: len(CLASSICS)] for variant in product.variants}
    codes = {place["code"] for place in LOCATIONS}

    assert {shipment.sku for shipment in UNDERWAY} <= skus
    assert {code for shipment in UNDERWAY for code in (shipment.origin, shipment.destination)} <= codes
    assert {clerk.location for clerk in CLERKS} - {None} == {
        place["code"] for place in LOCATIONS if place["kind"] == "STORE"
    }
