"""The one stream of changes: committed to `outbox` with the change, given its place in `event_log` by the sequencer."""

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from persistence.metadata import metadata

outbox = Table(
    "outbox",
    metadata,
    # CACHE 1 (the default) matters: numbers must be drawn in the order in which aggregates were locked.
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    # Rows live for milliseconds: vacuum by count, not by share of the table.
    postgresql_with={"autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "5000"},
)

event_log = Table(
    "event_log",
    metadata,
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("payload", JSONB, nullable=False),
    postgresql_partition_by="RANGE (pos)",
)

relay_state = Table(
    "relay_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("pos", BigInteger, nullable=False, server_default=text("0")),
    # Changes when positions can no longer be trusted, that is after a restore from a backup.
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    # Which database this is, as far as PostgreSQL can tell; null before the first event.
    Column("origin", Text),
    CheckConstraint("id = 1", name="there_is_one_stream"),
)
