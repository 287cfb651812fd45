"""Calling an order off, as long as nothing of it was handed over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.errors import DomainError, InvalidInput, InvalidTransition
from domain.orders.order import Order, expect_version
from domain.orders.state import OrderStatus
from domain.payments.status import PaymentStatus


@dataclass(frozen=True, slots=True)
class Payment:
    id: UUID
    gateway: str
    status: PaymentStatus


@dataclass(eq=False, kw_only=True)
class PaymentDeclined(DomainError):
    """Money did not move as it should have; nothing else has changed either."""

    reason: str


_NOTHING_TAKEN = frozenset({PaymentStatus.PENDING, PaymentStatus.PAY_IN_STORE, PaymentStatus.AUTHORIZED})
_OVER = frozenset({PaymentStatus.VOIDED, PaymentStatus.REFUNDED, PaymentStatus.FAILED})


def expect_cancellable(order: Order, expected_version: int | None) -> None:
    """Raises InvalidTransition or OrderVersionConflict, in this order."""
    if order.status is OrderStatus.CANCELLED:
        raise InvalidTransition("The order is cancelled already.", path=("input", "orderId"))
    if not order.is_cancellable:
        raise InvalidTransition("Something of the order was handed over already.", path=("input", "orderId"))
    expect_version(order, expected_version)


def expect_whole(ordered: Mapping[UUID, int], asked: Sequence[tuple[UUID | None, int]]) -> None:
    """Both are units by line. Raises InvalidInput unless all of every line is asked for."""
    wanted = Counter[UUID | None]()
    for line_id, quantity in asked:
        wanted[line_id] += quantity
    if wanted != Counter[UUID | None](ordered) or any(quantity < 1 for _, quantity in asked):
        raise InvalidInput(
            "An order is cancelled as a whole: leave `lines` out, or name all of it.", path=("input", "lines")
        )


def void(payments: Sequence[Payment]) -> tuple[UUID, ...]:
    """The payments that end with the order. Raises PaymentDeclined for money that was taken, or that a gateway would have to
    let go of: giving it back needs that gateway.
    """
    for payment in payments:
        is_ours = payment.gateway == "manual" and payment.status in _NOTHING_TAKEN
        if not is_ours and payment.status not in _OVER:
            raise PaymentDeclined(
                message=f"What was paid over `{payment.gateway}` cannot be given back from here.",
                reason="NOT_REFUNDABLE",
            )
    return tuple(payment.id for payment in payments if payment.status in _NOTHING_TAKEN)
