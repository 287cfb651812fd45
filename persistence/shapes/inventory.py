"""Stock as fused statements read it.

Which locations count, and what each keeps back, are parameters: `location_ids`, `buffers` and `entries` are parallel, in
the order in which locations are listed; an entry is the number of the location in the process's directory. `cap` is null
for whoever may know exact numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import TypeEngine

from domain.inventory.stock import LOW_STOCK_AT_MOST, StockStatus
from persistence.catalog.tables import bundle, variant
from persistence.inventory.offers import Places, levels, made
from persistence.inventory.tables import stock_level
from persistence.json_text import forms
from persistence.json_text.shapes import (
    OWN_ROW,
    Embedded,
    Identifier,
    Known,
    Leaf,
    ListRows,
    Many,
    One,
    Order,
    Shape,
    SourceRow,
    own_parameter,
)

# GraphQL's Int has 32 bits; nobody needs to know of more.
_LARGEST_INT = 2**31 - 1
_CAP = bindparam("cap", type_=Integer)
_ZERO: ColumnElement[int] = literal_column("0")


def status(available: ColumnElement[int], sellable: ColumnElement[int]) -> ColumnElement[str]:
    """domain.inventory.stock.status; sellable is what is available and what may be backordered. Null is nothing."""
    low: ColumnElement[int] = literal_column(str(LOW_STOCK_AT_MOST))
    return case(
        (available > low, _name(StockStatus.IN_STOCK)),
        (available > _ZERO, _name(StockStatus.LOW_STOCK)),
        (sellable > _ZERO, _name(StockStatus.BACKORDER)),
        else_=_name(StockStatus.OUT_OF_STOCK),
    )


def _name(status: StockStatus) -> ColumnElement[str]:
    return literal_column(f"'{status.value}'")


# domain.inventory.stock.shown, of a row's `available`. LEAST takes no notice of a cap that is null.
AVAILABLE_QUANTITY: Shape = {
    "quantity": Leaf(lambda row: forms.plain(func.least(func.greatest(row.available, _ZERO), _CAP))),
    "is_capped": Leaf(lambda row: forms.plain(func.coalesce(row.available > _CAP, false()))),
}

LOCATION_AVAILABILITY: Shape = {
    # Of the level; of a bundle, which has none, its own and the location's.
    "id": Identifier(
        lambda row: func.coalesce(
            cast(row.id, Text), row.bundle_id.op("||")(literal_column("'_'")).op("||")(row.location_id)
        )
    ),
    "location": Known("location", lambda row: row.entry),
    "variant": One(
        variant.alias(OWN_ROW), lambda level, own: own.id == level.variant_id, needs={"variant_id": variant.c.id.type}
    ),
    "status": Leaf(lambda row: forms.quoted(status(row.available, row.available + row.backorder_limit))),
    "available": Embedded(AVAILABLE_QUANTITY),
    # Fails where the number is larger than GraphQL's Int.
    "version": Leaf(lambda row: forms.plain(cast(row.version, Integer))),
    "as_of": Leaf(lambda _: forms.moment(func.statement_timestamp())),
}

_Parameter = Callable[[str, TypeEngine[Any]], BindParameter[Any]]


_SHOWN = ("id", "bundle_id", "variant_id", "location_id", "available", "backorder_limit", "version", "place", "entry")


def _offers(
    parameter: _Parameter, of_level: ColumnElement[bool], of_bundle: ColumnElement[bool], names: Sequence[str] = _SHOWN
) -> tuple[Select[Any], Select[Any]]:
    """Of all but bundles, and of bundles; each with the `place` of its location among those that count.

    Found by place and not by a join: for one variant with few levels, that is what PostgreSQL does quickest.
    """
    location_ids, buffers, entries = (
        parameter(name, ARRAY(Integer)) for name in ("location_ids", "buffers", "entries")
    )
    place = func.array_position(location_ids, stock_level.c.location_id)
    places = Places(location_ids, Grouping(buffers)[place])
    listed = (place.label("place"), Grouping(entries)[place].label("entry"))
    return (
        _only(names, levels(of_level, places=places).add_columns(*listed)),
        _only(names, made(of_bundle, places=places).add_columns(*listed)),
    )


def _only(names: Sequence[str], query: Select[Any]) -> Select[Any]:
    return query.with_only_columns(*(query.selected_columns[name] for name in names))


def _of_variant(parameter: _Parameter, sold: SourceRow, names: Sequence[str] = _SHOWN) -> CompoundSelect[Any]:
    of_level, of_bundle = _offers(parameter, stock_level.c.variant_id == sold.id, bundle.c.variant_id == sold.id, names)
    # A wall: for what is no bundle PostgreSQL does not even begin with it.
    walled = of_bundle.offset(literal_column("0")).subquery()
    return union_all(of_level, select(walled).where(sold.is_bundle))


def _availability(sold: SourceRow) -> CompoundSelect[Any]:
    offers = _of_variant(own_parameter, sold)
    return offers.order_by(literal_column("place")).limit(own_parameter("first", Integer()))


_NEEDS: Mapping[str, TypeEngine[Any]] = {"id": Uuid(), "is_bundle": Boolean()}
AVAILABILITY_OF_VARIANT = Many(_availability, Order(lambda row: [row.place]), needs=_NEEDS)


def _named_parameter(name: str, type_: TypeEngine[Any]) -> BindParameter[Any]:
    return bindparam(f"named_{name}", type_=type_)


def _availability_of_named() -> ListRows:
    ids = bindparam("variant_ids", type_=ARRAY(Uuid))
    offers = _offers(_named_parameter, stock_level.c.variant_id == any_(ids), bundle.c.variant_id == any_(ids))
    return ListRows(union_all(*offers), Order(lambda row: [func.array_position(ids, row.variant_id), row.place]))


AVAILABILITY_OF_NAMED = _availability_of_named()
"""At the locations of `named_location_ids`: all that there is of the first of `variant_ids`, then of the second."""


def _shared_parameter(name: str, type_: TypeEngine[Any]) -> BindParameter[Any]:
    return bindparam(name, type_=type_)


def _to_promise(sold: SourceRow) -> FromClause:
    each = _of_variant(_shared_parameter, sold, ("available",)).subquery()
    summed = func.coalesce(func.sum(func.greatest(each.c.available, _ZERO)), _ZERO)
    capped = func.least(summed, literal_column(str(_LARGEST_INT)))
    return select(cast(capped, Integer).label("available")).lateral(OWN_ROW)


TO_PROMISE_OF_VARIANT = One(_to_promise, lambda _, __: true(), needs=_NEEDS)


def _best(product: SourceRow) -> ColumnElement[str]:
    """Of no level at all it is that of nothing."""
    on_sale = select(variant.c.id).where(variant.c.product_id == product.id, variant.c.withdrawn_at.is_(None))
    offers = _offers(
        _shared_parameter,
        stock_level.c.variant_id.in_(on_sale),
        bundle.c.variant_id.in_(on_sale.where(variant.c.is_bundle)),
        ("available", "backorder_limit"),
    )
    each = union_all(*offers).subquery()
    best = func.max(each.c.available), func.max(each.c.available + each.c.backorder_limit)
    return select(status(*best)).scalar_subquery()


STATUS_OF_PRODUCT = Leaf(lambda row: forms.quoted(_best(row)))
