"""SQLAlchemy Core statements, compiled once into the text that asyncpg runs.

SQLAlchemy writes the SQL; asyncpg executes it, which halves the Python time of a read compared with SQLAlchemy's
own execution. Values always travel as bind parameters.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, BindParameter, ClauseElement, ColumnElement, any_, bindparam, text
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]


class Statement:
    """SQL text with numbered parameters, and which named value goes where."""

    __slots__ = ("_defaults", "_names", "text")

    def __init__(self, query: ClauseElement | str) -> None:
        element = text(query) if isinstance(query, str) else query
        compiled = element.compile(dialect=_DIALECT)
        assert isinstance(compiled, SQLCompiler)
        self.text = compiled.string
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._defaults: Mapping[str, Any] = compiled.params

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of their numbers; a name the statement does not know is a KeyError."""
        unknown = values.keys() - self._defaults.keys()
        if unknown:
            raise KeyError(f"not a parameter of this statement: {', '.join(sorted(unknown))}")
        return [values[name] if name in values else self._defaults[name] for name in self._names]


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """`column = ANY (:name)`: one parameter however many values, so one prepared statement for all of them."""
    return column == any_(array_parameter(name, column.type))


def array_parameter(name: str, item_type: TypeEngine[Any]) -> BindParameter[Any]:
    """A parameter that takes a list."""
    return bindparam(name, type_=ARRAY(item_type))
