"""What a location needs to say when an order is ready, and what it keeps back from which channel.

Revision: 0004, after 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# As in 0002, and each line leaves `line_buffer` units of what is free. A process of the version before does not name it.
RESERVE_BATCH = """
CREATE FUNCTION reserve_batch(
  level_ids bigint[],
  cart_ids uuid[], attempts uuid[], actors text[], channel_ids int[], hold_seconds int[],
  line_cart int[], line_level int[], line_quantity int[], line_buffer int[] DEFAULT NULL
) RETURNS boolean[] LANGUAGE plpgsql AS $$
DECLARE
  free int[];
  taken int[];
  moves int[];
  granted boolean[] := array_fill(false, ARRAY[cardinality(cart_ids)]);
  reclaimed bigint[] := '{}';
  has_reclaimed boolean := false;
  changed bigint[];
  line int := 1;
  line_count int := coalesce(cardinality(line_cart), 0);
  first_line int;
  cart int;
  is_enough boolean;
BEGIN
  SELECT array_agg(locked.free ORDER BY locked.id) INTO free FROM (
    SELECT id, available + backorder_limit AS free FROM stock_level WHERE id = ANY (level_ids) ORDER BY id FOR UPDATE
  ) locked;
  IF cardinality(free) IS DISTINCT FROM cardinality(level_ids) THEN
    RAISE EXCEPTION 'unknown stock level' USING ERRCODE = '22023';
  END IF;
  taken := array_fill(0, ARRAY[cardinality(level_ids)]);
  moves := taken;

  WHILE line <= line_count LOOP
    first_line := line;
    cart := line_cart[line];
    is_enough := true;
    WHILE line <= line_count AND line_cart[line] = cart LOOP
      is_enough := is_enough AND free[line_level[line]] - coalesce(line_buffer[line], 0) >= line_quantity[line];
      line := line + 1;
    END LOOP;

    IF NOT is_enough AND NOT has_reclaimed THEN
      -- Before anybody is refused, what has expired is taken back; then the same cart is looked at again.
      has_reclaimed := true;
      reclaimed := reclaim_expired_holds(level_ids);
      IF cardinality(reclaimed) > 0 THEN
        SELECT array_agg(level.available + level.backorder_limit - used.units ORDER BY level.id) INTO free
        FROM stock_level level JOIN unnest(level_ids, taken) used (id, units) ON used.id = level.id;
        line := first_line;
        CONTINUE;
      END IF;
    END IF;

    IF is_enough THEN
      granted[cart] := true;
      FOR taking IN first_line .. line - 1 LOOP
        free[line_level[taking]] := free[line_level[taking]] - line_quantity[taking];
        taken[line_level[taking]] := taken[line_level[taking]] + line_quantity[taking];
        moves[line_level[taking]] := moves[line_level[taking]] + 1;
      END LOOP;
    END IF;
  END LOOP;

  WITH updated AS (
    UPDATE stock_level level
    SET reserved = level.reserved + change.units, version = level.version + change.moves, updated_at = clock_timestamp()
    FROM unnest(level_ids, taken, moves) change (id, units, moves)
    WHERE level.id = change.id AND change.moves > 0
    RETURNING level.id, level.version, change.moves
  ), held AS (
    INSERT INTO reservation (cart_id, attempt, stock_level_id, quantity, open_quantity, state, expires_at)
    SELECT cart_ids[asked.cart], attempts[asked.cart], level_ids[asked.level], asked.quantity, asked.quantity, 'HELD',
           clock_timestamp() + make_interval(secs => hold_seconds[asked.cart])
    FROM unnest(line_cart, line_level, line_quantity) asked (cart, level, quantity)
    WHERE granted[asked.cart]
    RETURNING id, cart_id, attempt, stock_level_id, quantity
  ), recorded AS (
    INSERT INTO stock_movement (stock_level_id, version, reason, reserved_delta, reference, actor, channel_id)
    SELECT updated.id,
           updated.version - updated.moves + row_number() OVER (PARTITION BY updated.id ORDER BY held.id),
           'HOLD', held.quantity, 'cart:' || held.cart_id, asker.actor, asker.channel_id
    FROM held
    JOIN updated ON updated.id = held.stock_level_id
    JOIN unnest(attempts, actors, channel_ids) asker (attempt, actor, channel_id) ON asker.attempt = held.attempt
    RETURNING stock_level_id
  )
  SELECT array_agg(DISTINCT touched.id) INTO changed
  FROM (SELECT stock_level_id FROM recorded UNION ALL SELECT unnest(reclaimed)) touched (id);

  IF changed IS NOT NULL THEN
    PERFORM announce_stock_levels(changed);
  END IF;
  RETURN granted;
END $$;
"""

RESERVE_BATCH_WITHOUT_BUFFERS = RESERVE_BATCH.replace(", line_buffer int[] DEFAULT NULL", "").replace(
    " - coalesce(line_buffer[line], 0)", ""
)

_WITHOUT_BUFFERS = "bigint[], uuid[], uuid[], text[], int[], int[], int[], int[], int[]"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column(
        "location",
        sa.Column(
            "opening_exceptions",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    op.add_column(
        "location", sa.Column("preparation_minutes", sa.Integer(), server_default=sa.text("60"), nullable=False)
    )
    op.add_column("location", sa.Column("pickup_cutoff", sa.Text(), nullable=True))
    op.add_column("location", sa.Column("online_buffer", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(
        op.f("preparation_takes_at_most_thirty_days"), "location", "preparation_minutes BETWEEN 0 AND 43200"
    )
    op.create_check_constraint(
        op.f("a_cutoff_is_a_time_of_day"), "location", "pickup_cutoff ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'"
    )
    op.create_check_constraint(
        op.f("a_location_keeps_back_at_most_a_million"), "location", "online_buffer BETWEEN 0 AND 1000000"
    )
    op.create_table(
        "channel_location",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("buffer", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sells", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("buffer BETWEEN 0 AND 1000000", name=op.f("a_channel_keeps_back_at_most_a_million")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("channel_location_channel_id_fkey")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("channel_location_location_id_fkey")),
        sa.PrimaryKeyConstraint("channel_id", "location_id", name=op.f("channel_location_pkey")),
    )
    op.execute(f"DROP FUNCTION reserve_batch({_WITHOUT_BUFFERS})")
    op.execute(RESERVE_BATCH)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(f"DROP FUNCTION reserve_batch({_WITHOUT_BUFFERS}, int[])")
    op.execute(RESERVE_BATCH_WITHOUT_BUFFERS)
    op.drop_table("channel_location")
    for name in ("online_buffer", "pickup_cutoff", "preparation_minutes", "opening_exceptions"):
        op.drop_column("location", name)
