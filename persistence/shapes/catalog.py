"""Products, variants and what describes them as fused statements read them."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Select, Uuid, exists, func, or_, select, tuple_

from persistence.catalog.tables import category, collection, collection_product, media, product, variant
from persistence.json_text import forms
from persistence.json_text.shapes import (
    OWN_ROW,
    Identifier,
    Leaf,
    Many,
    One,
    Order,
    PageRows,
    Pages,
    Shape,
    SourceRow,
    columns,
    own_parameter,
)
from persistence.shapes.inventory import AVAILABILITY_OF_VARIANT, STATUS_OF_PRODUCT, TO_PROMISE_OF_VARIANT
from persistence.shapes.pricing import PRICE_OF_VARIANT, RANGE_OF_PRODUCT

_BY_POSITION = Order(lambda row: [row.position, row.id])
_BY_NAME = Order(lambda row: [row.name, row.id])
_FIRST = own_parameter("first", Integer())

MEDIA: Shape = {**columns(media, "url", "alt"), "kind": Leaf(lambda row: forms.quoted(row.kind))}

_earlier = media.alias("earlier")
_SHOWN_BEFORE: ColumnElement[bool] = exists().where(
    _earlier.c.product_id == media.c.product_id,
    _earlier.c.url == media.c.url,
    tuple_(_earlier.c.position, _earlier.c.id) < tuple_(media.c.position, media.c.id),
)


def _media(described: SourceRow) -> Select[Any]:
    """Each size of a color has the color's picture as its own; of the product it is shown once."""
    shown = select(media).where(media.c.product_id == described.id, ~_SHOWN_BEFORE)
    return shown.order_by(media.c.position, media.c.id).limit(_FIRST)


def _media_of_variant(sold: SourceRow) -> Select[Any]:
    """Its own pictures first, then those of the product."""
    of_product = media.c.variant_id.is_(None)
    shown = select(media).where(media.c.product_id == sold.product_id, or_(media.c.variant_id == sold.id, of_product))
    return shown.order_by(of_product, media.c.position, media.c.id).limit(_FIRST)


def _variants(described: SourceRow) -> PageRows:
    """What comes before a first page is smaller than every variant."""
    after = tuple_(own_parameter("after_position", Integer()), own_parameter("after_id", Uuid()))
    on_sale = (variant.c.product_id == described.id, variant.c.withdrawn_at.is_(None))
    beyond = select(variant).where(*on_sale, tuple_(variant.c.position, variant.c.id) > after)
    return PageRows(
        rows=beyond.order_by(variant.c.position, variant.c.id).limit(_FIRST),
        order=_BY_POSITION,
        has_next=exists(beyond.with_only_columns(variant.c.id).offset(_FIRST)),
        has_previous=own_parameter("has_previous", Boolean()),
        total=select(func.count()).select_from(variant).where(*on_sale).scalar_subquery(),
        keys=lambda row: ("[", row.position, ',"', forms.hexadecimal(row.id), '"]'),
    )


def _collections(described: SourceRow) -> Select[Any]:
    member = collection_product.c
    joined = select(collection).join(collection_product, member.collection_id == collection.c.id)
    return joined.where(member.product_id == described.id)


PRODUCT: Shape = {
    "id": Identifier(),
    **columns(product, "slug", "name", "description", "brand", "created_at", "updated_at"),
    "category": One(
        category.alias(OWN_ROW),
        lambda described, own: own.id == described.category_id,
        exists=lambda own: own.id.is_not(None),
        needs={"category_id": Integer()},
    ),
    "collections": Many(_collections, _BY_NAME),
    "media": Many(_media, _BY_POSITION),
    "variants": Pages(_variants),
    "price_range": RANGE_OF_PRODUCT,
    "stock_status": STATUS_OF_PRODUCT,
}
VARIANT: Shape = {
    "id": Identifier(),
    **columns(variant, "sku", "barcode", "name"),
    "product": One(product.alias(OWN_ROW), lambda sold, own: own.id == sold.product_id, needs={"product_id": Uuid()}),
    "price": PRICE_OF_VARIANT,
    "media": Many(
        _media_of_variant,
        Order(lambda row: [row.variant_id.is_(None), row.position, row.id]),
        needs={"id": Uuid(), "product_id": Uuid()},
    ),
    "availability": AVAILABILITY_OF_VARIANT,
    "available_to_promise": TO_PROMISE_OF_VARIANT,
}
CATEGORY: Shape = {
    "id": Identifier(is_uuid=False),
    **columns(category, "slug", "name"),
    "parent": One(
        category.alias(OWN_ROW),
        lambda part, own: own.id == part.parent_id,
        exists=lambda own: own.id.is_not(None),
        needs={"parent_id": Integer()},
    ),
    "children": Many(
        lambda whole: select(category).where(category.c.parent_id == whole.id), _BY_NAME, needs={"id": Integer()}
    ),
}
COLLECTION: Shape = {"id": Identifier(is_uuid=False), **columns(collection, "slug", "name")}
