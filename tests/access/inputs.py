"""Inputs of mutations, made from the schema's input types, with every id in them somebody else's."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)
from uuid_utils.compat import uuid4

ADDRESS = {"line1": "Ufer 1", "city": "Berlin", "postalCode": "10785", "countryCode": "DE"}

NAMES_SOMETHING = frozenset(
    {
        *("cartId", "lineId", "lineIds", "appId", "token", "refreshToken", "location"),
        *("origin", "destination", "transferId", "countId", "incidentIds"),
        *("orderId", "orderLineId"),
        *("sourceId", "targetId", "handoffCode"),
    }
)
"""Fields by which an input can reach for what belongs to somebody."""

_WORDS: Mapping[str, Any] = {
    "variant": {"sku": "shirt"},
    "quantity": 2,
    "email": "b@example.com",
    "password": "correct horse battery",
    "phone": "+4930123456",
    "address": ADDRESS,
    "billingAddress": ADDRESS,
    "addresses": [ADDRESS],
    "method": "PICKUP",
    "option": "dop_1",
    "name": "Eve",
    "channel": "app",
    "reference": "taken",
    "reason": "RECEIPT",
    "delta": -1,
    "onHand": 3,
    "expectedOnHand": 2,
    "received": 1,
    "lost": 0,
    "counted": 1,
    "variants": {"sku": "shirt"},
    "expectedAt": "2026-12-01T12:00:00Z",
    "asOf": "2026-03-01T12:00:00Z",
    "soldAt": "2026-03-01T12:00:00Z",
    "source": "erp",
    "resolution": "found",
    "register": "1",
    "receiptNumber": "4711",
    "unitPrice": "11.90",
    "discount": "0",
    "taxRate": "0.19",
    "customerEmail": "b@example.com",
    "note": "set aside",
    "dryRun": False,
    "gateway": "manual",
    "everywhere": True,
    "sells": True,
    "buffer": 1,
    "product": {"slug": "shirt"},
    "permissions": ["READ_ORDERS"],
    # A wrong one, so that a refusal for the version would show that the cart was looked at.
    "expectedVersion": 99,
}
_LEFT_OUT = frozenset({"expectedTotal", "amount"})


def filled(type_: GraphQLInputObjectType, named: Mapping[str, Any], *, with_optional: bool) -> dict[str, Any]:
    """`named` are values for NAMES_SOMETHING. A field that nobody has thought of is a KeyError until it has a word here."""
    values: dict[str, Any] = {}
    for name, field in type_.fields.items():
        is_wanted = is_non_null_type(field.type) or name in NAMES_SOMETHING or with_optional
        if is_wanted and name not in _LEFT_OUT:
            values[name] = _value(name, field.type, named, with_optional=with_optional)
    return values


def _value(name: str, type_: GraphQLInputType, named: Mapping[str, Any], *, with_optional: bool) -> Any:
    inner = get_named_type(type_)
    is_list = is_list_type(getattr(type_, "of_type", None) if is_non_null_type(type_) else type_)
    if name == "idempotencyKey":
        return str(uuid4())
    if name in named:
        return [named[name]] if is_list else named[name]
    if isinstance(inner, GraphQLInputObjectType) and name not in _WORDS:
        value = filled(inner, named, with_optional=with_optional)
        return [value] if is_list else value
    if isinstance(inner, GraphQLEnumType) and name not in _WORDS:
        return next(iter(inner.values))
    # In a change of stock `quantity` says which number.
    word = "ON_HAND" if name == "quantity" and isinstance(inner, GraphQLEnumType) else _WORDS[name]
    return [word] if is_list and not isinstance(word, list) else word


def fields_below(type_: GraphQLInputObjectType) -> Iterator[str]:
    for name, field in type_.fields.items():
        yield name
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLInputObjectType):
            yield from fields_below(inner)
