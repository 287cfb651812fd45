"""Finding products by what people type: ranked, with a typo, as far as it was typed, and page by page."""

from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest
from uuid_utils.compat import uuid7

from tests.journeys import search_oracle as oracle
from tests.journeys.search_oracle import Product, Variant
from tests.shop import Shop

pytestmark = pytest.mark.anyio

FIND = """
query ($filter: ProductFilter, $sort: ProductSort, $first: Int, $after: String) {
  products(first: $first, after: $after, filter: $filter, sort: $sort) {
    nodes { slug } pageInfo { hasNextPage endCursor }
  }
}
"""


def named(slug: str, name: str, *skus: str, **values: Any) -> Product:
    product = Product(
        **{
            "id": uuid7(),
            "slug": slug,
            "name": name,
            "brand": None,
            "category": None,
            "tags": [],
            "material": None,
            "collections": [],
            "is_published": True,
            **values,
        }
    )
    product.variants = [Variant(sku, None, "Red", is_withdrawn=False, amount=1000, available={}) for sku in skus]
    return product


async def find(shop: Shop, typed: str, **asked: Any) -> list[str]:
    page = (await shop.guest().ask(FIND, filter={"search": typed}, **asked))["products"]
    return [node["slug"] for node in page["nodes"]]


@pytest.fixture
async def filled(shop: Shop) -> Shop:
    await oracle.write(shop, ())
    for product in (
        named("shirt", "Linen Shirt", "LS-100-M", brand="Nordlys", category="garden"),
        named("sneaker", "Canvas Sneaker", "CS-7", "CS-8", tags=["running"]),
        named("blanket", "Wool Blanket", brand="Ängelholm"),
        named("tee", "Plain T-Shirt", "TS-1"),
        named("dress", "Summer Dresses", material="Silk"),
        named("apron", "Küchenschürze", category="pots"),
        named("hemd", "Baumwollhemd"),
    ):
        await oracle.write_product(shop, product)
    return shop


@pytest.mark.parametrize(
    ("typed", "slugs"),
    [
        ("linen shirt", ["shirt"]),
        ("SHIRT  linen", ["shirt"]),
        ("line", ["shirt"]),
        ("linen shi", ["shirt"]),
        ("lin shirt", []),
        ("nordlys", ["shirt"]),
        ("LS-100-M", ["shirt"]),
        ("ls100m", ["shirt"]),
        ("ls 100", ["shirt"]),
        ("ls100", ["shirt"]),
        ("t-shirt", ["tee"]),
        ("tshirt", ["tee"]),
        ("angelholm", ["blanket"]),
        ("Ängelholm", ["blanket"]),
        ("A\u0308ngelholm", ["blanket"]),
        ("kuchenschurze", ["apron"]),
        ("kitchen", ["apron"]),
        ("dress", ["dress"]),
        ("silk", ["dress"]),
        ("running", ["sneaker"]),
        ("runs", ["sneaker"]),
        ("hemd", ["hemd"]),
        ("???", []),
        ("linen ???", ["shirt"]),
        ("unheard", []),
    ],
)
async def test_words_are_found_wherever_a_product_carries_them(filled: Shop, typed: str, slugs: list[str]) -> None:
    assert await find(filled, typed) == slugs


@pytest.mark.parametrize(
    "typed",
    [
        "sneeker",
        "sneker",
        "sneakker",
        "snaeker",
        "sneakre",
        "neaker",
        "asneaker",
        "zneaker",
        "sneakes",
        "CANVAS sneeker",
    ],
)
async def test_one_typo_in_a_word_is_forgiven(filled: Shop, typed: str) -> None:
    assert await find(filled, typed) == ["sneaker"]


@pytest.mark.parametrize("typed", ["snekar", "sneeeker", "csx", "CS-9", "LS-100-N", "linen snoaker"])
async def test_two_typos_short_words_and_codes_are_not_guessed_at(filled: Shop, typed: str) -> None:
    assert await find(filled, typed) == []


async def test_a_word_that_some_product_has_is_never_taken_for_another(filled: Shop) -> None:
    await oracle.write_product(filled, named("skirt", "Linen Skirt"))

    assert await find(filled, "skirt") == ["skirt"]
    assert await find(filled, "linen shirt") == ["shirt"]


async def test_a_word_that_went_with_its_last_product_is_a_typo_again(filled: Shop) -> None:
    await oracle.write_product(filled, named("misspelt", "Canvas Sneeker"))
    before = await find(filled, "sneeker")

    await filled.run("UPDATE product SET name = 'Canvas Boot' WHERE slug = 'misspelt'")

    assert before == ["misspelt"]
    assert await find(filled, "sneeker") == ["sneaker"]


async def test_a_code_comes_first_then_a_whole_name_then_words_by_where_they_stand(shop: Shop) -> None:
    await oracle.write(shop, ())
    for product in (
        named("coded", "Kettle", "COPPER"),
        named("called", "Copper"),
        named("in-the-name", "Copper Lamp"),
        named("of-the-brand", "Lamp", brand="Copper"),
        named("of-the-material", "Vase", material="Copper"),
        named("in-a-longer-code", "Bowl", "COPPER-1"),
    ):
        await oracle.write_product(shop, product)

    assert await find(shop, "copper") == [
        "coded", "called", "in-the-name", "of-the-brand", "of-the-material", "in-a-longer-code",
    ]  # fmt: skip


async def test_what_ranks_alike_comes_newest_first(shop: Shop) -> None:
    await oracle.write(shop, [named(f"lamp-{number}", "Copper Lamp", f"L{number}") for number in range(9)])

    assert await find(shop, "lamp copper") == [f"lamp-{number}" for number in reversed(range(9))]


@pytest.mark.parametrize("sort", ["RELEVANCE", "NEWEST", "NAME", "PRICE_ASC", "PRICE_DESC"])
@pytest.mark.parametrize("typed", ["marbel", "marble", None])
async def test_paging_shows_each_product_once_while_others_come_and_the_catalog_learns_words(
    shop: Shop, sort: str, typed: str | None
) -> None:
    old = [named(f"old-{number}", f"Marble {oracle.WORDS[number % 7]}", f"SK{number}") for number in range(17)]
    await oracle.write(shop, old)
    asked: dict[str, Any] = {"sort": sort, "filter": {"search": typed}}
    at_once = (await shop.guest().ask(FIND, first=100, **asked))["products"]

    seen, after, pages = [], None, 0
    while True:
        page = (await shop.guest().ask(FIND, first=4, after=after, **asked))["products"]
        seen += [node["slug"] for node in page["nodes"]]
        after, pages = page["pageInfo"]["endCursor"], pages + 1
        if not page["pageInfo"]["hasNextPage"]:
            break
        await oracle.write_product(shop, named(f"new-{pages}", f"Marble {oracle.WORDS[pages]}", f"N{pages}"))
        # From now on, what was a typo on the first page is a word that some product has.
        await oracle.write_product(shop, named(f"marbel-{pages}", "Marbel"))

    assert [slug for slug in seen if slug.startswith("old")] == [node["slug"] for node in at_once["nodes"]]
    assert len(seen) == len(set(seen))


HOSTILE = [
    "'", "''", "\\", "' | 'x", "x' & !'y", ":*", "a:*", "!!", "(", "((((", "<->", "%", "_", "%%%%", "\\'", "'); DROP TABLE product; --",
    "a\x1fb", "🧵", "İstanbul", "ﬁne", "½", "\u202e", "a-b-c-d-e", "x" * 200, "-", "- -", "\ud7ff", "NULL", "{}", '{"a"}',
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_is_more_than_text(filled: Shop, text: str) -> None:
    each = {
        "search": text,
        "categories": [text],
        "collections": [text],
        "brands": [text],
        "tags": [text],
        "attributes": [{"name": text, "values": [text]}],
        "availableAt": [{"code": text}],
    }
    for name, value in each.items():
        page = (await filled.guest().ask(FIND, filter={name: value}))["products"]

        assert page["nodes"] == [], name


def cursor(*keys: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(keys)).rstrip(b"=").decode()


ZERO = "0" * 32


@pytest.mark.parametrize(
    ("typed", "sort", "after"),
    [
        ("shirt", "RELEVANCE", cursor(1, ZERO)),
        ("shirt", "RELEVANCE", cursor("1", ZERO, {})),
        ("shirt", "RELEVANCE", cursor(2**31, ZERO, {})),
        ("shirt", "RELEVANCE", cursor(True, ZERO, {})),
        ("shirt", "RELEVANCE", cursor(1, "x", {})),
        ("shirt", "RELEVANCE", cursor(1, ZERO, [])),
        ("shirt", "RELEVANCE", cursor(1, ZERO, {"a": "b"})),
        ("shirt", "RELEVANCE", cursor(1, ZERO, {"a": []})),
        ("shirt", "RELEVANCE", cursor(1, ZERO, {"a": [1]})),
        ("shirt", "RELEVANCE", cursor(1, ZERO, {"shirt": ["\0"]})),
        ("shirt", "RELEVANCE", cursor(1, ZERO, {str(number): ["b"] for number in range(21)})),
        ("shirt", "NEWEST", cursor(ZERO)),
        (None, "NEWEST", cursor(ZERO, {})),
        (None, "NAME", cursor(1, ZERO)),
        (None, "NAME", cursor("a\0", ZERO)),
        (None, "PRICE_ASC", cursor("a", ZERO)),
        (None, "PRICE_DESC", cursor(2**63, ZERO)),
        (None, "PRICE_DESC", cursor(-2, ZERO)),
    ],
)
async def test_a_cursor_of_another_list_is_refused(filled: Shop, typed: str | None, sort: str, after: str) -> None:
    codes = await filled.guest().error_codes(FIND, filter={"search": typed}, sort=sort, after=after)

    assert codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("meant", ["'", "\\", "x' | 'shirt", ":*", "(", "", " "])
async def test_a_made_up_correction_is_a_word_and_nothing_more(filled: Shop, meant: str) -> None:
    codes = await filled.guest().error_codes(
        FIND, filter={"search": "shrit"}, after=cursor(10**6, ZERO, {"shrit": [meant]})
    )

    assert codes == ([] if meant else ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    "filter_",
    [
        {"search": "x" * 201},
        {"search": "x " * 21},
        {"search": "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u"},
        {"priceMin": "-0.01"},
        {"priceMax": "-1"},
        {"priceMin": "1.001"},
        {"priceMax": "99999999999999999999"},
        {"brands": ["x"] * 101},
        {"categories": ["x"] * 101},
        {"tags": ["x"] * 101},
        {"collections": ["x"] * 101},
        {"attributes": [{"name": "x", "values": ["x"]}] * 11},
        {"attributes": [{"name": "x", "values": ["x"] * 101}]},
        {"availableAt": [{"code": "x"}] * 251},
    ],
)
async def test_more_than_anybody_asks_for_is_refused(shop: Shop, filter_: dict[str, Any]) -> None:
    assert await shop.guest().error_codes(FIND, filter=filter_) == ["BAD_USER_INPUT"]


async def test_prices_are_those_of_the_callers_market(shop: Shop) -> None:
    await shop.product("both-1", slug="both", eu=1000, us=5000)
    await shop.product("europe-1", slug="europe-only", eu=1200, us=None)

    async def costing(channel: str, **ends: str) -> list[str]:
        page = (await shop.guest(channel).ask(FIND, filter=ends, sort="PRICE_ASC"))["products"]
        return [node["slug"] for node in page["nodes"]]

    assert await costing("web", priceMax="15") == ["both", "europe-only"]
    assert await costing("web-us", priceMax="15") == []
    assert await costing("web-us", priceMin="50", priceMax="50") == ["both"]
    assert await costing("web-us") == ["both", "europe-only"]


async def test_what_no_variant_costs_is_not_between_two_prices(shop: Shop) -> None:
    await oracle.write(shop, [named("vase", "Vase", "V-1", "V-2")])
    await shop.set_price("V-2", 9000)

    async def is_between(least: str, most: str) -> bool:
        ends = {"priceMin": least, "priceMax": most}
        return bool((await shop.guest().ask(FIND, filter=ends))["products"]["nodes"])

    assert not await is_between("20", "80")
    assert await is_between("20", "90")
    assert await is_between("10", "10")
    assert not await is_between("80", "20")


FACETS = "facets { name values { value count } }"


async def test_facets_of_categories_and_collections_count_their_own_products(shop: Shop) -> None:
    await oracle.write(
        shop,
        [
            named("pan", "Pan", category="pots", brand="Nordlys", collections=["fresh"]),
            named("pot", "Pot", category="pots", brand="Océan", collections=["fresh", "classics"]),
            named("rake", "Rake", category="garden", brand="Nordlys"),
        ],
    )
    document = f"""{{
      categories {{ slug products {{ {FACETS} }} }}
      collections {{ slug products {{ {FACETS} }} }}
    }}"""

    answer = await shop.guest().ask(document)

    found = {
        group["slug"]: {
            facet["name"]: {value["value"]: value["count"] for value in facet["values"]}
            for facet in group["products"]["facets"]
        }
        for group in [*answer["categories"], *answer["collections"]]
    }
    out_of_stock = {"Availability": {"OUT_OF_STOCK": 2}}
    both = {"Nordlys": 1, "Océan": 1}
    assert found == {
        "home": {},
        "kitchen": {},
        "pots": {"Category": {"home": 2, "kitchen": 2, "pots": 2}, "Brand": both, **out_of_stock},
        "garden": {"Category": {"garden": 1}, "Brand": {"Nordlys": 1}, "Availability": {"OUT_OF_STOCK": 1}},
        "fresh": {"Category": {"home": 2, "kitchen": 2, "pots": 2}, "Brand": both, **out_of_stock},
        "classics": {
            "Category": {"home": 1, "kitchen": 1, "pots": 1},
            "Brand": {"Océan": 1},
            "Availability": {"OUT_OF_STOCK": 1},
        },
    }


async def test_a_facet_shows_its_20_most_frequent_values_and_six_attributes(shop: Shop) -> None:
    await oracle.write(shop, [named(f"p{number}", "Pan", tags=[f"tag {number:02d}"]) for number in range(25)])
    await shop.run("""
      UPDATE product SET attributes = (
        SELECT jsonb_agg(jsonb_build_object('name', 'Property ' || n, 'value', 'x'))
        FROM generate_series(1, 10 - right(slug, 1)::int) n
      )
    """)

    facets = (await shop.guest().ask(f"{{ products {{ {FACETS} }} }}"))["products"]["facets"]

    assert [facet["name"] for facet in facets] == [*(f"Property {n}" for n in range(1, 7)), "Tag", "Availability"]
    assert [value["value"] for value in facets[6]["values"]] == [f"tag {number:02d}" for number in range(20)]


@pytest.mark.parametrize(
    ("selection", "filter_", "count"),
    [
        ("nodes { slug }", {}, 1),
        ("nodes { slug } totalCount", {}, 2),
        (f"nodes {{ slug }} {FACETS}", {}, 2),
        ("nodes { slug }", {"search": "linen shrit"}, 2),
        (f"nodes {{ slug }} totalCount {FACETS}", {"search": "linen", "inStock": False, "tags": ["x"]}, 4),
    ],
)
async def test_statements_do_not_grow_with_the_catalog(
    filled: Shop, statements: list[str], selection: str, filter_: dict[str, Any], count: int
) -> None:
    document = f"query ($filter: ProductFilter) {{ products(filter: $filter) {{ {selection} }} }}"

    async def counted() -> int:
        statements.clear()
        await filled.guest().unfused().ask(document, filter=filter_)
        return len(statements)

    before = await counted()
    for number in range(30):
        await oracle.write_product(filled, named(f"more-{number}", f"Linen Shirt {number}", f"M-{number}"))

    assert (before, await counted()) == (count, count)


FACETS_OF_GROUPS = f"{{ categories {{ products {{ {FACETS} }} }} collections {{ products {{ {FACETS} }} }} }}"


async def test_facets_of_all_groups_are_counted_together(shop: Shop, statements: list[str]) -> None:
    await oracle.write(shop, oracle.random_catalog(seed=1, count=10))
    statements.clear()

    await shop.guest().ask(FACETS_OF_GROUPS)

    # For categories and for collections: the groups, a page of each, the facets.
    assert len(statements) == 6
