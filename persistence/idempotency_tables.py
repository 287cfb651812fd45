"""Which requests have been answered: one row for each key that a caller chose."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from persistence.metadata import metadata

idempotency = Table(
    "idempotency",
    metadata,
    # Whose key it is: two callers never meet in one key.
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    # SHA-256 of the operation and its input, so that a key cannot be used for something else.
    Column("fingerprint", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Uuid),
    Column("lease_until", DateTime(timezone=True)),
    Column("step", Text),
    # Ids and statuses, no personal data and no secrets: the answer is read again for each replay.
    Column("result", JSONB),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('RUNNING', 'DONE')", name="a_request_is_running_or_done"),
    CheckConstraint("(state = 'DONE') = (result IS NOT NULL)", name="exactly_what_is_done_has_a_result"),
    Index("idempotency_expiry_idx", "expires_at"),
)
