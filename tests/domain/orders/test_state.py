"""The words in which orders speak to clients and are stored: whoever changes one breaks both."""

from domain.orders.placing import FulfillmentStatus
from domain.orders.state import OrderEventType, OrderStatus
from domain.payments.status import PaymentStatus


def test_an_order_moves_on_axes_of_its_own() -> None:
    assert [status.value for status in OrderStatus] == ["OPEN", "COMPLETED", "CANCELLED"]
    assert [status.value for status in PaymentStatus] == [
        "PENDING",
        "AUTHORIZED",
        "PARTIALLY_PAID",
        "PAID",
        "VOIDED",
        "PARTIALLY_REFUNDED",
        "REFUNDED",
        "FAILED",
        "PAY_IN_STORE",
    ]
    assert [status.value for status in FulfillmentStatus] == [
        "UNFULFILLED",
        "IN_PROGRESS",
        "PARTIALLY_FULFILLED",
        "FULFILLED",
        "CANCELLED",
    ]


def test_a_timeline_has_a_word_for_everything_that_happens() -> None:
    assert [event.value for event in OrderEventType] == [
        "PLACED",
        "PAYMENT_AUTHORIZED",
        "PAYMENT_CAPTURED",
        "PAYMENT_FAILED",
        "PAYMENT_VOIDED",
        "REFUNDED",
        "FULFILLMENT_CHANGED",
        "REROUTED",
        "CANCELLED",
        "CHANGED",
        "NOTE",
    ]
