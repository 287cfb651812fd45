"""What may serve as a name and a secret to sign in with, and what a secret sent by mail is good for."""

import unicodedata
from datetime import timedelta
from enum import Enum

from domain.errors import InvalidInput, Path

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets has two angle brackets.


class TokenPurpose(Enum):
    """A secret sent by mail is good for this one thing, once."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - A purpose, not a password.

    @property
    def lifetime(self) -> timedelta:
        return timedelta(hours=24) if self is TokenPurpose.VERIFY_EMAIL else timedelta(hours=1)


def normalized_email(email: str) -> str:
    """As it is stored and compared: one person has one account, however the address is capitalized."""
    return email.strip().lower()


def normalized_password(password: str) -> str:
    """The same characters typed on another keyboard are the same password (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def expect_good_password(password: str, *, email: str, path: Path) -> None:
    """Length counts, composition rules do not. Raises InvalidInput."""
    normalized = normalized_password(password)
    if not SHORTEST_PASSWORD <= len(normalized) <= LONGEST_PASSWORD:
        raise InvalidInput(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.", path)
    if normalized_email(normalized) == normalized_email(email):
        raise InvalidInput("A password is not the e-mail address.", path)
