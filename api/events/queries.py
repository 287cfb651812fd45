"""Where the stream stands, and what has happened."""

import strawberry

from api.access import PUBLIC, Needs
from api.events.context import Info
from api.events.cursors import cursor_at, position_of
from api.events.journal import event_page
from api.events.types import EventPage, Types
from api.execution.access import ACCESS
from api.pagination import page
from api.scalars import Cursor
from domain.access import Permission


@strawberry.type
class EventsQuery:
    @strawberry.field(
        description="Position of the stream, taken before anything else in this document is read: subscribe after it and "
        "nothing is missed.",
        metadata={ACCESS: PUBLIC},
    )
    def stream_cursor(self, info: Info) -> Cursor:
        return cursor_at(info.context.stream_position)

    @strawberry.field(
        description="The same stream as the subscription `events`, for those who would rather pull: same order, same cursors. "
        "Without `after`: from the oldest event kept. StreamLagged where events after the cursor are missing: then read "
        "afresh and go on from `endCursor`. `first` is at most 100. Needs READ_EVENTS.",
        metadata={ACCESS: Needs(Permission.READ_EVENTS)},
    )
    async def events(
        self,
        info: Info,
        after: Cursor | None = None,
        first: int | None = 100,
        types: Types = None,
    ) -> EventPage | None:
        asked = page(first, None, default=100, keys=1)
        return await event_page(info.context, types, position_of(after), asked.first)
