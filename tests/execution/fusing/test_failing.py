"""When a fused statement cannot answer, the plan does, and says what is wrong and where."""

from typing import Any

import pytest

from tests.execution.fusing.asking import both
from tests.shop import Shop

pytestmark = pytest.mark.anyio

_REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a cursor of another list": ('{ products(after: "WyJ4Il0") { nodes { id } } }', {}),
    "no cursor at all": ("query ($after: String) { products(after: $after) { nodes { id } } }", {"after": "\x01"}),
    "a page that is too long": ("query ($first: Int) { products(first: $first) { nodes { id } } }", {"first": 101}),
    "a page within a page that is too long": ("{ products { nodes { id media(first: 101) { url } } } }", {}),
    "a cursor within a page": ('{ products { nodes { id variants(after: "x") { nodes { id } } } } }', {}),
    "a place that is none": (
        "{ products { nodes { variants { nodes { availability(near: { latitude: 91, longitude: 0 }) { id } } } } } }",
        {},
    ),
    "too many variants": (
        "query ($by: [ProductVariantBy!]!) { availability(variants: $by) { id } }",
        {"by": [{"sku": str(number)} for number in range(101)]},
    ),
    "a price that is none": ('{ products(filter: { priceMin: "0.001" }) { nodes { id } } }', {}),
}


@pytest.mark.parametrize("name", _REFUSED)
async def test_what_is_refused_is_refused_with_the_same_error(shop: Shop, statements: list[str], name: str) -> None:
    document, variables = _REFUSED[name]

    answers = await both(shop.guest(), statements, document, **variables)

    assert answers.fused == answers.plan
    assert b'"code":"BAD_USER_INPUT"' in answers.plan


_BROKEN = {
    "a tag that is null": (
        "UPDATE product SET tags = '{a,NULL}' WHERE slug LIKE '3-%'",
        "{ products { nodes { id tags } } }",
    ),
    "an option without a name": (
        """UPDATE product SET options = '[{"values": ["S"]}]' WHERE slug LIKE '3-%'""",
        "{ products { nodes { id options { name values } } } }",
    ),
    "a value that is null": (
        """UPDATE product SET options = '[{"name": "Size", "values": ["S", null]}]' WHERE slug LIKE '3-%'""",
        "{ products { nodes { id options { name values } } } }",
    ),
    "options that are no list": (
        "UPDATE product SET options = '{}' WHERE slug LIKE '3-%'",
        "{ products { nodes { id options { name } } } }",
    ),
    "a version that is too large for an integer": (
        "UPDATE stock_level SET version = 3000000000",
        "{ products { nodes { slug variants { nodes { availability { version } } } } } }",
    ),
}


@pytest.mark.parametrize("name", _BROKEN)
async def test_data_that_no_field_may_show_is_an_error_where_it_stands(
    shop: Shop, statements: list[str], name: str
) -> None:
    change, document = _BROKEN[name]
    await shop.run(change)

    answers = await both(shop.guest(), statements, document)

    # Two errors that nobody foresaw tell no more than a number of their own.
    assert answers.fused == answers.plan
    assert b'"errors"' in answers.plan
