"""Who may be told an event in the same words, so that it is executed and encoded once for all of them."""

from collections.abc import Hashable

from api.context import Context
from api.execution.telling import Audience

IMPERSONAL = frozenset({"availabilityChanged"})
"""What these tell, and what lies below them, is the same for all shoppers of a channel."""


def audience_of(context: Context, is_public: bool, root_fields: frozenset[str]) -> Hashable:  # noqa: FBT001
    """All of a context that decides what a stream tells. Everything else is shared among the streams of one caller only."""
    place = context.database, context.channel["id"], context.shopper_cap, context.clock
    if is_public and root_fields <= IMPERSONAL and context.caller.is_shopper:
        return place
    return *place, context.caller


AUDIENCE = Audience(audience_of)
