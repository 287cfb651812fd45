"""Markets decide prices, channels are where customers buy, locations hold stock or hand it over."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from persistence.metadata import metadata

market = Table(
    "market",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("currency_code", Text, nullable=False),
    Column("tax_included", Boolean, nullable=False),
    Column("tax_rate_basis_points", Integer, nullable=False, server_default=text("0")),
    Column("countries", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("currency_code ~ '^[A-Z]{3}$'", name="a_market_has_an_iso_currency"),
    CheckConstraint("tax_rate_basis_points BETWEEN 0 AND 10000", name="a_tax_rate_is_between_0_and_100_percent"),
)

location = Table(
    "location",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", JSONB),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("timezone", Text, nullable=False, server_default=text("'UTC'")),
    # [{"weekday": 1..7, "opens": "09:00", "closes": "18:00"}], Monday is 1.
    Column("opening_hours", JSONB, nullable=False, server_default=text("'[]'")),
    Column("offers_pickup", Boolean, nullable=False),
    Column("ships_orders", Boolean, nullable=False),
    # Among locations that could serve a line, the lower number is asked first.
    Column("sourcing_priority", Integer, nullable=False, server_default=text("100")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("kind IN ('STORE', 'WAREHOUSE', 'LOCKER', 'SUPPLIER')", name="a_location_is_of_a_known_kind"),
    CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="coordinates_come_in_pairs"),
)

channel = Table(
    "channel",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("market_id", Integer, ForeignKey("market.id"), nullable=False),
    # Where a till stands; null for channels without a place.
    Column("location_id", Integer, ForeignKey("location.id")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(
        "kind IN ('WEB', 'APP', 'POS', 'MARKETPLACE', 'SOCIAL', 'CALL_CENTER', 'PARTNER')",
        name="a_channel_is_of_a_known_kind",
    ),
    CheckConstraint("kind <> 'POS' OR location_id IS NOT NULL", name="a_till_stands_in_a_location"),
)
