"""Looking objects up by their global ids: one scoped loader for each kind, foreign and missing look the same."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import strawberry

from api.access import PUBLIC
from api.catalog.lookup import sees_all
from api.context import Context, Info
from api.execution.access import ACCESS
from api.ids import Key, Kind, bad_input, decode
from api.catalog.availability import cap_for
from api.node import Node
from persistence.catalog import products, variants
from persistence.inventory import stock_levels

MOST_NODES = 100

Loader = Callable[[Context, Collection[Any]], Awaitable[Sequence[Any]]]
"""Rows of the keys that exist and that the caller may see."""


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
        rows = await stock_levels.availability_by_ids(reader, keys)
        on_sale = await variants.by_ids(reader, {row["variant_id"] for row in rows}, on_sale_only=not sees_all(context))
    sold = {row["id"] for row in on_sale}
    selling = context.directory.sells_to(context.channel)
    cap = cap_for(context.caller)
    return [{**row, "cap": cap} for row in rows if row["variant_id"] in sold and row["location_id"] in selling]


async def _channels(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    return [context.directory.channels[key] for key in keys if key in context.directory.channels]


async def _markets(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    return [context.directory.markets[key] for key in keys if key in context.directory.markets]


async def _locations(context: Context, keys: Collection[Any]) -> Sequence[Any]:
    return [context.directory.locations[key] for key in keys if key in context.directory.locations]


LOADERS: dict[Kind, Loader] = {
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
            rows |= {(kind, row["id"]): {**row, "__typename": kind.name} for row in await loader(context, keys)}
    return [None if found is None else rows.get(found) for found in decoded]
