"""From what a document selects to the columns that are read for it."""

from functools import lru_cache

from strawberry.utils.str_converters import to_camel_case

from api.execution.fields import Wanted
from persistence.catalog.columns import COSTLY_OF_PRODUCTS, COSTLY_OF_VARIANTS

_OF_PRODUCTS = {to_camel_case(name): name for name in COSTLY_OF_PRODUCTS}
_OF_VARIANTS = {to_camel_case(name): name for name in COSTLY_OF_VARIANTS}


@lru_cache(maxsize=1024)
def costly_of_products(wanted: Wanted) -> frozenset[str]:
    return frozenset(_OF_PRODUCTS[name] for name in wanted & _OF_PRODUCTS.keys())


@lru_cache(maxsize=1024)
def costly_of_variants(wanted: Wanted) -> frozenset[str]:
    return frozenset(_OF_VARIANTS[name] for name in wanted & _OF_VARIANTS.keys())
