"""Orders as a stream: a snapshot, then every step of their lives."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol
from uuid import UUID

from api.access import refused
from api.events.context import StreamContext
from api.events.cursors import UNFINISHED_SNAPSHOT, cursor_at
from api.events.streams import FORBIDDEN
from api.events.types import OrderChanged
from api.execution.errors import StreamClosed
from api.ids import Kind, key_of
from api.orders.access import guest_order, visible_orders
from api.orders.types import OrderBy
from api.scalars import Cursor
from domain.events import Interest, LoggedEvent, Position, Subject
from persistence.orders import orders

Row = Mapping[str, Any]
_PAGE = 100


async def order_updates(
    context: StreamContext, by: OrderBy | None, after: Position | None
) -> AsyncGenerator[OrderChanged, None]:
    """Raises Refused when the caller may not see the order, or has to sign in first."""
    feed = _Feed(context, await _followed(context, by))
    if after is None:
        # Taken before the rows are read, so what changes while they are read and sent is told after them.
        after = context.hub.position
        async with aclosing(feed.snapshot(after)) as entries:
            async for entry in entries:
                yield entry
    async with aclosing(context.hub.follow(feed.interest, after, conflate=False)) as batches:
        async for events in batches:
            for change in await feed.changes(events, after.epoch):
                yield change


class _Followed(Protocol):
    """Which orders, and how the caller reaches them."""

    interest: Interest

    def pages(self) -> AsyncGenerator[Sequence[Row], None]:
        """All of them as they are now."""

    async def load(self, ids: Collection[UUID]) -> Sequence[Row]:
        """Those of these that the caller may still see."""


async def _followed(context: StreamContext, by: OrderBy | None) -> _Followed:
    if by is not None:
        found = await _find(context, by)
        if found is None:
            raise refused(context.caller, "There is no such order, or it is not yours to see.")
        return _OneOrder(context, by, found["id"])
    if context.caller.customer_id is None:
        raise refused(context.caller, "Name an order, or sign in as a customer to follow your own.")
    return _OrdersOfCustomer(context, context.caller.customer_id)


async def _find(context: StreamContext, by: OrderBy) -> Row | None:
    if by.guest:
        return await guest_order(context, by.guest.number, by.guest.email)
    key = key_of(Kind.Order, by.id or "")
    found = await visible_orders(context, [key] if isinstance(key, UUID) else [])
    return found[0] if found else None


class _OneOrder:
    def __init__(self, context: StreamContext, by: OrderBy, id_: UUID) -> None:
        self.interest = Interest(Subject.ORDER, frozenset({str(id_)}))
        self._context = context
        self._by = by

    async def pages(self) -> AsyncGenerator[Sequence[Row], None]:
        yield await self.load(())

    async def load(self, ids: Collection[UUID]) -> Sequence[Row]:  # noqa: ARG002 - There is only the one.
        found = await _find(self._context, self._by)
        if found is None:
            raise StreamClosed(FORBIDDEN, "The order is no longer yours to see")
        return [found]


class _OrdersOfCustomer:
    def __init__(self, context: StreamContext, customer_id: UUID) -> None:
        self.interest = Interest(Subject.CUSTOMER, frozenset({str(customer_id)}))
        self._context = context
        self._customer_id = customer_id

    async def pages(self) -> AsyncGenerator[Sequence[Row], None]:
        after = None
        while True:
            async with self._context.database.reading() as reader:
                rows = await orders.page(reader, {"of_customer": self._customer_id}, after=after, count=_PAGE)
            if rows:
                yield [{**row, "is_guest_lookup": False} for row in rows]
            if len(rows) < _PAGE:
                return
            after = rows[-1]["placed_at"], rows[-1]["id"]

    async def load(self, ids: Collection[UUID]) -> Sequence[Row]:
        return await visible_orders(self._context, ids)


class _Feed:
    """Remembers what the snapshot told of each order, so that no step is told twice."""

    def __init__(self, context: StreamContext, followed: _Followed) -> None:
        self.interest = followed.interest
        self._context = context
        self._followed = followed
        self._told: dict[UUID, int] = {}

    async def snapshot(self, position: Position) -> AsyncGenerator[OrderChanged, None]:
        last: OrderChanged | None = None
        async with aclosing(self._followed.pages()) as pages:
            async for rows in pages:
                steps = await timelines(self._context, [row["id"] for row in rows])
                for row in rows:
                    if last is not None:
                        yield last
                    self._told[row["id"]] = row["version"]
                    last = change_of(row, steps[row["id"]], row["version"], UNFINISHED_SNAPSHOT)
        if last is not None:
            last.cursor = cursor_at(position)
            yield last

    async def changes(self, events: Sequence[LoggedEvent], epoch: int) -> list[OrderChanged]:
        keyed = [(UUID(event.key), event) for event in events]
        news = [(id_, event) for id_, event in keyed if event.version > self._told.get(id_, 0)]
        if not news:
            return []
        await self._context.move_on()
        rows = {row["id"]: row for row in await self._followed.load({id_ for id_, _ in news})}
        steps = await timelines(self._context, rows.keys())
        return [
            change_of(rows[id_], steps[id_], event.version, cursor_at(Position(epoch, event.pos)))
            for id_, event in news
            if id_ in rows
        ]


async def timelines(context: StreamContext, ids: Collection[UUID]) -> dict[UUID, list[Row]]:
    """What happened to each of these orders, oldest first."""
    async with context.database.reading() as reader:
        steps = await orders.events_of(reader, ids)
    found: dict[UUID, list[Row]] = {id_: [] for id_ in ids}
    for step in steps:
        found[step["order_id"]].append(dict(step))
    return found


def change_of(order: Row, timeline: Sequence[Row], version: int, cursor: Cursor) -> OrderChanged:
    """The step that made this version; each step of a timeline carries the version that it led to."""
    step = next(step for step in reversed(timeline) if step["version"] <= version)
    # The rows are the sources of the fields of order and event.
    return OrderChanged(cursor=cursor, occurred_at=step["at"], order=order, event=step)  # type: ignore[arg-type]
