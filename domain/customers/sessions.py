"""What a refresh token is worth: each is good once, and a second use says that it was stolen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

ACCESS_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=10)
"""How long a client that never got its answer may present the same token again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """One sign-in, with all refresh tokens that descend from it."""

    expires_at: datetime
    revoked_at: datetime | None = None
    # Staff that was disabled, for example.
    owner_is_shut_out: bool = False

    def is_alive(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at and not self.owner_is_shut_out


class Refresh(Enum):
    """What to do with a refresh token that is presented."""

    ROTATE = "ROTATE"
    REFUSE = "REFUSE"
    # Two hold the same token and nobody knows which of them is the thief, so both are signed out.
    REVOKE_FAMILY = "REVOKE_FAMILY"


def decide_refresh(session: SessionState, *, used_at: datetime | None, now: datetime) -> Refresh:
    """`used_at` is when this token was first exchanged for another, null when it never was."""
    if not session.is_alive(now):
        return Refresh.REFUSE
    if used_at is None or now - used_at <= GRACE:
        return Refresh.ROTATE
    return Refresh.REVOKE_FAMILY
