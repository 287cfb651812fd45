"""Writing a merchant's catalogue in batches: each statement takes a whole batch and changes only rows that differ.

Writing the same batch again changes nothing, so an import that broke off is simply begun anew.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Label,
    Text,
    Uuid,
    bindparam,
    case,
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from persistence.catalog.tables import category, collection, collection_product, media, product, variant
from persistence.database import Connection, Reader, Row
from persistence.pricing.tables import price
from persistence.statements import Statement, among

Item = dict[str, Any]

# An inserted row has never been locked by anybody, an updated one has been by its own statement.
_IS_NEW: Label[bool] = literal_column("(xmax = 0)").label("is_new")


def _items(**columns: TypeEngine[Any]) -> TableValuedAlias:
    """A batch as a table: one JSON parameter, so one prepared statement for batches of every size."""
    return (
        func.jsonb_to_recordset(bindparam("items", type_=JSONB))
        .table_valued(*(column(name, type_) for name, type_ in columns.items()))
        .render_derived(name="item", with_types=True)
    )


def _differs(
    old: ReadOnlyColumnCollection[str, Any], new: ReadOnlyColumnCollection[str, Any], names: Collection[str]
) -> ColumnElement[bool]:
    return or_(*(old[name].is_distinct_from(new[name]) for name in names))


_PRODUCTS = _items(
    id=Uuid(),
    slug=Text(),
    name=Text(),
    description=Text(),
    brand=Text(),
    category_id=Integer(),
    tags=ARRAY(Text),
    options=JSONB(),
    attributes=JSONB(),
    is_published=Boolean(),
)
_COPIED = ("id", "slug", "name", "description", "brand", "category_id", "tags", "options", "attributes")


@cache
def _upsert_products(written: frozenset[str]) -> Statement:
    published_at = case((_PRODUCTS.c.is_published, func.now()))
    upsert = insert(product).from_select(
        [*_COPIED, "published_at"],
        select(*(_PRODUCTS.c[name] for name in _COPIED), published_at).order_by(_PRODUCTS.c.slug),
    )
    new = upsert.excluded
    names = sorted(written - {"published_at"})
    values: dict[str, Any] = {name: new[name] for name in names}
    changes = _differs(product.c, new, names)
    if "published_at" in written:
        # The day it was first published stays.
        values["published_at"] = case(
            (new.published_at.is_not(None), func.coalesce(product.c.published_at, new.published_at))
        )
        changes |= product.c.published_at.is_(None) != new.published_at.is_(None)
    return Statement(
        upsert.on_conflict_do_update(
            index_elements=["slug"], set_={**values, "updated_at": func.now()}, where=changes
        ).returning(product.c.id, product.c.slug, _IS_NEW)
    )


async def upsert_products(connection: Connection, items: Sequence[Item], written: frozenset[str]) -> list[Row]:
    """By slug. Of products that exist only the columns `written` change; those that stayed as they were are left out."""
    return await connection.fetch(_upsert_products(written), items=items)


_PRODUCT_IDS = Statement(select(product.c.slug, product.c.id).where(among(product.c.slug, "slugs")))


async def product_ids(reader: Reader, slugs: Collection[str]) -> dict[str, UUID]:
    return {row["slug"]: row["id"] for row in await reader.fetch(_PRODUCT_IDS, slugs=list(slugs))}


_TOUCH = Statement(update(product).where(among(product.c.id, "ids")).values(updated_at=func.now()))


async def touch_products(connection: Connection, ids: Collection[UUID]) -> None:
    """What belongs to them has changed."""
    if ids:
        await connection.execute(_TOUCH, ids=list(ids))


_BY_SKU = Statement(
    select(variant.c.sku, variant.c.id, product.c.slug)
    .join(product, product.c.id == variant.c.product_id)
    .where(among(variant.c.sku, "skus"))
)


async def variants_by_sku(reader: Reader, skus: Collection[str]) -> dict[str, Row]:
    """The id and the product's slug of each that exists, withdrawn or not."""
    return {row["sku"]: row for row in await reader.fetch(_BY_SKU, skus=list(skus))}


_VARIANTS = _items(
    id=Uuid(),
    product_id=Uuid(),
    sku=Text(),
    barcode=Text(),
    name=Text(),
    selected_options=JSONB(),
    position=Integer(),
)


@cache
def _upsert_variants(written: frozenset[str]) -> Statement:
    names = ("id", "product_id", "sku", "barcode", "name", "selected_options", "position")
    upsert = insert(variant).from_select(
        list(names), select(*(_VARIANTS.c[name] for name in names)).order_by(_VARIANTS.c.sku)
    )
    new = upsert.excluded
    return Statement(
        upsert.on_conflict_do_update(
            index_elements=["sku"],
            set_={**{name: new[name] for name in sorted(written)}, "withdrawn_at": None, "updated_at": func.now()},
            where=_differs(variant.c, new, sorted(written)) | variant.c.withdrawn_at.is_not(None),
        ).returning(variant.c.sku, _IS_NEW)
    )


async def upsert_variants(connection: Connection, items: Sequence[Item], written: frozenset[str]) -> list[Row]:
    """By SKU; one that was withdrawn comes back, one of another product moves. The unchanged are left out."""
    return await connection.fetch(_upsert_variants(written), items=items)


_WITHDRAW = Statement(
    update(variant)
    .where(among(variant.c.product_id, "product_ids"), variant.c.withdrawn_at.is_(None), ~among(variant.c.sku, "skus"))
    .values(withdrawn_at=func.now(), updated_at=func.now())
    .returning(variant.c.id)
)


async def withdraw_variants(
    connection: Connection, product_ids: Collection[UUID], *, except_skus: Collection[str]
) -> int:
    """How many of these products' variants went off sale."""
    return len(await connection.fetch(_WITHDRAW, product_ids=list(product_ids), skus=list(except_skus)))


_PRICES = _items(variant_id=Uuid(), amount=BigInteger(), compare_at_amount=BigInteger())


def _upsert_prices() -> Statement:
    upsert = insert(price).from_select(
        ["variant_id", "market_id", "amount", "compare_at_amount"],
        select(
            _PRICES.c.variant_id,
            bindparam("market_id", type_=Integer),
            _PRICES.c.amount,
            _PRICES.c.compare_at_amount,
        ).order_by(_PRICES.c.variant_id),
    )
    amounts = ("amount", "compare_at_amount")
    return Statement(
        upsert.on_conflict_do_update(
            index_elements=["variant_id", "market_id"],
            set_={**{name: upsert.excluded[name] for name in amounts}, "updated_at": func.now()},
            where=_differs(price.c, upsert.excluded, amounts),
        ).returning(price.c.variant_id)
    )


_UPSERT_PRICES = _upsert_prices()


async def upsert_prices(connection: Connection, market_id: int, items: Sequence[Item]) -> int:
    """How many are new or differ."""
    return len(await connection.fetch(_UPSERT_PRICES, items=items, market_id=market_id))


_MEDIA_COLUMNS = ("product_id", "variant_id", "position", "url", "alt")
_MEDIA_ITEMS = _items(product_id=Uuid(), variant_id=Uuid(), position=Integer(), url=Text(), alt=Text())
_MEDIA = Statement(
    select(*(media.c[name] for name in _MEDIA_COLUMNS))
    .where(among(media.c.product_id, "product_ids"))
    .order_by(media.c.product_id, media.c.position, media.c.id)
)
_DELETE_MEDIA = Statement(delete(media).where(among(media.c.product_id, "product_ids")))
_DELETE_MEDIA_LEFT_BEHIND = Statement(
    delete(media).where(
        media.c.variant_id == variant.c.id,
        media.c.product_id != variant.c.product_id,
        among(variant.c.sku, "skus"),
    )
)
_INSERT_MEDIA = Statement(
    insert(media).from_select(
        list(_MEDIA_COLUMNS),
        select(*(_MEDIA_ITEMS.c[name] for name in _MEDIA_COLUMNS)).order_by(
            _MEDIA_ITEMS.c.product_id, _MEDIA_ITEMS.c.position
        ),
    )
)


async def media_of(reader: Reader, product_ids: Collection[UUID]) -> list[Row]:
    """By product, in order."""
    return await reader.fetch(_MEDIA, product_ids=list(product_ids))


async def replace_media(connection: Connection, product_ids: Collection[UUID], items: Sequence[Item]) -> None:
    await connection.execute(_DELETE_MEDIA, product_ids=list(product_ids))
    await connection.execute(_INSERT_MEDIA, items=items)


async def drop_media_left_behind(connection: Connection, skus: Collection[str]) -> None:
    """Pictures of variants that have moved, at the product they came from."""
    await connection.execute(_DELETE_MEDIA_LEFT_BEHIND, skus=list(skus))


_NAMED = {"category": category, "collection": collection}


@cache
def _grouping_id(table_name: str) -> Statement:
    table = _NAMED[table_name]
    return Statement(select(table.c.id).where(table.c.slug == bindparam("slug", type_=Text)))


@cache
def _insert_grouping(table_name: str) -> Statement:
    table = _NAMED[table_name]
    names = [name for name in ("slug", "name", "parent_id") if name in table.c]
    values = {name: bindparam(name, type_=table.c[name].type) for name in names}
    return Statement(insert(table).values(values).on_conflict_do_nothing(index_elements=["slug"]))


async def category_id(connection: Connection, *, slug: str, name: str, parent_id: int | None) -> int:
    """Of the one with this slug, which is made if there is none; an existing one keeps its name and place."""
    return await _grouping(connection, "category", slug, name=name, parent_id=parent_id)


async def collection_id(connection: Connection, *, slug: str, name: str) -> int:
    return await _grouping(connection, "collection", slug, name=name)


async def _grouping(connection: Connection, table_name: str, slug: str, **values: Any) -> int:
    found = await connection.fetch_value(_grouping_id(table_name), slug=slug)
    if found is None:
        await connection.execute(_insert_grouping(table_name), slug=slug, **values)
        found = await connection.fetch_value(_grouping_id(table_name), slug=slug)
    return int(found)


_MEMBERS = _items(collection_id=Integer(), product_id=Uuid())
_COLLECT = Statement(
    insert(collection_product)
    .from_select(["collection_id", "product_id"], select(_MEMBERS.c.collection_id, _MEMBERS.c.product_id))
    .on_conflict_do_nothing()
    .returning(collection_product.c.product_id)
)


async def collect(connection: Connection, items: Sequence[Item]) -> set[UUID]:
    """The products that were in one of their collections for the first time."""
    return {row["product_id"] for row in await connection.fetch(_COLLECT, items=items)} if items else set()
