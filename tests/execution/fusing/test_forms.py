"""SQL writes each kind of value as the API's scalars do."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import orjson
import pytest
from sqlalchemy import BigInteger, DateTime, Text, bindparam, func, select

from api.scalars import SCALARS
from domain.money import Money
from persistence.database import Database
from persistence.json_text import forms
from persistence.json_text.forms import Pieces
from persistence.json_text.shapes import Leaf
from persistence.json_text.writing import one_row

pytestmark = pytest.mark.anyio


async def _written(database: Database, pieces: Pieces, **values: Any) -> str:
    leaf = Leaf(lambda _: pieces)
    statement = one_row(select(func.now()), lambda scope: ("[", *scope.leaf(leaf), "]"))
    async with database.reading() as reader:
        text: str = await reader.fetch_value(statement, **values)
    return text.removeprefix("[").removesuffix("]")


async def test_text_is_written_as_orjson_writes_it(database: Database) -> None:
    form = forms.text(bindparam("value", type_=Text))
    characters = [chr(code) for code in (*range(1, 0x300), *range(0x2000, 0x2100), 0xD7FF, 0xE000, 0xFFFF, 0x10FFFF)]

    for value in ("".join(characters), *characters[:0x80], ""):
        assert await _written(database, form, value=value) == orjson.dumps(value).decode()


def _moments() -> Sequence[datetime]:
    day = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return [
        day,
        day + timedelta(microseconds=999),
        day + timedelta(microseconds=999_999),
        day.replace(tzinfo=timezone(timedelta(hours=-11, minutes=-30))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(987, 6, 5, 4, 3, 2, 100, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]


async def test_moments_are_written_as_the_scalar_writes_them(database: Database) -> None:
    form = forms.moment(bindparam("value", type_=DateTime(timezone=True)))
    serialize = SCALARS[datetime].serialize
    assert serialize is not None

    for value in _moments():
        assert await _written(database, form, value=value) == orjson.dumps(serialize(value)).decode()


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD", "CLF"])
async def test_amounts_have_the_digits_of_their_currency(database: Database, currency: str) -> None:
    form = forms.amount(bindparam("value", type_=BigInteger))
    unit = {"EUR": "0.01", "JPY": "1", "KWD": "0.001", "CLF": "0.0001"}[currency]
    serialize = SCALARS[Decimal].serialize
    assert serialize is not None

    for minor_units in (0, 1, 9, 10, 99, 100, 101, 1_000, 12_345, 10**15, 2**63 - 1):
        written = await _written(database, form, value=minor_units, minor_unit=Decimal(unit))
        assert written == orjson.dumps(serialize(Money(minor_units, currency).amount)).decode()
