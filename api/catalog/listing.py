"""Lists of products: what is asked for, a page of it, and how to go on after it while the catalog changes."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from api.catalog.columns import costly_of_products
from api.catalog.facets import FACETS_OF
from api.catalog.filters import ProductFilter, criteria_of
from api.context import Context
from api.execution.fields import Wanted, of_items
from api.ids import Kind, bad_input, key_of
from api.pagination import Page, connection, foreign_cursor, page
from domain.catalog.search import (
    LONGEST_SEARCH,
    MOST_CORRECTIONS,
    MOST_WORDS,
    Corrections,
    chunks_typed,
    corrections_of,
    query_of,
)
from domain.errors import InvalidInput
from persistence.database import Reader
from persistence.search import pages
from persistence.search.criteria import Criteria
from persistence.search.pages import Order


@dataclass(frozen=True, slots=True)
class Question:
    """A page of a list, in the terms of the database."""

    asked: Page
    order: Order
    criteria: Criteria
    chunks: list[str] | None
    """What was typed, between blanks; null where nothing is searched for."""
    corrections: Corrections | None = None
    """How it is read."""

    @property
    def place(self) -> tuple[Any, UUID] | None:
        """The sort key and the id of the last product seen."""
        return _place(self.asked, self.order)

    def keys(self, row: Any) -> tuple[Any, ...]:
        """What a cursor of this list stands for."""
        own = (row["id"].hex,) if self.order is Order.NEWEST else (row["sort_key"], row["id"].hex)
        return own if self.chunks is None else (*own, self.corrections)


async def list_products(
    context: Context,
    first: int | None,
    after: str | None,
    filter_: ProductFilter | None,
    order: Order | None,
    wanted: Wanted,
) -> dict[str, Any]:
    """The source of a ProductConnection; the total only where it is wanted."""
    costly = costly_of_products(of_items(wanted))
    question = question_of(context, first, after, filter_, order)
    async with context.database.reading() as reader:
        question = await understood(reader, question)
        asked, criteria = question.asked, question.criteria
        rows = await pages.page(
            reader, criteria, question.order, after=question.place, count=asked.fetched, costly=costly
        )
        count = await pages.count(reader, criteria) if "totalCount" in wanted else None
    return connection(rows, asked, question.keys, count, {FACETS_OF: criteria})


def question_of(
    context: Context, first: int | None, after: str | None, filter_: ProductFilter | None, order: Order | None
) -> Question:
    """What no client should send is a BAD_USER_INPUT error."""
    chunks = _typed(filter_)
    order = order or Order.RELEVANCE
    if order is Order.RELEVANCE and chunks is None:
        order = Order.NEWEST
    asked = page(first, after, default=24, keys=(1 if order is Order.NEWEST else 2) + (chunks is not None))
    return Question(asked, order, criteria_of(context, filter_), chunks)


async def understood(reader: Reader, question: Question) -> Question:
    """With what was typed put into the catalog's words. A later page reads it as the first one did, whatever words the
    catalog has learned in between.
    """
    if question.chunks is None:
        return question
    after = question.asked.after
    known = None if after is None else _corrections_in(after[-1])
    read = await pages.read_typed(reader, question.chunks)
    corrections = corrections_of(read) if known is None else known
    criteria = replace(question.criteria, query=query_of(read, corrections), typed=" ".join(question.chunks))
    return replace(question, criteria=criteria, corrections=corrections)


def _typed(filter_: ProductFilter | None) -> list[str] | None:
    try:
        return chunks_typed((filter_ and filter_.search) or "") or None
    except InvalidInput as refusal:
        raise bad_input(refusal.message) from refusal


def _place(asked: Page, order: Order) -> tuple[Any, UUID] | None:
    """Cursors are text that a client may have made up."""
    if asked.after is None:
        return None
    key, hexadecimal = (None, asked.after[0]) if order is Order.NEWEST else asked.after[:2]
    id_ = key_of(Kind.Product, f"prd_{hexadecimal}")
    if not isinstance(id_, UUID) or not _is_key(key, order):
        raise foreign_cursor()
    return key, id_


def _is_key(key: Any, order: Order) -> bool:
    if order is Order.NEWEST:
        return True
    if order is Order.NAME:
        return isinstance(key, str) and "\0" not in key
    bits = 31 if order is Order.RELEVANCE else 63
    return type(key) is int and -1 <= key < 2**bits


def _corrections_in(value: Any) -> Corrections:
    if not isinstance(value, dict) or len(value) > MOST_WORDS:
        raise foreign_cursor()
    for meant in value.values():
        if not isinstance(meant, list) or not 0 < len(meant) <= MOST_CORRECTIONS or not all(map(_is_word, meant)):
            raise foreign_cursor()
    return value


def _is_word(word: Any) -> bool:
    return isinstance(word, str) and 0 < len(word) <= LONGEST_SEARCH and "\0" not in word
