"""Where a part of an answer needs Python, what is below it is fused; where all of it does, nothing is."""

import pytest

from tests.execution.fusing.asking import both
from tests.shop import Shop

pytestmark = pytest.mark.anyio

# Each with the number of statements that write JSON, of those that it takes.
_PARTLY = {
    "ready times": (
        """{ products { nodes { slug media { url } variants { nodes {
            price { amount } media { url } availability { pickupReadyAt variant { sku media { url } } }
        } } } } }""",
        # The pictures of products, of variants, and of the variants that are available.
        3,
    ),
    "facets": (
        "{ products { facets { name values { value count } } nodes { name variants { nodes { price { amount } } } } } }",
        1,
    ),
    "distances": (
        "{ products { nodes { variants { nodes { availability { location { distanceKm(from: { latitude: 1, longitude: 1 }) } } } } } } }",
        0,
    ),
    "an availability that waits for opening hours, beside one that does not": (
        """{ products { nodes { variants { nodes {
            a: availability { pickupReadyAt } b: availability { status }
        } } } } }""",
        1,
    ),
    "a list of categories": ("{ categories { name products(first: 2) { nodes { slug } } children { slug } } }", 2),
    "two roots": ('{ a: products(first: 1) { nodes { id } } b: category(slug: "all") { id } viewer { kind } }', 2),
    "one row for each, which is as quick in rows": ("{ categories { parent { name } } }", 0),
}


@pytest.mark.parametrize("name", _PARTLY)
async def test_what_is_below_a_field_of_python_is_fused(shop: Shop, statements: list[str], name: str) -> None:
    document, fused = _PARTLY[name]

    answers = await both(shop.guest(), statements, document)

    assert answers.fused == answers.plan
    assert b'"errors"' not in answers.plan
    assert len(answers.fused_statements) == fused


async def test_availability_of_named_variants_keeps_their_order_and_names_each_once(
    shop: Shop, statements: list[str]
) -> None:
    listed = await shop.guest().ask("{ products(first: 100) { nodes { variants { nodes { id sku barcode } } } } }")
    sold = [variant for product in listed["products"]["nodes"] for variant in product["variants"]["nodes"]]
    named = [
        {"id": sold[7]["id"]},
        {"sku": sold[0]["sku"]},
        {"id": sold[7]["id"]},
        {"sku": "none"},
        {"id": sold[3]["id"]},
    ]
    document = """
        query ($named: [ProductVariantBy!]!, $near: CoordinatesInput, $locations: [LocationBy!]) {
          availability(variants: $named, near: $near, locations: $locations) {
            id status version available { quantity isCapped } location { name } variant { sku price { amount } }
          }
        }
    """
    for more in ({}, {"near": {"latitude": 53.5, "longitude": 10}}, {"locations": [{"code": "berlin"}]}):
        answers = await both(shop.guest(), statements, document, named=named, **more)

        assert answers.fused == answers.plan
        assert len(answers.fused_statements) == 1


async def test_what_is_searched_for_is_found_by_the_same_rules(shop: Shop, statements: list[str]) -> None:
    document = """
        query ($search: String!, $after: String) {
          products(filter: { search: $search }, first: 3, after: $after) {
            edges { cursor node { name variants { nodes { sku availability { status } } } } }
            pageInfo { hasNextPage endCursor } totalCount
          }
        }
    """
    for search in ("plain", "summer bundel", "said", "日本", "' OR 1=1 --", "%", "bundle plain"):
        answers = await both(shop.guest(), statements, document, search=search)

        assert answers.fused == answers.plan, search
        # One to read what was typed.
        assert len(answers.statements) == 2, search


async def test_conditions_leave_out_what_they_leave_out_of_the_plan(shop: Shop, statements: list[str]) -> None:
    document = """
        query ($more: Boolean!) {
          products { nodes { id @skip(if: $more) slug @include(if: $more) ... @include(if: $more) { media { url } } } }
        }
    """
    for more in (True, False):
        answers = await both(shop.guest(), statements, document, more=more)

        assert answers.fused == answers.plan
        assert len(answers.statements) == 1


async def test_a_selection_that_is_too_large_for_one_statement_is_left_to_the_plan(
    shop: Shop, statements: list[str]
) -> None:
    wide = " ".join(f"a{number}: variants(first: 1) {{ nodes {{ price {{ amount }} }} }}" for number in range(30))
    deep = "parent { " * 9 + "name" + " }" * 9
    for document in (
        f"{{ products(first: 2) {{ nodes {{ {wide} }} }} }}",
        f'{{ category(slug: "leaf") {{ {deep} }} }}',
    ):
        answers = await both(shop.guest(), statements, document)

        assert answers.fused == answers.plan
        assert b'"errors"' not in answers.plan
        assert len(answers.statements) > 1
