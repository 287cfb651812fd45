"""Scalars of the contract: DateTime, Decimal, Cursor."""

import decimal
from datetime import UTC, datetime
from typing import NewType

import strawberry
from graphql import GraphQLError

Cursor = NewType("Cursor", str)


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def _show_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parse_time(value: object) -> datetime:
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
        if parsed is not None and parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _bad("A DateTime is written in ISO 8601 with an offset, such as 2026-03-01T12:00:00Z.")


def _show_decimal(value: decimal.Decimal) -> str:
    return format(value, "f")


def _parse_decimal(value: object) -> decimal.Decimal:
    if isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)) <= 40:
        try:
            parsed = decimal.Decimal(value)
        except decimal.InvalidOperation:
            parsed = decimal.Decimal("NaN")
        if parsed.is_finite() and abs(parsed.adjusted()) <= 20:
            return parsed
    raise _bad('A Decimal is written as a string of digits, such as "129.95".')


def _parse_cursor(value: object) -> Cursor:
    if isinstance(value, str) and 0 < len(value) <= 64:
        return Cursor(value)
    raise _bad("A Cursor is a string that this server handed out.")


SCALARS = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in ISO 8601 with an offset; always UTC on the way out.",
        serialize=_show_time,
        parse_value=_parse_time,
    ),
    decimal.Decimal: strawberry.scalar(
        name="Decimal",
        description='A decimal number as a string, such as "129.95"; never a float.',
        serialize=_show_decimal,
        parse_value=_parse_decimal,
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="An opaque position in the event stream; only the server can compare two of them.",
        serialize=str,
        parse_value=_parse_cursor,
    ),
}
