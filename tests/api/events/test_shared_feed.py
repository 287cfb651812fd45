"""What a feed that many streams share may keep from them, and what never."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from api.events.changes import Change
from api.events.mailbox import Mailbox
from api.events.shared_feed import SharedFeed, SharedFeeds
from api.events.worker import EventWorker
from domain.events import Event, Interest, LoggedEvent, Subject, Topic
from persistence.database import Database
from tests.streams import SKIRT, report

pytestmark = pytest.mark.anyio


class Shelf:
    """A source whose events say themselves what a shopper sees; it reads as long as its gate is shut."""

    interest = Interest(Subject.VARIANT, frozenset({SKIRT}))

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_reading = asyncio.Event()

    async def changes(self, events: Sequence[LoggedEvent], epoch: int) -> list[Change]:  # noqa: ARG002 - As the feed asks.
        self.is_reading.set()
        await self.gate.wait()
        entry = cast("Any", datetime(2026, 1, 1, tzinfo=UTC))
        return [Change(event.pos, event.key, event.version, event.payload["visible"], entry) for event in events]


class Followed:
    """A feed, one stream in it, and the reporting of what it tells."""

    def __init__(self, database: Database, worker: EventWorker) -> None:
        self.shelf = Shelf()
        self._database = database
        self.feed = SharedFeed(worker.hub, self.shelf)
        self._versions = 0

    async def report(self, visible: str | None, key: str = "1") -> None:
        self._versions += 1
        payload = {"variant": SKIRT, "location": 1, "visible": visible}
        await report(self._database, Event(Topic.STOCK, key, self._versions, payload))

    async def told(self, box: Mailbox[Change], *visible: str | None) -> list[Any]:
        """Of what is reported one after the other; each is followed by something that is always told."""
        told: list[Any] = []
        for one in visible:
            await self.report(one)
            await self.report(None, key="always")
            while True:
                async with asyncio.timeout(10):
                    changes = await box.take()
                told += [change.visible for change in changes if change.key == "1"]
                if changes[-1].key == "always":
                    break
        return told


@pytest.fixture
async def followed(database: Database, worker: EventWorker) -> AsyncIterator[Followed]:
    followed = Followed(database, worker)
    yield followed
    followed.feed.close()


async def test_what_every_stream_shows_already_wakes_none(followed: Followed) -> None:
    with followed.feed.box(0) as box:
        told = await followed.told(box, "10+", "10+", "2", "2", "10+")

    assert told == ["10+", "2", "10+"]


async def test_who_may_see_everything_is_told_of_every_change(followed: Followed) -> None:
    with followed.feed.box(0) as box:
        told = await followed.told(box, None, None, None)

    assert told == [None, None, None]


async def test_nothing_is_kept_from_anybody_while_one_tells_by_itself(followed: Followed) -> None:
    with followed.feed.box(0) as box:
        before = await followed.told(box, "10+")
        with followed.feed.told_by_itself():
            meanwhile = await followed.told(box, "10+", "10+")
        # What it has told by itself may be something else.
        afterwards = await followed.told(box, "10+", "10+")

    assert (before, meanwhile, afterwards) == (["10+"], ["10+", "10+"], ["10+"])


async def test_what_was_being_read_when_it_ended_proves_nothing_of_what_it_shows(followed: Followed) -> None:
    shelf = followed.shelf
    with followed.feed.box(0) as box:
        shelf.gate.clear()
        with followed.feed.told_by_itself():
            await followed.report("10+")
            await asyncio.wait_for(shelf.is_reading.wait(), 10)
        shelf.gate.set()
        async with asyncio.timeout(10):
            first = [change.visible for change in await box.take()]
        second = await followed.told(box, "10+")

    assert (first, second) == (["10+"], ["10+"])


async def test_a_feed_that_breaks_ends_all_its_streams_and_the_next_one_begins_anew(
    followed: Followed, worker: EventWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> list[Change]:
        raise ZeroDivisionError

    feeds = SharedFeeds()
    with feeds.joined("key", worker.hub, Shelf) as feed, feed.box(0) as first, feed.box(0) as second:
        monkeypatch.setattr(feed._source, "changes", broken)
        await followed.report("10+")
        for box in (first, second):
            with pytest.raises(ZeroDivisionError):
                await asyncio.wait_for(box.take(), 10)
        with feeds.joined("key", worker.hub, Shelf) as another:
            assert another is not feed

    assert len(feeds) == 0


async def test_streams_of_the_same_share_and_the_last_one_closes(worker: EventWorker, followed: Followed) -> None:
    feeds = SharedFeeds()
    with feeds.joined("key", worker.hub, Shelf) as first:
        with feeds.joined("key", worker.hub, Shelf) as second, feeds.joined("other", worker.hub, Shelf) as other:
            assert second is first
            assert other is not first
            assert worker.hub.followers == 3
        assert len(feeds) == 1

    assert len(feeds) == 0
    assert worker.hub.followers == 1
