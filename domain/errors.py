"""Refusals: what a command says when the rules forbid what was asked.

DomainError
├── InvalidInput            the input can never be accepted
├── NotFound                what it names does not exist, or not for this caller
├── IdempotencyMismatch     the key was used for something else
├── IdempotencyInProgress   the first request with this key is still running
├── SignInFailed            wrong address, password or token
├── in domain.inventory     InsufficientStock
└── in domain.carts         CartNotOpen, CartNotReady, VersionConflict, PriceChanged
"""

from dataclasses import dataclass

Path = tuple[str, ...]
"""Where in the input, from its root: ("input", "lines", "2", "quantity")."""


@dataclass(eq=False)
class DomainError(Exception):
    """The message is for people, the type is for programs."""

    message: str
    path: Path | None = None

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class InvalidInput(DomainError):
    pass


@dataclass(eq=False)
class NotFound(DomainError):
    pass


@dataclass(eq=False)
class IdempotencyMismatch(DomainError):
    pass


@dataclass(eq=False)
class IdempotencyInProgress(DomainError):
    pass


@dataclass(eq=False)
class SignInFailed(DomainError):
    pass
