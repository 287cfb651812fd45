"""What all streams share: who may have one more, and how they end."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from api.events.context import StreamContext
from api.events.cursors import cursor_at
from api.events.hub import TRY_AGAIN_LATER, Lagged
from api.events.types import StreamLagged
from api.execution.errors import StreamClosed
from persistence.events.listening import CONNECTION_LOST

T = TypeVar("T")

FORBIDDEN = 4403


async def streamed(context: StreamContext, updates: AsyncGenerator[T, None]) -> AsyncGenerator[T | StreamLagged, None]:
    """A stream that lagged says so last; one that lost its database closes with a code that clients retry.

    Raises LIMIT_EXCEEDED when the caller holds too many.
    """
    try:
        with context.allowance.one_more(context.caller, context.client_address):
            async with aclosing(updates):
                async for update in updates:
                    yield update
    except Lagged as lagged:
        yield StreamLagged(resume_from=cursor_at(lagged.resume_from))
    except CONNECTION_LOST as error:
        raise StreamClosed(TRY_AGAIN_LATER, "The database is away, resume after your last cursor") from error
