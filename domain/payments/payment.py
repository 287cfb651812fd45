"""One payment: what may happen to it next, and what all payments of an order amount to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.errors import InvalidTransition
from domain.payments.status import PaymentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Amounts in minor units of the order's currency. `reference` is the gateway's name for it, once there is one."""

    id: UUID
    gateway: str
    status: PaymentStatus
    amount: int
    refunded: int = 0
    reference: str | None = None

    def authorized(self, reference: str | None) -> "Payment":
        """The money is set aside: nobody but us can take it now."""
        return self._to(PaymentStatus.AUTHORIZED, {PaymentStatus.PENDING}, reference=reference or self.reference)

    def captured(self) -> "Payment":
        """The money is ours, as it is when goods change hands."""
        before = {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.PAY_IN_STORE}
        return self._to(PaymentStatus.PAID, before)

    def voided(self) -> "Payment":
        """Nothing was taken, and nothing will be."""
        before = {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.PAY_IN_STORE}
        return self._to(PaymentStatus.VOIDED, before)

    def failed(self) -> "Payment":
        """The gateway refused."""
        return self._to(PaymentStatus.FAILED, {PaymentStatus.PENDING})

    def given_back(self, amount: int) -> "Payment":
        """Part of the money or all of it; never more than was taken."""
        if self.status not in (PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED):
            raise InvalidTransition(f"A payment that is {self.status.value} has nothing to give back.")
        if not 0 < amount <= self.amount - self.refunded:
            raise InvalidTransition("More cannot be given back than was taken.")
        refunded = self.refunded + amount
        status = PaymentStatus.REFUNDED if refunded == self.amount else PaymentStatus.PARTIALLY_REFUNDED
        return replace(self, status=status, refunded=refunded)

    @property
    def kept(self) -> int:
        """What was taken and not given back."""
        return self.amount - self.refunded if self.status in _TAKEN else 0

    def _to(self, after: PaymentStatus, before: set[PaymentStatus], *, reference: str | None = None) -> "Payment":
        """Happening twice it happens once: webhooks come twice, and a crash leaves it open whether we were told."""
        if self.status is after:
            return self
        if self.status not in before:
            raise InvalidTransition(f"A payment that is {self.status.value} cannot become {after.value}.")
        return replace(self, status=after, reference=reference or self.reference)


_TAKEN = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED})
_NOTHING = frozenset({PaymentStatus.VOIDED, PaymentStatus.FAILED})


def status_of(payments: Sequence[Payment], total: int) -> PaymentStatus:
    """How an order that costs `total` stands, by all of its payments. What failed or was let go counts only where there is
    nothing else.
    """
    alive = [payment for payment in payments if payment.status not in _NOTHING]
    if not alive:
        if total == 0:
            return PaymentStatus.PAID
        is_void = any(payment.status is PaymentStatus.VOIDED for payment in payments)
        return PaymentStatus.VOIDED if is_void else PaymentStatus.FAILED if payments else PaymentStatus.PENDING
    taken = sum(payment.amount for payment in alive if payment.status in _TAKEN)
    refunded = sum(payment.refunded for payment in alive)
    if refunded:
        return PaymentStatus.REFUNDED if refunded >= taken else PaymentStatus.PARTIALLY_REFUNDED
    if taken >= total:
        return PaymentStatus.PAID
    if taken:
        return PaymentStatus.PARTIALLY_PAID
    statuses = {payment.status for payment in alive}
    return statuses.pop() if len(statuses) == 1 else PaymentStatus.PENDING
