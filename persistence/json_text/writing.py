"""Puts mapped fields together to one SELECT of JSON text. Whoever calls decides which fields, and in which order."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Select

from persistence.json_text import templates
from persistence.json_text.shapes import (
    OWN_ROW,
    Identifier,
    Items,
    Known,
    Leaf,
    ListRows,
    Many,
    One,
    PageRows,
    Pages,
    Relation,
    SourceRow,
)
from persistence.json_text.templates import JsonStatement, Pieces, Rows, Sql

_NULL = "'null'"


def members(named: Sequence[tuple[str, Pieces]]) -> Pieces:
    """An object."""
    pieces = ["{"]
    for position, (name, value) in enumerate(named):
        pieces += [f'{"," if position else ""}"{name}":', *value]
    return (*pieces, "}")


def if_exists(condition: Sql, pieces: Pieces) -> Pieces:
    return (Sql(f"CASE WHEN {condition} THEN {_concatenated(pieces)} ELSE {_NULL} END"),)


def _concatenated(pieces: Pieces) -> str:
    operands: list[str] = []
    json = ""
    for piece in pieces:
        if isinstance(piece, Sql):
            if json or not operands:
                operands.append(_literal(json))
            operands.append(piece)
            json = ""
        else:
            json += piece
    if json:
        operands.append(_literal(json))
    # The first operand says that all of it is text.
    return f"(CAST({operands[0]} AS TEXT) || {' || '.join(operands[1:])})" if len(operands) > 1 else operands[0]


def _literal(json: str) -> str:
    """Names of the schema and of the document, and what stands between them in JSON: nothing that ends a literal."""
    if "'" in json or "\\" in json or "%" in json:
        raise ValueError(f"not a text of ours: {json}")
    return f"'{json}'"


class Scope:
    """A row that an object is read from, and what is joined to it."""

    def __init__(self, source: str, names: Iterator[int], *, name: str | None = None) -> None:
        self._names = names
        self.row = name or f"r{next(names)}"
        self._source = [f"{source} AS {self.row}" if name is None else source]
        self._is_outer = False

    def leaf(self, leaf: Leaf) -> Pieces:
        return self._placed(templates.leaf(leaf))

    def leaf_or_null(self, leaf: Leaf) -> Pieces:
        return (Sql(f"coalesce({_concatenated(self.leaf(leaf))}, {_NULL})"),)

    def identifier(self, identifier: Identifier, prefix: str) -> Pieces:
        return (f'"{prefix}_', *self._placed((templates.key(identifier),)), '"')

    def condition(self, exists: Callable[[SourceRow], ColumnElement[bool]]) -> Sql:
        return self.placed(templates.condition(exists))

    def entry(self, known: Known, texts: str) -> Pieces:
        """What the process has written of the entry; `texts` names the parameter that holds all of them."""
        return (Sql(f"(%({texts})s::TEXT[])[{self.placed(templates.entry(known))}]"),)

    def joining(self, relation: One) -> "Scope":
        """The scope of the row that the relation leads to."""
        join = templates.join(relation)
        inner = object.__new__(Scope)
        inner._names = self._names
        inner.row = f"r{next(self._names)}"
        inner._source = self._source
        # What hangs on a row that may be missing may be missing with it.
        inner._is_outer = self._is_outer or relation.exists is not None
        target, condition = (self.placed(part).replace(OWN_ROW, inner.row) for part in join)
        self._source.append(f"{'LEFT ' if inner._is_outer else ''}JOIN {target} ON {condition}")
        return inner

    def items(self, items: Items, write: "Write") -> Pieces:
        query, order = templates.items(items)
        return listed(Rows(self.placed(query), order), self._names, write)

    def many(self, relation: Many, prefix: str, write: "Write") -> Pieces:
        query, order = templates.many(relation)
        return listed(Rows(self._own(query, prefix), order), self._names, write)

    def page(self, relation: Pages, prefix: str) -> "Page":
        template = templates.page(relation)
        own = template._replace(
            rows=Rows(self._own(template.rows.query, prefix), template.rows.order),
            has_next=self._own(template.has_next, prefix),
            has_previous=self._own(template.has_previous, prefix),
            total=self._own(template.total, prefix),
        )
        return Page(own, self._names)

    def _own(self, sql: Sql, prefix: str) -> Sql:
        return Sql(self.placed(sql).replace("%(own__", f"%({prefix}"))

    def placed(self, sql: Sql) -> Sql:
        return Sql(sql.replace("__row__", self.row))

    def _placed(self, pieces: Pieces) -> Pieces:
        return tuple(self.placed(piece) if isinstance(piece, Sql) else piece for piece in pieces)

    def select(self, body: Pieces) -> str:
        return f"SELECT {_concatenated(body)} AS body FROM {' '.join(self._source)}"  # noqa: S608 - Texts of ours.


Write = Callable[[Scope], Pieces]
"""Writes the object of a row."""


def listed(rows: Rows, names: Iterator[int], write: Write) -> Pieces:
    """A list of all these rows, in this order."""
    scope = Scope(f"({rows.query})", names)
    body = write(scope)
    order = scope.placed(templates.order_by(rows.order))
    return ("[", Sql(f"array_to_string(ARRAY({scope.select(body)} ORDER BY {order}), ',')"), "]")


class Page:
    """The parts of a connection."""

    def __init__(self, template: templates.Page, names: Iterator[int]) -> None:
        self._template = template
        self._names = names
        self.has_next: Pieces = (template.has_next,)
        self.has_previous: Pieces = (template.has_previous,)
        self.total: Pieces = (template.total,)

    def listed(self, write: Write) -> Pieces:
        return listed(self._template.rows, self._names, write)

    def cursor(self, scope: Scope) -> Pieces:
        keys = _concatenated(tuple(scope.placed(p) if isinstance(p, Sql) else p for p in self._template.keys))
        encoded = f"encode(convert_to({keys}, 'UTF8'), 'base64')"
        return ('"', Sql(rf"translate({encoded}, E'+/=\n', '-_')"), '"')

    def end(self, *, is_last: bool) -> Pieces:
        """The cursor of the first or the last row; null on an empty page."""
        rows = self._template.rows
        scope = Scope(f"({rows.query})", self._names)
        order = scope.placed(templates.order_by(rows.order, is_reversed=is_last))
        return (Sql(f"coalesce(({scope.select(self.cursor(scope))} ORDER BY {order} LIMIT 1), {_NULL})"),)


def for_each_parent(relation: Relation, write: Write) -> JsonStatement:
    """One text for each parent, in their order."""
    scope = Scope(templates.parents(relation), count(1), name=templates.PARENT)
    return JsonStatement(f"{scope.select(write(scope))} ORDER BY {templates.PARENT}.place")


def one_row(source: Select[Any], write: Write) -> JsonStatement:
    """The text of the one row, or nothing."""
    scope = Scope(f"({templates.query(source)})", count(1))
    return JsonStatement(scope.select(write(scope)))


def all_rows(source: ListRows, write: Write) -> JsonStatement:
    rows = Rows(templates.query(source.rows), source.order)
    return JsonStatement(f"SELECT {_concatenated(listed(rows, count(1), write))} AS body")


def one_page(source: PageRows, write: Callable[[Page], Pieces]) -> JsonStatement:
    template = templates.page_rows(source)
    body = write(Page(template, count(1)))
    common = ", ".join(f"{name} AS ({query})" for name, query in template.common.items())
    return JsonStatement(f"{f'WITH {common} ' if common else ''}SELECT {_concatenated(body)} AS body")
