"""Prices as fused statements read them.

Parameters that are the same for the whole answer: `market_id`; `minor_unit`, what the smallest coin is worth;
`currency_json`, the code of the currency as a JSON string; `tax_included`.
"""

from sqlalchemy import Boolean, FromClause, Integer, Text, and_, bindparam, func, select, true

from persistence.catalog.tables import variant
from persistence.json_text import forms
from persistence.json_text.shapes import OWN_ROW, Embedded, Leaf, One, Shape, SourceRow
from persistence.pricing.tables import price

_MARKET_ID = bindparam("market_id", type_=Integer)
_CURRENCY = Leaf(lambda _: (bindparam("currency_json", type_=Text),))


def _money(column: str) -> Shape:
    """Of a column that holds minor units."""
    return {"amount": Leaf(lambda row: forms.amount(getattr(row, column))), "currency_code": _CURRENCY}


PRICE: Shape = {
    **_money("amount"),
    "compare_at": Embedded(_money("compare_at_amount"), lambda row: row.compare_at_amount.is_not(None)),
    "tax_included": Leaf(lambda _: forms.plain(bindparam("tax_included", type_=Boolean))),
}
PRICE_RANGE: Shape = {"min": Embedded(_money("min_amount")), "max": Embedded(_money("max_amount"))}


def _extremes(product: SourceRow) -> FromClause:
    return (
        select(func.min(price.c.amount).label("min_amount"), func.max(price.c.amount).label("max_amount"))
        .select_from(variant)
        .join(price, price.c.variant_id == variant.c.id)
        .where(variant.c.product_id == product.id, variant.c.withdrawn_at.is_(None), price.c.market_id == _MARKET_ID)
        .lateral(OWN_ROW)
    )


PRICE_OF_VARIANT = One(
    price.alias(OWN_ROW),
    lambda sold, own: and_(own.variant_id == sold.id, own.market_id == _MARKET_ID),
    exists=lambda own: own.variant_id.is_not(None),
)
RANGE_OF_PRODUCT = One(_extremes, lambda _, __: true(), exists=lambda own: own.min_amount.is_not(None))
