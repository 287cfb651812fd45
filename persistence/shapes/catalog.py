"""Products, variants and what describes them as fused statements read them."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from persistence.catalog.products import MEMBERSHIP
from persistence.catalog.tables import (
    bundle_component,
    category,
    collection,
    collection_product,
    media,
    product,
    variant,
)
from persistence.json_text import forms
from persistence.json_text.shapes import (
    NUMBERED,
    OWN_ROW,
    Identifier,
    Items,
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
    whole,
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
    shown = whole(media).where(media.c.product_id == described.id, ~_SHOWN_BEFORE)
    return shown.order_by(media.c.position, media.c.id).limit(_FIRST)


def _media_of_variant(sold: SourceRow) -> Select[Any]:
    """Its own pictures first, then those of the product."""
    of_product = media.c.variant_id.is_(None)
    shown = whole(media).where(media.c.product_id == sold.product_id, or_(media.c.variant_id == sold.id, of_product))
    return shown.order_by(of_product, media.c.position, media.c.id).limit(_FIRST)


def _products_in(group: str) -> Callable[[SourceRow], PageRows]:
    """Published products of a category or a collection, newest first; nothing is newer than what a first page follows."""

    def page(row: SourceRow) -> PageRows:
        is_member: ColumnElement[bool] = literal_column(MEMBERSHIP[group].replace("asked.", f"{row}."))
        members = (product.c.published_at.is_not(None), is_member)
        beyond = whole(product).where(*members, product.c.id < own_parameter("after", Uuid()))
        return PageRows(
            rows=beyond.order_by(product.c.id.desc()).limit(_FIRST),
            order=Order(lambda row: [row.id], is_descending=True),
            has_next=exists(beyond.with_only_columns(product.c.id).offset(_FIRST)),
            has_previous=own_parameter("has_previous", Boolean()),
            total=select(func.count()).select_from(product).where(*members).scalar_subquery(),
            keys=lambda row: ('["', forms.hexadecimal(row.id), '"]'),
        )

    return page


def _variants(described: SourceRow) -> PageRows:
    """What comes before a first page is smaller than every variant."""
    after = tuple_(own_parameter("after_position", Integer()), own_parameter("after_id", Uuid()))
    on_sale = (variant.c.product_id == described.id, variant.c.withdrawn_at.is_(None))
    beyond = whole(variant).where(*on_sale, tuple_(variant.c.position, variant.c.id) > after)
    return PageRows(
        rows=beyond.order_by(variant.c.position, variant.c.id).limit(_FIRST),
        order=_BY_POSITION,
        has_next=exists(beyond.with_only_columns(variant.c.id).offset(_FIRST)),
        has_previous=own_parameter("has_previous", Boolean()),
        total=select(func.count()).select_from(variant).where(*on_sale).scalar_subquery(),
        keys=lambda row: ("[", row.position, ',"', forms.hexadecimal(row.id), '"]'),
    )


def _tags(described: SourceRow) -> Select[Any]:
    tag = func.unnest(described.tags).table_valued(column("value", Text), with_ordinality="place")
    return select(tag.render_derived())


def _items_of(name: str) -> Callable[[SourceRow], Select[Any]]:
    """Of a column that holds a JSON list."""

    def items(row: SourceRow) -> Select[Any]:
        item = func.jsonb_array_elements(getattr(row, name)).table_valued("body", with_ordinality="place")
        return select(item.render_derived())

    return items


def _member(name: str) -> Leaf:
    """Text in an object of a JSON list."""
    return Leaf(lambda row: forms.required_text(row.body.op("->>")(literal_column(f"'{name}'")), row.place))


def _values(option: SourceRow) -> Select[Any]:
    values = func.jsonb_array_elements_text(option.body.op("->")(literal_column("'values'")))
    return select(values.table_valued(column("value", Text), with_ordinality="place").render_derived())


_TEXT = Leaf(lambda row: forms.required_text(row.value, row.place))
_NAMED: Shape = {"name": _member("name"), "value": _member("value")}
_OPTION: Shape = {"name": _member("name"), "values": Items(_values, _TEXT)}


def _components(made: SourceRow) -> Select[Any]:
    part = bundle_component.c
    named = select(part.component_variant_id.label("variant_id"), part.quantity)
    return named.where(part.bundle_variant_id == made.id)


def _collections(described: SourceRow) -> Select[Any]:
    member = collection_product.c
    joined = whole(collection).join(collection_product, member.collection_id == collection.c.id)
    return joined.where(member.product_id == described.id)


PRODUCT: Shape = {
    "id": Identifier(),
    **columns(product, "slug", "name", "description", "brand", "created_at", "updated_at"),
    "tags": Items(_tags, _TEXT),
    "options": Items(_items_of("options"), _OPTION),
    "attributes": Items(_items_of("attributes"), _NAMED),
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
    "selected_options": Items(_items_of("selected_options"), _NAMED),
    "product": One(product.alias(OWN_ROW), lambda sold, own: own.id == sold.product_id, needs={"product_id": Uuid()}),
    "price": PRICE_OF_VARIANT,
    "media": Many(
        _media_of_variant,
        Order(lambda row: [row.variant_id.is_(None), row.position, row.id]),
        needs={"id": Uuid(), "product_id": Uuid()},
    ),
    "availability": AVAILABILITY_OF_VARIANT,
    "available_to_promise": TO_PROMISE_OF_VARIANT,
    "components": Many(_components, Order(lambda row: [row.variant_id])),
}
COMPONENT: Shape = {
    "variant": One(variant.alias(OWN_ROW), lambda part, own: own.id == part.variant_id, needs={"variant_id": Uuid()}),
    **columns(bundle_component, "quantity"),
}
CATEGORY: Shape = {
    "id": NUMBERED,
    **columns(category, "slug", "name"),
    "parent": One(
        category.alias(OWN_ROW),
        lambda part, own: own.id == part.parent_id,
        exists=lambda own: own.id.is_not(None),
        needs={"parent_id": Integer()},
    ),
    "children": Many(
        lambda above: whole(category).where(category.c.parent_id == above.id), _BY_NAME, needs={"id": Integer()}
    ),
    "products": Pages(_products_in("category_id"), needs={"id": Integer()}),
}
COLLECTION: Shape = {
    "id": NUMBERED,
    **columns(collection, "slug", "name"),
    "products": Pages(_products_in("collection_id"), needs={"id": Integer()}),
}


@cache
def product_by(key: str, *, published_only: bool) -> Select[Any]:
    """The product whose `key` is the parameter of that name."""
    query = whole(product).where(product.c[key] == bindparam(key, type_=product.c[key].type))
    return query.where(product.c.published_at.is_not(None)) if published_only else query


@cache
def variant_by(key: str, *, on_sale_only: bool) -> Select[Any]:
    """The variant whose `key` is the parameter of that name; the oldest where several variants carry one barcode."""
    query = whole(variant).where(variant.c[key] == bindparam(key, type_=variant.c[key].type))
    if on_sale_only:
        query = query.join(product, product.c.id == variant.c.product_id).where(
            variant.c.withdrawn_at.is_(None), product.c.published_at.is_not(None)
        )
    return query.order_by(variant.c.id).limit(literal_column("1"))


def _by_slug(group: Table) -> Select[Any]:
    return whole(group).where(group.c.slug == bindparam("slug", type_=Text))


CATEGORY_BY_SLUG = _by_slug(category)
COLLECTION_BY_SLUG = _by_slug(collection)
