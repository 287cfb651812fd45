"""Rows that are joined may be missing; what they are joined to is not lost with them."""

import pytest
from sqlalchemy import select

from persistence.catalog.tables import category
from persistence.json_text.forms import text
from persistence.json_text.shapes import OWN_ROW, Leaf, ListRows, One, Order
from persistence.json_text.templates import Pieces
from persistence.json_text.writing import Scope, all_rows, if_exists, members
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_what_hangs_on_a_missing_row_is_missing_with_it(shop: Shop) -> None:
    parent = One(
        category.alias(OWN_ROW), lambda row, own: own.id == row.parent_id, exists=lambda own: own.id.is_not(None)
    )
    itself = One(category.alias(OWN_ROW), lambda row, own: own.id == row.id)
    slug = Leaf(lambda row: text(row.slug))

    def write(scope: Scope) -> Pieces:
        above = scope.joining(parent)
        again = above.joining(itself)
        inner = if_exists(above.condition(lambda own: own.id.is_not(None)), members([("slug", again.leaf(slug))]))
        return members([("slug", scope.leaf(slug)), ("above", inner)])

    statement = all_rows(ListRows(select(category), Order(lambda row: [row.id])), write)
    async with shop.database.reading() as reader:
        written = await reader.fetch_value(statement)

    assert written == (
        '[{"slug":"all","above":null},{"slug":"part","above":{"slug":"all"}},{"slug":"leaf","above":{"slug":"part"}}]'
    )
