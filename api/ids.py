"""Global ids: a short prefix for the kind, then the key. Clients treat them as opaque."""

from enum import Enum
from uuid import UUID

from graphql import GraphQLError


class Kind(Enum):
    """The value is the prefix; the name is the GraphQL type."""

    Channel = "chn"
    Market = "mkt"
    Location = "loc"
    Product = "prd"
    ProductVariant = "var"
    Category = "cat"
    Collection = "col"
    LocationAvailability = "lav"
    Cart = "crt"
    CartLine = "cln"
    DeliveryGroup = "dgr"
    DeliveryOption = "dop"
    Order = "ord"
    OrderLine = "orl"
    Payment = "pay"
    Customer = "cus"
    App = "app"
    StockLevel = "stk"
    StockMovement = "mov"
    Transfer = "trf"
    OversellIncident = "inc"
    StockCount = "cnt"


_BY_PREFIX = {kind.value: kind for kind in Kind}

Key = UUID | int | tuple[int, int]


def encode(kind: Kind, key: Key) -> str:
    if isinstance(key, UUID):
        return f"{kind.value}_{key.hex}"
    if isinstance(key, tuple):
        return f"{kind.value}_{key[0]}_{key[1]}"
    return f"{kind.value}_{key}"


def decode(global_id: str) -> tuple[Kind, Key] | None:
    """Null for what this server never hands out."""
    prefix, _, rest = global_id.partition("_")
    kind = _BY_PREFIX.get(prefix)
    if kind is None:
        return None
    try:
        key = _key(kind, rest)
    except ValueError:
        return None
    return (kind, key) if encode(kind, key) == global_id else None


_NUMBERED = {Kind.Channel, Kind.Market, Kind.Location, Kind.Category, Kind.Collection, Kind.DeliveryOption}
_LEVELS = {Kind.StockLevel, Kind.OversellIncident}


def _key(kind: Kind, text: str) -> Key:
    if kind in _NUMBERED:
        return _bounded(text, 2**31)
    if kind in _LEVELS:
        return _bounded(text, 2**63)
    if kind is Kind.LocationAvailability:
        # Of a bundle, which has no levels: its number and the location's.
        number, has_location, location = text.partition("_")
        return (_bounded(number, 2**31), _bounded(location, 2**31)) if has_location else _bounded(number, 2**63)
    if kind is Kind.StockMovement:
        level, _, version = text.partition("_")
        return _bounded(level, 2**63), _bounded(version, 2**63)
    return UUID(hex=text)


def _bounded(text: str, end: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) >= end:
        raise ValueError(text)
    return int(text)


def key_of(kind: Kind, global_id: str) -> Key | None:
    """The key when the id is of this kind, else null: an id of another kind finds nothing."""
    decoded = decode(global_id)
    return decoded[1] if decoded is not None and decoded[0] is kind else None


def bad_input(message: str) -> GraphQLError:
    """For arguments of queries that no client should send."""
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})
