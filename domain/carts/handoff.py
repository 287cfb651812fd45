"""Codes that move a cart to another device: short enough to read out, too many to guess, good once and for minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import DomainError

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""30 characters: none of 0, 1, I, L, O and U, which are mistaken for others when read out or typed."""

LENGTH = 10
"""30 to the power of 10 are 5.9e14 codes, 49 bits. With 10,000 codes alive and 10,000 guesses a minute from a thousand
addresses, ten from each as we admit, the first hit is to be expected after eleven years.
"""

LIFETIME = timedelta(minutes=10)

MOST_GUESSES = 10
"""Wrong codes from one address, or by one caller, in a minute."""


@dataclass(eq=False)
class HandoffInvalid(DomainError):
    """Unknown, used or too old: which of them is not said, so that nobody learns which codes there are."""


@dataclass(frozen=True, slots=True)
class Handoff:
    expires_at: datetime
    is_claimed: bool


def code_of(digits: Iterable[int]) -> str:
    """A code from `LENGTH` random numbers below 30, shown in two groups."""
    letters = "".join(ALPHABET[digit] for digit in digits)
    assert len(letters) == LENGTH
    return f"{letters[:5]}-{letters[5:]}"


def normalized(typed: str) -> str | None:
    """What somebody typed or scanned, as codes are compared; null for what cannot be one.

    Case, blanks and hyphens do not count.
    """
    letters = "".join(typed.upper().split()).replace("-", "")
    return letters if len(letters) == LENGTH and set(letters) <= set(ALPHABET) else None


def expect_claimable(handoff: Handoff | None, now: datetime) -> None:
    """Raises HandoffInvalid."""
    if handoff is None or handoff.is_claimed or handoff.expires_at <= now:
        raise HandoffInvalid("This code is not good, or no longer.", ("input", "handoffCode"))
