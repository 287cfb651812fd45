"""How many products each further choice would leave: all facets of any number of lists in one statement."""

from collections.abc import Sequence
from functools import cache, reduce
from operator import add
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from persistence.catalog.search_tables import product_search as found
from persistence.catalog.tables import category, collection_product
from persistence.database import Reader, Row
from persistence.search.criteria import SEPARATOR, Criteria, condition, conditions, in_stock_at, places, with_prices
from persistence.statements import Statement, among, array_parameter

MOST_VALUES = 20
MOST_ATTRIBUTES = 6

# Each filter that is a facet too has a bit, which is set in the mask of a product that the filter leaves out.
_CATEGORY, _BRAND, _TAG, _STOCK, _FIRST_ATTRIBUTE = 1, 2, 4, 8, 16
_BITS = {"categories": _CATEGORY, "brands": _BRAND, "tags": _TAG, "in_stock": _STOCK, "not_in_stock": _STOCK}
_NONE: ColumnElement[int] = literal_column("0", Integer)


def _bit(filter_: str) -> int | None:
    if filter_.startswith("attribute_"):
        return _FIRST_ATTRIBUTE << int(filter_.removeprefix("attribute_"))
    return _BITS.get(filter_)


def _passes(mask: ColumnElement[int], own_bits: ColumnElement[int] | int) -> ColumnElement[bool]:
    """All filters but those of one facet let it pass."""
    return mask.bitwise_and(func.int4not(own_bits)) == _NONE


def _asked_bits() -> FromClause:
    """For each facet that is filtered by: all its bits, and how its attributes begin."""
    bits, beginnings = array_parameter("facet_bits", Integer()), array_parameter("facet_beginnings", Text())
    return (
        func.unnest(bits, beginnings)
        .table_valued(column("bits", Integer), column("beginning", Text))
        .render_derived(name="asked")
    )


@cache
def _members(group: str | None, *, needs_prices: bool) -> tuple[FromClause, ColumnElement[int]]:
    """Where products of the groups are found, and the group's column; all of one group when there are none."""
    source = with_prices() if needs_prices else found
    if group == "collection_id":
        joined = source.join(collection_product, collection_product.c.product_id == found.c.product_id)
        return joined, collection_product.c.collection_id
    return source, found.c.category_id if group == "category_id" else _NONE


def _candidates(group: str | None, used: frozenset[str]) -> CTE:
    """What no filter leaves out that is not a facet."""
    masked = sorted((bit, name) for name in used if (bit := _bit(name)) and bit != _STOCK)
    failing = [case((func.coalesce(condition(name), False), 0), else_=bit) for bit, name in masked]
    source, group_id = _members(group, needs_prices=bool(used & {"price_min", "price_max"}))
    rows = (
        select(
            group_id.label("group_id"),
            found.c.product_id,
            found.c.brand,
            found.c.category_id,
            found.c.tags,
            found.c.attributes,
            reduce(add, failing, _NONE).label("mask"),
        )
        .select_from(source)
        .where(*conditions(frozenset(name for name in used if _bit(name) is None)))
    )
    if group is not None:
        rows = rows.where(among(group_id, "group_ids"))
    return rows.cte("candidate")


def _products(group: str | None, used: frozenset[str]) -> CTE:
    """The candidates that at most one facet leaves out, and whether they are in stock."""
    candidate = _candidates(group, used)
    asked = _asked_bits()
    passes = exists(select(asked.c.bits).where(_passes(candidate.c.mask, asked.c.bits)))
    near = select(candidate).where(or_(candidate.c.mask == _NONE, passes)).cte("near")
    narrows_stock = bool(used & {"in_stock", "not_in_stock"})
    in_stock = select(near.c.product_id).distinct().where(in_stock_at("selling", near.c.product_id))
    stocked = (in_stock if narrows_stock else in_stock.where(near.c.mask == _NONE)).cte("stocked")
    is_stocked = stocked.c.product_id.is_not(None)
    mask: ColumnElement[int] = near.c.mask
    if narrows_stock:
        mask = mask + case((~is_stocked if "in_stock" in used else is_stocked, _STOCK), else_=0)
    others = [own for own in near.c if own.name != "mask"]
    joined = near.outerjoin(stocked, stocked.c.product_id == near.c.product_id)
    return select(*others, mask.label("mask"), is_stocked.label("is_stocked")).select_from(joined).cte("listed")


def _closure() -> CTE:
    """Each category with itself and all that it is a part of."""
    own = select(category.c.id, category.c.id.label("above"), category.c.slug, category.c.parent_id)
    closure = own.cte("closure", recursive=True)
    parent = category.alias("parent")
    return closure.union(
        select(closure.c.id, parent.c.id, parent.c.slug, parent.c.parent_id).join(
            parent, parent.c.id == closure.c.parent_id
        )
    )


def _counted(kind: str, value: ColumnElement[str], products: CTE) -> Select[Any]:
    return select(
        products.c.group_id,
        literal_column(f"'{kind}'", Text).label("kind"),
        literal_column("''", Text).label("name"),
        value.label("value"),
        cast(func.count(), Integer).label("count"),
    ).group_by(products.c.group_id, value)


def _counts(listed: CTE) -> list[Select[Any]]:
    closure = _closure()
    tag = func.unnest(listed.c.tags).table_valued(column("tag", Text)).render_derived(name="each_tag")
    own = func.unnest(listed.c.attributes).table_valued(column("body", Text)).render_derived(name="each_attribute")
    asked = _asked_bits()
    is_own = and_(_passes(listed.c.mask, asked.c.bits), func.starts_with(own.c.body, asked.c.beginning))
    attribute = (
        select(listed.c.group_id, own.c.body, cast(func.count(), Integer).label("count"))
        .select_from(listed, own)
        .where(or_(listed.c.mask == _NONE, exists(select(asked.c.bits).where(is_own))))
        .group_by(listed.c.group_id, own.c.body)
        .cte("attribute")
    )
    name, value = (func.split_part(attribute.c.body, SEPARATOR, place) for place in (1, 2))
    in_stock = case((listed.c.is_stocked, literal_column("'IN_STOCK'")), else_=literal_column("'OUT_OF_STOCK'"))
    return [
        _counted("category", closure.c.slug, listed)
        .join_from(listed, closure, closure.c.id == listed.c.category_id)
        .where(_passes(listed.c.mask, _CATEGORY)),
        _counted("brand", listed.c.brand, listed).where(_passes(listed.c.mask, _BRAND), listed.c.brand != ""),
        _counted("tag", tag.c.tag, listed).select_from(listed, tag).where(_passes(listed.c.mask, _TAG)),
        _counted("stock", in_stock, listed).where(_passes(listed.c.mask, _STOCK)),
        select(attribute.c.group_id, literal_column("'attribute'", Text), name, value, attribute.c.count),
    ]


@cache
def _facets(group: str | None, used: frozenset[str]) -> Statement:
    counted = union_all(*_counts(_products(group, used))).cte("counted")
    facet = (counted.c.group_id, counted.c.kind, counted.c.name)
    ranked = select(
        counted,
        func.row_number().over(partition_by=facet, order_by=(counted.c.count.desc(), counted.c.value)).label("place"),
        func.sum(counted.c.count).over(partition_by=facet).label("total"),
    ).cte("ranked")
    is_asked = ranked.c.name == any_(bindparam("facet_names", type_=ARRAY(Text)))
    chosen = select(
        ranked,
        func.dense_rank()
        .over(
            partition_by=(ranked.c.group_id, ranked.c.kind),
            order_by=(is_asked.desc(), ranked.c.total.desc(), ranked.c.name),
        )
        .label("facet_place"),
    ).cte("chosen")
    return Statement(
        select(chosen)
        .where(chosen.c.place <= MOST_VALUES, chosen.c.facet_place <= MOST_ATTRIBUTES)
        .order_by(chosen.c.group_id, chosen.c.kind, chosen.c.facet_place, chosen.c.place)
    )


async def of_list(reader: Reader, criteria: Criteria) -> list[Row]:
    """Kind (category, brand, tag, stock, attribute), name (of an attribute), value and count; the largest first."""
    return await reader.fetch(_facets(None, criteria.used), **_values(criteria))


async def of_groups(reader: Reader, group: str, group_ids: Sequence[int], criteria: Criteria) -> list[Row]:
    """The same for the products of each category or collection, with its group_id."""
    return await reader.fetch(_facets(group, criteria.used), group_ids=list(group_ids), **_values(criteria))


def _values(criteria: Criteria) -> dict[str, Any]:
    own_bits = {f"{name}{SEPARATOR}": 0 for name, _ in criteria.attributes}
    for number, (name, _) in enumerate(criteria.attributes):
        own_bits[f"{name}{SEPARATOR}"] |= _FIRST_ATTRIBUTE << number
    # Nothing begins with the separator: what has no name is no attribute.
    plain = {bit: SEPARATOR for filter_, bit in _BITS.items() if filter_ in criteria.used and bit != _STOCK}
    return {
        **criteria.values(),
        **places("selling", criteria.selling),
        "facet_bits": [*plain, *own_bits.values()],
        "facet_beginnings": [*plain.values(), *own_bits],
        "facet_names": [name for name, _ in criteria.attributes],
    }
