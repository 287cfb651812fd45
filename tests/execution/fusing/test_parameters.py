"""Whatever a caller sends travels as a parameter: no text of a statement depends on it."""

from typing import Any

import pytest

from tests.execution.fusing.asking import both
from tests.execution.fusing.oddities import TEXTS
from tests.shop import Shop

pytestmark = pytest.mark.anyio

_DOCUMENT = """
query ($slug: String!, $sku: String!, $barcode: String!, $id: ID!, $search: String, $names: [String!]!, $code: String!) {
  a: product(by: { slug: $slug }) { id media { url } }
  b: product(by: { id: $id }) { id media { url } }
  c: productVariant(by: { sku: $sku }) { id availability(locations: [{ code: $code }, { id: $id }]) { id } }
  d: productVariant(by: { barcode: $barcode }) { id availability { id } }
  e: category(slug: $slug) { id children { id } }
  f: collection(slug: $slug) { id products { nodes { id } } }
  g: products(filter: {
    categories: $names, collections: $names, brands: $names, tags: $names, availableAt: [{ code: $code }],
    attributes: [{ name: $slug, values: $names }]
  }) { nodes { id variants { nodes { id } } } }
  h: products(filter: { search: $search }) { nodes { id variants { nodes { id } } } }
  i: availability(variants: [{ sku: $sku }], locations: [{ code: $code }]) { id variant { id } }
}
"""


def _variables(text: str) -> dict[str, Any]:
    names = dict.fromkeys(("slug", "sku", "barcode", "id", "search", "code"), text)
    return {**names, "names": [text, f"{text}{text}"]}


async def test_statements_are_the_same_whatever_the_arguments_are(shop: Shop, statements: list[str]) -> None:
    innocent = await both(shop.guest(), statements, _DOCUMENT, **_variables("innocent"))

    for text in (*TEXTS, "$1", "%(first)s", "__row__.id", "'; SELECT pg_sleep(9); --", "\\'; --"):
        hostile = await both(shop.guest(), statements, _DOCUMENT, **_variables(text or "-"))

        assert hostile.fused == hostile.plan
        # What was not typed is not searched for, and needs no statement.
        assert set(hostile.statements) <= set(innocent.statements) | {
            statement for statement in hostile.statements if "product_search.document" not in statement
        }
        assert not any("innocent" in statement or "pg_sleep" in statement for statement in hostile.statements)


async def test_only_names_of_the_document_are_in_a_statement(shop: Shop, statements: list[str]) -> None:
    answers = await both(
        shop.guest(),
        statements,
        "{ __Pg_sleep9: products(first: 17) { nodes { constant_1: id own__first: media(first: 23) { row: url } } } }",
    )

    assert answers.fused == answers.plan
    (statement,) = answers.statements
    assert '"constant_1":"prd_' in statement
    assert "17" not in statement
    assert "23" not in statement
