"""Availability as a stream: a snapshot, then the newest state of whatever changes."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from datetime import datetime
from typing import Any
from uuid import UUID

from api.catalog.availability import locations_for
from api.catalog.lookup import find_variants
from api.catalog.types import ProductVariantBy, availability_rows
from api.channels.types import LocationBy
from api.events.changes import Change, Memory
from api.events.context import StreamContext
from api.events.cursors import UNFINISHED_SNAPSHOT, cursor_at
from api.events.fan_out import Member
from api.events.mailbox import Mailbox
from api.events.shared_feed import SharedFeed
from api.events.types import AvailabilityChanged
from api.execution.engine import Answer
from api.execution.telling import Live, Outlet
from api.scalars import Cursor
from domain.events import Interest, LoggedEvent, Position, Subject
from domain.inventory.bundles import Component, Pair
from domain.inventory.stock import shown, status
from persistence.catalog import bundles
from persistence.inventory import offers
from persistence.inventory.offers import Buffers, Offer

Row = dict[str, Any]
MadeOf = Mapping[UUID, Sequence[Component]]


async def availability_updates(
    context: StreamContext,
    variants: Sequence[ProductVariantBy],
    locations: Sequence[LocationBy] | None,
    after: Position | None,
) -> AsyncGenerator[AvailabilityChanged | Live[Answer], None]:
    """Who may see what, and which variants and components are meant, is decided once, at the start."""
    variant_ids = frozenset(row["id"] for row in await find_variants(context, variants) if row is not None)
    async with context.database.reading() as reader:
        made_of = await bundles.components_of(reader, variant_ids)
    source = _Source(context, variant_ids, made_of, locations)
    memory = Memory()
    with context.feeds.joined(source.key, context.hub, source.for_all) as feed:
        # Taken before the rows are read, so what changes while they are read and sent is told after them.
        position = context.hub.position
        with feed.box((after or position).pos) as changes:
            async with aclosing(_told_by_itself(context, feed, source, after)) as first:
                async for change in first:
                    if memory.learn(change):
                        yield change.entry
            in_step = _InStep(context, feed, changes, memory)
            while True:
                if not changes.has_news:
                    yield in_step
                news = await changes.take()
                await context.move_on()
                for change in news:
                    if memory.learn(change):
                        yield change.entry


async def _told_by_itself(
    context: StreamContext, feed: SharedFeed, source: "_Source", after: Position | None
) -> AsyncGenerator[Change, None]:
    """Until the stream is where the others are: the snapshot, or what was missed."""
    with feed.told_by_itself():
        if after is None:
            for change in await source.snapshot(context.hub.position):
                yield change
            return
        async with aclosing(context.hub.missed(source.interest, after)) as batches:
            async for events in batches:
                for change in await source.changes(events, after.epoch):
                    yield change


class _InStep(Live[Answer]):
    """A stream that has told all there was, so that it may be handed what the others are."""

    def __init__(self, context: StreamContext, feed: SharedFeed, box: Mailbox[Change], memory: Memory) -> None:
        self._context = context
        self._feed = feed
        self._box = box
        self._memory = memory

    async def follow(
        self, alike: Hashable, tell: Callable[[object], Awaitable[Answer]], outlet: Outlet[Answer]
    ) -> None:
        released = asyncio.get_running_loop().create_future()
        member = Member(self._box, self._memory, self._context.move_on, tell, outlet, released)
        await self._feed.handed(member, alike)


class _Source:
    """What there is to tell, whoever has heard how much of it."""

    def __init__(
        self,
        context: StreamContext,
        variant_ids: frozenset[UUID],
        made_of: MadeOf,
        locations: Sequence[LocationBy] | None,
    ) -> None:
        self._context = context
        self._variant_ids = variant_ids
        self._made_of = made_of
        self._locations = locations
        self._bundles_with: dict[str, list[UUID]] = {}
        for bundle_id, components in made_of.items():
            for component in components:
                self._bundles_with.setdefault(str(component.variant_id), []).append(bundle_id)

    @property
    def key(self) -> Hashable:
        """All that decides what it tells."""
        context, named = self._context, self._locations
        return (
            self._variant_ids,
            frozenset((bundle_id, component) for bundle_id, parts in self._made_of.items() for component in parts),
            None if named is None else frozenset((by.id or "", by.code or "") for by in named),
            (context.channel["id"], context.shopper_cap, context.caller.is_shopper, context.clock),
        )

    def for_all(self) -> "_Source":
        """The same, with a context that lives longer than this stream."""
        context = copy(self._context)
        context.loaders = {}
        return _Source(context, self._variant_ids, self._made_of, self._locations)

    @property
    def interest(self) -> Interest:
        """The levels of the variants, and those of the components of bundles."""
        stocked = {str(id_) for id_ in self._variant_ids} | self._bundles_with.keys()
        return Interest(Subject.VARIANT, frozenset(stocked))

    @property
    def _buffers(self) -> Buffers:
        return locations_for(self._context, self._locations)

    async def snapshot(self, position: Position) -> list[Change]:
        async with self._context.database.reading() as reader:
            found = await offers.availability(reader, self._variant_ids, self._buffers)
        rows = availability_rows(found, self._context)
        changes = [self._change(row, position.pos, row["as_of"], UNFINISHED_SNAPSHOT) for row in rows]
        if changes:
            changes[-1].entry.cursor = cursor_at(position)
        return changes

    async def changes(self, events: Sequence[LoggedEvent], epoch: int) -> list[Change]:
        # What is kept back may be more or less by now, and a location may sell that did not.
        await self._context.move_on()
        buffers = self._buffers
        meant = [event for event in events if event.payload["location"] in buffers]
        if not meant:
            return []
        rows = await self._read(meant, buffers)
        told = []
        for event in meant:
            variant_id, location_id = event.payload["variant"], event.payload["location"]
            of_event = (UUID(variant_id), *self._bundles_with.get(variant_id, ()))
            changed = [rows[pair] for id_ in of_event if (pair := (id_, location_id)) in rows]
            # Whoever is cut off between two changes of one event is told of both again.
            for number, row in enumerate(changed, start=1):
                pos = event.pos if number == len(changed) else event.pos - 1
                told.append(self._change(row, event.pos, event.at, cursor_at(Position(epoch, pos))))
        return told

    async def _read(self, events: Sequence[LoggedEvent], buffers: Buffers) -> dict[Pair, Row]:
        """The newest state of whatever these events are about, by variant and location."""
        levels = [int(event.key) for event in events if UUID(event.payload["variant"]) in self._variant_ids]
        bundle_ids = {id_ for event in events for id_ in self._bundles_with.get(event.payload["variant"], ())}
        found = await self._offers(levels, bundle_ids, buffers)
        return {(row["variant_id"], row["location_id"]): row for row in availability_rows(found, self._context)}

    async def _offers(self, levels: Sequence[int], bundle_ids: Collection[UUID], buffers: Buffers) -> list[Offer]:
        found: list[Offer] = []
        async with self._context.database.reading() as reader:
            if levels:
                found += await offers.availability_by_ids(reader, levels, buffers)
            if bundle_ids:
                found += await offers.availability(reader, bundle_ids, buffers)
        return found

    def _change(self, row: Row, pos: int, occurred_at: datetime, cursor: Cursor) -> Change:
        visible = None
        if self._context.caller.is_shopper:
            visible = status(row["available"], row["backorder_limit"]), shown(row["available"], row["cap"])
        # The row is the source of the availability's own fields.
        entry = AvailabilityChanged(cursor=cursor, occurred_at=occurred_at, availability=row)  # type: ignore[arg-type]
        return Change(pos, row["id"], row["version"], visible, entry)
