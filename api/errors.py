"""Refusals as the schema shows them: types that implement UserError, made from what commands raise."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Self

import strawberry
from strawberry.schema.exception_handlers import ExceptionHandler

from api.access import SCOPED
from api.execution.fields import column
from domain import errors
from domain.carts.cart import CartNotOpen, PriceChanged, VersionConflict
from domain.carts.handoff import HandoffInvalid as HandoffRefused
from domain.carts.problems import CartNotReady
from domain.errors import DomainError
from domain.inventory.correction import StockSetMismatch
from domain.inventory.sourcing import InsufficientStock
from domain.orders.cancelling import PaymentDeclined
from domain.orders.order import OrderVersionConflict


@strawberry.enum(description="Which refusal it is, for programs that do not look at the type.")
class ErrorCode(Enum):
    INVALID_INPUT = "INVALID_INPUT"
    NOT_FOUND = "NOT_FOUND"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    PRICE_CHANGED = "PRICE_CHANGED"
    CART_NOT_OPEN = "CART_NOT_OPEN"
    HANDOFF_INVALID = "HANDOFF_INVALID"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    PAYMENT_ACTION_REQUIRED = "PAYMENT_ACTION_REQUIRED"
    CART_NOT_READY = "CART_NOT_READY"
    INVALID_TRANSITION = "INVALID_TRANSITION"
    SIGN_IN_FAILED = "SIGN_IN_FAILED"
    STOCK_SET_MISMATCH = "STOCK_SET_MISMATCH"


@strawberry.interface(
    description="A refusal that a client can expect and recover from. Members of one result union can be selected side by "
    "side with it."
)
class UserError:
    code: ErrorCode = column(SCOPED, "Which refusal it is.")
    message: str = column(SCOPED, "For people, in English; the code is for programs.")
    path: list[str] | None = column(
        SCOPED,
        'Where in the input, for example ["input", "lines", "2", "quantity"]; null when it is about the whole.',
    )

    @staticmethod
    def fields_of(refusal: DomainError) -> dict[str, Any]:
        """What every refusal carries."""
        return {
            "code": CODES[type(refusal)],
            "message": refusal.message,
            "path": None if refusal.path is None else list(refusal.path),
        }

    @classmethod
    def of(cls, refusal: Any) -> Self:
        """For refusals that carry nothing but a message and a path; others extend it."""
        return cls(**UserError.fields_of(refusal))


# Every refusal of the domain and the code that it is shown with.
CODES: dict[type[DomainError], ErrorCode] = {
    errors.InvalidInput: ErrorCode.INVALID_INPUT,
    errors.NotFound: ErrorCode.NOT_FOUND,
    errors.InvalidTransition: ErrorCode.INVALID_TRANSITION,
    errors.IdempotencyMismatch: ErrorCode.IDEMPOTENCY_MISMATCH,
    errors.IdempotencyInProgress: ErrorCode.IDEMPOTENCY_IN_PROGRESS,
    errors.SignInFailed: ErrorCode.SIGN_IN_FAILED,
    InsufficientStock: ErrorCode.INSUFFICIENT_STOCK,
    StockSetMismatch: ErrorCode.STOCK_SET_MISMATCH,
    CartNotOpen: ErrorCode.CART_NOT_OPEN,
    CartNotReady: ErrorCode.CART_NOT_READY,
    VersionConflict: ErrorCode.VERSION_CONFLICT,
    HandoffRefused: ErrorCode.HANDOFF_INVALID,
    PriceChanged: ErrorCode.PRICE_CHANGED,
    OrderVersionConflict: ErrorCode.VERSION_CONFLICT,
    PaymentDeclined: ErrorCode.PAYMENT_DECLINED,
}


@strawberry.type(description="One of the things that are wrong with an input.")
class InputFault:
    code: ErrorCode = column(SCOPED, "Which refusal it would be by itself.")
    message: str = column(SCOPED, "For people, in English.")
    path: list[str] | None = column(SCOPED, "Where in the input; null when it is about the whole.")


class FaultyError(UserError):
    """What refusals of several faults have in common; one that lists none is its own only fault."""

    @staticmethod
    def fields_of(refusal: Any) -> dict[str, Any]:
        faults = refusal.faults or (refusal,)
        return {
            **UserError.fields_of(refusal),
            "faults": [InputFault(**UserError.fields_of(fault)) for fault in faults],
        }

    @classmethod
    def of(cls, refusal: Any) -> Self:
        return cls(**cls.fields_of(refusal))


_FAULTS = "Everything that is wrong, each with its path; `message` and `path` are those of the first."


@strawberry.type(description="The input can never be accepted as it is; `path` says which part of it.")
class InvalidInput(FaultyError):
    faults: list[InputFault] = column(SCOPED, _FAULTS)


@strawberry.type(description="What the input names does not exist, or not for this caller.")
class NotFound(FaultyError):
    faults: list[InputFault] = column(SCOPED, _FAULTS)


@strawberry.type(description="What it names is in a state from which it cannot go there. Nothing has changed.")
class InvalidTransition(FaultyError):
    faults: list[InputFault] = column(SCOPED, _FAULTS)


@strawberry.type(description="The idempotency key was used before, with other input. Nothing has changed.")
class IdempotencyMismatch(UserError):
    pass


@strawberry.type(
    description="The first request with this key is still running. Ask again in a moment with the same key."
)
class IdempotencyInProgress(UserError):
    pass


@strawberry.type(description="Wrong e-mail, password or token; it never says which.")
class SignInFailed(UserError):
    pass


@strawberry.type(
    description="The code is unknown, used or too old, or too many were tried; it never says which codes there are."
)
class HandoffInvalid(UserError):
    pass


class _ShownAs(ExceptionHandler):  # type: ignore[type-arg]  # Its types are the attributes below.
    def __init__(self, refusal: type[DomainError], shown: Any, make: Callable[..., Any]) -> None:
        self.exception_type = refusal
        self.error_type = shown
        self._make = make

    def handle(self, exception: Any, *, field: Any, info: Any) -> Any:  # noqa: ARG002
        return self._make(exception)


def shown_as(refusal: type[DomainError], shown: type[UserError]) -> ExceptionHandler[Any, Any]:
    """A refusal raised below a mutation becomes this member of its result union."""
    return _ShownAs(refusal, shown, shown.of)


EXCEPTION_HANDLERS = [
    shown_as(errors.InvalidInput, InvalidInput),
    shown_as(errors.NotFound, NotFound),
    shown_as(errors.InvalidTransition, InvalidTransition),
    shown_as(errors.IdempotencyMismatch, IdempotencyMismatch),
    shown_as(errors.IdempotencyInProgress, IdempotencyInProgress),
    shown_as(errors.SignInFailed, SignInFailed),
    shown_as(HandoffRefused, HandoffInvalid),
]
