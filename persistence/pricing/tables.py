"""Prices belong to markets: one amount per variant and market, in minor units of the market's currency."""

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Integer, Table, Uuid, func

from persistence.metadata import metadata

price = Table(
    "price",
    metadata,
    Column("variant_id", Uuid, ForeignKey("variant.id"), primary_key=True),
    Column("market_id", Integer, ForeignKey("market.id"), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    # What it used to cost, shown struck through.
    Column("compare_at_amount", BigInteger),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("amount >= 0", name="a_price_is_not_negative"),
    CheckConstraint("compare_at_amount IS NULL OR compare_at_amount >= 0", name="a_former_price_is_not_negative"),
)
