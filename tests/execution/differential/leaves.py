"""Values of scalars and enums: what a resolver should give, and what it might give by mistake."""

import decimal
import enum
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from graphql import GraphQLEnumType, GraphQLError

from domain.errors import InvalidInput, NotFound
from tests.execution.differential.dice import Dice


class Word(enum.StrEnum):
    WORD = "word"


class Number(enum.IntEnum):
    SEVEN = 7


class Text(str):
    __slots__ = ()


GOOD: dict[str, tuple[Any, ...]] = {
    "Int": (0, 1, -5, 2**31 - 1, -(2**31), 42),
    "Float": (0.0, -0.0, 1.5, 3, 1e300, 2**53 + 1),
    "String": ("", "text", 'ünï “quoted” \\ "', "\u2028\x1f\x7f\0", "😀", "a" * 50),
    "ID": ("", "id", "5", 5, -(2**70)),
    "Boolean": (True, False),
    "DateTime": (
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ),
    "Decimal": (decimal.Decimal("129.95"), decimal.Decimal("1E+3"), decimal.Decimal("-0"), decimal.Decimal(0)),
    "Cursor": ("cursor", ""),
}

BAD: dict[str, tuple[Any, ...]] = {
    "Int": (2**31, -(2**31) - 1, 2**70, 3.0, 3.5, "5", "x", "", True, math.nan, math.inf, [1], {}, Number.SEVEN, b"5"),
    "Float": (math.nan, math.inf, -math.inf, "1.5", "x", "", True, 10**400, [1.0], {}, decimal.Decimal("1.5")),
    "String": (5, 1.5, 3.0, True, False, [], ["text"], {}, b"text", Word.WORD, Text("sub"), math.nan, object, "\ud800"),
    "ID": (True, 1.5, 5.0, [], {}, b"id", Word.WORD, Text("sub"), Number.SEVEN, math.nan),
    "Boolean": (0, 1, 2, 0.0, "true", "", [], {}, math.nan, math.inf, Number.SEVEN),
    "DateTime": ("2026-03-01T12:00:00Z", 0, datetime(2026, 3, 1, 12), [], True),  # noqa: DTZ001 - It is a mistake.
    "Decimal": (1.5, 5, "129.95", "x", decimal.Decimal("NaN"), decimal.Decimal("Infinity"), [], True),
    "Cursor": (5, None, [], True, b"cursor", Word.WORD),
}


def good_leaf(type_: Any, dice: Dice) -> Any:
    if isinstance(type_, GraphQLEnumType):
        value = dice.pick([value.value for value in type_.values.values()])
        members: Callable[[Any], Any] = getattr(type_, "wrapped_cls", None) or (lambda same: same)
        return members(value) if dice.roll(2) else value
    return dice.pick(GOOD[type_.name])


def bad_leaf(type_: Any, dice: Dice) -> Any:
    if isinstance(type_, GraphQLEnumType):
        return dice.pick(("UNKNOWN", next(iter(type_.values)).lower(), 5, [], {}, Word.WORD, True))
    return dice.pick(BAD[type_.name])


def exception(dice: Dice, key: int) -> Exception:
    """A new one each time: executors write into what they are given."""
    return dice.pick(_EXCEPTIONS)(key)


def _with_extensions_of_its_own(key: int) -> Exception:
    failure = ValueError("It carries extensions that are not for clients.")
    failure.extensions = {"code": "FORBIDDEN", "secret": key}  # type: ignore[attr-defined]
    return failure


_EXCEPTIONS: tuple[Callable[[int], Exception], ...] = (
    lambda key: RuntimeError(f"failure {key % 10}"),
    lambda key: GraphQLError("Not for you.", extensions={"code": "FORBIDDEN", "hint": f"ask {key}"}),
    lambda key: GraphQLError("Without a code.", extensions={"detail": [key, None, {"deep": True}]}),
    lambda _key: GraphQLError("Nothing more to say."),
    lambda _key: KeyError("name"),
    lambda _key: InvalidInput("It cannot be so.", ("input", "name")),
    lambda _key: NotFound("There is none such."),
    _with_extensions_of_its_own,
)
