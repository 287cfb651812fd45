"""Everything that happens, for partner systems that keep a copy: as a stream and as pages, in one order under one cursor."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.access import refused
from api.events.context import StreamContext
from api.events.cursors import cursor_at
from api.events.hub import Lagged
from api.events.orders import change_of, timelines
from api.events.types import OrderChanged, StockLevelChanged, StreamEventType, StreamLagged
from api.inventory.queries import reads_stock
from api.orders.access import reads_orders, visible_orders
from api.scalars import Cursor
from domain.events import Interest, LoggedEvent, Position, Subject
from persistence.events import log
from persistence.inventory import stock_levels

Told = StockLevelChanged | OrderChanged

# How many events are looked up together.
_AT_ONCE = 200
# How many positions one page looks at, so that none takes long where few of them are of interest.
_POSITIONS_OF_A_PAGE = 20_000


async def event_updates(
    context: StreamContext, types: Sequence[StreamEventType] | None, after: Position | None
) -> AsyncGenerator[Told, None]:
    """Without a position from now on. Raises Refused when the caller may not read what it asks for."""
    interest = _interest(context, types)
    after = after or context.hub.position
    async with aclosing(context.hub.follow(interest, after, conflate=False)) as batches:
        async for events in batches:
            for begin in range(0, len(events), _AT_ONCE):
                for told in await _told(context, events[begin : begin + _AT_ONCE], after.epoch):
                    yield told


@dataclass(frozen=True, slots=True)
class Page:
    """The source of an EventPage."""

    events: Sequence[Told | StreamLagged]
    end_cursor: Cursor
    has_more: bool


async def event_page(
    context: StreamContext, types: Sequence[StreamEventType] | None, after: Position | None, first: int
) -> Page:
    """Without a position from the oldest event kept. Raises Refused when the caller may not read what it asks for."""
    interest = _interest(context, types)
    try:
        events, end, has_more = await _logged(context, interest, after, first)
    except Lagged as lagged:
        resume_from = cursor_at(lagged.resume_from)
        return Page([StreamLagged(resume_from=resume_from)], resume_from, has_more=False)
    return Page(await _told(context, events, end.epoch), cursor_at(end), has_more)


async def _logged(
    context: StreamContext, interest: Interest, after: Position | None, first: int
) -> tuple[list[LoggedEvent], Position, bool]:
    async with context.database.reading() as reader:
        state = await log.state(reader)
        newest = state.position
        after = after or Position(newest.epoch, state.oldest - 1)
        upto = min(after.pos + _POSITIONS_OF_A_PAGE, newest.pos)
        events = await log.events_for(reader, interest, after=after.pos, upto=upto, most=first + 1)
        # Asked afterwards, so that a partition dropped in between is noticed.
        if not (await log.state(reader)).reaches(after):
            raise Lagged(newest)
    shown = events[:first]
    if len(events) > first:
        upto = shown[-1].pos if shown else after.pos
    return shown, Position(newest.epoch, upto), upto < newest.pos


def _interest(context: StreamContext, types: Sequence[StreamEventType] | None) -> Interest:
    """What was asked for, as far as the caller may read it; all that it may where nothing is named."""
    readable = {
        StreamEventType.STOCK_LEVEL_CHANGED: (reads_stock(context), "READ_STOCK or MANAGE_STOCK"),
        StreamEventType.ORDER_CHANGED: (reads_orders(context), "READ_ORDERS or MANAGE_ORDERS"),
    }
    unreadable = [
        permission for type_, (may_read, permission) in readable.items() if not may_read and type_ in (types or ())
    ]
    asked = [type_ for type_, (may_read, _) in readable.items() if may_read and (types is None or type_ in types)]
    if unreadable:
        raise refused(context.caller, f"These events need the permission {' and '.join(unreadable)} too.")
    if types is None and not asked:
        raise refused(context.caller, "Events need a permission to read stock or orders too.")
    return Interest(Subject.TOPIC, frozenset(type_.value for type_ in asked))


async def _told(context: StreamContext, events: Sequence[LoggedEvent], epoch: int) -> list[Told]:
    """One for each event, in order; those of orders that the caller may not see are left out."""
    await context.move_on()
    of_stock = {int(event.key) for event in events if event.topic == StreamEventType.STOCK_LEVEL_CHANGED.value}
    of_orders = {UUID(event.key) for event in events if event.topic == StreamEventType.ORDER_CHANGED.value}
    levels = await _levels(context, of_stock)
    orders = {row["id"]: row for row in await visible_orders(context, of_orders)}
    steps = await timelines(context, orders.keys()) if orders else {}
    told: list[Told] = []
    for event in events:
        cursor = cursor_at(Position(epoch, event.pos))
        if event.topic == StreamEventType.ORDER_CHANGED.value:
            id_ = UUID(event.key)
            if id_ in orders:
                told.append(change_of(orders[id_], steps[id_], event.version, cursor))
        else:
            level = levels[int(event.key)]
            told.append(
                StockLevelChanged(cursor=cursor, occurred_at=event.at, version=event.version, stock_level=level)
            )
    return told


async def _levels(context: StreamContext, ids: Collection[int]) -> dict[int, Any]:
    if not ids:
        return {}
    async with context.database.reading() as reader:
        return {row["id"]: row for row in await stock_levels.by_ids(reader, ids)}
