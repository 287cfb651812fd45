"""Every combination of filters, order and facets, against plain Python over the same catalog."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journeys import search_oracle as oracle
from tests.shop import Shop

pytestmark = pytest.mark.anyio

CATALOG = oracle.random_catalog(seed=20_261_123)
SEARCH = """
query ($first: Int, $after: String, $filter: ProductFilter, $sort: ProductSort) {
  products(first: $first, after: $after, filter: $filter, sort: $sort) {
    nodes { slug } totalCount facets { name values { value count } } pageInfo { hasNextPage endCursor }
  }
}
"""


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from((*values, "unheard of")), max_size=2, unique=True)


def typed() -> st.SearchStrategy[str]:
    words = st.sampled_from((*oracle.WORDS, "nordlys", "ocean", "Quarry", "GIFT", "oak", "kitchen", "red", "SK007-1"))
    cut = st.tuples(words, st.integers(2, 9)).map(lambda pair: pair[0][: pair[1]].rstrip("-"))
    return st.builds(lambda whole, last: " ".join([*whole, last]), st.lists(words, max_size=1), st.one_of(words, cut))


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "search": typed(),
        "categories": some(tuple(oracle.PARENTS)),
        "collections": some(oracle.COLLECTIONS),
        "brands": some(oracle.BRANDS),
        "tags": some(oracle.TAGS),
        "attributes": st.lists(
            st.one_of(
                st.fixed_dictionaries({"name": st.just("Material"), "values": some(oracle.MATERIALS)}),
                st.fixed_dictionaries({"name": st.just("Color"), "values": some(oracle.COLORS)}),
            ).filter(lambda one: bool(one["values"])),
            max_size=3,
        ),
        "availableAt": st.lists(st.sampled_from(oracle.LOCATIONS), max_size=2).map(
            lambda codes: [{"code": code} for code in codes]
        ),
        "inStock": st.booleans(),
        "priceMin": st.sampled_from(["0", "5.01", "10", "15.00", "30"]),
        "priceMax": st.sampled_from(["5.00", "9.99", "15", "100"]),
    },
)
SORTS = st.sampled_from(["NEWEST", "NAME", "PRICE_ASC", "PRICE_DESC"])


@pytest.fixture
async def stocked_shop(shop: Shop) -> Shop:
    await oracle.write(shop, CATALOG)
    return shop


async def everything(shop: Shop, first: int, **asked: Any) -> dict[str, Any]:
    """All pages of a list put together."""
    guest, after, slugs = shop.guest(), None, []
    while True:
        page = (await guest.ask(SEARCH, first=first, after=after, **asked))["products"]
        slugs += [node["slug"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return {**page, "slugs": slugs}
        after = page["pageInfo"]["endCursor"]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(filter_=FILTERS, sort=SORTS, first=st.integers(1, 12))
async def test_a_list_is_what_plain_python_makes_of_the_catalog(
    stocked_shop: Shop, filter_: Mapping[str, Any], sort: str, first: int
) -> None:
    expected = oracle.in_order(oracle.narrowed(CATALOG, filter_), sort)

    found = await everything(stocked_shop, first, filter=filter_, sort=sort)

    assert found["slugs"] == [product.slug for product in expected]
    assert found["totalCount"] == len(expected)
    assert {facet["name"]: facet["values"] for facet in found["facets"]} == oracle.facets(CATALOG, filter_)
