"""Inputs as the plain values that an idempotency key is compared by."""

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import strawberry


def as_request(value: Any) -> Any:
    """What was asked for, without the key itself: two requests are the same when this is the same."""
    if is_dataclass(value):
        return {
            field.name: as_request(getattr(value, field.name))
            for field in fields(value)
            if field.name != "idempotency_key" and getattr(value, field.name) is not strawberry.UNSET
        }
    if isinstance(value, list):
        return [as_request(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, (bool, int)) else str(value)
