"""Stock as fused statements read it.

Which locations count, and what each keeps back, are parameters: `location_ids`, `buffers` and `entries` are parallel, in
the order in which locations are listed; an entry is the number of the location in the process's directory. `cap` is null
for whoever may know exact numbers.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Uuid,
    bindparam,
    case,
    cast,
    column,
    false,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from domain.inventory.stock import LOW_STOCK_AT_MOST, StockStatus
from persistence.catalog.tables import variant
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
    "id": Identifier(is_uuid=False),
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


def _shared_parameter(name: str, type_: TypeEngine[Any]) -> BindParameter[Any]:
    return bindparam(name, type_=type_)


def offered(parameter: _Parameter) -> Select[Any]:
    """Levels as a channel sees them, each with the `place` of its location among those that count."""
    location_ids = parameter("location_ids", ARRAY(Integer))
    counting = (
        func.unnest(location_ids, parameter("buffers", ARRAY(Integer)), parameter("entries", ARRAY(Integer)))
        .table_valued(*(column(name, Integer) for name in ("location_id", "buffer", "entry")), with_ordinality="place")
        .render_derived(name="counting")
    )
    return (
        select(
            stock_level.c.id,
            stock_level.c.variant_id,
            (stock_level.c.available - counting.c.buffer).label("available"),
            stock_level.c.backorder_limit,
            stock_level.c.version,
            counting.c.entry,
            counting.c.place,
        )
        .join(counting, counting.c.location_id == stock_level.c.location_id)
        # Said twice, because the join alone would read every location of a variant before it leaves most of them out.
        .where(stock_level.c.location_id == func.any(location_ids))
    )


def _of_variant(sold: SourceRow) -> Select[Any]:
    levels = offered(own_parameter).where(stock_level.c.variant_id == sold.id)
    return levels.order_by(literal_column("place")).limit(own_parameter("first", Integer()))


AVAILABILITY_OF_VARIANT = Many(_of_variant, Order(lambda row: [row.place]))


_NAMED_VARIANTS = bindparam("variant_ids", type_=ARRAY(Uuid))
AVAILABILITY_OF_NAMED = ListRows(
    offered(lambda name, type_: bindparam(f"named_{name}", type_=type_))
    .add_columns(func.array_position(_NAMED_VARIANTS, stock_level.c.variant_id).label("variant_place"))
    .where(stock_level.c.variant_id == func.any(_NAMED_VARIANTS)),
    Order(lambda row: [row.variant_place, row.place]),
)
"""At the locations of `named_location_ids`: all that there is of the first of `variant_ids`, then of the second."""


def _to_promise(sold: SourceRow) -> FromClause:
    each = offered(_shared_parameter).where(stock_level.c.variant_id == sold.id).subquery()
    summed = func.coalesce(func.sum(func.greatest(each.c.available, _ZERO)), _ZERO)
    capped = func.least(summed, literal_column(str(_LARGEST_INT)))
    return select(cast(capped, Integer).label("available")).lateral(OWN_ROW)


TO_PROMISE_OF_VARIANT = One(_to_promise, lambda _, __: true())


def _best(product: SourceRow) -> ColumnElement[str]:
    """Of no level at all it is that of nothing."""
    levels = offered(_shared_parameter).join(variant, variant.c.id == stock_level.c.variant_id)
    each = levels.where(variant.c.product_id == product.id, variant.c.withdrawn_at.is_(None)).subquery()
    best = func.max(each.c.available), func.max(each.c.available + each.c.backorder_limit)
    return select(status(*best)).scalar_subquery()


STATUS_OF_PRODUCT = Leaf(lambda row: forms.quoted(_best(row)))
