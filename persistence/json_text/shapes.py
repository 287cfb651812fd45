"""How the fields of an object are found in SQL: each said once, as an expression of the row that the object is read from.

Names are those of the rows' columns. What is nullable is said so; what is not said so is proved by the schema: a column
that is NOT NULL, a foreign key, a formula of such.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.sql.selectable import GenerativeSelect
from sqlalchemy.types import TypeEngine

from persistence.json_text import forms
from persistence.json_text.forms import Pieces

_OWN_PARAMETER: Final = "own__"
OWN_ROW: Final = "__own__"
"""The name that the row which a relation leads to has in its declaration."""


class SourceRow:
    """A row whose name is not known yet: its columns by their names, of no table, so that no FROM is made of them."""

    def __init__(self, name: str = "__row__") -> None:
        self._name = name

    def __str__(self) -> str:
        return self._name

    def __getattr__(self, column: str) -> ColumnElement[Any]:
        return literal_column(f"{self._name}.{column}")


def own_parameter(name: str, type_: TypeEngine[Any]) -> BindParameter[Any]:
    """A parameter of one occurrence of a field: each occurrence has its own arguments."""
    return bindparam(f"{_OWN_PARAMETER}{name}", type_=type_)


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    write: Callable[[SourceRow], Pieces]
    is_nullable: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Identifier:
    """The global id made of a key; the prefix is the API's."""

    key: Callable[[SourceRow], ColumnElement[Any]] = lambda row: forms.hexadecimal(row.id)


def _number(row: SourceRow) -> ColumnElement[Any]:
    return row.id


NUMBERED = Identifier(_number)


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """An object made of the same row."""

    shape: "Shape"
    exists: Callable[[SourceRow], ColumnElement[bool]] | None = None
    """Where the object may be missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An object that the process knows: the number of its entry, from 1, in the directory of its kind."""

    directory: str
    entry: Callable[[SourceRow], ColumnElement[int]]


_ID: Mapping[str, TypeEngine[Any]] = {"id": Uuid()}


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What a column of the row holds, one row for each item: objects of its own shape, or what its leaf says."""

    rows: Callable[[SourceRow], Select[Any]]
    """In order of their column `place`."""
    item: "Leaf | Shape"


@dataclass(frozen=True, slots=True, eq=False)
class One:
    """The row that a row refers to, joined to it under the name OWN_ROW: there is at most one."""

    target: FromClause | Callable[[SourceRow], FromClause]
    condition: Callable[[SourceRow, SourceRow], ColumnElement[bool]]
    """Of the row that refers, and of the row that it refers to."""
    exists: Callable[[SourceRow], ColumnElement[bool]] | None = None
    """A condition of the row that is referred to. Without it a foreign key that is not null says that there is one."""
    needs: Mapping[str, TypeEngine[Any]] = field(default_factory=lambda: _ID)
    """Columns of the row that refers."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """By these keys of a row, all of them in one direction."""

    keys: Callable[[SourceRow], Sequence[ColumnElement[Any]]]
    is_descending: bool = False

    def of(self, row: SourceRow, *, is_reversed: bool = False) -> list[ColumnElement[Any]]:
        return [key.desc() if self.is_descending != is_reversed else key.asc() for key in self.keys(row)]


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """Rows that belong to a row."""

    rows: Callable[[SourceRow], GenerativeSelect]
    order: Order
    needs: Mapping[str, TypeEngine[Any]] = field(default_factory=lambda: _ID)


@dataclass(frozen=True, slots=True, eq=False)
class PageRows:
    """One page of a list."""

    rows: Select[Any]
    """No more than the page has."""
    order: Order
    has_next: ColumnElement[bool]
    has_previous: ColumnElement[bool]
    total: ColumnElement[int]
    keys: Callable[[SourceRow], Pieces]
    """The JSON of the list of keys that a cursor stands for."""
    common: Mapping[str, Select[Any]] = field(default_factory=dict)
    """What the others read more than once, by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Pages:
    """Rows that belong to a row, a page at a time."""

    page: Callable[[SourceRow], PageRows]
    needs: Mapping[str, TypeEngine[Any]] = field(default_factory=lambda: _ID)


@dataclass(frozen=True, slots=True, eq=False)
class ListRows:
    """All rows of a list."""

    rows: GenerativeSelect
    order: Order


BY_PLACE = Order(lambda row: [row.place])

Source: TypeAlias = PageRows | ListRows | Select[Any]
"""What a field without a parent reads; a SELECT gives one row or none."""
Relation: TypeAlias = One | Many | Pages
Shape: TypeAlias = Mapping[str, Leaf | Identifier | Embedded | Known | Items | Relation]

_FORMS: Mapping[type[TypeEngine[Any]], Callable[[ColumnElement[Any]], Pieces]] = {
    Boolean: forms.plain,
    Integer: forms.plain,
    DateTime: forms.moment,
    Text: forms.text,
}


def whole(table: Table) -> Select[Any]:
    """All columns, in the shortest words: PostgreSQL reads only those that are shown."""
    return select(literal_column(f"{table.name}.*")).select_from(table)


def columns(table: Table, *names: str) -> dict[str, Leaf]:
    """Columns shown as they are."""
    return {name: _column(table, name) for name in names}


def _column(table: Table, name: str) -> Leaf:
    form = _FORMS[type(table.c[name].type)]
    return Leaf(lambda row: form(getattr(row, name)), is_nullable=bool(table.c[name].nullable))
