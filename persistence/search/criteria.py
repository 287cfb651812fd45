"""What a list of products can be narrowed by, as conditions on `product_search`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from persistence.catalog.search_tables import product_price_range as price_range
from persistence.catalog.search_tables import product_search as found
from persistence.catalog.tables import bundle_component, category, collection, collection_product, variant
from persistence.channels.tables import market
from persistence.inventory.tables import stock_level
from persistence.statements import among, array_parameter

SEPARATOR = "\x1f"
"""Between the name and the value of an attribute."""


_PLAIN = ("query", "categories", "collections", "brands", "tags", "price_min", "price_max")


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is asked for; null, or no attributes, is no condition. Amounts are in minor units of the market."""

    market_id: int
    selling: Mapping[int, int]
    """Locations that sell to the channel, and the units that each keeps back from it."""
    query: str | None = None
    """In the notation of tsquery."""
    typed: str = ""
    """All that was typed, to be compared with whole names and codes."""
    categories: Sequence[str] | None = None
    collections: Sequence[str] | None = None
    brands: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    attributes: Sequence[tuple[str, Sequence[str]]] = ()
    price_min: int | None = None
    price_max: int | None = None
    available_at: Mapping[int, int] | None = None
    """Some of the locations that sell to the channel."""
    in_stock: bool | None = None

    def values(self) -> dict[str, Any]:
        """Of the parameters of all conditions that are used."""
        plain: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(self, name)) is not None}
        for number, (name, values) in enumerate(self.attributes):
            plain[f"attribute_{number}"] = [f"{name}{SEPARATOR}{value}" for value in values]
        if self.available_at is not None:
            plain |= places("available_at", self.available_at)
        if self.in_stock is not None:
            plain |= places("selling", self.selling)
        if self.price_min is not None or self.price_max is not None:
            plain["market_id"] = self.market_id
        return plain

    @property
    def used(self) -> frozenset[str]:
        """Names of the conditions; statements are kept by it."""
        names = {name for name in _PLAIN if getattr(self, name) is not None}
        names |= {f"attribute_{number}" for number in range(len(self.attributes))}
        if self.available_at is not None:
            names.add("available_at")
        if self.in_stock is not None:
            names.add("in_stock" if self.in_stock else "not_in_stock")
        return frozenset(names)


def places(name: str, buffers: Mapping[int, int]) -> dict[str, list[int]]:
    """Values of the two parameters that in_stock_at takes."""
    return {name: list(buffers), f"{name}_buffers": list(buffers.values())}


def searched() -> ColumnElement[Any]:
    """The query as PostgreSQL knows it: a value of its own type, never a part of the statement."""
    return cast(bindparam("query", type_=Text), TSQUERY)


def _in_categories() -> ColumnElement[bool]:
    asked = select(category.c.id).where(among(category.c.slug, "categories")).cte("asked_category", recursive=True)
    below = asked.union(select(category.c.id).join(asked, category.c.parent_id == asked.c.id))
    return found.c.category_id == any_(func.array(select(below.c.id).scalar_subquery()))


def _in_collections() -> ColumnElement[bool]:
    return found.c.product_id.in_(
        select(collection_product.c.product_id)
        .join(collection, collection.c.id == collection_product.c.collection_id)
        .where(among(collection.c.slug, "collections"))
    )


def in_stock_at(name: str, product_id: ColumnElement[Any] = found.c.product_id) -> ColumnElement[bool]:
    """Some variant on sale is available at one of these locations, beyond what the location keeps back.

    Bundles are few and looked at once for a whole statement, not once for each product.
    """
    kept_back = _kept_back(name)
    return or_(
        exists(
            select(stock_level.c.id)
            .join(variant, variant.c.id == stock_level.c.variant_id)
            .join(kept_back, kept_back.c.location_id == stock_level.c.location_id)
            .where(
                variant.c.product_id == product_id,
                variant.c.withdrawn_at.is_(None),
                # Said twice, because the join alone would read every location of a variant.
                among(stock_level.c.location_id, name),
                stock_level.c.available > kept_back.c.buffer,
            )
            .correlate(product_id.table)
            # Looked at for each product that comes by, and never for all of them first: a page needs few.
            .offset(literal_column("0"))
        ),
        product_id == any_(func.array(_with_bundles_in_stock(name).scalar_subquery())),
    )


def _kept_back(name: str) -> FromClause:
    return (
        func.unnest(array_parameter(name, Integer()), array_parameter(f"{name}_buffers", Integer()))
        .table_valued(column("location_id", Integer), column("buffer", Integer))
        .render_derived(name="kept_back")
    )


def _with_bundles_in_stock(name: str) -> Select[Any]:
    """Products that have a bundle of which every component is there at one of the locations."""
    kept_back, made = _kept_back(name), variant.alias("made")
    each = bundle_component.alias("each")
    components = select(func.count()).select_from(each).where(each.c.bundle_variant_id == made.c.id).scalar_subquery()
    return (
        select(made.c.product_id)
        .join(bundle_component, bundle_component.c.bundle_variant_id == made.c.id)
        .join(stock_level, stock_level.c.variant_id == bundle_component.c.component_variant_id)
        .join(kept_back, kept_back.c.location_id == stock_level.c.location_id)
        .where(
            made.c.withdrawn_at.is_(None),
            among(stock_level.c.location_id, name),
            stock_level.c.available - kept_back.c.buffer >= bundle_component.c.quantity,
        )
        .group_by(made.c.id, stock_level.c.location_id)
        .having(func.count() == components)
    )


def _overlaps(own: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    return own.bool_op("&&")(array_parameter(parameter, Text()))


_LEAST = bindparam("price_min", type_=BigInteger)
_MOST = bindparam("price_max", type_=BigInteger)


def _priced_between() -> ColumnElement[bool]:
    amount = func.unnest(price_range.c.amounts).table_valued(column("amount", BigInteger)).render_derived(name="each")
    return and_(
        price_range.c.highest >= _LEAST,
        price_range.c.lowest <= _MOST,
        or_(
            price_range.c.lowest >= _LEAST,
            price_range.c.highest <= _MOST,
            exists(select(amount.c.amount).where(amount.c.amount.between(_LEAST, _MOST))),
        ),
    )


_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "query": found.c.document.bool_op("@@")(searched()),
    "categories": _in_categories(),
    "collections": _in_collections(),
    "brands": among(found.c.brand, "brands"),
    "tags": _overlaps(found.c.tags, "tags"),
    "available_at": in_stock_at("available_at"),
    "in_stock": in_stock_at("selling"),
    "not_in_stock": ~in_stock_at("selling"),
}


def conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    """One for each name, and one for both ends of a price."""
    plain = [condition(name) for name in sorted(used) if name not in ("price_min", "price_max")]
    ends = used & {"price_min", "price_max"}
    if len(ends) == 2:
        return [*plain, _priced_between()]
    if ends:
        plain.append(price_range.c.highest >= _LEAST if "price_min" in ends else price_range.c.lowest <= _MOST)
    return plain


def condition(name: str) -> ColumnElement[bool]:
    if name.startswith("attribute_"):
        return _overlaps(found.c.attributes, name)
    return _CONDITIONS[name]


def with_prices() -> FromClause:
    """Each product with its prices in the market, which it may not have."""
    return found.outerjoin(
        price_range,
        and_(
            price_range.c.product_id == found.c.product_id,
            price_range.c.market_id == bindparam("market_id", type_=market.c.id.type),
        ),
    )
