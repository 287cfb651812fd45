"""Declarations compiled to text, once for the life of the process; SQLAlchemy takes longer than PostgreSQL to read them.

In a template rows and parameters have names that are only stand-ins: `__row__`, `__own__` and `%(name)s`.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, ColumnElement, FromClause, column, func, literal_column, select
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import GenerativeSelect

from persistence.json_text.forms import Pieces as Declared
from persistence.json_text.shapes import (
    BY_PLACE,
    OWN_ROW,
    Embedded,
    Identifier,
    Items,
    Known,
    Leaf,
    Many,
    One,
    Order,
    PageRows,
    Pages,
    Relation,
    Shape,
    SourceRow,
)
from persistence.statements import Statement, array_parameter

_DIALECT = asyncpg.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")
_ROW = SourceRow()
_OWN = SourceRow(OWN_ROW)

PARENT = "parent"

constants: dict[str, Any] = {}
"""Values that declarations contain, by the names of their parameters."""
_constant_numbers = count(1)


class Sql(str):
    """An expression; whatever else is among pieces is JSON."""

    __slots__ = ()


Pieces = tuple[str, ...]


def _text(element: ClauseElement) -> str:
    compiled = element.compile(dialect=_DIALECT)
    assert isinstance(compiled, SQLCompiler)
    values = {
        name: parameter.effective_value for parameter, name in compiled.bind_names.items() if not parameter.required
    }
    names = {name: f"constant_{next(_constant_numbers)}" for name in values}
    constants.update({names[name]: value for name, value in values.items()})

    def own_name(found: re.Match[str]) -> str:
        name = found[1]
        return f"%({names[name]})s" if name in names else found[0]

    return _PARAMETER.sub(own_name, compiled.string)


def _pieces(declared: Declared) -> Pieces:
    return tuple(
        piece if isinstance(piece, str) else Sql(_text(piece.self_group(against=operators.concat_op)))
        for piece in declared
    )


@cache
def leaf(declared: Leaf) -> Pieces:
    return _pieces(declared.write(_ROW))


@cache
def key(identifier: Identifier) -> Sql:
    return Sql(_text(identifier.key(_ROW)))


@cache
def entry(known: Known) -> Sql:
    return Sql(_text(known.entry(_ROW)))


@cache
def condition(exists: Callable[[SourceRow], ColumnElement[bool]]) -> Sql:
    return Sql(_text(exists(_ROW)))


@cache
def order_by(order: Order, *, is_reversed: bool = False) -> Sql:
    return Sql(", ".join(_text(key) for key in order.of(_ROW, is_reversed=is_reversed)))


class Join(NamedTuple):
    target: Sql
    condition: Sql


@cache
def join(relation: One) -> Join:
    target = relation.target if isinstance(relation.target, FromClause) else relation.target(_ROW)
    return Join(_from(target), Sql(_text(relation.condition(_ROW, _OWN))))


class Rows(NamedTuple):
    query: Sql
    order: Order


@cache
def many(relation: Many) -> Rows:
    return Rows(Sql(_text(relation.rows(_ROW))), relation.order)


@cache
def items(declared: Items) -> Rows:
    return Rows(Sql(_text(declared.rows(_ROW))), BY_PLACE)


class Page(NamedTuple):
    rows: Rows
    has_next: Sql
    has_previous: Sql
    total: Sql
    keys: Pieces
    common: Mapping[str, Sql]


@cache
def page(relation: Pages) -> Page:
    return page_rows(relation.page(_ROW))


@cache
def page_rows(declared: PageRows) -> Page:
    return Page(
        rows=Rows(Sql(_text(declared.rows)), declared.order),
        has_next=Sql(_text(declared.has_next)),
        has_previous=Sql(_text(declared.has_previous)),
        total=Sql(_text(declared.total)),
        keys=_pieces(declared.keys(_ROW)),
        common={name: Sql(_text(query)) for name, query in declared.common.items()},
    )


@cache
def query(declared: GenerativeSelect) -> Sql:
    return Sql(_text(declared))


@cache
def parents(relation: Relation) -> Sql:
    """The rows that are asked for something, each with its `place`; `parent_…` are arrays of what is needed of them."""
    needs = relation.needs
    arrays = [array_parameter(f"parent_{name}", type_) for name, type_ in needs.items()]
    rows = (
        func.unnest(*arrays)
        .table_valued(*(column(name, type_) for name, type_ in needs.items()), with_ordinality="place")
        .render_derived(name=PARENT)
    )
    return _from(rows)


def _from(source: FromClause) -> Sql:
    return Sql(_text(select(literal_column("1")).select_from(source)).partition("FROM ")[2])


def prepare(shape: Shape) -> None:
    """Compile a whole shape, so that the first who asks for it does not wait."""
    for mapped in shape.values():
        if isinstance(mapped, Leaf):
            leaf(mapped)
        elif isinstance(mapped, Identifier):
            key(mapped)
        elif isinstance(mapped, Embedded):
            prepare(mapped.shape)
        elif isinstance(mapped, Known):
            entry(mapped)
        elif isinstance(mapped, Items):
            items(mapped)
        else:
            _prepare_relation(mapped)


def _prepare_relation(relation: Relation) -> None:
    parents(relation)
    if isinstance(relation, One):
        join(relation)
    elif isinstance(relation, Many):
        many(relation)
    else:
        page(relation)


class JsonStatement(Statement):
    """Selects JSON text."""

    __slots__ = ("parameters",)

    def __init__(self, text: str) -> None:
        numbers: dict[str, int] = {}

        def number(found: re.Match[str]) -> str:
            if found[1] is None:
                return "%"
            return f"${numbers.setdefault(found[1], len(numbers) + 1)}"

        self.text = _PARAMETER.sub(number, text)
        self._names = tuple(numbers)
        self._defaults = {name: constants.get(name) for name in numbers}
        self.parameters = frozenset(numbers)
        """The names of those that may be given values."""
