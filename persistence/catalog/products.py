"""Products, and what belongs to each of them, a whole page at a time."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, column, exists, func, select, true, tuple_
from sqlalchemy.sql.elements import ColumnElement

from persistence.catalog.columns import COSTLY_OF_PRODUCTS, COSTLY_OF_VARIANTS, columns_with, select_with
from persistence.catalog.tables import category, collection, collection_product, media, product, variant
from persistence.database import Connection, Reader, Row
from persistence.statements import Statement, among, array_parameter

_IS_PUBLISHED = product.c.published_at.is_not(None)


@lru_cache
def _by_keys(key: str, costly: frozenset[str], *, published_only: bool) -> Statement:
    query = select_with(product, costly).where(among(product.c[key], "keys"))
    return Statement(query.where(_IS_PUBLISHED) if published_only else query)


async def by_ids(
    reader: Reader, ids: Collection[UUID], *, published_only: bool, costly: frozenset[str] = COSTLY_OF_PRODUCTS
) -> list[Row]:
    """In no particular order; what does not exist, or is hidden, is left out."""
    return await reader.fetch(_by_keys("id", costly, published_only=published_only), keys=list(ids))


async def by_slug(
    reader: Reader, slug: str, *, published_only: bool, costly: frozenset[str] = COSTLY_OF_PRODUCTS
) -> Row | None:
    return await reader.fetch_one(_by_keys("slug", costly, published_only=published_only), keys=[slug])


async def by_slugs(reader: Reader, slugs: Collection[str]) -> list[Row]:
    """Hidden ones too, in no particular order."""
    return await reader.fetch(_by_keys("slug", COSTLY_OF_PRODUCTS, published_only=False), keys=list(slugs))


# What stands in a category and in all of its parts; UNION ends even where somebody has made a circle of them.
_OF_CATEGORY = """
product.category_id IN (
  WITH RECURSIVE below AS (
    SELECT category.id FROM category WHERE category.id = asked.id
    UNION
    SELECT part.id FROM category part JOIN below ON part.parent_id = below.id
  )
  SELECT below.id FROM below
)
"""
_OF_COLLECTION = """
EXISTS (
  SELECT FROM collection_product member
  WHERE member.collection_id = asked.id AND member.product_id = product.id
)
"""
MEMBERSHIP = {"category_id": _OF_CATEGORY, "collection_id": _OF_COLLECTION}
"""Of `product` in the group whose row is `asked`."""


@lru_cache
def _page_of_each(group: str, costly: frozenset[str], *, after: bool) -> Statement:
    columns = ", ".join(f"product.{column.name}" for column in columns_with(product, costly))
    beyond = "AND product.id < CAST(:after AS uuid)" if after else ""
    return Statement(f"""
        SELECT asked.id AS group_id, each.*
        FROM unnest(CAST(:group_ids AS int[])) AS asked (id)
        JOIN LATERAL (
          SELECT {columns} FROM product
          WHERE product.published_at IS NOT NULL AND {MEMBERSHIP[group]} {beyond}
          ORDER BY product.id DESC LIMIT :count
        ) AS each ON true
    """)  # noqa: S608 - Texts of our own.


@cache
def _count_of_each(group: str) -> Statement:
    return Statement(f"""
        SELECT asked.id AS group_id, members.count
        FROM unnest(CAST(:group_ids AS int[])) AS asked (id)
        JOIN LATERAL (
          SELECT count(*) FROM product WHERE product.published_at IS NOT NULL AND {MEMBERSHIP[group]}
        ) AS members ON true
    """)  # noqa: S608 - Two texts of our own.


async def page_of_each(
    reader: Reader,
    group: str,
    group_ids: Sequence[int],
    *,
    after: UUID | None,
    count: int,
    costly: frozenset[str] = COSTLY_OF_PRODUCTS,
) -> list[Row]:
    """Published products of each group, newest first; `group` is category_id or collection_id. What is in a part of a category
    is in the category.
    """
    values = {} if after is None else {"after": after}
    statement = _page_of_each(group, costly, after=after is not None)
    return await reader.fetch(statement, group_ids=list(group_ids), count=count, **values)


async def count_of_each(reader: Reader, group: str, group_ids: Collection[int]) -> dict[int, int]:
    """Published products of each group."""
    rows = await reader.fetch(_count_of_each(group), group_ids=list(group_ids))
    return {row["group_id"]: row["count"] for row in rows}


def _of_each_product(rows: Select[tuple[object, ...]], product_id: ColumnElement[UUID]) -> Select[tuple[object, ...]]:
    """The rows of each product asked for, each product's by itself, so that a limit counts per product."""
    asked = (
        func.unnest(array_parameter("product_ids", Uuid()))
        .table_valued(column("id", Uuid))
        .render_derived(name="asked")
    )
    each = rows.where(product_id == asked.c.id).lateral("each")
    return select(each).select_from(asked.join(each, true()))


@lru_cache
def _variants(costly: frozenset[str], *, after: bool) -> Statement:
    rows = select_with(variant, costly).where(variant.c.withdrawn_at.is_(None))
    if after:
        rows = rows.where(
            tuple_(variant.c.position, variant.c.id)
            > tuple_(bindparam("position", type_=variant.c.position.type), bindparam("after", type_=Uuid))
        )
    rows = rows.order_by(variant.c.position, variant.c.id).limit(bindparam("count"))
    return Statement(_of_each_product(rows, variant.c.product_id))


async def variants(
    reader: Reader,
    product_ids: Sequence[UUID],
    *,
    count: int,
    after: tuple[int, UUID] | None = None,
    costly: frozenset[str] = COSTLY_OF_VARIANTS,
) -> list[Row]:
    """Up to `count` variants of each product, in the merchant's order."""
    values = {} if after is None else {"position": after[0], "after": after[1]}
    statement = _variants(costly, after=after is not None)
    return await reader.fetch(statement, product_ids=list(product_ids), count=count, **values)


_VARIANT_COUNTS = Statement(
    select(variant.c.product_id, func.count().label("count"))
    .where(among(variant.c.product_id, "product_ids"), variant.c.withdrawn_at.is_(None))
    .group_by(variant.c.product_id)
)


async def variant_counts(reader: Reader, product_ids: Collection[UUID]) -> dict[UUID, int]:
    """Products without variants are left out."""
    rows = await reader.fetch(_VARIANT_COUNTS, product_ids=list(product_ids))
    return {row["product_id"]: row["count"] for row in rows}


_earlier = media.alias("earlier")
# Each size of a color has the color's picture as its own; of the product it is shown once.
_SHOWN_BEFORE = exists().where(
    _earlier.c.product_id == media.c.product_id,
    _earlier.c.url == media.c.url,
    tuple_(_earlier.c.position, _earlier.c.id) < tuple_(media.c.position, media.c.id),
)
_MEDIA = Statement(
    _of_each_product(
        select(media.c.product_id, media.c.url, media.c.alt, media.c.kind)
        .where(~_SHOWN_BEFORE)
        .order_by(media.c.position, media.c.id)
        .limit(bindparam("count")),
        media.c.product_id,
    )
)


async def media_of(reader: Reader, product_ids: Sequence[UUID], *, count: int) -> list[Row]:
    """Up to `count` pictures of each product, each once, in the merchant's order."""
    return await reader.fetch(_MEDIA, product_ids=list(product_ids), count=count)


_COLLECTIONS = Statement(
    select(collection, collection_product.c.product_id)
    .join(collection_product, collection_product.c.collection_id == collection.c.id)
    .where(among(collection_product.c.product_id, "product_ids"))
    .order_by(collection.c.name, collection.c.id)
)


async def collections_of(reader: Reader, product_ids: Collection[UUID]) -> list[Row]:
    return await reader.fetch(_COLLECTIONS, product_ids=list(product_ids))


_CATEGORIES = Statement(select(category).order_by(category.c.name, category.c.id))
_ALL_COLLECTIONS = Statement(select(collection).order_by(collection.c.name, collection.c.id))


@cache
def _grouping(table_name: str, key: str) -> Statement:
    table = {"category": category, "collection": collection}[table_name]
    return Statement(select(table).where(among(table.c[key], "keys")).order_by(table.c.name, table.c.id))


async def categories(reader: Reader) -> list[Row]:
    """By name."""
    return await reader.fetch(_CATEGORIES)


async def collections(reader: Reader) -> list[Row]:
    """By name."""
    return await reader.fetch(_ALL_COLLECTIONS)


async def categories_by(reader: Reader, key: str, values: Collection[object]) -> list[Row]:
    """`key` is id, slug or parent_id."""
    return await reader.fetch(_grouping("category", key), keys=list(values))


async def collections_by(reader: Reader, key: str, values: Collection[object]) -> list[Row]:
    """`key` is id or slug."""
    return await reader.fetch(_grouping("collection", key), keys=list(values))


_SET_HOLD_POLICIES = Statement("""
WITH asked AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:policies AS text[])) AS asked (id, policy)
), locked AS (
  SELECT product.id FROM product JOIN asked USING (id) ORDER BY product.id FOR NO KEY UPDATE OF product
)
UPDATE product SET hold_policy = asked.policy, updated_at = now()
FROM asked JOIN locked USING (id) WHERE product.id = asked.id
""")


async def set_hold_policies(connection: Connection, policies: Mapping[UUID, str | None]) -> None:
    """Null leaves it to the channel."""
    await connection.execute(_SET_HOLD_POLICIES, ids=list(policies), policies=list(policies.values()))
