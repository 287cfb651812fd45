"""Orders: read a page at a time, and the steps of their timelines."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Uuid, bindparam, column, exists, func, insert, select, true, tuple_
from sqlalchemy.types import DateTime

from persistence.database import Connection, Reader, Row
from persistence.orders.tables import (
    order_delivery_group,
    order_event,
    order_line,
    payment,
    sales_order,
)
from persistence.statements import Statement, among, array_parameter

_EVENT_COLUMNS = ("order_id", "version", "type", "actor_role", "actor", "channel_id", "message")
_INSERT_EVENT = Statement(
    insert(order_event).values({name: bindparam(name, type_=order_event.c[name].type) for name in _EVENT_COLUMNS})
)


async def insert_event(connection: Connection, **values: Any) -> None:
    """One step of the timeline; its version is the order's."""
    await connection.execute(_INSERT_EVENT, **values)


_BY_ID = Statement(select(sales_order).where(among(sales_order.c.id, "ids")))
_BY_NUMBER = Statement(select(sales_order).where(sales_order.c.number == bindparam("number")))


async def by_ids(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    """In no particular order; whether the caller may see them is decided elsewhere."""
    return await reader.fetch(_BY_ID, ids=list(ids))


async def within(reader: Reader, ids: Collection[UUID], filters: Mapping[str, Any]) -> list[Row]:
    """Those of these orders that the filters leave."""
    return await reader.fetch(_within(frozenset(filters)), ids=list(ids), **filters)


async def by_number(reader: Reader, number: str) -> Row | None:
    return await reader.fetch_one(_BY_NUMBER, number=number)


def _conditions() -> dict[str, ColumnElement[bool]]:
    """What a list of orders can be narrowed to; each name is a parameter."""
    handed_over_at = exists().where(
        order_delivery_group.c.order_id == sales_order.c.id,
        order_delivery_group.c.location_id == bindparam("location_id"),
    )
    return {
        "of_customer": sales_order.c.customer_id == bindparam("of_customer"),
        "status": sales_order.c.status == bindparam("status"),
        "fulfillment_status": sales_order.c.fulfillment_status == bindparam("fulfillment_status"),
        "channel_id": sales_order.c.channel_id == bindparam("channel_id"),
        # Sold there, or to be collected there.
        "location_id": (sales_order.c.location_id == bindparam("location_id")) | handed_over_at,
        "scope_location_id": (sales_order.c.location_id == bindparam("scope_location_id"))
        | exists().where(
            order_delivery_group.c.order_id == sales_order.c.id,
            order_delivery_group.c.location_id == bindparam("scope_location_id"),
        ),
        "scope_channel_id": sales_order.c.channel_id == bindparam("scope_channel_id"),
        "placed_after": sales_order.c.placed_at >= bindparam("placed_after"),
        "placed_before": sales_order.c.placed_at < bindparam("placed_before"),
        "search": (sales_order.c.number == func.upper(bindparam("search", type_=sales_order.c.number.type)))
        | (sales_order.c.email == func.lower(bindparam("search", type_=sales_order.c.number.type))),
    }


@cache
def _within(names: frozenset[str]) -> Statement:
    conditions = [condition for name, condition in _conditions().items() if name in names]
    return Statement(select(sales_order).where(among(sales_order.c.id, "ids"), *conditions))


_NEWEST_FIRST = (sales_order.c.placed_at.desc(), sales_order.c.id.desc())
_IS_OLDER = tuple_(sales_order.c.placed_at, sales_order.c.id) < tuple_(
    bindparam("after_placed_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid)
)


@cache
def _page(names: frozenset[str], *, counted: bool, after: bool) -> Statement:
    conditions = [condition for name, condition in _conditions().items() if name in names]
    if counted:
        return Statement(select(func.count()).select_from(sales_order).where(*conditions))
    query = select(sales_order).where(*conditions)
    if after:
        query = query.where(_IS_OLDER)
    return Statement(query.order_by(*_NEWEST_FIRST).limit(bindparam("count")))


async def page(
    reader: Reader, filters: Mapping[str, Any], *, after: tuple[datetime, UUID] | None, count: int
) -> list[Row]:
    """The newest first. `filters` are named as in `_conditions`."""
    values = {} if after is None else {"after_placed_at": after[0], "after_id": after[1]}
    statement = _page(frozenset(filters), counted=False, after=after is not None)
    return await reader.fetch(statement, count=count, **values, **filters)


async def count(reader: Reader, filters: Mapping[str, Any]) -> int:
    counted: int = await reader.fetch_value(_page(frozenset(filters), counted=True, after=False), **filters)
    return counted


@cache
def _page_of_each_customer(*, after: bool) -> Statement:
    asked = func.unnest(array_parameter("customer_ids", Uuid())).table_valued(column("id", Uuid))
    customers = asked.render_derived(name="asked")
    rows = select(sales_order).where(sales_order.c.customer_id == customers.c.id)
    if after:
        rows = rows.where(_IS_OLDER)
    each = rows.order_by(*_NEWEST_FIRST).limit(bindparam("count")).lateral("each")
    return Statement(select(each).select_from(customers.join(each, true())))


async def page_of_each_customer(
    reader: Reader, customer_ids: Collection[UUID], *, after: tuple[datetime, UUID] | None, count: int
) -> list[Row]:
    """The newest orders of each customer."""
    values = {} if after is None else {"after_placed_at": after[0], "after_id": after[1]}
    statement = _page_of_each_customer(after=after is not None)
    return await reader.fetch(statement, customer_ids=list(set(customer_ids)), count=count, **values)


_COUNT_OF_EACH_CUSTOMER = Statement(
    select(sales_order.c.customer_id, func.count().label("count"))
    .where(among(sales_order.c.customer_id, "customer_ids"))
    .group_by(sales_order.c.customer_id)
)


async def count_of_each_customer(reader: Reader, customer_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = await reader.fetch(_COUNT_OF_EACH_CUSTOMER, customer_ids=list(customer_ids))
    return {row["customer_id"]: row["count"] for row in rows}


@cache
def _of_orders(table: Table) -> Statement:
    keys = [table.c.version] if table is order_event else [table.c.id]
    return Statement(select(table).where(among(table.c.order_id, "order_ids")).order_by(*keys))


async def lines_of(reader: Reader, order_ids: Collection[UUID]) -> list[Row]:
    return await reader.fetch(_of_orders(order_line), order_ids=list(order_ids))


async def groups_of(reader: Reader, order_ids: Collection[UUID]) -> list[Row]:
    return await reader.fetch(_of_orders(order_delivery_group), order_ids=list(order_ids))


async def payments_of(reader: Reader, order_ids: Collection[UUID]) -> list[Row]:
    return await reader.fetch(_of_orders(payment), order_ids=list(order_ids))


async def events_of(reader: Reader, order_ids: Collection[UUID]) -> list[Row]:
    """Each order's timeline, oldest first."""
    return await reader.fetch(_of_orders(order_event), order_ids=list(order_ids))


_LINES_BY_ID = Statement(select(order_line).where(among(order_line.c.id, "ids")))
_PAYMENTS_BY_ID = Statement(select(payment).where(among(payment.c.id, "ids")))


async def lines_by_ids(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    return await reader.fetch(_LINES_BY_ID, ids=list(ids))


async def payments_by_ids(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    return await reader.fetch(_PAYMENTS_BY_ID, ids=list(ids))
