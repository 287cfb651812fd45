"""Availability as a stream: a snapshot, then the newest state of whatever changes."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
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
from domain.inventory.bundles import Component, Pair
from domain.inventory.stock import AvailableQuantity, StockStatus, shown, status
from persistence.catalog import bundles
from persistence.inventory import offers
from persistence.inventory.offers import Buffers, Offer, OfferKey

Visible = tuple[StockStatus, AvailableQuantity]
Row = dict[str, Any]


async def availability_updates(
    context: StreamContext,
    variants: Sequence[ProductVariantBy],
    locations: Sequence[LocationBy] | None,
    after: Position | None,
) -> AsyncGenerator[AvailabilityChanged, None]:
    """Who may see what, and which variants and components are meant, is decided once, at the start."""
    variant_ids = {row["id"] for row in await find_variants(context, variants) if row is not None}
    async with context.database.reading() as reader:
        made_of = await bundles.components_of(reader, variant_ids)
    feed = _Feed(context, variant_ids, made_of, locations)
    if after is None:
        # Taken before the rows are read, so what changes while they are read and sent is told after them.
        after = context.hub.position
        for entry in await feed.snapshot(after):
            yield entry
    interest = Interest(Subject.VARIANT, frozenset(str(id_) for id_ in feed.stocked))
    async with aclosing(context.hub.follow(interest, after, conflate=True)) as batches:
        async for events in batches:
            for change in await feed.changes(events, after.epoch):
                yield change


class _Feed:
    """Remembers what it told of each level, so that a version never falls and nothing is told twice."""

    def __init__(
        self,
        context: StreamContext,
        variant_ids: set[UUID],
        made_of: Mapping[UUID, Sequence[Component]],
        locations: Sequence[LocationBy] | None,
    ) -> None:
        self._context = context
        self._variant_ids = variant_ids
        self._locations = locations
        self._bundles_with: dict[str, list[UUID]] = {}
        for bundle_id, components in made_of.items():
            for component in components:
                self._bundles_with.setdefault(str(component.variant_id), []).append(bundle_id)
        self._versions: dict[OfferKey, int] = {}
        self._visible: dict[OfferKey, Visible] = {}

    @property
    def stocked(self) -> set[UUID]:
        """Whose levels tell of changes: the variants', and those of the components of bundles."""
        return self._variant_ids | {UUID(id_) for id_ in self._bundles_with}

    @property
    def _buffers(self) -> Buffers:
        return locations_for(self._context, self._locations)

    async def snapshot(self, position: Position) -> list[AvailabilityChanged]:
        async with self._context.database.reading() as reader:
            found = await offers.availability(reader, self._variant_ids, self._buffers)
        rows = availability_rows(found, self._context)
        for row in rows:
            self._is_news(row)
        entries = [_told(row, row["as_of"], UNFINISHED_SNAPSHOT) for row in rows]
        if entries:
            entries[-1].cursor = cursor_at(position)
        return entries

    async def changes(self, events: Sequence[LoggedEvent], epoch: int) -> list[AvailabilityChanged]:
        # What is kept back may be more or less by now, and a location may sell that did not.
        await self._context.move_on()
        buffers = self._buffers
        meant = [event for event in events if event.payload["location"] in buffers]
        if not meant:
            return []
        rows = await self._read(meant)
        told = []
        for event in meant:
            variant_id, location_id = event.payload["variant"], event.payload["location"]
            of_event = (UUID(variant_id), *self._bundles_with.get(variant_id, ()))
            pairs = [(id_, location_id) for id_ in of_event]
            news = [rows[pair] for pair in pairs if pair in rows and self._is_news(rows[pair])]
            # Whoever is cut off between two changes of one event is told of both again.
            for number, row in enumerate(news, start=1):
                pos = event.pos if number == len(news) else event.pos - 1
                told.append(_told(row, event.at, cursor_at(Position(epoch, pos))))
        return told

    async def _read(self, events: Sequence[LoggedEvent]) -> dict[Pair, Row]:
        """The newest state of whatever these events are about, by variant and location."""
        levels = [int(event.key) for event in events if UUID(event.payload["variant"]) in self._variant_ids]
        bundle_ids = {id_ for event in events for id_ in self._bundles_with.get(event.payload["variant"], ())}
        buffers = self._buffers
        # Read once for all streams that want to know the same of these events, the newest of which has come by now.
        key = events[-1].pos, frozenset(levels), frozenset(bundle_ids), frozenset(buffers.items())
        found = await self._context.readings.answer(key, lambda: self._offers(levels, bundle_ids, buffers))
        return {(row["variant_id"], row["location_id"]): row for row in availability_rows(found, self._context)}

    async def _offers(self, levels: Sequence[int], bundle_ids: Collection[UUID], buffers: Buffers) -> list[Offer]:
        found: list[Offer] = []
        async with self._context.database.reading() as reader:
            if levels:
                found += await offers.availability_by_ids(reader, levels, buffers)
            if bundle_ids:
                found += await offers.availability(reader, bundle_ids, buffers)
        return found

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
