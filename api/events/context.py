"""What resolvers of the stream need beyond the rest."""

from dataclasses import dataclass

import strawberry

from api.context import Context
from api.directory import DirectoryCache
from api.events.allowance import Allowance
from api.events.hub import Hub
from api.events.shared_feed import SharedFeeds
from domain.events import Position


@dataclass(slots=True, kw_only=True)
class StreamContext(Context):
    """`stream_position` is the hub's when the operation begins, before anything of its document is read."""

    hub: Hub
    stream_position: Position
    directories: DirectoryCache
    allowance: Allowance
    feeds: SharedFeeds
    # The last that a client received before it was cut off, as it says with a request that begins its stream again.
    last_event_id: str | None = None

    async def move_on(self) -> None:
        """What is told next is told as of now: a stream may last for days, and places come and change meanwhile."""
        self.now = self.clock()
        self.directory = await self.directories.current()


Info = strawberry.Info[StreamContext, None]
