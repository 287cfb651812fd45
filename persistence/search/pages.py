"""Lists of products, found, narrowed and ordered; docs/decisions/0012-search-in-postgresql.md says how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.catalog.search import MOST_CORRECTIONS, SHORTEST_BEGINNING, SHORTEST_MISTYPED, Chunk, Word
from persistence.catalog.columns import COSTLY_OF_PRODUCTS, select_with
from persistence.catalog.search_tables import product_price_range as price_range
from persistence.catalog.search_tables import product_search as found
from persistence.catalog.tables import product
from persistence.database import Reader, Row
from persistence.json_text import forms
from persistence.json_text.forms import Pieces
from persistence.json_text.shapes import Order as JsonOrder
from persistence.json_text.shapes import PageRows, SourceRow, whole
from persistence.search.criteria import Criteria, conditions, searched, with_prices
from persistence.statements import Statement

_READ = Statement("""
WITH chunk AS MATERIALIZED (
  SELECT typed.number::int, trim('-' FROM regexp_replace(search_fold(typed.body), '[^[:alnum:]]+', '-', 'g')) AS body
  FROM unnest(CAST(:chunks AS text[])) WITH ORDINALITY typed (body, number)
), word AS MATERIALIZED (
  SELECT chunk.number, chunk.body, left(part.word, 100) AS word, (ts_lexize('english_stem', part.word))[1] AS stem,
         CASE WHEN chunk.number = (SELECT max(number) FROM chunk WHERE body <> '') AND length(part.word) >= :beginning
              THEN ':*' ELSE '' END AS ending
  FROM chunk, LATERAL (SELECT string_to_table(chunk.body, '-') UNION SELECT replace(chunk.body, '-', '')) part (word)
  WHERE chunk.body <> ''
), judged AS MATERIALIZED (
  SELECT number, body, word, stem,
         search_knows(CAST(format('''%s''%s | ''%s''', word, ending, coalesce(stem, word)) AS tsquery)) AS is_known
  FROM word
)
SELECT number, body, word, stem, is_known,
       CASE WHEN NOT is_known AND length(word) >= :mistyped THEN ARRAY(
         SELECT DISTINCT other.word FROM search_word other WHERE other.deletions && search_deletions(judged.word)
         LIMIT :neighbors
       ) ELSE '{}' END AS alike,
       CASE WHEN NOT is_known AND length(word) >= :mistyped THEN ARRAY(
         SELECT other.word FROM search_word other WHERE other.word LIKE '%' || judged.word || '%'
         GROUP BY other.word ORDER BY length(other.word), other.word LIMIT :most
       ) ELSE '{}' END AS containing
FROM judged
ORDER BY number
""")

_LONGEST_WORD = 100
_MOST_NEIGHBORS = 200


async def read_typed(reader: Reader, chunks: Sequence[str]) -> list[Chunk]:
    """What was typed between blanks, in the catalog's words; chunks without a letter or digit are left out."""
    rows = await reader.fetch(
        _READ,
        chunks=list(chunks),
        beginning=SHORTEST_BEGINNING,
        mistyped=SHORTEST_MISTYPED,
        neighbors=_MOST_NEIGHBORS,
        most=MOST_CORRECTIONS,
    )
    words = {(row["number"], row["word"]): _word(row) for row in rows}
    bodies = {row["number"]: row["body"] for row in rows}
    read = []
    for number, body in bodies.items():
        parts = tuple(words[number, part[:_LONGEST_WORD]] for part in body.split("-"))
        whole = words[number, body.replace("-", "")[:_LONGEST_WORD]] if len(parts) > 1 else None
        read.append(Chunk(parts, whole))
    return read


def _word(row: Row) -> Word:
    return Word(row["word"], row["stem"], row["is_known"], tuple(row["alike"]), tuple(row["containing"]))


class Order(Enum):
    """How a list is sorted. What has no price in the market comes last in both orders of price."""

    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"
    NAME = "NAME"
    PRICE_ASC = "PRICE_ASC"
    PRICE_DESC = "PRICE_DESC"


_NO_PRICE_ASCENDING = 2**63 - 1
_NO_PRICE_DESCENDING = -1

# Of D, C, B and A: codes and stems, category and properties, brand, name.
_WEIGHTS = cast(literal_column("'{0.05, 0.2, 0.5, 1.0}'"), ARRAY(Float(24)))
# A query of its own, so that it is folded once and not for each product.
_TYPED = select(func.search_fold(bindparam("typed", type_=Text))).scalar_subquery()
_RANK: ColumnElement[int] = (
    case((any_(found.c.codes) == _TYPED, 2_000_000), else_=0)
    + case((found.c.folded_name == _TYPED, 1_000_000), else_=0)
    # A whole number, so that a cursor can name it exactly.
    + cast(func.round(func.ts_rank(_WEIGHTS, found.c.document, searched()) * 100_000), Integer)
)


@dataclass(frozen=True, slots=True)
class _Sorting:
    key: ColumnElement[Any]
    is_descending: bool
    needs_prices: bool = False


_SORTINGS: Mapping[Order, _Sorting] = {
    Order.RELEVANCE: _Sorting(_RANK, is_descending=True),
    Order.NEWEST: _Sorting(literal_column("0", Integer), is_descending=True),
    Order.NAME: _Sorting(found.c.folded_name, is_descending=False),
    Order.PRICE_ASC: _Sorting(
        func.coalesce(price_range.c.lowest, _NO_PRICE_ASCENDING), is_descending=False, needs_prices=True
    ),
    Order.PRICE_DESC: _Sorting(
        func.coalesce(price_range.c.highest, _NO_PRICE_DESCENDING), is_descending=True, needs_prices=True
    ),
}


@cache
def _hits(order: Order, used: frozenset[str], *, after: bool) -> Select[Any]:
    """The ids of a page, with their sort keys."""
    sorting = _SORTINGS[order]
    needs_prices = sorting.needs_prices or bool(used & {"price_min", "price_max"})
    key, id_ = sorting.key.label("sort_key"), found.c.product_id
    query = select(id_, key).select_from(with_prices() if needs_prices else found).where(*conditions(used))
    if after:
        seen = (sorting.key, id_), (bindparam("after_key", type_=sorting.key.type), bindparam("after_id", type_=Uuid))
        if order is Order.NEWEST:
            query = query.where(id_ < seen[1][1])
        elif sorting.is_descending:
            query = query.where(tuple_(*seen[0]) < tuple_(*seen[1]))
        else:
            query = query.where(tuple_(*seen[0]) > tuple_(*seen[1]))
    if order is Order.NEWEST:
        query = query.order_by(id_.desc())
    elif sorting.is_descending:
        query = query.order_by(key.desc(), id_.desc())
    else:
        query = query.order_by(key, id_)
    return query.limit(bindparam("count", type_=Integer))


def _in_order(rows: Select[Any], hit: FromClause, order: Order) -> Select[Any]:
    ends = (hit.c.sort_key, hit.c.product_id)
    joined = rows.join(hit, hit.c.product_id == product.c.id)
    return joined.order_by(*(end.desc() if _SORTINGS[order].is_descending else end for end in ends))


@lru_cache(maxsize=1024)
def _page(order: Order, used: frozenset[str], costly: frozenset[str], *, after: bool) -> Statement:
    hit = _hits(order, used, after=after).cte("hit")
    return Statement(_in_order(select_with(product, costly).add_columns(hit.c.sort_key), hit, order))


@cache
def page_rows(order: Order, used: frozenset[str], *, after: bool, is_searched: bool) -> PageRows:
    """The same page for a fused statement: of `count` rows that are read, `first` are shown."""
    hit = table("hit", column("product_id", Uuid), column("sort_key"))
    first = bindparam("first", type_=Integer)
    total = select(func.count()).select_from(_source(used)).where(*conditions(used))

    def keys(row: SourceRow) -> Pieces:
        sort_key = forms.text(row.sort_key) if order is Order.NAME else forms.plain(row.sort_key)
        own = ("[", *(() if order is Order.NEWEST else (*sort_key, ",")), '"', forms.hexadecimal(row.id), '"')
        return (*own, ",", bindparam("corrections_json", type_=Text), "]") if is_searched else (*own, "]")

    return PageRows(
        rows=_in_order(whole(product).add_columns(hit.c.sort_key), hit, order).limit(first),
        order=JsonOrder(lambda row: (row.sort_key, row.id), is_descending=_SORTINGS[order].is_descending),
        has_next=select(func.count() > first).select_from(hit).scalar_subquery(),
        has_previous=literal_column("true" if after else "false", Boolean),
        total=total.scalar_subquery(),
        keys=keys,
        common={"hit": _hits(order, used, after=after)},
    )


def _source(used: frozenset[str]) -> FromClause:
    return with_prices() if used & {"price_min", "price_max"} else found


@cache
def _count(used: frozenset[str]) -> Statement:
    return Statement(select(func.count()).select_from(_source(used)).where(*conditions(used)))


def page_values(criteria: Criteria, order: Order, after: tuple[Any, UUID] | None) -> dict[str, Any]:
    """Of the parameters of a page, but for how long it is."""
    values = criteria.values()
    if order is Order.RELEVANCE:
        values["typed"] = criteria.typed
    if _SORTINGS[order].needs_prices:
        values["market_id"] = criteria.market_id
    if after is not None:
        values["after_id"] = after[1]
        if order is not Order.NEWEST:
            values["after_key"] = after[0]
    return values


async def page(
    reader: Reader,
    criteria: Criteria,
    order: Order,
    *,
    after: tuple[Any, UUID] | None,
    count: int,
    costly: frozenset[str] = COSTLY_OF_PRODUCTS,
) -> list[Row]:
    """Published products, each with its `sort_key`; `after` is the key and the id of the last one seen.

    RELEVANCE needs a query.
    """
    values = page_values(criteria, order, after)
    return await reader.fetch(_page(order, criteria.used, costly, after=after is not None), count=count, **values)


async def count(reader: Reader, criteria: Criteria) -> int:
    """How many products there are on all pages."""
    counted: int = await reader.fetch_value(_count(criteria.used), **criteria.values())
    return counted
