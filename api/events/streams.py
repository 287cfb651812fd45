"""What all streams share: when they end, and how."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from api.events.context import StreamContext
from api.events.cursors import cursor_at
from api.events.hub import Lagged
from api.events.types import StreamLagged
from api.execution.errors import StreamClosed
from domain.events import Interest, LoggedEvent, Position
from persistence.events.listening import CONNECTION_LOST

T = TypeVar("T")

FORBIDDEN = 4403
TRY_AGAIN_LATER = 1013


async def allowed_events(
    context: StreamContext, interest: Interest, after: Position, *, conflate: bool
) -> AsyncGenerator[list[LoggedEvent], None]:
    """Follows the hub. Raises StreamClosed once the session or the app that opened the stream was revoked."""
    async with aclosing(context.hub.follow(interest, after, conflate=conflate)) as batches:
        async for events in batches:
            if not await context.still_allowed():
                raise StreamClosed(FORBIDDEN, "Access was revoked")
            yield events


async def told_how_it_ends(updates: AsyncGenerator[T, None]) -> AsyncGenerator[T | StreamLagged, None]:
    """A stream that lagged says so last; one that lost its database closes with a code that clients retry."""
    try:
        async with aclosing(updates):
            async for update in updates:
                yield update
    except Lagged as lagged:
        yield StreamLagged(resume_from=cursor_at(lagged.resume_from))
    except CONNECTION_LOST as error:
        raise StreamClosed(TRY_AGAIN_LATER, "The database is away, resume after your last cursor") from error
