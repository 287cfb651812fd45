"""Putting the demo into an empty database: all of it in one transaction, and never twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from uuid import UUID

from api.channels.founding import CHANNEL_CODE, MARKET_CODE
from api.demo import catalog
from api.demo import places as demo
from api.demo.classics import CLASSICS
from api.demo.gifts import CONTENTS, GIFT_SET, wrap
from api.demo.listing import Listing
from api.demo.people import let_in
from api.demo.supply import Supply
from persistence import bulk_loading, importing
from persistence.channels import beginning, delivery, places
from persistence.database import Connection, Database

# Whatever one statement writes must be written within a minute, on slow disks too.
_PRODUCTS_AT_ONCE = 1_000


class Outcome(Enum):
    LOADED = auto()
    LOADED_BEFORE = auto()
    DATABASE_IN_USE = auto()
    """It has data of somebody's own, which the demo would be mixed up with."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the chain there is; a larger one has everything that a smaller one has."""

    products: int = catalog.PRODUCT_COUNT
    locations: int = len(demo.LOCATIONS)


SMALL = Extent()
LEAST = Extent(products=len(CLASSICS))


async def load(database: Database, extent: Extent = SMALL) -> Outcome:
    """The database is migrated. A first market that nothing was sold in becomes the demo's."""
    async with database.transaction() as connection:
        await beginning.lock_places(connection)
        if not await beginning.is_unused(connection, market_code=MARKET_CODE, channel_code=CHANNEL_CODE):
            return await _why_not(connection)
        market_ids = await _open_markets(connection)
        location_ids = await _open_places(connection, market_ids, extent)
        listing = await Listing.begin(connection, market_ids)
        supply = Supply(connection, location_ids)
        # First, so that it comes last: the newest are shown first.
        gift_ids = await listing.list([GIFT_SET])
        contents: dict[str, UUID] = {}
        products = catalog.products(extent.products)
        while batch := list(islice(products, _PRODUCTS_AT_ONCE)):
            variant_ids = await listing.list(batch)
            await supply.stock(batch, variant_ids)
            contents |= {sku: id_ for sku, id_ in variant_ids.items() if sku in CONTENTS}
        await wrap(connection, gift_ids[GIFT_SET.variants[0].sku], contents)
        await supply.send_off()
        await let_in(connection, location_ids)
        await bulk_loading.analyze(connection)
    return Outcome.LOADED


async def _why_not(connection: Connection) -> Outcome:
    slugs = {classic.slug for classic in CLASSICS}
    codes = {row["code"] for row in await places.markets(connection)}
    is_there = demo.MARKETS.keys() <= codes and len(await importing.product_ids(connection, slugs)) == len(slugs)
    return Outcome.LOADED_BEFORE if is_there else Outcome.DATABASE_IN_USE


async def _open_markets(connection: Connection) -> dict[str, int]:
    market_ids = {}
    for code, values in demo.MARKETS.items():
        row = None
        if code == demo.EURO_MARKET:
            row = await beginning.redefine_market(connection, MARKET_CODE, code, **values)
        row = row or await places.insert_market(connection, code=code, **values)
        market_ids[code] = row["id"]
        for option in demo.DELIVERY_OPTIONS[code]:
            await delivery.put_delivery_option(connection, market_id=row["id"], **option)
    return market_ids


async def _open_places(connection: Connection, market_ids: dict[str, int], extent: Extent) -> dict[str, int]:
    chain = demo.locations(extent.locations)
    location_ids = {place["code"]: (await places.insert_location(connection, **place))["id"] for place in chain}
    known = {row["code"] for row in await places.channels(connection)}
    for code, name, kind, market, location in demo.channels(chain):
        if code not in known:
            await places.insert_channel(
                connection,
                code=code,
                name=name,
                kind=kind,
                market_id=market_ids[market],
                location_id=location_ids[location] if location else None,
            )
    await _supply_marketplace(connection, location_ids)
    return location_ids


async def _supply_marketplace(connection: Connection, location_ids: Mapping[str, int]) -> None:
    """It sells what the warehouse has, and no store."""
    channel_id = next(row["id"] for row in await places.channels(connection) if row["code"] == demo.MARKETPLACE)
    for code, location_id in location_ids.items():
        sells = code == demo.WAREHOUSE
        await places.set_channel_location(
            connection, channel_id, location_id, buffer=demo.MARKETPLACE_BUFFER if sells else 0, sells=sells
        )
