"""An order as it is placed: all its rows in one statement, with the first step of its timeline and the event that tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CTE, Insert, Table, bindparam, func, insert, literal_column, select

from persistence.database import Connection
from persistence.events.tables import outbox
from persistence.orders.tables import (
    order_delivery_group,
    order_event,
    order_line,
    order_line_component,
    payment,
    sales_order,
)
from persistence.statements import Statement, array_parameter

_Row = Mapping[str, Any]

_PARTS: dict[Table, tuple[str, ...]] = {
    order_delivery_group: ("id", "order_id", "method", "location_id", "address", "option_name", "amount", "tax_amount"),
    order_line: (
        "id",
        "order_id",
        "delivery_group_id",
        "variant_id",
        "sku",
        "name",
        "quantity",
        "unit_amount",
        "line_amount",
        "tax_amount",
    ),
    order_line_component: ("order_line_id", "variant_id", "quantity"),
    payment: ("id", "order_id", "gateway", "status", "amount"),
}
_PLACED = ("actor_role", "actor", "channel_id", "message")
_FIRST_VERSION = 1
_TYPE = "PLACED"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """Rows by the names of their columns; columns of the order that are not given have their defaults."""

    order: _Row
    groups: Sequence[_Row]
    lines: Sequence[_Row]
    # What bundles among the lines are made of as they are sold.
    components: Sequence[_Row]
    payments: Sequence[_Row]
    # Who placed it: actor_role, actor, channel_id, message.
    placed: _Row


async def write(connection: Connection, new: NewOrder) -> None:
    rows = {
        order_delivery_group: new.groups,
        order_line: new.lines,
        order_line_component: new.components,
        payment: new.payments,
    }
    values = {_parameter(sales_order, name): value for name, value in new.order.items()}
    values |= {_parameter(order_event, name): new.placed[name] for name in _PLACED}
    for table, columns in _PARTS.items():
        values |= {_parameter(table, name): [row[name] for row in rows[table]] for name in columns}
    customer_id = new.order["customer_id"]
    told = {"customer": None if customer_id is None else str(customer_id), "type": _TYPE}
    await connection.execute(_writing(tuple(new.order)), told=told, told_of=str(new.order["id"]), **values)
    connection.has_events = True


@cache
def _writing(columns: tuple[str, ...]) -> Statement:
    parts = [_part(table, names) for table, names in _PARTS.items()]
    step = insert(order_event).values(
        order_id=bindparam(_parameter(sales_order, "id"), type_=sales_order.c.id.type),
        version=_FIRST_VERSION,
        type=_TYPE,
        **{name: _bound(order_event, name) for name in _PLACED},
    )
    telling = insert(outbox).values(
        topic="order",
        key=bindparam("told_of", type_=outbox.c.key.type),
        version=_FIRST_VERSION,
        payload=bindparam("told", type_=outbox.c.payload.type),
    )
    order = insert(sales_order).values({name: _bound(sales_order, name) for name in columns})
    return Statement(order.add_cte(*parts, _named(step, order_event), _named(telling, outbox)))


def _part(table: Table, columns: Sequence[str]) -> CTE:
    """All rows at once, so that an order of a hundred lines costs no more than one of one."""
    arrays = [array_parameter(_parameter(table, name), table.c[name].type) for name in columns]
    rows = func.unnest(*arrays).table_valued(*columns).render_derived()
    return _named(insert(table).from_select(list(columns), select(rows)), table)


def _named(insertion: Insert, table: Table) -> CTE:
    # PostgreSQL wants something of whatever stands in a WITH only where it is read; SQLAlchemy always.
    return insertion.returning(literal_column("1")).cte(f"new_{table.name}")


def _parameter(table: Table, column: str) -> str:
    return f"{table.name}_{column}"


def _bound(table: Table, column: str) -> Any:
    return bindparam(_parameter(table, column), type_=table.c[column].type)
