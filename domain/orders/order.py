"""An order as it stands: whose it is, how far it is, and what each caller may do with it next."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from domain.access import Permission, Principal
from domain.errors import DomainError
from domain.orders.placing import FulfillmentStatus
from domain.orders.state import OrderStatus
from domain.payments.status import PaymentStatus


class OrderAction(Enum):
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`places` are the locations where its parts are handed over; null stands for what is shipped."""

    id: UUID
    version: int
    status: OrderStatus
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    customer_id: UUID | None
    token_hash: bytes | None  # Of the cart that became it.
    channel_id: int
    location_id: int | None  # Of the till that sold it.
    places: frozenset[int | None]

    def is_bought_by(self, caller: Principal) -> bool:
        """Its customer, or whoever holds the token of its cart. Number and e-mail prove too little to change anything."""
        if self.customer_id is not None and self.customer_id == caller.customer_id:
            return True
        return self.token_hash is not None and self.token_hash == caller.cart_token_hash

    def is_managed_by(self, caller: Principal, only_channel_id: int | None) -> bool:
        """Whoever manages orders; bound to a location, those sold there and those handed over nowhere else.

        `only_channel_id` is the channel that an app sells over, null for whoever is not bound to one.
        """
        if not caller.may(Permission.MANAGE_ORDERS) or only_channel_id not in (None, self.channel_id):
            return False
        return (
            caller.location_id is None or caller.location_id == self.location_id or self.places == {caller.location_id}
        )

    @property
    def is_cancellable(self) -> bool:
        return self.status is OrderStatus.OPEN and self.fulfillment_status is FulfillmentStatus.UNFULFILLED

    def may_be_cancelled_by(self, caller: Principal, only_channel_id: int | None) -> bool:
        """As far as the caller is concerned; whether the order can still be is another question."""
        return self.is_bought_by(caller) or self.is_managed_by(caller, only_channel_id)

    def allowed_actions(self, caller: Principal, only_channel_id: int | None) -> list[OrderAction]:
        is_allowed = self.is_cancellable and self.may_be_cancelled_by(caller, only_channel_id)
        return [OrderAction.CANCEL] if is_allowed else []


@dataclass(eq=False, kw_only=True)
class OrderVersionConflict(DomainError):
    """Somebody else changed the order meanwhile."""

    message: str = "The order has changed since; look at it again."
    order_id: UUID


def expect_version(order: Order, expected: int | None) -> None:
    if expected is not None and expected != order.version:
        raise OrderVersionConflict(order_id=order.id, path=("input", "expectedVersion"))
