"""Pages of carts: those set aside in stores, and those of customers."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import strawberry

from api.access import SCOPED
from api.carts.types import Cart, load_carts
from api.context import Context
from api.execution.fields import Wanted, column
from api.pagination import Page, PageInfo, connection, foreign_cursor, page
from persistence.carts import listing


@strawberry.type(description="A cart and its place in a list.")
class CartEdge:
    cursor: str = column(SCOPED, "To ask for what comes after it.")
    node: Cart = column(SCOPED, "The cart.")


@strawberry.type(description="A page of carts.")
class CartConnection:
    edges: list[CartEdge] = column(SCOPED, "The carts of this page with their cursors.")
    nodes: list[Cart] = column(SCOPED, "The carts of this page.")
    page_info: PageInfo = column(SCOPED, "Where this page lies in the list.")
    total_count: int = column(SCOPED, "How many there are on all pages.")


async def parked_page(
    context: Context, location_ids: Sequence[int], first: int | None, after: str | None, *, with_total: bool
) -> dict[str, Any]:
    """Carts set aside at these locations, the latest first."""
    asked = page(first, after, default=50, keys=2)
    async with context.database.reading() as reader:
        rows = await listing.page_of_parked(reader, location_ids, after=_last_parked(asked), count=asked.fetched)
        total = await listing.count_parked(reader, location_ids) if with_total else None
    found = await load_carts(context, [row["id"] for row in rows])
    return connection(found, asked, lambda cart: (cart.updated_at.isoformat(), cart.id.hex), total)


async def carts_of_each_customer(
    context: Context, wanted: Wanted, customer_ids: Sequence[UUID], first: int | None, after: str | None
) -> list[dict[str, Any]]:
    """One page for each customer, the newest first, in a constant number of statements."""
    asked = page(first, after, default=20, keys=1)
    async with context.database.reading() as reader:
        rows = await listing.page_of_each_customer(reader, customer_ids, after=_last_seen(asked), count=asked.fetched)
        counts = await listing.count_of_each_customer(reader, customer_ids) if "totalCount" in wanted else {}
    found = {cart.id: cart for cart in await load_carts(context, [row["id"] for row in rows])}
    pages: dict[UUID, list[Any]] = {id_: [] for id_ in customer_ids}
    for row in rows:
        pages[row["customer_id"]].append(found[row["id"]])
    return [connection(pages[id_], asked, lambda cart: (cart.id.hex,), counts.get(id_, 0)) for id_ in customer_ids]


def _last_seen(asked: Page) -> UUID | None:
    return None if asked.after is None else _id(asked.after[0])


def _last_parked(asked: Page) -> tuple[datetime, UUID] | None:
    if asked.after is None:
        return None
    try:
        moment = datetime.fromisoformat(asked.after[0])
        if moment.tzinfo is None:
            raise foreign_cursor()
        return moment.astimezone(UTC), _id(asked.after[1])
    except (TypeError, ValueError, OverflowError):
        raise foreign_cursor() from None


def _id(key: Any) -> UUID:
    try:
        return UUID(hex=key)
    except (TypeError, ValueError, AttributeError):
        raise foreign_cursor() from None
