"""What a channel may see of stock: what is available at each location less what is kept back there from the channel.

Of a bundle there is at a location what the scarcest of its components allows, each less what is kept back of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from persistence.catalog.tables import bundle, bundle_component, variant
from persistence.database import Reader, Row
from persistence.inventory.tables import stock_level
from persistence.statements import Statement, among, array_parameter

Buffers = Mapping[int, int]
"""The locations that count, each with the units that it keeps back from the channel that asks."""

OfferKey = int | tuple[int, int]
"""The id of the level; of a bundle its own and the location's, because it has no levels."""

Offer = Row | Mapping[str, Any]
"""id, variant_id, location_id, available, backorder_limit, version, as_of."""


@dataclass(frozen=True, slots=True)
class Places:
    """The locations that count for a channel, each with the units that it keeps back from it, out of parameters."""

    location_ids: BindParameter[Any]
    buffer: ColumnElement[int]
    """Of the location of a level."""
    joined: FromClause | None = None
    """Where the buffers are found by location_id, unless the parameters say it."""

    @property
    def offered(self) -> ColumnElement[int]:
        return stock_level.c.available - self.buffer

    def of(self, query: Select[Any]) -> Select[Any]:
        """Said twice, because the join alone would read every location of a variant before it leaves most of them out."""
        counting = query.where(stock_level.c.location_id == any_(self.location_ids))
        if self.joined is None:
            return counting
        return counting.join(self.joined, self.joined.c.location_id == stock_level.c.location_id)


def _joined() -> Places:
    location_ids = array_parameter("location_ids", Integer())
    kept_back = (
        func.unnest(location_ids, array_parameter("buffers", Integer()))
        .table_valued(column("location_id", Integer), column("buffer", Integer))
        .render_derived(name="kept_back")
    )
    return Places(location_ids, kept_back.c.buffer, kept_back)


_PLACES = _joined()


def levels(*conditions: ColumnElement[bool], places: Places = _PLACES) -> Select[Any]:
    """What the places have of all but bundles; conditions of stock_level."""
    return places.of(
        select(
            stock_level.c.id,
            null().cast(Integer).label("bundle_id"),
            stock_level.c.variant_id,
            stock_level.c.location_id,
            places.offered.label("available"),
            stock_level.c.backorder_limit,
            stock_level.c.version,
            func.statement_timestamp().label("as_of"),
        ).select_from(stock_level)
    ).where(*conditions)


def _whole(units: ColumnElement[int]) -> ColumnElement[int]:
    """How many bundles so many units of each component make; rounded towards nothing."""
    return func.min(units // bundle_component.c.quantity)


_COMPONENTS = (
    select(func.count())
    .select_from(bundle_component.alias("each"))
    .where(literal_column("each.bundle_variant_id") == bundle.c.variant_id)
    .correlate(bundle)
    .scalar_subquery()
)


def made(*conditions: ColumnElement[bool], places: Places = _PLACES) -> Select[Any]:
    """What the places have of bundles, where every component is stocked; conditions of bundle."""
    available = _whole(places.offered)
    return (
        places.of(
            select(
                null().cast(BigInteger).label("id"),
                bundle.c.id.label("bundle_id"),
                bundle.c.variant_id,
                stock_level.c.location_id,
                available.label("available"),
                (_whole(places.offered + stock_level.c.backorder_limit) - available).label("backorder_limit"),
                (bundle.c.version_base + func.sum(stock_level.c.version)).cast(BigInteger).label("version"),
                func.statement_timestamp().label("as_of"),
            )
            .select_from(bundle)
            .join(bundle_component, bundle_component.c.bundle_variant_id == bundle.c.variant_id)
            .join(stock_level, stock_level.c.variant_id == bundle_component.c.component_variant_id)
        )
        .where(*conditions)
        .group_by(bundle.c.id, stock_level.c.location_id)
        .having(func.count() == _COMPONENTS)
    )


def _offers_of(variant_id_among: str) -> CTE:
    return union_all(
        levels(among(stock_level.c.variant_id, variant_id_among)),
        made(among(bundle.c.variant_id, variant_id_among)),
    ).cte("offer")


_OF_VARIANTS = _offers_of("variant_ids")
_AVAILABILITY = Statement(select(_OF_VARIANTS))
_AVAILABILITY_BY_ID = Statement(
    union_all(levels(among(stock_level.c.id, "ids")), made(among(bundle.c.id, "bundle_ids")))
)
_listed = (
    func.unnest(array_parameter("location_ids", Integer()))
    .table_valued(column("location_id", Integer), with_ordinality="place")
    .render_derived(name="listed")
)


def _in_order(values: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.array_agg(aggregate_order_by(values, _listed.c.place))


_LISTS = Statement(
    select(
        _OF_VARIANTS.c.variant_id,
        _in_order(_OF_VARIANTS.c.location_id),
        _in_order(func.least(_OF_VARIANTS.c.available, bindparam("most", type_=Integer))),
        _in_order(_OF_VARIANTS.c.backorder_limit),
    )
    .join(_listed, _listed.c.location_id == _OF_VARIANTS.c.location_id)
    .group_by(_OF_VARIANTS.c.variant_id)
)
# GraphQL's Int has 32 bits; nobody needs to know of more.
_LARGEST_INT = 2**31 - 1
_TO_PROMISE = Statement(
    select(
        _OF_VARIANTS.c.variant_id,
        func.least(func.sum(func.greatest(0, _OF_VARIANTS.c.available)), _LARGEST_INT).cast(Integer).label("available"),
    ).group_by(_OF_VARIANTS.c.variant_id)
)


def _best_by_product() -> Select[Any]:
    own = (
        variant.c.product_id,
        _PLACES.offered.label("available"),
        (_PLACES.offered + stock_level.c.backorder_limit).label("sellable"),
    )
    on_sale = (among(variant.c.product_id, "product_ids"), variant.c.withdrawn_at.is_(None))
    single = _PLACES.of(
        select(*own).select_from(variant).join(stock_level, stock_level.c.variant_id == variant.c.id)
    ).where(*on_sale)
    bundles = made(bundle.c.variant_id.in_(select(variant.c.id).where(*on_sale, variant.c.is_bundle))).subquery("made")
    whole = select(
        variant.c.product_id, bundles.c.available, (bundles.c.available + bundles.c.backorder_limit).label("sellable")
    ).join_from(bundles, variant, variant.c.id == bundles.c.variant_id)
    offer = union_all(single, whole).subquery("offer")
    return select(
        offer.c.product_id, func.max(offer.c.available).label("available"), func.max(offer.c.sellable).label("sellable")
    ).group_by(offer.c.product_id)


_BEST_BY_PRODUCT = Statement(_best_by_product())


def _places(buffers: Buffers) -> dict[str, list[int]]:
    return {"location_ids": list(buffers), "buffers": list(buffers.values())}


def _keyed(rows: Sequence[Row]) -> list[Offer]:
    return [row if row["bundle_id"] is None else {**row, "id": (row["bundle_id"], row["location_id"])} for row in rows]


async def availability(reader: Reader, variant_ids: Collection[UUID], buffers: Buffers) -> list[Offer]:
    """What may be told about each pair that is stocked: `available` less the buffer, not yet capped, maybe negative."""
    return _keyed(await reader.fetch(_AVAILABILITY, variant_ids=list(variant_ids), **_places(buffers)))


class _Known(dict[tuple[int, int, int], Mapping[str, int]]):
    def __missing__(self, key: tuple[int, int, int]) -> Mapping[str, int]:
        location_id, available, backorder_limit = key
        offer = self[key] = {
            "location_id": location_id,
            "available": available,
            "backorder_limit": backorder_limit,
        }
        return offer


async def lists(
    reader: Reader, variant_ids: Collection[UUID], buffers: Buffers, *, most: int | None
) -> dict[UUID, list[Mapping[str, int]]]:
    """For each variant that is stocked what its locations have of it, in the order of the buffers: location_id, available,
    backorder_limit. Of what is available no more than `most` is told; what is told alike is one object, which lets a
    shopper's long list of locations be answered with few of them.
    """
    rows = await reader.fetch(
        _LISTS, variant_ids=list(variant_ids), most=_LARGEST_INT if most is None else most, **_places(buffers)
    )
    known = _Known()
    return {row[0]: list(map(known.__getitem__, zip(row[1], row[2], row[3], strict=True))) for row in rows}


async def availability_by_ids(reader: Reader, keys: Collection[OfferKey], buffers: Buffers) -> list[Offer]:
    """Those of other locations are left out."""
    rows = await reader.fetch(
        _AVAILABILITY_BY_ID,
        ids=[key for key in keys if isinstance(key, int)],
        bundle_ids=list({key[0] for key in keys if isinstance(key, tuple)}),
        **_places(buffers),
    )
    return [offer for offer in _keyed(rows) if offer["id"] in keys]


async def best_by_product(reader: Reader, product_ids: Collection[UUID], buffers: Buffers) -> list[Row]:
    """For each product the most that one variant has at one location."""
    return await reader.fetch(_BEST_BY_PRODUCT, product_ids=list(product_ids), **_places(buffers))


async def to_promise(reader: Reader, variant_ids: Collection[UUID], buffers: Buffers) -> list[Row]:
    """For each variant the sum over the locations of what is available there."""
    return await reader.fetch(_TO_PROMISE, variant_ids=list(variant_ids), **_places(buffers))
