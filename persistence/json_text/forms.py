"""How each kind of value becomes JSON text in SQL, byte for byte as the API's own scalars write it.

The text of an object is a concatenation, and a concatenation with a null in it is null as a whole. So what is written
here must not be null; whoever has something that may be says so, and gets the word.
"""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Numeric, Text, bindparam, cast, func, literal_column

Pieces = tuple[str | ColumnElement[Any], ...]
"""JSON of our own making, and expressions in between."""


def text(value: ColumnElement[Any]) -> Pieces:
    """A string, whatever is in it."""
    return (func.to_json(value),)


def required_text(value: ColumnElement[Any], place: ColumnElement[int]) -> Pieces:
    """A string that no constraint says is there: where it is not, the statement fails. `place` is that of its row."""
    failure = cast(func.concat(literal_column("'null at '"), place), Integer)
    return (func.coalesce(cast(func.to_json(value), Text), cast(failure, Text)),)


def plain(value: ColumnElement[Any]) -> Pieces:
    """An integer or a boolean."""
    return (value,)


def quoted(value: ColumnElement[Any]) -> Pieces:
    """A name out of a fixed set, such as that of an enum's value."""
    return ('"', value, '"')


def hexadecimal(uuid: ColumnElement[Any]) -> ColumnElement[str]:
    return func.replace(cast(uuid, Text), literal_column("'-'"), literal_column("''"))


def moment(value: ColumnElement[Any]) -> Pieces:
    """UTC, to the millisecond that has begun. The ends of time are those that Python knows."""
    latest: ColumnElement[Any] = literal_column("timestamptz '9999-12-31 23:59:59.999999+00'")
    earliest: ColumnElement[Any] = literal_column("timestamptz '0001-01-01 00:00:00+00'")
    known = func.greatest(func.least(value, latest), earliest)
    form: ColumnElement[str] = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'""")
    return quoted(func.to_char(func.timezone(literal_column("'UTC'"), known), form))


def amount(minor_units: ColumnElement[Any]) -> Pieces:
    """Money, with as many digits after the point as the parameter `minor_unit` has: 0.01 of a euro, 1 yen."""
    return quoted(cast(minor_units * bindparam("minor_unit", type_=Numeric), Text))
