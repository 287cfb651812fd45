"""Where the stream stands."""

import strawberry

from api.access import PUBLIC
from api.events.context import Info
from api.events.cursors import cursor_at
from api.execution.access import ACCESS
from api.scalars import Cursor


@strawberry.type
class EventsQuery:
    @strawberry.field(
        description="Position of the stream, taken before anything else in this document is read: subscribe after it and "
        "nothing is missed.",
        metadata={ACCESS: PUBLIC},
    )
    def stream_cursor(self, info: Info) -> Cursor:
        return cursor_at(info.context.stream_position)
