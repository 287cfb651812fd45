"""Changes of availability, worked out once for all streams that follow the same variants in the same way.

Each stream keeps what it has told, so it may be told more than it has not heard: what it knows already, it leaves out.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol

from api.events.changes import Change
from api.events.fan_out import Boxes, Member, Pump
from api.events.hub import Hub
from api.events.mailbox import Mailbox, StateMailbox
from domain.events import Interest, LoggedEvent


class Source(Protocol):
    @property
    def interest(self) -> Interest: ...

    async def changes(self, events: Sequence[LoggedEvent], epoch: int) -> list[Change]:
        """For each of these events, with the newest state of what it is about."""


class SharedFeed:
    """Lives as long as a stream is in it."""

    def __init__(self, hub: Hub, source: Source) -> None:
        self.streams = 0
        self._source = source
        self._boxes = Boxes()
        self._pumps: dict[Hashable, Pump] = {}
        self._visible: dict[Hashable, Hashable] = {}
        self._generation = 0
        self._busy_streams = 0
        self._stack = ExitStack()
        # From this moment on, not only when the task begins.
        self._events = self._stack.enter_context(hub.newest(source.interest))
        self._task = asyncio.create_task(self._run(hub.position.epoch))

    @property
    def is_over(self) -> bool:
        return self._task.done()

    @contextmanager
    def box(self, after: int) -> Iterator[Mailbox[Change]]:
        box = StateMailbox[Change](after)
        self._boxes.add(box)
        try:
            yield box
        finally:
            self._boxes.discard(box)

    async def handed(self, member: Member, alike: Hashable) -> None:
        """As to all who are alike. Returns at once if something waits for the member, else as soon as something does."""
        async with self._boxes.at_rest:
            if member.box.has_news:
                return
            pump = self._pumps.get(alike)
            if pump is None:
                pump = self._pumps[alike] = Pump(self._boxes, lambda ended: self._forget(alike, ended))
            pump.join(member)
        try:
            await member.released
        finally:
            pump.leave(member)

    def _forget(self, alike: Hashable, ended: Pump) -> None:
        if self._pumps.get(alike) is ended:
            del self._pumps[alike]

    @contextmanager
    def told_by_itself(self) -> Iterator[None]:
        """While a stream tells what it has read by itself, and for what was read before it ended, nobody knows what it shows."""
        self._busy_streams += 1
        try:
            yield
        finally:
            self._busy_streams -= 1
            self._generation += 1
            self._visible.clear()

    def close(self) -> None:
        self._task.cancel()
        self._stack.close()

    async def _run(self, epoch: int) -> None:
        try:
            while True:
                await self._offer(await self._events.take(), epoch)
        except Exception as error:  # noqa: BLE001 - It belongs to the streams, each of which ends by it.
            self._boxes.close(error)

    async def _offer(self, events: Sequence[LoggedEvent], epoch: int) -> None:
        generation = self._generation
        for change in await self._source.changes(events, epoch):
            if self._is_known(change, generation):
                continue
            await self._boxes.offer(change)

    def _is_known(self, change: Change, generation: int) -> bool:
        """Whether every stream shows that already, so that none needs to wake for it."""
        if change.visible is None or self._busy_streams or generation != self._generation:
            return False
        was_visible, self._visible[change.key] = self._visible.get(change.key), change.visible
        return was_visible == change.visible


class SharedFeeds:
    """Those of this process, by everything that decides what they tell."""

    def __init__(self) -> None:
        self._feeds: dict[Hashable, SharedFeed] = {}

    def __len__(self) -> int:
        return len(self._feeds)

    @contextmanager
    def joined(self, key: Hashable, hub: Hub, source: Callable[[], Source]) -> Iterator[SharedFeed]:
        feed = self._feeds.get(key)
        if feed is None or feed.is_over:
            feed = self._feeds[key] = SharedFeed(hub, source())
        feed.streams += 1
        try:
            yield feed
        finally:
            feed.streams -= 1
            if not feed.streams:
                feed.close()
                if self._feeds.get(key) is feed:
                    del self._feeds[key]
