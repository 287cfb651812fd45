"""What resolvers of the stream need beyond the rest."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import strawberry

from api.context import Context
from api.events.hub import Hub
from domain.events import Position


@dataclass(slots=True, kw_only=True)
class StreamContext(Context):
    """`stream_position` is the hub's when the operation begins, before anything of its document is read."""

    hub: Hub
    stream_position: Position
    # Asked before each delivery, so it must be cheap: whether the caller's token is still good.
    still_allowed: Callable[[], Awaitable[bool]]


Info = strawberry.Info[StreamContext, None]
