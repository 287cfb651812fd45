"""initial schema.

Revision: 0001, after
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import postgresql
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RESERVATION_STATES = ("HELD", "COMMITTED", "FULFILLED", "RELEASED", "EXPIRED")
MOVEMENT_REASONS = (
    "INITIAL",
    "ADJUSTMENT",
    "COUNT",
    "RECEIPT",
    "HOLD",
    "RELEASE",
    "EXPIRY",
    "SHIPMENT",
    "COLLECTION",
    "POS_SALE",
    "TRANSFER_OUT",
    "TRANSFER_INCOMING",
    "TRANSFER_IN",
    "RETURN",
    "DAMAGE",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(f"CREATE TYPE reservation_state AS ENUM ({', '.join(map(repr, RESERVATION_STATES))})")
    op.execute(f"CREATE TYPE stock_movement_reason AS ENUM ({', '.join(map(repr, MOVEMENT_REASONS))})")
    op.create_table(
        "category",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["category.id"], name=op.f("category_parent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("category_pkey")),
        sa.UniqueConstraint("slug", name=op.f("category_slug_key")),
    )
    op.create_index(op.f("category_parent_id_idx"), "category", ["parent_id"], unique=False)
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("collection_pkey")),
        sa.UniqueConstraint("slug", name=op.f("collection_slug_key")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("addresses", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("an_email_is_stored_in_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_pkey")),
        sa.UniqueConstraint("email", name=op.f("customer_email_key")),
    )
    op.create_table(
        "event_log",
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("pos", name=op.f("event_log_pkey")),
        postgresql_partition_by="RANGE (pos)",
    )
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'DONE') = (result IS NOT NULL)", name=op.f("exactly_what_is_done_has_a_result")),
        sa.CheckConstraint("state IN ('RUNNING', 'DONE')", name=op.f("a_request_is_running_or_done")),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("idempotency_pkey")),
    )
    op.create_index("idempotency_expiry_idx", "idempotency", ["expires_at"], unique=False)
    op.create_table(
        "location",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False),
        sa.Column(
            "opening_hours", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("offers_pickup", sa.Boolean(), nullable=False),
        sa.Column("ships_orders", sa.Boolean(), nullable=False),
        sa.Column("sourcing_priority", sa.Integer(), server_default=sa.text("100"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('STORE', 'WAREHOUSE', 'LOCKER', 'SUPPLIER')", name=op.f("a_location_is_of_a_known_kind")
        ),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("coordinates_come_in_pairs")),
        sa.PrimaryKeyConstraint("id", name=op.f("location_pkey")),
        sa.UniqueConstraint("code", name=op.f("location_code_key")),
    )
    op.create_table(
        "market",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("tax_rate_basis_points", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("currency_code ~ '^[A-Z]{3}$'", name=op.f("a_market_has_an_iso_currency")),
        sa.CheckConstraint(
            "tax_rate_basis_points BETWEEN 0 AND 10000", name=op.f("a_tax_rate_is_between_0_and_100_percent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("market_pkey")),
        sa.UniqueConstraint("code", name=op.f("market_code_key")),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("outbox_pkey")),
        postgresql_with={"autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "5000"},
    )
    op.create_table(
        "relay_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("there_is_one_stream")),
        sa.PrimaryKeyConstraint("id", name=op.f("relay_state_pkey")),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind <> 'POS' OR location_id IS NOT NULL", name=op.f("a_till_stands_in_a_location")),
        sa.CheckConstraint(
            "kind IN ('WEB', 'APP', 'POS', 'MARKETPLACE', 'SOCIAL', 'CALL_CENTER', 'PARTNER')",
            name=op.f("a_channel_is_of_a_known_kind"),
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("channel_location_id_fkey")),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("channel_market_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("channel_pkey")),
        sa.UniqueConstraint("code", name=op.f("channel_code_key")),
    )
    op.create_table(
        "one_time_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD')", name=op.f("a_one_time_token_has_one_purpose")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("one_time_token_customer_id_fkey")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("one_time_token_pkey")),
    )
    op.create_index(op.f("one_time_token_customer_id_idx"), "one_time_token", ["customer_id"], unique=False)
    op.create_index("one_time_token_expiry_idx", "one_time_token", ["expires_at"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column(
            "attributes", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("product_category_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("product_pkey")),
        sa.UniqueConstraint("slug", name=op.f("product_slug_key")),
    )
    op.create_index(
        "product_by_category_idx",
        "product",
        ["category_id", "id"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(
        "product_published_idx", "product", ["id"], unique=False, postgresql_where=sa.text("published_at IS NOT NULL")
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("a_staff_email_is_stored_in_lower_case")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("staff_location_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_pkey")),
        sa.UniqueConstraint("email", name=op.f("staff_email_key")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "shipped_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("origin_id <> destination_id", name=op.f("a_transfer_goes_elsewhere")),
        sa.ForeignKeyConstraint(["destination_id"], ["location.id"], name=op.f("transfer_destination_id_fkey")),
        sa.ForeignKeyConstraint(["origin_id"], ["location.id"], name=op.f("transfer_origin_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("transfer_pkey")),
    )
    op.create_table(
        "app",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("app_channel_id_fkey")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("app_location_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("app_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("app_token_hash_key")),
    )
    op.create_table(
        "cart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'OPEN'"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("staff_channel_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("billing_address", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('OPEN', 'PARKED', 'MERGED', 'ORDERED', 'EXPIRED')", name=op.f("a_cart_is_in_a_known_status")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("cart_channel_id_fkey")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("cart_customer_id_fkey")),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("cart_market_id_fkey")),
        sa.ForeignKeyConstraint(["staff_channel_id"], ["channel.id"], name=op.f("cart_staff_channel_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("cart_token_hash_key")),
    )
    op.create_index(
        "cart_by_customer_idx",
        "cart",
        ["customer_id", "updated_at"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_table(
        "collection_product",
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collection.id"], name=op.f("collection_product_collection_id_fkey")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("collection_product_product_id_fkey")),
        sa.PrimaryKeyConstraint("collection_id", "product_id", name=op.f("collection_product_pkey")),
    )
    op.create_index(op.f("collection_product_product_id_idx"), "collection_product", ["product_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.Text(), nullable=True),
        sa.CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", name=op.f("a_session_is_somebodys")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("session_customer_id_fkey")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("session_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("session_pkey")),
    )
    op.create_index(op.f("session_customer_id_idx"), "session", ["customer_id"], unique=False)
    op.create_index(op.f("session_staff_id_idx"), "session", ["staff_id"], unique=False)
    op.create_table(
        "variant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "selected_options", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("position", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("variant_product_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("variant_pkey")),
        sa.UniqueConstraint("sku", name=op.f("variant_sku_key")),
    )
    op.create_index(
        "variant_barcode_idx", "variant", ["barcode"], unique=False, postgresql_where=sa.text("barcode IS NOT NULL")
    )
    op.create_index("variant_by_product_idx", "variant", ["product_id", "position", "id"], unique=False)
    op.create_table(
        "cart_delivery_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "(method = 'SHIP') = (location_id IS NULL)", name=op.f("whatever_is_not_shipped_is_handed_over_somewhere")
        ),
        sa.CheckConstraint(
            "method IN ('SHIP', 'PICKUP', 'RESERVE_IN_STORE', 'CARRY_OUT')",
            name=op.f("a_delivery_is_by_a_known_method"),
        ),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("cart_delivery_group_cart_id_fkey")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("cart_delivery_group_location_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_delivery_group_pkey")),
    )
    op.create_index(op.f("cart_delivery_group_cart_id_idx"), "cart_delivery_group", ["cart_id"], unique=False)
    op.create_table(
        "cart_touch",
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("cart_touch_cart_id_fkey")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("cart_touch_channel_id_fkey")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("cart_touch_location_id_fkey")),
        sa.PrimaryKeyConstraint("cart_id", "version", name=op.f("cart_touch_pkey")),
    )
    op.create_table(
        "media",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default=sa.text("'IMAGE'"), nullable=False),
        sa.CheckConstraint("kind IN ('IMAGE', 'VIDEO')", name=op.f("a_medium_is_of_a_known_kind")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("media_product_id_fkey")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("media_variant_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("media_pkey")),
    )
    op.create_index("media_by_product_idx", "media", ["product_id", "position", "id"], unique=False)
    op.create_index(op.f("media_variant_id_idx"), "media", ["variant_id"], unique=False)
    op.create_table(
        "price",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("compare_at_amount", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("a_price_is_not_negative")),
        sa.CheckConstraint(
            "compare_at_amount IS NULL OR compare_at_amount >= 0", name=op.f("a_former_price_is_not_negative")
        ),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("price_market_id_fkey")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("price_variant_id_fkey")),
        sa.PrimaryKeyConstraint("variant_id", "market_id", name=op.f("price_pkey")),
    )
    op.create_table(
        "refresh_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("refresh_token_session_id_fkey")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("refresh_token_pkey")),
    )
    op.create_index(op.f("refresh_token_session_id_idx"), "refresh_token", ["session_id"], unique=False)
    op.create_table(
        "sales_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'OPEN'"), nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("fulfillment_status", sa.Text(), server_default=sa.text("'UNFULFILLED'"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("billing_address", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("market_id", sa.Integer(), nullable=False),
        sa.Column("currency_code", sa.Text(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("subtotal_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "fulfillment_status IN ('UNFULFILLED', 'IN_PROGRESS', 'PARTIALLY_FULFILLED', 'FULFILLED', 'CANCELLED')",
            name=op.f("an_order_is_fulfilled_to_a_known_degree"),
        ),
        sa.CheckConstraint(
            "payment_status IN ('PENDING', 'AUTHORIZED', 'PARTIALLY_PAID', 'PAID', 'VOIDED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'FAILED', 'PAY_IN_STORE')",
            name=op.f("an_order_is_paid_in_a_known_way"),
        ),
        sa.CheckConstraint("status IN ('OPEN', 'COMPLETED', 'CANCELLED')", name=op.f("an_order_is_in_a_known_status")),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("sales_order_cart_id_fkey")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("sales_order_channel_id_fkey")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("sales_order_customer_id_fkey")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("sales_order_location_id_fkey")),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name=op.f("sales_order_market_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("sales_order_pkey")),
        sa.UniqueConstraint("cart_id", name=op.f("sales_order_cart_id_key")),
        sa.UniqueConstraint("number", name=op.f("sales_order_number_key")),
    )
    op.create_index(
        "sales_order_by_customer_idx",
        "sales_order",
        ["customer_id", "placed_at"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index("sales_order_newest_idx", "sales_order", ["placed_at", "id"], unique=False)
    op.create_table(
        "stock_level",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unavailable", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("safety_stock", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("backorder_limit", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("incoming", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("shortfall", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "available",
            sa.Integer(),
            sa.Computed("on_hand - reserved - unavailable - safety_stock", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("backorder_limit >= 0", name=op.f("backorder_limit_is_not_negative")),
        sa.CheckConstraint("incoming >= 0", name=op.f("incoming_is_not_negative")),
        sa.CheckConstraint(
            "reserved + unavailable <= on_hand + backorder_limit + shortfall",
            name=op.f("never_promise_more_than_is_there"),
        ),
        sa.CheckConstraint("reserved >= 0", name=op.f("reserved_is_not_negative")),
        sa.CheckConstraint("safety_stock >= 0", name=op.f("safety_stock_is_not_negative")),
        sa.CheckConstraint(
            "shortfall = 0 OR shortfall = reserved + unavailable - on_hand - backorder_limit",
            name=op.f("a_shortfall_is_exact"),
        ),
        sa.CheckConstraint("shortfall >= 0", name=op.f("shortfall_is_not_negative")),
        sa.CheckConstraint("unavailable >= 0", name=op.f("unavailable_is_not_negative")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("stock_level_location_id_fkey")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("stock_level_variant_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("stock_level_pkey")),
        sa.UniqueConstraint("variant_id", "location_id", name=op.f("stock_level_variant_id_location_id_key")),
        postgresql_with={"fillfactor": "60", "autovacuum_vacuum_scale_factor": "0.02"},
    )
    op.create_index(op.f("stock_level_location_id_idx"), "stock_level", ["location_id"], unique=False)
    op.create_table(
        "cart_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_amount", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("delivery_group_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name=op.f("a_line_has_1_to_999_units")),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("cart_line_cart_id_fkey")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("cart_line_channel_id_fkey")),
        sa.ForeignKeyConstraint(
            ["delivery_group_id"], ["cart_delivery_group.id"], name=op.f("cart_line_delivery_group_id_fkey")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("cart_line_variant_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_line_pkey")),
        sa.UniqueConstraint("cart_id", "variant_id", name=op.f("cart_line_cart_id_variant_id_key")),
    )
    op.create_index(op.f("cart_line_delivery_group_id_idx"), "cart_line", ["delivery_group_id"], unique=False)
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("stock_level_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('OVERSOLD', 'TRANSFER_LOST')", name=op.f("a_discrepancy_is_of_a_known_kind")),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("whoever_resolves_it_is_named")),
        sa.CheckConstraint("quantity > 0", name=op.f("a_discrepancy_is_about_something")),
        sa.ForeignKeyConstraint(["stock_level_id"], ["stock_level.id"], name=op.f("discrepancy_stock_level_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("discrepancy_pkey")),
    )
    op.create_index(op.f("discrepancy_stock_level_id_idx"), "discrepancy", ["stock_level_id"], unique=False)
    op.create_table(
        "order_delivery_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("order_delivery_group_location_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("order_delivery_group_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("order_delivery_group_pkey")),
    )
    op.create_index(op.f("order_delivery_group_order_id_idx"), "order_delivery_group", ["order_id"], unique=False)
    op.create_table(
        "order_event",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("order_event_channel_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("order_event_order_id_fkey")),
        sa.PrimaryKeyConstraint("order_id", "version", name=op.f("order_event_pkey")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("a_payment_is_not_negative")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("payment_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_pkey")),
    )
    op.create_index(op.f("payment_order_id_idx"), "payment", ["order_id"], unique=False)
    op.create_table(
        "reservation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column("attempt", sa.Uuid(), nullable=False),
        sa.Column("stock_level_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("open_quantity", sa.Integer(), nullable=False),
        sa.Column(
            "state", postgresql.ENUM(*RESERVATION_STATES, name="reservation_state", create_type=False), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'HELD') = (expires_at IS NOT NULL)", name=op.f("exactly_a_hold_expires")),
        sa.CheckConstraint(
            "(state IN ('HELD', 'COMMITTED')) = (open_quantity > 0)", name=op.f("exactly_what_is_promised_is_open")
        ),
        sa.CheckConstraint(
            "state <> 'COMMITTED' OR order_id IS NOT NULL", name=op.f("a_commitment_belongs_to_an_order")
        ),
        sa.CheckConstraint("open_quantity BETWEEN 0 AND quantity", name=op.f("open_quantity_is_within_quantity")),
        sa.CheckConstraint("quantity > 0", name=op.f("a_reservation_is_for_something")),
        sa.ForeignKeyConstraint(["stock_level_id"], ["stock_level.id"], name=op.f("reservation_stock_level_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reservation_pkey")),
        sa.UniqueConstraint(
            "cart_id", "attempt", "stock_level_id", name=op.f("reservation_cart_id_attempt_stock_level_id_key")
        ),
    )
    op.create_index(
        "reservation_held_until_idx",
        "reservation",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'HELD'"),
    )
    op.create_index(
        "reservation_open_by_cart_idx",
        "reservation",
        ["cart_id"],
        unique=False,
        postgresql_where=sa.text("open_quantity > 0"),
    )
    op.create_index(
        "reservation_open_by_level_idx",
        "reservation",
        ["stock_level_id"],
        unique=False,
        postgresql_where=sa.text("open_quantity > 0"),
    )
    op.create_index(
        "reservation_open_by_order_idx",
        "reservation",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("open_quantity > 0"),
    )
    op.create_table(
        "stock_movement",
        sa.Column("stock_level_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "reason",
            postgresql.ENUM(*MOVEMENT_REASONS, name="stock_movement_reason", create_type=False),
            nullable=False,
        ),
        sa.Column("on_hand_delta", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved_delta", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unavailable_delta", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("safety_stock_delta", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("incoming_delta", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_reference", sa.Text(), nullable=True),
        sa.Column(
            "occurred_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("stock_movement_channel_id_fkey")),
        sa.ForeignKeyConstraint(
            ["stock_level_id"], ["stock_level.id"], name=op.f("stock_movement_stock_level_id_fkey")
        ),
        sa.PrimaryKeyConstraint("stock_level_id", "version", name=op.f("stock_movement_pkey")),
    )
    op.create_index(
        "stock_movement_source_key",
        "stock_movement",
        ["source", "source_reference"],
        unique=True,
        postgresql_where=sa.text("source IS NOT NULL"),
    )
    op.create_table(
        "transfer_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("origin_level_id", sa.BigInteger(), nullable=False),
        sa.Column("destination_level_id", sa.BigInteger(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lost", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("received + lost <= shipped", name=op.f("no_more_arrives_than_was_shipped")),
        sa.CheckConstraint("received >= 0 AND lost >= 0", name=op.f("what_arrived_or_was_lost_is_not_negative")),
        sa.CheckConstraint("shipped > 0", name=op.f("a_transfer_line_ships_something")),
        sa.ForeignKeyConstraint(
            ["destination_level_id"], ["stock_level.id"], name=op.f("transfer_line_destination_level_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["origin_level_id"], ["stock_level.id"], name=op.f("transfer_line_origin_level_id_fkey")
        ),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("transfer_line_transfer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("transfer_line_pkey")),
    )
    op.create_index(op.f("transfer_line_transfer_id_idx"), "transfer_line", ["transfer_id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_group_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_amount", sa.BigInteger(), nullable=False),
        sa.Column("line_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("an_order_line_sells_something")),
        sa.ForeignKeyConstraint(
            ["delivery_group_id"], ["order_delivery_group.id"], name=op.f("order_line_delivery_group_id_fkey")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("order_line_order_id_fkey")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("order_line_variant_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("order_line_pkey")),
    )
    op.create_index(op.f("order_line_order_id_idx"), "order_line", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("order_line_order_id_idx"), table_name="order_line")
    op.drop_table("order_line")
    op.drop_index(op.f("transfer_line_transfer_id_idx"), table_name="transfer_line")
    op.drop_table("transfer_line")
    op.drop_index(
        "stock_movement_source_key", table_name="stock_movement", postgresql_where=sa.text("source IS NOT NULL")
    )
    op.drop_table("stock_movement")
    op.drop_index(
        "reservation_open_by_order_idx", table_name="reservation", postgresql_where=sa.text("open_quantity > 0")
    )
    op.drop_index(
        "reservation_open_by_level_idx", table_name="reservation", postgresql_where=sa.text("open_quantity > 0")
    )
    op.drop_index(
        "reservation_open_by_cart_idx", table_name="reservation", postgresql_where=sa.text("open_quantity > 0")
    )
    op.drop_index("reservation_held_until_idx", table_name="reservation", postgresql_where=sa.text("state = 'HELD'"))
    op.drop_table("reservation")
    op.drop_index(op.f("payment_order_id_idx"), table_name="payment")
    op.drop_table("payment")
    op.drop_table("order_event")
    op.drop_index(op.f("order_delivery_group_order_id_idx"), table_name="order_delivery_group")
    op.drop_table("order_delivery_group")
    op.drop_index(op.f("discrepancy_stock_level_id_idx"), table_name="discrepancy")
    op.drop_table("discrepancy")
    op.drop_index(op.f("cart_line_delivery_group_id_idx"), table_name="cart_line")
    op.drop_table("cart_line")
    op.drop_index(op.f("stock_level_location_id_idx"), table_name="stock_level")
    op.drop_table("stock_level")
    op.drop_index("sales_order_newest_idx", table_name="sales_order")
    op.drop_index(
        "sales_order_by_customer_idx", table_name="sales_order", postgresql_where=sa.text("customer_id IS NOT NULL")
    )
    op.drop_table("sales_order")
    op.drop_index(op.f("refresh_token_session_id_idx"), table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_table("price")
    op.drop_index(op.f("media_variant_id_idx"), table_name="media")
    op.drop_index("media_by_product_idx", table_name="media")
    op.drop_table("media")
    op.drop_table("cart_touch")
    op.drop_index(op.f("cart_delivery_group_cart_id_idx"), table_name="cart_delivery_group")
    op.drop_table("cart_delivery_group")
    op.drop_index("variant_by_product_idx", table_name="variant")
    op.drop_index("variant_barcode_idx", table_name="variant", postgresql_where=sa.text("barcode IS NOT NULL"))
    op.drop_table("variant")
    op.drop_index(op.f("session_staff_id_idx"), table_name="session")
    op.drop_index(op.f("session_customer_id_idx"), table_name="session")
    op.drop_table("session")
    op.drop_index(op.f("collection_product_product_id_idx"), table_name="collection_product")
    op.drop_table("collection_product")
    op.drop_index("cart_by_customer_idx", table_name="cart", postgresql_where=sa.text("customer_id IS NOT NULL"))
    op.drop_table("cart")
    op.drop_table("app")
    op.drop_table("transfer")
    op.drop_table("staff")
    op.drop_index("product_published_idx", table_name="product", postgresql_where=sa.text("published_at IS NOT NULL"))
    op.drop_index("product_by_category_idx", table_name="product", postgresql_where=sa.text("published_at IS NOT NULL"))
    op.drop_table("product")
    op.drop_index("one_time_token_expiry_idx", table_name="one_time_token")
    op.drop_index(op.f("one_time_token_customer_id_idx"), table_name="one_time_token")
    op.drop_table("one_time_token")
    op.drop_table("channel")
    op.drop_table("relay_state")
    op.drop_table("outbox")
    op.drop_table("market")
    op.drop_table("location")
    op.drop_index("idempotency_expiry_idx", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("event_log")
    op.drop_table("customer")
    op.drop_table("collection")
    op.drop_index(op.f("category_parent_id_idx"), table_name="category")
    op.drop_table("category")
    op.execute("DROP TYPE stock_movement_reason")
    op.execute("DROP TYPE reservation_state")
