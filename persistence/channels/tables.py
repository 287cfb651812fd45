"""Markets decide prices, channels are where customers buy, locations hold stock or hand it over."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
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
    # [{"date": "2026-12-25", "opens": null, "closes": null, "reason": "Christmas"}]; with times the day has these instead of
    # those of its weekday, with several entries of one date several of them.
    Column("opening_exceptions", JSONB, nullable=False, server_default=text("'[]'")),
    # Counted while it is open.
    Column("preparation_minutes", Integer, nullable=False, server_default=text("60")),
    # Such as 16:00: what is ordered from then on is prepared from the next day on. Null: orders are taken until closing.
    Column("pickup_cutoff", Text),
    # Units of each article that only somebody in the store may have.
    Column("online_buffer", Integer, nullable=False, server_default=text("0")),
    # Among locations that could serve a line, the lower number is asked first.
    Column("sourcing_priority", Integer, nullable=False, server_default=text("100")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("kind IN ('STORE', 'WAREHOUSE', 'LOCKER', 'SUPPLIER')", name="a_location_is_of_a_known_kind"),
    CheckConstraint("preparation_minutes BETWEEN 0 AND 43200", name="preparation_takes_at_most_thirty_days"),
    CheckConstraint("pickup_cutoff ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'", name="a_cutoff_is_a_time_of_day"),
    CheckConstraint("online_buffer BETWEEN 0 AND 1000000", name="a_location_keeps_back_at_most_a_million"),
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
    # When the stock of a line is held; a product may say otherwise.
    Column("hold_policy", Text, nullable=False, server_default=text("'AT_CHECKOUT'")),
    CheckConstraint("hold_policy IN ('AT_CART', 'AT_CHECKOUT', 'AT_ORDER')", name="a_channel_holds_at_a_known_time"),
    CheckConstraint(
        "kind IN ('WEB', 'APP', 'POS', 'MARKETPLACE', 'SOCIAL', 'CALL_CENTER', 'PARTNER')",
        name="a_channel_is_of_a_known_kind",
    ),
    CheckConstraint("kind <> 'POS' OR location_id IS NOT NULL", name="a_till_stands_in_a_location"),
)

delivery_option = Table(
    "delivery_option",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("market_id", Integer, ForeignKey("market.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    # Minor units of the market's currency.
    Column("amount", BigInteger, nullable=False),
    # What costs as much as this ships for nothing; null where nothing does.
    Column("free_from", BigInteger),
    # Calendar days from leaving to arriving.
    Column("earliest_days", Integer, nullable=False),
    Column("latest_days", Integer, nullable=False),
    # Empty: to all that the market serves.
    Column("countries", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),
    Column("position", Integer, nullable=False, server_default=text("100")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("market_id", "code"),
    CheckConstraint("amount >= 0 AND free_from >= 0", name="nobody_is_paid_for_a_delivery"),
    CheckConstraint("0 <= earliest_days AND earliest_days <= latest_days", name="a_delivery_arrives_after_it_left"),
    Index("delivery_option_default_idx", "market_id", unique=True, postgresql_where=text("is_default")),
)
"""How a market ships; one without any ships for nothing. Few rows, written from the command line."""

channel_location = Table(
    "channel_location",
    metadata,
    Column("channel_id", Integer, ForeignKey("channel.id"), primary_key=True),
    Column("location_id", Integer, ForeignKey("location.id"), primary_key=True),
    # Units of each article kept back from this channel, on top of the location's own buffer.
    Column("buffer", Integer, nullable=False, server_default=text("0")),
    # False where the channel does not sell the location's stock at all.
    Column("sells", Boolean, nullable=False, server_default=text("true")),
    CheckConstraint("buffer BETWEEN 0 AND 1000000", name="a_channel_keeps_back_at_most_a_million"),
)
"""Where a channel deals with a location otherwise than with the rest; without a row it sells there, less no buffer."""
