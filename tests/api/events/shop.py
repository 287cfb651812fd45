"""A shop with two shirts in a store and a warehouse, and subscribers to it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from api.context import utc_now
from api.directory import DirectoryCache
from api.events.allowance import Allowance
from api.events.audience import AUDIENCE
from api.events.context import StreamContext
from api.events.shared_feed import SharedFeeds
from api.events.worker import EventWorker
from api.execution.engine import Answer, Engine, GraphQLRequest
from api.front import explain
from api.schema import build_schema
from domain.access import ANONYMOUS, Principal
from domain.inventory.adjustment import Movement
from persistence.channels import places
from persistence.database import Database
from persistence.inventory import movements, stock_levels
from persistence.statements import Statement
from tests.identities import identity

_PRODUCT = Statement("INSERT INTO product (id, slug, name, published_at) VALUES (:id, 'shirt', 'Shirt', now())")
_VARIANT = Statement("INSERT INTO variant (id, product_id, sku, name) VALUES (:id, :product_id, :sku, :sku)")


@dataclass
class Shop:
    database: Database
    worker: EventWorker
    engine: Engine
    locations: dict[str, int]
    variants: dict[str, UUID]
    clock: Callable[[], datetime] = utc_now

    @classmethod
    async def open(cls, database: Database, worker: EventWorker) -> "Shop":
        async with database.transaction() as connection:
            market = await places.insert_market(
                connection,
                code="de",
                name="Germany",
                currency_code="EUR",
                tax_included=True,
                tax_rate_basis_points=1900,
                countries=["DE"],
            )
            await places.insert_channel(
                connection, code="web", name="Web", kind="WEB", market_id=market["id"], location_id=None
            )
            locations = {code: await _insert_location(connection, code) for code in ("store", "warehouse")}
            product_id = uuid7()
            await connection.execute(_PRODUCT, id=product_id)
            variants = {sku: uuid7() for sku in ("white", "black")}
            for sku, id_ in variants.items():
                await connection.execute(_VARIANT, id=id_, product_id=product_id, sku=sku)
        return cls(database, worker, Engine(build_schema(), audience=AUDIENCE, explain=explain), locations, variants)

    async def move(self, sku: str, location: str, delta: int) -> None:
        """Stock comes or goes."""
        async with self.database.transaction() as connection:
            pair = (self.variants[sku], self.locations[location])
            ids = await stock_levels.open_pairs(connection, [pair])
            await stock_levels.lock(connection, ids.values())
            await movements.apply(
                connection, [Movement(stock_level_id=ids[pair], reason="ADJUSTMENT", on_hand=delta)], actor="system"
            )

    async def settled(self) -> None:
        """The hub has read all that is committed."""
        waiting = Statement("SELECT EXISTS (SELECT FROM outbox) OR (SELECT pos FROM relay_state) > :pos")
        async with asyncio.timeout(10), self.database.reading() as reader:
            while await reader.fetch_value(waiting, pos=self.worker.hub.position.pos):  # noqa: ASYNC110 - In the database.
                await asyncio.sleep(0.01)

    async def context(self, caller: Principal = ANONYMOUS) -> StreamContext:
        directories = DirectoryCache(self.database)
        directory = await directories.fresh()
        return StreamContext(
            database=self.database,
            caller=caller,
            directory=directory,
            channel=directory.channels_by_code["web"],
            request_id="test",
            identity=identity(),
            client_address=None,
            clock=self.clock,
            hub=self.worker.hub,
            directories=directories,
            stream_position=self.worker.hub.position,
            allowance=Allowance(),
            feeds=SharedFeeds(),
        )

    async def ask(self, query: str) -> Any:
        return orjson.loads((await self.engine.execute(GraphQLRequest(query), await self.context())).body)

    @asynccontextmanager
    async def subscribed(
        self, query: str, caller: Principal = ANONYMOUS, **variables: Any
    ) -> AsyncIterator["Subscriber"]:
        request = GraphQLRequest(query, variables=variables)
        stream = await self.engine.subscribe(request, await self.context(caller))
        assert not isinstance(stream, Answer), stream.body
        try:
            yield Subscriber(stream)
        finally:
            await stream.aclose()


async def _insert_location(connection: Any, code: str) -> int:
    row = await places.insert_location(
        connection,
        code=code,
        name=code,
        kind="STORE" if code == "store" else "WAREHOUSE",
        address=None,
        latitude=None,
        longitude=None,
        timezone="UTC",
        opening_hours=[],
        offers_pickup=code == "store",
        ships_orders=True,
        sourcing_priority=1 if code == "store" else 2,
    )
    return cast("int", row["id"])


class Subscriber:
    """What a client has received."""

    def __init__(self, stream: AsyncGenerator[Answer, None]) -> None:
        self._stream = stream

    async def answer(self) -> Any:
        async with asyncio.timeout(10):
            return orjson.loads((await anext(self._stream)).body)

    async def next(self) -> Any:
        """The only root field of the next answer, which has no errors."""
        answer = await self.answer()
        assert "errors" not in answer, answer
        (value,) = answer["data"].values()
        return value

    async def has_ended(self) -> bool:
        async with asyncio.timeout(10):
            return await anext(self._stream, None) is None
