"""Which reads of the shop one execution may answer for many, and who those many are."""

from collections.abc import Hashable

from api.context import Context
from api.execution.sharing import Shareable

SHARED_QUERIES = frozenset(
    {
        "availability",
        "categories",
        "category",
        "channels",
        "collection",
        "collections",
        "location",
        "locations",
        "markets",
        "product",
        "productVariant",
        "products",
    }
)
"""Questions about the shop itself. Whatever looks at who asks (`cart`, `order`, `me`, `viewer`, `node`) is not among them."""


def audience_of(context: Context) -> Hashable | None:
    """Everything of the context that these queries and what lies below them read. Staff and apps share with nobody.

    A shopper's own id, address and cart's token are not in it, so nothing here may ever read them.
    """
    caller = context.caller
    if not caller.is_shopper or caller.permissions:
        return None
    return context.database, context.channel["id"], context.shopper_cap, context.clock


SHAREABLE = Shareable(SHARED_QUERIES, audience_of)
