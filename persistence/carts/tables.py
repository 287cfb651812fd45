"""A cart belongs to a customer or to whoever holds its token, never to a channel."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from persistence.metadata import metadata

cart = Table(
    "cart",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("status", Text, nullable=False, server_default=text("'OPEN'")),
    Column("customer_id", Uuid, ForeignKey("customer.id")),
    # SHA-256 of the guest's secret; null once the cart belongs to a customer.
    Column("token_hash", LargeBinary, unique=True),
    # Made at a till or by a call center: whoever sells there may go on with it.
    Column("staff_channel_id", Integer, ForeignKey("channel.id")),
    Column("email", Text),
    Column("phone", Text),
    Column("billing_address", JSONB),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=False),
    Column("market_id", Integer, ForeignKey("market.id"), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    # Where it was set aside last, and a word for whoever takes it up again.
    Column("parked_location_id", Integer, ForeignKey("location.id")),
    Column("parked_note", Text),
    Column("merged_into_id", Uuid, ForeignKey("cart.id")),
    # What became of each line, for whoever asks again.
    Column("merge_report", JSONB),
    CheckConstraint("status IN ('OPEN', 'PARKED', 'MERGED', 'ORDERED', 'EXPIRED')", name="a_cart_is_in_a_known_status"),
    CheckConstraint(
        "(status = 'MERGED') = (merged_into_id IS NOT NULL)", name="a_merged_cart_says_where_its_lines_went"
    ),
    Index("cart_parked_idx", "parked_location_id", "updated_at", "id", postgresql_where=text("status = 'PARKED'")),
    Index("cart_by_customer_idx", "customer_id", "updated_at", postgresql_where=text("customer_id IS NOT NULL")),
)

cart_delivery_group = Table(
    "cart_delivery_group",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cart_id", Uuid, ForeignKey("cart.id"), nullable=False, index=True),
    Column("method", Text, nullable=False),
    Column("location_id", Integer, ForeignKey("location.id")),
    Column("address", JSONB),
    # Null for the default of the market.
    Column("option_id", Integer, ForeignKey("delivery_option.id", ondelete="SET NULL")),
    CheckConstraint(
        "method IN ('SHIP', 'PICKUP', 'RESERVE_IN_STORE', 'CARRY_OUT')", name="a_delivery_is_by_a_known_method"
    ),
    CheckConstraint(
        "(method = 'SHIP') = (location_id IS NULL)", name="whatever_is_not_shipped_is_handed_over_somewhere"
    ),
    CheckConstraint("option_id IS NULL OR method = 'SHIP'", name="only_what_is_shipped_has_an_option"),
    Index("cart_delivery_group_by_option_idx", "option_id", postgresql_where=text("option_id IS NOT NULL")),
)

cart_line = Table(
    "cart_line",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cart_id", Uuid, ForeignKey("cart.id"), nullable=False),
    Column("variant_id", Uuid, ForeignKey("variant.id"), nullable=False),
    # As it was when added, so that a withdrawn variant keeps its line readable.
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_amount", BigInteger, nullable=False),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=False),
    Column("delivery_group_id", Uuid, ForeignKey("cart_delivery_group.id"), index=True),
    UniqueConstraint("cart_id", "variant_id"),
    CheckConstraint("quantity BETWEEN 1 AND 999", name="a_line_has_1_to_999_units"),
)

cart_touch = Table(
    "cart_touch",
    metadata,
    Column("cart_id", Uuid, ForeignKey("cart.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=False),
    Column("location_id", Integer, ForeignKey("location.id")),
    Column("action", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
)

cart_handoff = Table(
    "cart_handoff",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cart_id", Uuid, ForeignKey("cart.id"), nullable=False, index=True),
    # SHA-256 of the code, which is good once.
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("claimed_at", DateTime(timezone=True)),
)
