"""The axes on which an order moves, each by itself, and what its timeline records."""

from enum import Enum


class OrderStatus(Enum):
    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class OrderEventType(Enum):
    PLACED = "PLACED"
    PAYMENT_AUTHORIZED = "PAYMENT_AUTHORIZED"
    PAYMENT_CAPTURED = "PAYMENT_CAPTURED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    PAYMENT_VOIDED = "PAYMENT_VOIDED"
    REFUNDED = "REFUNDED"
    FULFILLMENT_CHANGED = "FULFILLMENT_CHANGED"
    REROUTED = "REROUTED"
    CANCELLED = "CANCELLED"
    CHANGED = "CHANGED"
    NOTE = "NOTE"
