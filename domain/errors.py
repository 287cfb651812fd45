"""Refusals: what a command says when the rules forbid what was asked.

DomainError
├── InvalidInput            the input can never be accepted
├── NotFound                what it names does not exist, or not for this caller
├── IdempotencyMismatch     the key was used for something else
├── IdempotencyInProgress   the first request with this key is still running
├── InvalidTransition       what it names can no longer go there
├── SignInFailed            wrong address, password or token
├── in domain.inventory     InsufficientStock, StockSetMismatch
├── in domain.orders        OrderVersionConflict, PaymentDeclined
└── in domain.carts         CartNotOpen, CartNotReady, VersionConflict, PriceChanged
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
class Faulty(DomainError):
    """May be about several parts of the input: then message and path are those of the first fault."""

    faults: Sequence[DomainError] = ()
    """Every fault with a path of its own; empty when there is only this one."""


@dataclass(eq=False)
class InvalidInput(Faulty):
    pass


@dataclass(eq=False)
class NotFound(Faulty):
    pass


@dataclass(eq=False)
class InvalidTransition(Faulty):
    pass


def refuse_if_any(faults: Sequence[Faulty]) -> None:
    """Raises the first fault, with all of them listed."""
    if faults:
        raise replace(faults[0], faults=tuple(faults))


@dataclass(eq=False)
class IdempotencyMismatch(DomainError):
    pass


@dataclass(eq=False)
class IdempotencyInProgress(DomainError):
    pass


@dataclass(eq=False)
class SignInFailed(DomainError):
    pass
