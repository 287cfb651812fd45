"""Looking objects up by their global ids: one scoped loader for each kind, foreign and missing look the same."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from api.access import PUBLIC
from api.carts.queries import visible_carts
from api.carts.viewing import GroupView, LineView
from api.catalog.availability import cap_for, locations_for
from api.catalog.lookup import sees_all
from api.context import Context, Info
from api.customers.queries import apps_visible, customers_visible
from api.execution.access import ACCESS
from api.execution.cost import costing
from api.ids import Key, Kind, bad_input, decode
from api.inventory.queries import reads_stock
from api.node import Node
from api.orders.access import visible_orders
from persistence.carts import carts
from persistence.catalog import products, variants
from persistence.inventory import counts, incidents, movements, offers, stock_levels, transfers
from persistence.orders import orders

MOST_NODES = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A source that is an object and not a row; its class tells its type."""

    key: Key
    source: Any


Loader = Callable[[Context, Collection[Any]], Awaitable[Sequence[Any]]]
"""What exists of these keys and the caller may see."""


async def _products(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    async with context.database.reading() as reader:
        return await products.by_ids(reader, keys, published_only=not sees_all(context))


async def _variants(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    async with context.database.reading() as reader:
        return await variants.by_ids(reader, keys, on_sale_only=not sees_all(context))


async def _categories(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    async with context.database.reading() as reader:
        return await products.categories_by(reader, "id", keys)


async def _collections(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    async with context.database.reading() as reader:
        return await products.collections_by(reader, "id", keys)


async def _availability(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    async with context.database.reading() as reader:
        rows = await offers.availability_by_ids(reader, keys, locations_for(context, None))
        on_sale = await variants.by_ids(reader, {row["variant_id"] for row in rows}, on_sale_only=not sees_all(context))
    sold = {row["id"] for row in on_sale}
    cap = cap_for(context)
    return [{**row, "cap": cap} for row in rows if row["variant_id"] in sold]


async def _channels(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    return [context.directory.channels[key] for key in keys if key in context.directory.channels]


async def _markets(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    return [context.directory.markets[key] for key in keys if key in context.directory.markets]


async def _locations(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    return [context.directory.locations[key] for key in keys if key in context.directory.locations]


async def _carts(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    return [Found(cart.id, cart) for cart in await visible_carts(context, keys)]


async def _cart_lines(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    """Found through their carts, so that whoever may not see the cart does not see the line."""
    async with context.database.reading() as reader:
        cart_ids = await carts.ids_by_lines(reader, keys)
    views = [LineView(cart, line) for cart in await visible_carts(context, cart_ids) for line in cart.lines]
    return [Found(view.line.id, view) for view in views]


async def _delivery_groups(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    async with context.database.reading() as reader:
        cart_ids = await carts.ids_by_groups(reader, keys)
    views = [GroupView(cart, group) for cart in await visible_carts(context, cart_ids) for group in cart.groups]
    return [Found(view.group.id, view) for view in views]


async def _order_lines(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    async with context.database.reading() as reader:
        rows = await orders.lines_by_ids(reader, keys)
    return await _parts_of_orders(context, rows)


async def _payments(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    async with context.database.reading() as reader:
        rows = await orders.payments_by_ids(reader, keys)
    return await _parts_of_orders(context, rows)


async def _parts_of_orders(context: Context, rows: Sequence[Any]) -> Sequence[Any]:
    visible = {order["id"]: order for order in await visible_orders(context, {row["order_id"] for row in rows})}
    return [
        {**row, "currency_code": visible[row["order_id"]]["currency_code"]}
        for row in rows
        if row["order_id"] in visible
    ]


async def _stock_levels(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    if not reads_stock(context):
        return []
    async with context.database.reading() as reader:
        return await stock_levels.by_ids(reader, keys)


async def _movements(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    if not reads_stock(context):
        return []
    async with context.database.reading() as reader:
        rows = await movements.by_keys(reader, list(keys))
    return [{**row, "id": (row["stock_level_id"], row["version"])} for row in rows]


async def _transfers(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    if not reads_stock(context):
        return []
    async with context.database.reading() as reader:
        return await transfers.by_ids(reader, keys)


async def _incidents(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    if not reads_stock(context):
        return []
    async with context.database.reading() as reader:
        return await incidents.by_ids(reader, keys)


async def _counts(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    if not reads_stock(context):
        return []
    async with context.database.reading() as reader:
        return await counts.by_ids(reader, keys)


LOADERS: dict[Kind, Loader] = {
    Kind.Cart: _carts,
    Kind.CartLine: _cart_lines,
    Kind.DeliveryGroup: _delivery_groups,
    Kind.Order: visible_orders,
    Kind.OrderLine: _order_lines,
    Kind.Payment: _payments,
    Kind.Customer: customers_visible,
    Kind.App: apps_visible,
    Kind.StockLevel: _stock_levels,
    Kind.StockMovement: _movements,
    Kind.Transfer: _transfers,
    Kind.OversellIncident: _incidents,
    Kind.StockCount: _counts,
    Kind.Product: _products,
    Kind.ProductVariant: _variants,
    Kind.Category: _categories,
    Kind.Collection: _collections,
    Kind.LocationAvailability: _availability,
    Kind.Channel: _channels,
    Kind.Market: _markets,
    Kind.Location: _locations,
}


@strawberry.type
class NodeQuery:
    @strawberry.field(
        description="Any object by its id; null when there is none such, or not for this caller.",
        metadata={ACCESS: PUBLIC},
    )
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return (await load_nodes(info.context, [id]))[0]

    @costing(sized_by=("ids",))
    @strawberry.field(
        description="Objects by their ids, in the same order, null where there is none such for this caller; at most 100.",
        metadata={ACCESS: PUBLIC},
    )
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        return await load_nodes(info.context, ids)


async def load_nodes(context: Context, ids: Sequence[str]) -> list[Any | None]:
    if len(ids) > MOST_NODES:
        raise bad_input(f"At most {MOST_NODES} ids can be asked for.")
    decoded = [decode(id_) for id_ in ids]
    wanted: dict[Kind, set[Key]] = {}
    for found in decoded:
        if found is not None:
            wanted.setdefault(found[0], set()).add(found[1])
    rows: dict[tuple[Kind, Key], Any] = {}
    for kind, keys in wanted.items():
        loader = LOADERS.get(kind)
        if loader is not None:
            for row in await loader(context, keys):
                if isinstance(row, Found):
                    rows[kind, row.key] = row.source
                else:
                    rows[kind, row["id"]] = {**row, "__typename": kind.name}
    return [None if found is None else rows.get(found) for found in decoded]
