"""Availability as a stream: a snapshot, then the newest state of whatever changes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any
from uuid import UUID

from api.catalog.availability import locations_for
from api.catalog.lookup import find_variants
from api.catalog.types import ProductVariantBy, availability_rows
from api.channels.types import LocationBy
from api.events.context import StreamContext
from api.events.cursors import UNFINISHED_SNAPSHOT, cursor_at
from api.events.types import AvailabilityChanged
from api.scalars import Cursor
from domain.events import Interest, LoggedEvent, Position, Subject
from domain.inventory.stock import AvailableQuantity, StockStatus, shown, status
from persistence.inventory import stock_levels
from persistence.inventory.stock_levels import Buffers

Visible = tuple[StockStatus, AvailableQuantity]
Row = dict[str, Any]


async def availability_updates(
    context: StreamContext,
    variants: Sequence[ProductVariantBy],
    locations: Sequence[LocationBy] | None,
    after: Position | None,
) -> AsyncGenerator[AvailabilityChanged, None]:
    """Who may see what, and which variants and locations are meant, is decided once, at the start."""
    variant_ids = {row["id"] for row in await find_variants(context, variants) if row is not None}
    feed = _Feed(context, variant_ids, locations_for(context, locations))
    if after is None:
        # Taken before the rows are read, so what changes while they are read and sent is told after them.
        after = context.hub.position
        for entry in await feed.snapshot(after):
            yield entry
    interest = Interest(Subject.VARIANT, frozenset(str(id_) for id_ in variant_ids))
    async with aclosing(context.hub.follow(interest, after, conflate=True)) as batches:
        async for events in batches:
            for change in await feed.changes(events, after.epoch):
                yield change


class _Feed:
    """Remembers what it told of each level, so that a version never falls and nothing is told twice."""

    def __init__(self, context: StreamContext, variant_ids: set[UUID], buffers: Buffers) -> None:
        self._context = context
        self._variant_ids = variant_ids
        self._buffers = buffers
        self._versions: dict[int, int] = {}
        self._visible: dict[int, Visible] = {}

    async def snapshot(self, position: Position) -> list[AvailabilityChanged]:
        async with self._context.database.reading() as reader:
            found = await stock_levels.availability(reader, self._variant_ids, self._buffers)
        rows = availability_rows(found, self._context)
        for row in rows:
            self._is_news(row)
        entries = [_told(row, row["as_of"], UNFINISHED_SNAPSHOT) for row in rows]
        if entries:
            entries[-1].cursor = cursor_at(position)
        return entries

    async def changes(self, events: Sequence[LoggedEvent], epoch: int) -> list[AvailabilityChanged]:
        meant = {int(event.key): event for event in events if event.payload["location"] in self._buffers}
        if not meant:
            return []
        await self._context.move_on()
        async with self._context.database.reading() as reader:
            found = await stock_levels.availability_by_ids(reader, meant.keys(), self._buffers)
        rows = {row["id"]: row for row in availability_rows(found, self._context)}
        return [
            _told(rows[id_], event.at, cursor_at(Position(epoch, event.pos)))
            for id_, event in meant.items()
            if self._is_news(rows[id_])
        ]

    def _is_news(self, row: Row) -> bool:
        """Shoppers are told when what they may see has changed, others whenever the level has."""
        id_, version = row["id"], row["version"]
        if self._versions.get(id_, -1) >= version:
            return False
        self._versions[id_] = version
        if not self._context.caller.is_shopper:
            return True
        visible = status(row["available"], row["backorder_limit"]), shown(row["available"], row["cap"])
        was_visible, self._visible[id_] = self._visible.get(id_), visible
        return visible != was_visible


def _told(row: Row, occurred_at: datetime, cursor: Cursor) -> AvailabilityChanged:
    # The row is the source of the availability's own fields.
    return AvailabilityChanged(cursor=cursor, occurred_at=occurred_at, availability=row)  # type: ignore[arg-type]
