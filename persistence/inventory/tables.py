"""Stock per variant and location, what is promised of it, and the ledger that explains every number.

The counters of a level change only together with rows of `stock_movement`; functions of this schema
(`reserve_batch`, `reclaim_expired_holds`) and `movements.apply` see to it. See docs/architecture.md for the lock order.

Reservations and movements have no foreign keys: to ask for the level at every row took a third of the time of a hold. Who
writes them has locked the level, and the trigger `a_level_that_moved_stays` keeps it.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ENUM

from persistence.metadata import metadata

RESERVATION_STATES = ("HELD", "COMMITTED", "FULFILLED", "RELEASED", "EXPIRED")

stock_level = Table(
    "stock_level",
    metadata,
    # Ids never change: locks are always taken in their order.
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("variant_id", Uuid, ForeignKey("variant.id"), nullable=False),
    Column("location_id", Integer, ForeignKey("location.id"), nullable=False, index=True),
    # Physically there; negative only when a recorded fact says that more has left than was known.
    Column("on_hand", Integer, nullable=False, server_default=text("0")),
    Column("reserved", Integer, nullable=False, server_default=text("0")),
    Column("unavailable", Integer, nullable=False, server_default=text("0")),
    Column("safety_stock", Integer, nullable=False, server_default=text("0")),
    Column("backorder_limit", Integer, nullable=False, server_default=text("0")),
    Column("incoming", Integer, nullable=False, server_default=text("0")),
    Column("shortfall", Integer, nullable=False, server_default=text("0")),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column(
        "available",
        Integer,
        Computed("on_hand - reserved - unavailable - safety_stock", persisted=True),
        nullable=False,
    ),
    UniqueConstraint("variant_id", "location_id"),
    CheckConstraint("reserved >= 0", name="reserved_is_not_negative"),
    CheckConstraint("unavailable >= 0", name="unavailable_is_not_negative"),
    CheckConstraint("safety_stock >= 0", name="safety_stock_is_not_negative"),
    CheckConstraint("backorder_limit >= 0", name="backorder_limit_is_not_negative"),
    CheckConstraint("incoming >= 0", name="incoming_is_not_negative"),
    CheckConstraint("shortfall >= 0", name="shortfall_is_not_negative"),
    CheckConstraint(
        "reserved + unavailable <= on_hand + backorder_limit + shortfall", name="never_promise_more_than_is_there"
    ),
    CheckConstraint(
        "shortfall = 0 OR shortfall = reserved + unavailable - on_hand - backorder_limit",
        name="a_shortfall_is_exact",
    ),
    # Room on the page keeps updates of a hot row HOT.
    postgresql_with={"fillfactor": "60", "autovacuum_vacuum_scale_factor": "0.02"},
)

reservation = Table(
    "reservation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("cart_id", Uuid, nullable=False),
    Column("order_id", Uuid),
    Column("order_line_id", Uuid),
    # One try to hold a cart; tells a hold made by a lost answer from a second one.
    Column("attempt", Uuid, nullable=False),
    Column("stock_level_id", BigInteger, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("open_quantity", Integer, nullable=False),
    Column("state", ENUM(*RESERVATION_STATES, name="reservation_state", create_type=False), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("closed_at", DateTime(timezone=True)),
    UniqueConstraint("cart_id", "attempt", "stock_level_id"),
    CheckConstraint("quantity > 0", name="a_reservation_is_for_something"),
    CheckConstraint("open_quantity BETWEEN 0 AND quantity", name="open_quantity_is_within_quantity"),
    CheckConstraint("(state = 'HELD') = (expires_at IS NOT NULL)", name="exactly_a_hold_expires"),
    CheckConstraint("(state IN ('HELD', 'COMMITTED')) = (open_quantity > 0)", name="exactly_what_is_promised_is_open"),
    CheckConstraint("state <> 'COMMITTED' OR order_id IS NOT NULL", name="a_commitment_belongs_to_an_order"),
    # Each index costs every hold; those of a cart are found by the unique constraint.
    Index(
        "reservation_open_by_order_idx",
        "order_id",
        postgresql_where=text("open_quantity > 0 AND order_id IS NOT NULL"),
    ),
    Index("reservation_open_by_level_idx", "stock_level_id", "expires_at", postgresql_where=text("open_quantity > 0")),
    Index("reservation_held_until_idx", "expires_at", postgresql_where=text("state = 'HELD'")),
)

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

stock_movement = Table(
    "stock_movement",
    metadata,
    Column("stock_level_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", ENUM(*MOVEMENT_REASONS, name="stock_movement_reason", create_type=False), nullable=False),
    Column("on_hand_delta", Integer, nullable=False, server_default=text("0")),
    Column("reserved_delta", Integer, nullable=False, server_default=text("0")),
    Column("unavailable_delta", Integer, nullable=False, server_default=text("0")),
    Column("safety_stock_delta", Integer, nullable=False, server_default=text("0")),
    Column("incoming_delta", Integer, nullable=False, server_default=text("0")),
    Column("reference", Text),
    # customer:<id>, guest, staff:<id>, app:<id> or system; who did it, in a form that never changes.
    Column("actor", Text, nullable=False),
    Column("channel_id", Integer),
    # A fact reported from outside is recorded once: its source names the reporter, its reference the fact.
    Column("source", Text),
    Column("source_reference", Text),
    Column("occurred_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index(
        "stock_movement_source_key",
        "source",
        "source_reference",
        unique=True,
        postgresql_where=text("source IS NOT NULL"),
    ),
    # To tell what was there at a moment; most movements are holds, which leave what is on hand as it is.
    Index(
        "stock_movement_on_hand_idx",
        "stock_level_id",
        "occurred_at",
        postgresql_include=["on_hand_delta"],
        postgresql_where=text("on_hand_delta <> 0"),
    ),
)

discrepancy = Table(
    "discrepancy",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("stock_level_id", BigInteger, ForeignKey("stock_level.id"), nullable=False, index=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolved_by", Text),
    # What was done about it, for people.
    Column("resolution", Text),
    CheckConstraint("kind IN ('OVERSOLD', 'TRANSFER_LOST')", name="a_discrepancy_is_of_a_known_kind"),
    CheckConstraint("quantity > 0", name="a_discrepancy_is_about_something"),
    CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="whoever_resolves_it_is_named"),
    Index("discrepancy_open_idx", "id", postgresql_where=text("resolved_at IS NULL")),
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("origin_id", Integer, ForeignKey("location.id"), nullable=False),
    Column("destination_id", Integer, ForeignKey("location.id"), nullable=False),
    Column("expected_at", DateTime(timezone=True)),
    Column("shipped_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("origin_id <> destination_id", name="a_transfer_goes_elsewhere"),
)

transfer_line = Table(
    "transfer_line",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("transfer_id", Uuid, ForeignKey("transfer.id"), nullable=False, index=True),
    Column("origin_level_id", BigInteger, ForeignKey("stock_level.id"), nullable=False),
    Column("destination_level_id", BigInteger, ForeignKey("stock_level.id"), nullable=False),
    Column("shipped", Integer, nullable=False),
    Column("received", Integer, nullable=False, server_default=text("0")),
    Column("lost", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("shipped > 0", name="a_transfer_line_ships_something"),
    CheckConstraint("received >= 0 AND lost >= 0", name="what_arrived_or_was_lost_is_not_negative"),
    CheckConstraint("received + lost <= shipped", name="no_more_arrives_than_was_shipped"),
    Index("transfer_line_open_idx", "transfer_id", postgresql_where=text("received + lost < shipped")),
)

stock_count = Table(
    "stock_count",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("location_id", Integer, ForeignKey("location.id"), nullable=False),
    Column("reference", Text),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("started_by", Text, nullable=False),
    # When the last of its lines was counted.
    Column("finished_at", DateTime(timezone=True)),
)

stock_count_line = Table(
    "stock_count_line",
    metadata,
    Column("count_id", Uuid, ForeignKey("stock_count.id"), primary_key=True),
    Column("stock_level_id", BigInteger, ForeignKey("stock_level.id"), primary_key=True),
    # The level's as the count began: what is counted is compared with what was there then.
    Column("version", BigInteger, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("counted", Integer),
    Column("counted_at", DateTime(timezone=True)),
    Column("counted_by", Text),
    CheckConstraint("counted >= 0", name="nobody_counts_less_than_nothing"),
    CheckConstraint(
        "(counted IS NULL) = (counted_at IS NULL) AND (counted IS NULL) = (counted_by IS NULL)",
        name="whoever_counted_is_named",
    ),
    Index("stock_count_line_counted_idx", "stock_level_id", postgresql_where=text("counted IS NOT NULL")),
)

stock_sync = Table(
    "stock_sync",
    metadata,
    # The system that states numbers; each has its own sequence of moments.
    Column("source", Text, primary_key=True),
    Column("stock_level_id", BigInteger, ForeignKey("stock_level.id"), primary_key=True),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("on_hand", Integer, nullable=False),
    Column("synced_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
)
