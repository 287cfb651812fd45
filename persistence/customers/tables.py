"""Who may ask: customers, staff and partner apps, and the secrets that prove it, all stored as hashes."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from persistence.metadata import metadata

customer = Table(
    "customer",
    metadata,
    Column("id", Uuid, primary_key=True),
    # Lower case; the address is the sign-in name.
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("phone", Text),
    Column("password_hash", Text, nullable=False),
    Column("addresses", JSONB, nullable=False, server_default=text("'[]'")),
    # Null until the link in the mail was used: nobody signs in before.
    Column("verified_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("email = lower(email)", name="an_email_is_stored_in_lower_case"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    # Bound to one location, or to none: then everywhere.
    Column("location_id", Integer, ForeignKey("location.id")),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("disabled_at", DateTime(timezone=True)),
    CheckConstraint("email = lower(email)", name="a_staff_email_is_stored_in_lower_case"),
)

app = Table(
    "app",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=False),
    Column("location_id", Integer, ForeignKey("location.id")),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)

session = Table(
    "session",
    metadata,
    # One sign-in and all refresh tokens that descend from it: a family that lives and dies together.
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customer.id"), index=True),
    Column("staff_id", Uuid, ForeignKey("staff.id"), index=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_because", Text),
    CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", name="a_session_is_somebodys"),
)

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("session_id", Uuid, ForeignKey("session.id"), nullable=False, index=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("used_at", DateTime(timezone=True)),
)

one_time_token = Table(
    "one_time_token",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("customer_id", Uuid, ForeignKey("customer.id"), nullable=False, index=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    CheckConstraint("purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD')", name="a_one_time_token_has_one_purpose"),
    Index("one_time_token_expiry_idx", "expires_at"),
)
