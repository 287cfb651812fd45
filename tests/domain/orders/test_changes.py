"""What may become of an order after it was placed: who may cancel it, what of its money ends with it, what leaves next."""

from dataclasses import replace
from uuid import UUID

import pytest

from domain.access import Permission, Principal, ViewerKind
from domain.carts.cart import DeliveryMethod
from domain.errors import InvalidTransition
from domain.orders.cancelling import Payment, PaymentDeclined, void
from domain.orders.fulfilling import Advance, Commitment, Departure, HandedOver, WantedLine, advance, choose
from domain.orders.order import Order, OrderAction
from domain.orders.placing import FulfillmentStatus
from domain.orders.state import OrderStatus
from domain.payments.status import PaymentStatus

BERLIN, HAMBURG = 1, 2
WEB, MARKETPLACE = 10, 11
TEA, CUP = UUID(int=1), UUID(int=2)
LINE, OTHER_LINE = UUID(int=11), UUID(int=12)

ORDER = Order(
    id=UUID(int=21),
    version=1,
    status=OrderStatus.OPEN,
    payment_status=PaymentStatus.PENDING,
    fulfillment_status=FulfillmentStatus.UNFULFILLED,
    customer_id=UUID(int=31),
    token_hash=b"token",
    channel_id=WEB,
    location_id=None,
    places=frozenset({BERLIN, None}),
)


def worker(*permissions: Permission, location_id: int | None = None) -> Principal:
    return Principal(
        kind=ViewerKind.STAFF, id=UUID(int=32), permissions=frozenset(permissions), location_id=location_id
    )


MANAGER = worker(Permission.MANAGE_ORDERS)


@pytest.mark.parametrize(
    ("caller", "only_channel_id", "may"),
    [
        (Principal(kind=ViewerKind.CUSTOMER, id=UUID(int=31)), None, True),
        (Principal(kind=ViewerKind.CUSTOMER, id=UUID(int=33)), None, False),
        # Staff may have the number of a customer.
        (worker(), None, False),
        (Principal(cart_token_hash=b"token"), None, True),
        (Principal(cart_token_hash=b"other"), None, False),
        (Principal(), None, False),
        (MANAGER, None, True),
        (MANAGER, WEB, True),
        (MANAGER, MARKETPLACE, False),
        (worker(Permission.MANAGE_ORDERS, location_id=BERLIN), None, False),
    ],
)
def test_who_bought_it_and_who_manages_it_may_cancel(caller: Principal, only_channel_id: int | None, may: bool) -> None:  # noqa: FBT001
    assert ORDER.may_be_cancelled_by(caller, only_channel_id) is may
    assert ORDER.allowed_actions(caller, only_channel_id) == ([OrderAction.CANCEL] if may else [])


def test_nobodys_order_is_not_everybodys() -> None:
    order = replace(ORDER, customer_id=None, token_hash=None)

    assert not order.may_be_cancelled_by(Principal(), None)


@pytest.mark.parametrize("status", [status for status in FulfillmentStatus if status.name != "UNFULFILLED"])
def test_what_is_under_way_is_not_cancelled(status: FulfillmentStatus) -> None:
    assert replace(ORDER, fulfillment_status=status).allowed_actions(MANAGER, None) == []


def test_only_an_open_order_is_cancelled() -> None:
    allowed = {status: replace(ORDER, status=status).allowed_actions(MANAGER, None) for status in OrderStatus}

    assert allowed == {OrderStatus.OPEN: [OrderAction.CANCEL], OrderStatus.COMPLETED: [], OrderStatus.CANCELLED: []}


VOIDED = {PaymentStatus.PENDING, PaymentStatus.PAY_IN_STORE, PaymentStatus.AUTHORIZED}
OVER = {PaymentStatus.VOIDED, PaymentStatus.REFUNDED, PaymentStatus.FAILED}


@pytest.mark.parametrize("status", PaymentStatus)
@pytest.mark.parametrize("gateway", ["manual", "card"])
def test_money_that_was_not_taken_is_void_and_other_money_stays(status: PaymentStatus, gateway: str) -> None:
    payments = [Payment(UUID(int=1), "manual", PaymentStatus.PENDING), Payment(UUID(int=2), gateway, status)]

    if status in OVER:
        assert void(payments) == (UUID(int=1),)
    elif gateway == "manual" and status in VOIDED:
        assert void(payments) == (UUID(int=1), UUID(int=2))
    else:
        with pytest.raises(PaymentDeclined):
            void(payments)


def commitment(id_: int, units: int, variant: UUID = TEA, line: UUID = LINE, per_unit: int = 1) -> Commitment:
    return Commitment(
        reservation_id=id_,
        order_line_id=line,
        stock_level_id=100 + id_,
        variant_id=variant,
        location_id=BERLIN,
        open=units,
        per_unit=per_unit,
    )


SHIPPED = {LINE: DeliveryMethod.SHIP, OTHER_LINE: DeliveryMethod.PICKUP}


def want(units: int) -> list[WantedLine]:
    return [WantedLine(LINE, units, ("input",))]


def test_units_of_a_bundle_leave_with_each_of_its_parts() -> None:
    # Six bags of tea and three cups for three gifts, of which the second level has fewer.
    owed = [commitment(1, 4, per_unit=2), commitment(2, 2, per_unit=2), commitment(3, 3, CUP)]

    assert choose(owed, SHIPPED, Departure.SHIPMENT, BERLIN, want(3)) == (
        HandedOver(1, 101, 4),
        HandedOver(2, 102, 2),
        HandedOver(3, 103, 3),
    )
    assert choose(owed, SHIPPED, Departure.SHIPMENT, BERLIN, want(1)) == (HandedOver(1, 101, 2), HandedOver(3, 103, 1))


def test_no_more_leaves_than_is_owed_here_in_this_way() -> None:
    owed = [commitment(1, 4, per_unit=2), commitment(2, 3, CUP), commitment(3, 5, line=OTHER_LINE)]

    for departure, place, units in (
        (Departure.SHIPMENT, BERLIN, 3),
        (Departure.SHIPMENT, HAMBURG, 1),
        (Departure.COLLECTION, BERLIN, 1),
    ):
        with pytest.raises(InvalidTransition):
            choose(owed, SHIPPED, departure, place, want(units))
    assert choose(owed, SHIPPED, Departure.COLLECTION, BERLIN, None) == (HandedOver(3, 103, 5),)


def test_an_order_is_complete_once_all_of_it_has_left_and_is_paid() -> None:
    owed = [commitment(1, 2), commitment(2, 1)]
    part, rest = [HandedOver(1, 101, 2)], [HandedOver(2, 102, 1)]

    assert advance(owed, part, PaymentStatus.PAID) == Advance(OrderStatus.OPEN, FulfillmentStatus.PARTIALLY_FULFILLED)
    assert advance(owed, [*part, *rest], PaymentStatus.PAID) == Advance(
        OrderStatus.COMPLETED, FulfillmentStatus.FULFILLED
    )
    assert advance(owed, [*part, *rest], PaymentStatus.PENDING) == Advance(
        OrderStatus.OPEN, FulfillmentStatus.FULFILLED
    )
