"""Looking around: what is shown, in which order, and to whom."""

from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest

from domain.access import Permission
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio

PRODUCTS = """
query ($first: Int, $after: String) {
  products(first: $first, after: $after) {
    nodes { slug } edges { cursor node { slug } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""

AVAILABILITY = """
query ($sku: String!, $locations: [LocationBy!], $near: CoordinatesInput) {
  productVariant(by: {sku: $sku}) {
    availableToPromise { quantity isCapped }
    product { stockStatus }
    availability(locations: $locations, near: $near) {
      id version status location { code } variant { sku } available { quantity isCapped }
    }
  }
}
"""


async def test_paging_shows_every_product_once_and_newest_first_while_others_are_inserted(shop: Shop) -> None:
    old = [await shop.product() for _ in range(23)]
    guest = shop.guest()

    seen, after, pages = [], None, 0
    while True:
        page = (await guest.ask(PRODUCTS, first=5, after=after))["products"]
        seen += [node["slug"] for node in page["nodes"]]
        pages += 1
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        await shop.product(slug=f"inserted-{pages}")

    assert seen == old[::-1]
    assert pages == 5
    assert (await guest.ask(PRODUCTS, first=1))["products"]["totalCount"] == 27


async def test_the_next_page_does_not_need_the_product_its_cursor_was_made_from(shop: Shop) -> None:
    for slug in ("first", "second", "third"):
        await shop.product(slug=slug)
    page = (await shop.guest().ask(PRODUCTS, first=2))["products"]
    await shop.run("UPDATE product SET published_at = NULL WHERE slug = 'second'")

    rest = (await shop.guest().ask(PRODUCTS, after=page["pageInfo"]["endCursor"]))["products"]

    assert [node["slug"] for node in page["nodes"]] == ["third", "second"]
    assert [node["slug"] for node in rest["nodes"]] == ["first"]


async def test_a_page_of_nothing_still_says_that_there_is_more(shop: Shop) -> None:
    await shop.product()

    page = (await shop.guest().ask(PRODUCTS, first=0))["products"]

    assert page == {
        "nodes": [],
        "edges": [],
        "totalCount": 1,
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


def cursor(*keys: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(keys)).rstrip(b"=").decode()


FOREIGN_CURSORS: list[tuple[str, str]] = [
    ("products", "not a cursor"),
    ("products", ""),
    ("products", cursor()),
    ("products", cursor(1)),
    ("products", cursor("ab")),
    ("products", cursor(None)),
    ("products", cursor([1])),
    ("products", cursor("0" * 32, 1)),
    ("stockLevels", cursor(True)),
    ("stockLevels", cursor("1")),
    ("stockLevels", cursor(2**63)),
    ("orders", cursor("2026-01-01", "0" * 32)),
    ("orders", cursor("2026-01-01T00:00:00", "0" * 32)),
    ("orders", cursor("2026-01-01T00:00:00Z", 5)),
    ("orders", cursor(5, "0" * 32)),
    ("locations", cursor(1, 1)),
    ("locations", cursor(None, None)),
    ("locations", cursor("berlin")),
]


async def test_a_cursor_of_another_list_is_refused(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)

    for field, after in FOREIGN_CURSORS:
        document = f"query ($after: String) {{ {field}(after: $after) {{ nodes {{ id }} }} }}"
        assert await shop.staff().error_codes(document, after=after) == ["BAD_USER_INPUT"], (field, after)


FOREIGN_CURSORS_BELOW: list[tuple[str, str, str]] = [
    ('product(by: {slug: "shirt"})', "variants", cursor(2**31, "0" * 32)),
    ('product(by: {slug: "shirt"})', "variants", cursor("1", "0" * 32)),
    ('product(by: {slug: "shirt"})', "variants", cursor(1, "x")),
    ("stockLevels { nodes", "movements", cursor("x")),
    ("stockLevels { nodes", "movements", cursor(None)),
    ("stockLevels { nodes", "movements", cursor(2**63)),
]


async def test_a_cursor_of_another_list_is_refused_below_the_root_too(shop: Shop) -> None:
    await shop.product("shirt-m", slug="shirt")
    await shop.receive("shirt-m", 1)

    for parent, field, after in FOREIGN_CURSORS_BELOW:
        closing = "}" * parent.count("{ nodes")
        document = f"query ($after: String) {{ {parent} {{ {field}(after: $after) {{ nodes {{ id }} }} }} {closing} }}"
        assert await shop.staff().error_codes(document, after=after) == ["BAD_USER_INPUT"], (field, after)


async def test_a_literal_that_no_column_can_hold_is_refused(shop: Shop) -> None:
    for literal in ('"\\u0000"', '"a\\u{0}b"', '"""a\0b"""'):
        codes = await shop.guest().error_codes(f"{{ product(by: {{slug: {literal}}}) {{ slug }} }}")
        assert codes == ["BAD_USER_INPUT"], literal


# Parents one at a time, because what a page of pages costs has a limit of its own.
PAGED = {
    "products(first: $first) { nodes { slug } }": 100,
    "stockLevels(first: $first) { nodes { id } }": 100,
    "orders(first: $first) { nodes { id } }": 100,
    "locations(first: $first) { nodes { id } }": 100,
    "stockLevels(first: 1) { nodes { movements(first: $first) { nodes { id } } } }": 100,
    "products(first: 1) { nodes { variants(first: $first) { nodes { id } } } }": 100,
    "products(first: 1) { nodes { media(first: $first) { url } } }": 100,
    "products(first: 1) { nodes { variants(first: 1) { nodes { media(first: $first) { url } } } } }": 100,
    "products(first: 1) { nodes { variants(first: 1) { nodes { availability(first: $first) { id } } } } }": 250,
    "categories { products(first: $first) { nodes { id } } }": 100,
    "collections { products(first: $first) { nodes { id } } }": 100,
}


async def test_every_page_is_bounded(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    await shop.run("INSERT INTO category (slug, name) VALUES ('c', 'C')")
    await shop.run("INSERT INTO collection (slug, name) VALUES ('c', 'C')")

    for selection, most in PAGED.items():
        document = f"query ($first: Int) {{ {selection} }}"
        for allowed in (0, 1, most, None):
            assert await shop.staff().error_codes(document, first=allowed) == [], (selection, allowed)
        for refused in (-1, most + 1):
            assert await shop.staff().error_codes(document, first=refused) == ["BAD_USER_INPUT"], (selection, refused)


async def test_variants_come_in_the_order_of_the_merchant_and_page_by_themselves(shop: Shop) -> None:
    slug = await shop.product("xl", "s", "m", "l", "xs")
    document = """
    query ($slug: String!, $after: String) {
      product(by: {slug: $slug}) {
        variants(first: 2, after: $after) { nodes { sku } totalCount pageInfo { hasNextPage endCursor } }
      }
    }
    """

    first = (await shop.guest().ask(document, slug=slug))["product"]["variants"]
    second = (await shop.guest().ask(document, slug=slug, after=first["pageInfo"]["endCursor"]))["product"]["variants"]
    third = (await shop.guest().ask(document, slug=slug, after=second["pageInfo"]["endCursor"]))["product"]["variants"]

    assert [node["sku"] for page in (first, second, third) for node in page["nodes"]] == ["xl", "s", "m", "l", "xs"]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, third)] == [True, True, False]
    assert [page["totalCount"] for page in (first, second, third)] == [5, 5, 5]


PRICE = """{ productVariant(by: {sku: "shirt"}) {
  price { amount currencyCode taxIncluded }
  product { priceRange { min { amount currencyCode } max { amount } } }
} }"""


async def test_a_price_is_that_of_the_market_of_the_channel(shop: Shop) -> None:
    await shop.product("shirt", eu=1190, us=1250)

    in_europe = await shop.guest("web").ask(PRICE)
    at_the_till = await shop.staff(channel="till-berlin").ask(PRICE)
    in_america = await shop.guest("web-us").ask(PRICE)

    assert (
        in_europe
        == at_the_till
        == {
            "productVariant": {
                "price": {"amount": "11.90", "currencyCode": "EUR", "taxIncluded": True},
                "product": {
                    "priceRange": {"min": {"amount": "11.90", "currencyCode": "EUR"}, "max": {"amount": "11.90"}}
                },
            }
        }
    )
    assert in_america["productVariant"]["price"] == {"amount": "12.50", "currencyCode": "USD", "taxIncluded": False}


async def test_what_a_market_does_not_sell_has_no_price_there(shop: Shop) -> None:
    await shop.product("shirt", us=None)

    shown = await shop.guest("web-us").ask(PRICE)

    assert shown == {"productVariant": {"price": None, "product": {"priceRange": None}}}


async def in_stock(caller: Caller, sku: str, **variables: Any) -> Any:
    return (await caller.ask(AVAILABILITY, sku=sku, **variables))["productVariant"]


async def test_availability_is_told_per_location_in_sourcing_order(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=4, at="berlin")
    await shop.receive("shirt", 0, at="hamburg")
    await shop.receive("shirt", 2, at="warehouse")
    await shop.receive("shirt", 9, at="supplier")

    shown = await in_stock(shop.guest(), "shirt")

    assert [
        (entry["location"]["code"], entry["available"]["quantity"], entry["status"]) for entry in shown["availability"]
    ] == [
        ("warehouse", 2, "LOW_STOCK"),
        ("berlin", 4, "IN_STOCK"),
        ("hamburg", 0, "OUT_OF_STOCK"),
    ]
    assert {entry["variant"]["sku"] for entry in shown["availability"]} == {"shirt"}
    assert shown["availableToPromise"] == {"quantity": 6, "isCapped": False}
    assert shown["product"]["stockStatus"] == "IN_STOCK"


async def test_availability_is_told_nearest_first_when_somebody_says_where_they_are(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=4, at="berlin")
    await shop.receive("shirt", 1, at="hamburg")
    await shop.receive("shirt", 2, at="warehouse")

    near_hamburg = await in_stock(shop.guest(), "shirt", near={"latitude": 53.5, "longitude": 10.0})
    near_berlin = await in_stock(shop.guest(), "shirt", near={"latitude": 52.5, "longitude": 13.4})

    assert [entry["location"]["code"] for entry in near_hamburg["availability"]] == ["hamburg", "berlin", "warehouse"]
    assert [entry["location"]["code"] for entry in near_berlin["availability"]] == ["berlin", "hamburg", "warehouse"]


async def test_availability_can_be_asked_of_some_locations_and_unknown_ones_are_left_out(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=4, at="berlin")
    await shop.receive("shirt", 1, at="hamburg")

    shown = await in_stock(shop.guest(), "shirt", locations=[{"code": "hamburg"}, {"code": "atlantis"}])

    assert [entry["location"]["code"] for entry in shown["availability"]] == ["hamburg"]


@pytest.mark.parametrize(
    ("on_hand", "shopper", "worker"),
    [
        (9, {"quantity": 9, "isCapped": False}, {"quantity": 9, "isCapped": False}),
        (10, {"quantity": 10, "isCapped": False}, {"quantity": 10, "isCapped": False}),
        (11, {"quantity": 10, "isCapped": True}, {"quantity": 11, "isCapped": False}),
        (5000, {"quantity": 10, "isCapped": True}, {"quantity": 5000, "isCapped": False}),
    ],
)
async def test_shoppers_see_capped_quantities_and_staff_and_apps_exact_ones(
    shop: Shop, on_hand: int, shopper: dict[str, Any], worker: dict[str, Any]
) -> None:
    await shop.stocked("shirt", on_hand=on_hand)
    callers = [
        shop.guest(),
        await shop.customer(),
        shop.staff(Permission.SELL_IN_STORE),
        shop.app(channel="marketplace"),
    ]

    shown = [await in_stock(caller, "shirt") for caller in callers]

    assert [entry["availability"][0]["available"] for entry in shown] == [shopper, shopper, worker, worker]
    assert [entry["availableToPromise"] for entry in shown] == [shopper, shopper, worker, worker]


async def test_less_than_nothing_is_shown_as_nothing(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=2)
    await shop.run("UPDATE stock_level SET safety_stock = 5")

    shown = await in_stock(shop.staff(), "shirt")

    assert shown["availability"][0]["available"] == {"quantity": 0, "isCapped": False}
    assert shown["availableToPromise"] == {"quantity": 0, "isCapped": False}


HIDDEN = """
query ($slug: String!, $sku: String!, $product: ID!, $variant: ID!, $level: ID!) {
  product(by: {slug: $slug}) { slug }
  products { nodes { slug variants { nodes { sku } } } }
  productVariant(by: {sku: $sku}) { sku }
  availability(variants: [{sku: $sku}]) { id }
  nodes(ids: [$product, $variant, $level]) { __typename }
}
"""


async def _ids(shop: Shop, sku: str) -> dict[str, str]:
    product_id = await shop.value("SELECT product_id FROM variant WHERE sku = :sku", sku=sku)
    level_id = await shop.value("SELECT id FROM stock_level")
    return {
        "product": f"prd_{product_id.hex}",
        "variant": f"var_{(await shop.variant_id(sku)).hex}",
        "level": f"lav_{level_id}",
    }


async def test_what_is_not_published_is_shown_to_those_who_manage_the_catalog_only(shop: Shop) -> None:
    slug = await shop.product("secret", is_published=False)
    await shop.receive("secret", 3)
    variables = {"slug": slug, "sku": "secret", **await _ids(shop, "secret")}

    for_shoppers = await shop.guest().ask(HIDDEN, **variables)
    for_sellers = await shop.staff(Permission.SELL_IN_STORE).ask(HIDDEN, **variables)
    for_managers = await shop.staff(Permission.MANAGE_CATALOG).ask(HIDDEN, **variables)

    assert (
        for_shoppers
        == for_sellers
        == {
            "product": None,
            "products": {"nodes": []},
            "productVariant": None,
            "availability": [],
            "nodes": [None, None, None],
        }
    )
    assert for_managers["product"] == {"slug": slug}
    assert for_managers["productVariant"] == {"sku": "secret"}
    assert [node["__typename"] for node in for_managers["nodes"]] == [
        "Product",
        "ProductVariant",
        "LocationAvailability",
    ]


async def test_a_withdrawn_variant_is_gone_and_its_siblings_stay(shop: Shop) -> None:
    slug = await shop.product("gone", "kept")
    await shop.receive("gone", 3)
    await shop.run("UPDATE variant SET withdrawn_at = now() WHERE sku = 'gone'")

    shown = await shop.guest().ask(HIDDEN, slug=slug, sku="gone", **await _ids(shop, "gone"))

    assert shown == {
        "product": {"slug": slug},
        "products": {"nodes": [{"slug": slug, "variants": {"nodes": [{"sku": "kept"}]}}]},
        "productVariant": None,
        "availability": [],
        "nodes": [{"__typename": "Product"}, None, None],
    }


NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"


async def test_nodes_come_in_the_order_asked_for_and_null_where_there_is_none(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=1)
    ids = await _ids(shop, "shirt")
    berlin = f"loc_{shop.directory.locations_by_code['berlin']['id']}"
    asked = [
        ids["variant"],
        "nonsense",
        berlin,
        "",
        ids["product"],
        "loc_2147483648",
        ids["variant"],
        "prd_" + "0" * 32,
    ]

    nodes = (await shop.guest().ask(NODES, ids=asked))["nodes"]

    assert nodes == [
        {"id": ids["variant"], "__typename": "ProductVariant"},
        None,
        {"id": berlin, "__typename": "Location"},
        None,
        {"id": ids["product"], "__typename": "Product"},
        None,
        {"id": ids["variant"], "__typename": "ProductVariant"},
        None,
    ]


async def test_more_than_100_nodes_are_refused(shop: Shop) -> None:
    assert await shop.guest().error_codes(NODES, ids=["x"] * 101) == ["BAD_USER_INPUT"]


async def test_a_category_lists_what_stands_in_its_parts_and_a_picture_of_several_variants_once(shop: Shop) -> None:
    await shop.product("shirt-s", "shirt-m", slug="shirt")
    await shop.product("coat-s", slug="coat")
    await shop.run("INSERT INTO category (slug, name) VALUES ('clothing', 'Clothing')")
    await shop.run("INSERT INTO category (slug, name, parent_id) SELECT 'tops', 'Tops', id FROM category")
    await shop.run(
        "UPDATE product SET category_id = (SELECT id FROM category WHERE slug = 'tops') WHERE slug = 'shirt'"
    )
    await shop.run("""
        INSERT INTO media (product_id, position, url)
        SELECT product.id, n, CASE WHEN n < 3 THEN '/same.svg' ELSE '/other.svg' END
        FROM product, generate_series(1, 3) n WHERE slug = 'shirt'
    """)

    data = await shop.guest().ask(
        '{ category(slug: "clothing") { products { totalCount nodes { slug media { url } } } children { slug } } }'
    )

    assert data["category"] == {
        "products": {
            "totalCount": 1,
            "nodes": [{"slug": "shirt", "media": [{"url": "/same.svg"}, {"url": "/other.svg"}]}],
        },
        "children": [{"slug": "tops"}],
    }
