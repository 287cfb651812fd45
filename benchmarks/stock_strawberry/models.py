"""The tables as SQLAlchemy's ORM sees them, with the columns that the listing needs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "product"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    published_at: Mapped[datetime | None]


class Variant(Base):
    __tablename__ = "variant"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    sku: Mapped[str]
    name: Mapped[str]
    position: Mapped[int]
    withdrawn_at: Mapped[datetime | None]


class Media(Base):
    __tablename__ = "media"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    position: Mapped[int]
    url: Mapped[str]
    alt: Mapped[str | None]


class Price(Base):
    __tablename__ = "price"

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"), primary_key=True)
    market_id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]


class Location(Base):
    __tablename__ = "location"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    sourcing_priority: Mapped[int]


class StockLevel(Base):
    __tablename__ = "stock_level"

    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    available: Mapped[int]
    backorder_limit: Mapped[int]
