"""Why a number of a stock level changed."""

from enum import Enum


class MovementReason(Enum):
    INITIAL = "INITIAL"
    ADJUSTMENT = "ADJUSTMENT"
    COUNT = "COUNT"
    RECEIPT = "RECEIPT"
    HOLD = "HOLD"
    RELEASE = "RELEASE"
    EXPIRY = "EXPIRY"
    SHIPMENT = "SHIPMENT"
    COLLECTION = "COLLECTION"
    POS_SALE = "POS_SALE"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_INCOMING = "TRANSFER_INCOMING"
    TRANSFER_IN = "TRANSFER_IN"
    RETURN = "RETURN"
    DAMAGE = "DAMAGE"
