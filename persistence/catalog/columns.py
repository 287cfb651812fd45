"""Which columns of products and variants are read only where somebody asks for them, because decoding them costs."""

from typing import Any

from sqlalchemy import Column, Select, Table, select

from persistence.catalog.tables import product, variant

_COSTLY = {
    product: frozenset({"description", "tags", "options", "attributes", "published_at", "created_at", "updated_at"}),
    variant: frozenset({"selected_options", "created_at", "updated_at"}),
}
COSTLY_OF_PRODUCTS = _COSTLY[product]
COSTLY_OF_VARIANTS = _COSTLY[variant]


def columns_with(table: Table, costly: frozenset[str]) -> list[Column[Any]]:
    """Those that loaders and cursors need, and of the costly ones these."""
    left_out = _COSTLY[table] - costly
    return [column for column in table.c if column.name not in left_out]


def select_with(table: Table, costly: frozenset[str]) -> Select[Any]:
    return select(*columns_with(table, costly))
