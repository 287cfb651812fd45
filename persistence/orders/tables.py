"""What was sold: prices fixed, states on separate axes, and a timeline of everything that happened."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from persistence.metadata import metadata

sales_order = Table(
    "sales_order",
    metadata,
    Column("id", Uuid, primary_key=True),
    # Random, so that nobody counts our orders or guesses the next.
    Column("number", Text, nullable=False, unique=True),
    # One cart can never become two orders. Null for what a till has sold by itself and reported.
    Column("cart_id", Uuid, ForeignKey("cart.id"), unique=True),
    Column("status", Text, nullable=False, server_default=text("'OPEN'")),
    Column("payment_status", Text, nullable=False),
    Column("fulfillment_status", Text, nullable=False, server_default=text("'UNFULFILLED'")),
    Column("customer_id", Uuid, ForeignKey("customer.id")),
    Column("email", Text),
    Column("phone", Text),
    Column("billing_address", JSONB),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=False),
    # The till's place, for orders placed in a store.
    Column("location_id", Integer, ForeignKey("location.id")),
    Column("market_id", Integer, ForeignKey("market.id"), nullable=False),
    Column("currency_code", Text, nullable=False),
    Column("tax_included", Boolean, nullable=False),
    Column("subtotal_amount", BigInteger, nullable=False),
    # Of lines and delivery.
    Column("tax_amount", BigInteger, nullable=False),
    Column("total_amount", BigInteger, nullable=False),
    Column("delivery_amount", BigInteger, nullable=False, server_default=text("0")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("placed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("status IN ('OPEN', 'COMPLETED', 'CANCELLED')", name="an_order_is_in_a_known_status"),
    CheckConstraint(
        "payment_status IN ('PENDING', 'AUTHORIZED', 'PARTIALLY_PAID', 'PAID', 'VOIDED', 'PARTIALLY_REFUNDED', "
        "'REFUNDED', 'FAILED', 'PAY_IN_STORE')",
        name="an_order_is_paid_in_a_known_way",
    ),
    CheckConstraint(
        "fulfillment_status IN ('UNFULFILLED', 'IN_PROGRESS', 'PARTIALLY_FULFILLED', 'FULFILLED', 'CANCELLED')",
        name="an_order_is_fulfilled_to_a_known_degree",
    ),
    CheckConstraint("cart_id IS NOT NULL OR location_id IS NOT NULL", name="what_had_no_cart_was_sold_in_a_store"),
    Index("sales_order_newest_idx", "placed_at", "id"),
    Index("sales_order_by_customer_idx", "customer_id", "placed_at", postgresql_where=text("customer_id IS NOT NULL")),
)

order_delivery_group = Table(
    "order_delivery_group",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("sales_order.id"), nullable=False, index=True),
    Column("method", Text, nullable=False),
    Column("location_id", Integer, ForeignKey("location.id")),
    Column("address", JSONB),
    # As it was when it was sold; null for what is not shipped, or where the market asks nothing for it.
    Column("option_name", Text),
    Column("amount", BigInteger, nullable=False, server_default=text("0")),
    Column("tax_amount", BigInteger, nullable=False, server_default=text("0")),
)

order_line = Table(
    "order_line",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("sales_order.id"), nullable=False, index=True),
    Column("delivery_group_id", Uuid, ForeignKey("order_delivery_group.id"), nullable=False),
    Column("variant_id", Uuid, ForeignKey("variant.id"), nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_amount", BigInteger, nullable=False),
    Column("line_amount", BigInteger, nullable=False),
    Column("tax_amount", BigInteger, nullable=False),
    CheckConstraint("quantity > 0", name="an_order_line_sells_something"),
)

order_line_component = Table(
    "order_line_component",
    metadata,
    # What a bundle was made of when it was sold.
    Column("order_line_id", Uuid, ForeignKey("order_line.id"), primary_key=True),
    Column("variant_id", Uuid, ForeignKey("variant.id"), primary_key=True),
    # In one bundle.
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="a_bundle_was_sold_with_its_components"),
)

payment = Table(
    "payment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("sales_order.id"), nullable=False, index=True),
    Column("gateway", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("amount >= 0", name="a_payment_is_not_negative"),
)

order_event = Table(
    "order_event",
    metadata,
    Column("order_id", Uuid, ForeignKey("sales_order.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    # The role a shopper sees (customer, store, system) and, for staff, who it was.
    Column("actor_role", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("channel_id", Integer, ForeignKey("channel.id")),
    Column("message", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
)
