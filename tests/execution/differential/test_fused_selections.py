"""What is fused is what the plan answers, byte for byte, whatever is selected, over data that is odd wherever it may be."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLField, get_named_type, parse, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.schema import build_schema
from tests.execution.differential.documents import Draft
from tests.execution.differential.executors import FUZZ_EXAMPLES
from tests.execution.differential.values import Pick, rarely
from tests.execution.fusing.asking import both
from tests.execution.fusing.conftest import identity, shop  # noqa: F401 - Fixtures.
from tests.execution.fusing.oddities import TEXTS
from tests.shop import Caller, Shop

pytestmark = pytest.mark.anyio

SCHEMA = build_schema()
NOW = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)

ROOTS = (
    "products",
    "products(first: 3, sort: NAME)",
    "products(first: 4, sort: PRICE_ASC)",
    'products(first: 100, filter: {categories: ["all"]})',
    'products(first: 5, filter: {priceMin: "0.01", inStock: true}, sort: PRICE_DESC)',
    'products(filter: {search: "odd"})',
    *(f"product(by: {{slug: {json.dumps(f'{number}-{TEXTS[number]}')}}})" for number in (0, 2, 4)),
    'product(by: {slug: "none"})',
    *(f"productVariant(by: {{sku: {json.dumps(f'{number}/0/{TEXTS[number]}')}}})" for number in (1, 6, 7)),
    'productVariant(by: {barcode: "4006381333931"})',
    'category(slug: "all")',
    'category(slug: "leaf")',
    'collection(slug: "odd")',
    'collection(slug: "empty")',
    'availability(variants: [{sku: "7/0/null"}, {sku: "none"}, {sku: "9/0/{}[],:"}])',
)
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "first": ("2", "0", "1", "100"),
    "after": ("null", '"WzFd"', '"nonsense"'),
    "locations": ('[{code: "berlin"}]', "[]", "null", '[{code: "hamburg"}, {code: "nowhere"}, {code: "berlin"}]'),
    "near": ("{latitude: 53.5, longitude: 10}", "null"),
    "from": ("{latitude: 53.5, longitude: 10}",),
}
"""By name, so that most of them find something."""


class Selections(Draft):
    # The moment at which the database was asked, which is another one for each of the two.
    left_out = frozenset({"asOf"})

    def below(self, root: str) -> str:
        assert SCHEMA.query_type is not None
        field = SCHEMA.query_type.fields[root.partition("(")[0]]
        selections = self._selections(get_named_type(field.type), 0)
        others = f" another: {root} {selections}" if rarely(self._pick, 6) else ""
        fragments = "\n".join(text for _, text in self._fragments.values())
        return f"query {self.variables.text()} {{ {root} {selections}{others} }}\n{fragments}"

    def _arguments(self, field: GraphQLField) -> str:
        given_ = []
        for name, argument in field.args.items():
            if str(argument.type).endswith("!") or self._pick(3) == 1:
                choices = ARGUMENTS[name]
                given_.append(f"{name}: {choices[self._pick(len(choices))]}")
        return f"({', '.join(given_)})" if given_ else ""


Selected = tuple[str, dict[str, Any], str]
"""Document, variables and caller."""

CALLERS = ("a guest", "a guest who is told of one", "in yen", "where buffers are kept back", "staff")


def caller_of(shop: Shop, name: str) -> Caller:  # noqa: F811
    if name == "staff":
        return shop.staff()
    if name == "a guest who is told of one":
        return shop.guest().capped_at(1)
    return shop.guest({"in yen": "web-jp", "where buffers are kept back": "marketplace"}.get(name, "web"))


@st.composite
def selections(draw: st.DrawFn) -> Selected:
    below = cache(lambda sides: st.integers(0, sides - 1))
    pick: Pick = lambda sides: 0 if sides == 1 else draw(below(sides))  # noqa: E731
    draft = Selections(SCHEMA, pick)
    draft.variables.may_be_unacceptable = False
    document = draft.below(ROOTS[pick(len(ROOTS))])
    return document, draft.variables.sent, CALLERS[pick(len(CALLERS))]


async def the_same_bytes(shop: Shop, statements: list[str], selected: Selected) -> None:  # noqa: F811
    document, variables, caller = selected
    # What thousands of examples have asked is long, and would be printed with the one that fails.
    del statements[:]
    assert validate(SCHEMA, parse(document)) == []

    # Some fields tell the moment, which must be the same one for both.
    asking = replace(caller_of(shop, caller), clock=lambda: NOW)
    answers = await both(asking, statements, document, **variables)

    assert answers.fused == answers.plan


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(selected=selections())
async def test_fused_is_the_same_as_plan(
    shop: Shop,  # noqa: F811
    statements: list[str],
    selected: Selected,
) -> None:
    await the_same_bytes(shop, statements, selected)


@pytest.mark.fuzz
@settings(max_examples=FUZZ_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(selected=selections())
async def test_fused_is_the_same_as_plan_many_more_times(
    shop: Shop,  # noqa: F811
    statements: list[str],
    selected: Selected,
) -> None:
    await the_same_bytes(shop, statements, selected)
