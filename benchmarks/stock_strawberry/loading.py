"""One DataLoader for each relation, each with a session of its own, as a request needs them."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from strawberry.dataloader import DataLoader

from benchmarks.stock_strawberry.models import Location, Media, Price, StockLevel, Variant

Sessions = async_sessionmaker[AsyncSession]
MARKET_ID = 1

T = TypeVar("T")


class Loaders:
    """Of one request."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.variants: DataLoader[UUID, list[Variant]] = DataLoader(self._variants)
        self.media: DataLoader[UUID, list[Media]] = DataLoader(self._media)
        self.price_ranges: DataLoader[UUID, tuple[int, int] | None] = DataLoader(self._price_ranges)
        self.prices: DataLoader[UUID, Price | None] = DataLoader(self._prices)
        self.levels: DataLoader[UUID, list[StockLevel]] = DataLoader(self._levels)
        self.locations: DataLoader[int, Location] = DataLoader(self._locations)

    async def _all(self, query: Select[T]) -> Sequence[T]:
        async with self._sessions() as session:
            return (await session.scalars(query)).all()

    async def _variants(self, products: list[UUID]) -> list[list[Variant]]:
        query = select(Variant).where(Variant.product_id.in_(products), Variant.withdrawn_at.is_(None))
        return _grouped(await self._all(query.order_by(Variant.position, Variant.id)), "product_id", products)

    async def _media(self, products: list[UUID]) -> list[list[Media]]:
        query = select(Media).where(Media.product_id.in_(products)).order_by(Media.position, Media.id)
        return _grouped(await self._all(query), "product_id", products)

    async def _price_ranges(self, products: list[UUID]) -> list[tuple[int, int] | None]:
        query = (
            select(Variant.product_id, func.min(Price.amount), func.max(Price.amount))
            .join(Price, Price.variant_id == Variant.id)
            .where(Variant.product_id.in_(products), Variant.withdrawn_at.is_(None), Price.market_id == MARKET_ID)
            .group_by(Variant.product_id)
        )
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        found = {product: (least, most) for product, least, most in rows}
        return [found.get(product) for product in products]

    async def _prices(self, variants: list[UUID]) -> list[Price | None]:
        query = select(Price).where(Price.variant_id.in_(variants), Price.market_id == MARKET_ID)
        found = {price.variant_id: price for price in await self._all(query)}
        return [found.get(variant) for variant in variants]

    async def _levels(self, variants: list[UUID]) -> list[list[StockLevel]]:
        query = (
            select(StockLevel)
            .join(Location, Location.id == StockLevel.location_id)
            .where(StockLevel.variant_id.in_(variants))
            .order_by(Location.sourcing_priority, Location.id)
        )
        return _grouped(await self._all(query), "variant_id", variants)

    async def _locations(self, ids: list[int]) -> list[Location]:
        found = {location.id: location for location in await self._all(select(Location).where(Location.id.in_(ids)))}
        return [found[id_] for id_ in ids]


def _grouped(rows: Iterable[Any], key: str, parents: list[UUID]) -> list[list[Any]]:
    groups: dict[UUID, list[Any]] = {parent: [] for parent in parents}
    for row in rows:
        groups[getattr(row, key)].append(row)
    return [groups[parent] for parent in parents]
