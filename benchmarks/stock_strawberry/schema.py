"""The types of the listing, with a resolver for each relation."""

import enum
from decimal import Decimal
from uuid import UUID

import strawberry
from sqlalchemy import select

from api.ids import Kind, encode
from api.pagination import decode_cursor
from benchmarks.stock_strawberry import models
from benchmarks.stock_strawberry.loading import Loaders, Sessions

CAP = 10
LOW_STOCK_AT_MOST = 3


def loaders_of(info: strawberry.Info) -> Loaders:
    loaders: Loaders = info.context["loaders"]
    return loaders


@strawberry.type
class Money:
    amount: Decimal
    currency_code: str


@strawberry.type
class PriceRange:
    min: Money
    max: Money


@strawberry.type
class Media:
    url: str
    alt: str | None


@strawberry.type
class Location:
    code: str
    name: str


@strawberry.type
class AvailableQuantity:
    quantity: int
    is_capped: bool


@strawberry.enum
class StockStatus(enum.Enum):
    IN_STOCK = "IN_STOCK"
    LOW_STOCK = "LOW_STOCK"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    BACKORDER = "BACKORDER"


@strawberry.type
class LocationAvailability:
    level: strawberry.Private[models.StockLevel]

    @strawberry.field
    async def location(self, info: strawberry.Info) -> Location:
        found = await loaders_of(info).locations.load(self.level.location_id)
        return Location(code=found.code, name=found.name)

    @strawberry.field
    def available(self) -> AvailableQuantity:
        quantity = max(0, self.level.available)
        return AvailableQuantity(quantity=min(quantity, CAP), is_capped=quantity > CAP)

    @strawberry.field
    def status(self) -> StockStatus:
        if self.level.available > LOW_STOCK_AT_MOST:
            return StockStatus.IN_STOCK
        if self.level.available > 0:
            return StockStatus.LOW_STOCK
        can_wait = self.level.available + self.level.backorder_limit > 0
        return StockStatus.BACKORDER if can_wait else StockStatus.OUT_OF_STOCK


@strawberry.type
class ProductVariant:
    id: strawberry.ID
    sku: str
    name: str
    key: strawberry.Private[UUID]

    @strawberry.field
    async def price(self, info: strawberry.Info) -> Money | None:
        found = await loaders_of(info).prices.load(self.key)
        return money(found.amount) if found else None

    @strawberry.field
    async def availability(self, info: strawberry.Info) -> list[LocationAvailability]:
        return [LocationAvailability(level=level) for level in await loaders_of(info).levels.load(self.key)]


@strawberry.type
class ProductVariantConnection:
    nodes: list[ProductVariant]


@strawberry.type
class Product:
    id: strawberry.ID
    slug: str
    name: str
    key: strawberry.Private[UUID]

    @strawberry.field
    async def price_range(self, info: strawberry.Info) -> PriceRange | None:
        found = await loaders_of(info).price_ranges.load(self.key)
        return PriceRange(min=money(found[0]), max=money(found[1])) if found else None

    @strawberry.field
    async def media(self, info: strawberry.Info, first: int = 10) -> list[Media]:
        return [Media(url=row.url, alt=row.alt) for row in (await loaders_of(info).media.load(self.key))[:first]]

    @strawberry.field
    async def variants(self, info: strawberry.Info, first: int = 100) -> ProductVariantConnection:
        found = (await loaders_of(info).variants.load(self.key))[:first]
        return ProductVariantConnection(
            nodes=[
                ProductVariant(
                    id=strawberry.ID(encode(Kind.ProductVariant, row.id)), sku=row.sku, name=row.name, key=row.id
                )
                for row in found
            ]
        )


@strawberry.type
class PageInfo:
    has_next_page: bool


@strawberry.type
class ProductConnection:
    nodes: list[Product]
    page_info: PageInfo


@strawberry.type
class Query:
    @strawberry.field
    async def products(self, info: strawberry.Info, first: int = 24, after: str | None = None) -> ProductConnection:
        query = select(models.Product).where(models.Product.published_at.is_not(None))
        if after is not None:
            (hexadecimal,) = decode_cursor(after, 1)
            query = query.where(models.Product.id < UUID(hex=hexadecimal))
        sessions: Sessions = info.context["sessions"]
        async with sessions() as session:
            found = (await session.scalars(query.order_by(models.Product.id.desc()).limit(first + 1))).all()
        return ProductConnection(
            nodes=[
                Product(id=strawberry.ID(encode(Kind.Product, row.id)), slug=row.slug, name=row.name, key=row.id)
                for row in found[:first]
            ],
            page_info=PageInfo(has_next_page=len(found) > first),
        )


def money(minor_units: int) -> Money:
    return Money(amount=Decimal(minor_units).scaleb(-2), currency_code="EUR")


SCHEMA = strawberry.Schema(Query)
