"""Pages of orders, newest first."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api.context import Context
from api.execution.fields import Wanted
from api.pagination import Page, connection, foreign_cursor, page
from persistence.orders import orders


async def order_page(
    context: Context,
    filters: Mapping[str, Any],
    first: int | None,
    after: str | None,
    *,
    default: int,
    with_total: bool,
) -> dict[str, Any]:
    """A page of the orders that the filters leave."""
    asked = page(first, after, default=default, keys=2)
    async with context.database.reading() as reader:
        rows = await orders.page(reader, filters, after=_last_seen(asked), count=asked.fetched)
        total = await orders.count(reader, filters) if with_total else None
    shown = [{**row, "is_guest_lookup": False} for row in rows]
    return connection(shown, asked, _key, total)


def _last_seen(asked: Page) -> tuple[datetime, UUID] | None:
    if asked.after is None:
        return None
    try:
        placed_at, id_ = datetime.fromisoformat(asked.after[0]), UUID(hex=asked.after[1])
        if placed_at.tzinfo is None:
            raise foreign_cursor()
        return placed_at.astimezone(UTC), id_
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise foreign_cursor() from None


async def orders_of_each_customer(
    context: Context, wanted: Wanted, customer_ids: Sequence[UUID], first: int | None, after: str | None
) -> list[dict[str, Any]]:
    """One page for each customer, in a constant number of statements."""
    asked = page(first, after, default=20, keys=2)
    async with context.database.reading() as reader:
        rows = await orders.page_of_each_customer(reader, customer_ids, after=_last_seen(asked), count=asked.fetched)
        counts = await orders.count_of_each_customer(reader, customer_ids) if "totalCount" in wanted else {}
    pages: dict[UUID, list[dict[str, Any]]] = {id_: [] for id_ in customer_ids}
    for row in rows:
        pages[row["customer_id"]].append({**row, "is_guest_lookup": False})
    return [connection(pages[id_], asked, _key, counts.get(id_, 0)) for id_ in customer_ids]


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["placed_at"].isoformat(), row["id"].hex
