"""What kinds of channels and locations there are."""

from enum import Enum


class ChannelKind(Enum):
    WEB = "WEB"
    APP = "APP"
    POS = "POS"
    MARKETPLACE = "MARKETPLACE"
    SOCIAL = "SOCIAL"
    CALL_CENTER = "CALL_CENTER"
    PARTNER = "PARTNER"


class LocationKind(Enum):
    STORE = "STORE"
    WAREHOUSE = "WAREHOUSE"
    LOCKER = "LOCKER"
    SUPPLIER = "SUPPLIER"
