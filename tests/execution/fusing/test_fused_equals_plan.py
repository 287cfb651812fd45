"""What one statement writes is what the plan answers, byte for byte."""

from typing import Any

import orjson
import pytest

from tests.execution.fusing.asking import both
from tests.execution.fusing.documents import DOCUMENTS
from tests.execution.fusing.oddities import TEXTS
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio


def _callers(shop: Shop) -> dict[str, Caller]:
    return {
        "a guest": shop.guest(),
        "a guest who is told of one": shop.guest().capped_at(1),
        "in dollars": shop.guest("web-us"),
        "in yen": shop.guest("web-jp"),
        "in dinars": shop.guest("web-kw"),
        "in units of account": shop.guest("web-cl"),
        "where buffers are kept back": shop.guest("marketplace"),
        "staff at a till": shop.staff(),
        "an app": shop.app(channel="partner"),
    }


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_every_caller_gets_the_same_bytes_from_one_statement(
    shop: Shop, statements: list[str], name: str
) -> None:
    for who, caller in _callers(shop).items():
        answers = await both(caller, statements, DOCUMENTS[name])

        assert answers.fused == answers.plan, who
        assert b'"errors"' not in answers.plan, answers.plan
        assert len(answers.statements) == 1, who


async def test_every_product_and_variant_is_the_same_however_it_is_named(shop: Shop, statements: list[str]) -> None:
    listed = await shop.staff().ask(
        "{ products(first: 100) { nodes { id slug variants { nodes { id sku barcode } } } } }"
    )
    product = "query ($by: ProductBy!) { product(by: $by) { id name tags variants { nodes { sku } } } }"
    variant = "query ($by: ProductVariantBy!) { productVariant(by: $by) { id name product { name } availability { status } } }"
    asked: list[tuple[str, dict[str, Any]]] = []
    for node in listed["products"]["nodes"]:
        asked += [(product, {"id": node["id"]}), (product, {"slug": node["slug"]})]
        for sold in node["variants"]["nodes"]:
            asked += [(variant, {key: sold[key]}) for key in ("id", "sku", "barcode") if sold[key] is not None]
    assert len(asked) > 40

    for document, by in asked:
        answers = await both(shop.guest(), statements, document, by=by)

        assert answers.fused == answers.plan, by
        assert len(answers.statements) == 1


@pytest.mark.parametrize("sort", ["NEWEST", "NAME", "PRICE_ASC", "PRICE_DESC"])
async def test_pages_follow_each_other_by_their_cursors(shop: Shop, statements: list[str], sort: str) -> None:
    document = """
        query ($after: String, $sort: ProductSort) {
          products(first: 2, after: $after, sort: $sort) {
            edges { cursor node { slug } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          }
        }
    """
    seen: list[str] = []
    after = None
    while True:
        answers = await both(shop.guest(), statements, document, after=after, sort=sort)
        assert answers.fused == answers.plan
        assert len(answers.statements) == 1
        page = orjson.loads(answers.fused)["data"]["products"]
        seen += [edge["node"]["slug"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(seen) == len(set(seen)) == 12


async def test_variants_follow_each_other_by_their_cursors(shop: Shop, statements: list[str]) -> None:
    document = """
        query ($slug: String!, $after: String) {
          product(by: { slug: $slug }) {
            variants(first: 1, after: $after) { nodes { sku } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount }
          }
        }
    """
    slug = f"9-{TEXTS[9]}"
    seen, after = [], None
    for _ in range(3):
        answers = await both(shop.guest(), statements, document, slug=slug, after=after)
        assert answers.fused == answers.plan
        assert len(answers.statements) == 1
        page = orjson.loads(answers.fused)["data"]["product"]["variants"]
        seen += [node["sku"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert [sku[:3] for sku in seen] == ["9/0", "9/1", "9/2"]
    assert page["totalCount"] == 3
