"""Holds are written by the statement: what was asked of the database once for each row is kept otherwise.

Revision: 0008, after 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A foreign key asks for its row at every insert, which took a third of the time of a hold. Whatever writes reservations
# and movements has locked their levels, so a level that has moved needs only to stay.
KEEP_LEVELS_THAT_MOVED = """
CREATE FUNCTION keep_levels_that_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'stock level % has a ledger, so it stays', OLD.id
    USING ERRCODE = '23503', CONSTRAINT = 'a_level_that_moved_stays';
END $$
"""
TRIGGER = """
CREATE TRIGGER a_level_that_moved_stays BEFORE DELETE ON stock_level
FOR EACH ROW WHEN (OLD.version > 0) EXECUTE FUNCTION keep_levels_that_moved()
"""

# Looks at the hold of each level that expires first. Asked for all that have expired, the planner would read every hold:
# its statistics are of earlier moments, so that it takes all of them for expired.
ANY_HOLD_HAS_EXPIRED = """
CREATE FUNCTION any_hold_has_expired(level_ids bigint[]) RETURNS boolean LANGUAGE sql AS $$
  SELECT coalesce(bool_or(first.expires_at <= clock_timestamp()), false)
  FROM unnest(level_ids) AS asked (level_id)
  CROSS JOIN LATERAL (
    SELECT expires_at FROM reservation
    WHERE stock_level_id = asked.level_id AND open_quantity > 0 AND expires_at IS NOT NULL
    ORDER BY stock_level_id, expires_at LIMIT 1
  ) AS first
$$
"""

# As in 0002, and nothing is read where nothing has expired.
RECLAIM_EXPIRED_HOLDS = """
CREATE OR REPLACE FUNCTION reclaim_expired_holds(level_ids bigint[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  now_is timestamptz := clock_timestamp();
  touched bigint[];
BEGIN
  IF NOT any_hold_has_expired(level_ids) THEN
    RETURN '{}';
  END IF;
  WITH expired AS (
    SELECT id FROM reservation
    WHERE stock_level_id = ANY (level_ids) AND open_quantity > 0 AND state = 'HELD' AND expires_at <= now_is
    ORDER BY id
    FOR UPDATE SKIP LOCKED
  ), closed AS (
    UPDATE reservation
    SET state = 'EXPIRED', open_quantity = 0, expires_at = NULL, closed_at = now_is
    FROM expired
    WHERE reservation.id = expired.id
    RETURNING reservation.id, reservation.cart_id, reservation.stock_level_id, reservation.quantity
  ), freed AS (
    SELECT stock_level_id, sum(quantity)::int AS units, count(*)::int AS holds FROM closed GROUP BY stock_level_id
  ), updated AS (
    UPDATE stock_level level
    SET reserved = level.reserved - freed.units,
        shortfall = greatest(0, level.reserved - freed.units + level.unavailable - level.on_hand - level.backorder_limit),
        version = level.version + freed.holds,
        updated_at = now_is
    FROM freed
    WHERE level.id = freed.stock_level_id
    RETURNING level.id, level.version, freed.holds
  ), recorded AS (
    INSERT INTO stock_movement (stock_level_id, version, reason, reserved_delta, reference, actor)
    SELECT updated.id,
           updated.version - updated.holds + row_number() OVER (PARTITION BY updated.id ORDER BY closed.id),
           'EXPIRY', -closed.quantity, 'cart:' || closed.cart_id, 'system'
    FROM closed JOIN updated ON updated.id = closed.stock_level_id
    RETURNING stock_level_id
  )
  SELECT array_agg(DISTINCT stock_level_id) INTO touched FROM recorded;
  RETURN coalesce(touched, '{}');
END $$
"""

# Carts are granted whole or refused whole, first come first served. `level_ids` are distinct and ascending. The lines of
# one cart follow each other and name each level once; `line_cart` and `line_level` are positions in the first two groups
# of arrays, counted from 1, and every level has a line. Each line leaves `line_buffer` units of what is free.
RESERVE_BATCH = """
CREATE OR REPLACE FUNCTION reserve_batch(
  level_ids bigint[],
  cart_ids uuid[], attempts uuid[], actors text[], channel_ids int[], hold_seconds int[],
  line_cart int[], line_level int[], line_quantity int[], line_buffer int[] DEFAULT NULL
) RETURNS boolean[] LANGUAGE plpgsql AS $$
DECLARE
  now_is timestamptz;
  free int[];
  versions bigint[];
  taken bigint[];
  moves int[];
  is_enough_for_all boolean;
  granted boolean[] := array_fill(true, ARRAY[cardinality(cart_ids)]);
  reclaimed bigint[] := '{}';
  line int := 1;
  first_line int;
  is_enough boolean;
BEGIN
  SELECT array_agg(locked.free ORDER BY locked.id), array_agg(locked.version ORDER BY locked.id) INTO free, versions FROM (
    SELECT id, available + backorder_limit AS free, version FROM stock_level WHERE id = ANY (level_ids) 
    ORDER BY id FOR UPDATE
  ) locked;
  IF cardinality(free) IS DISTINCT FROM cardinality(level_ids) THEN
    RAISE EXCEPTION 'unknown stock level' USING ERRCODE = '22023';
  END IF;

  SELECT array_agg(asked.units ORDER BY asked.level), array_agg(asked.moves ORDER BY asked.level),
         bool_and(asked.units + asked.buffer <= free[asked.level])
  INTO taken, moves, is_enough_for_all
  FROM (
    SELECT level, sum(quantity) AS units, count(*)::int AS moves, coalesce(max(buffer), 0) AS buffer
    FROM unnest(line_level, line_quantity, line_buffer) line (level, quantity, buffer)
    GROUP BY level
  ) asked;

  IF NOT is_enough_for_all THEN
    -- Before anybody is refused, what has expired is taken back.
    reclaimed := reclaim_expired_holds(level_ids);
    IF cardinality(reclaimed) > 0 THEN
      SELECT array_agg(level.available + level.backorder_limit ORDER BY level.id), array_agg(level.version ORDER BY level.id)
      INTO free, versions
      FROM stock_level level WHERE level.id = ANY (level_ids);
    END IF;
    taken := array_fill(0, ARRAY[cardinality(level_ids)]);
    moves := taken;
    WHILE line <= cardinality(line_cart) LOOP
      first_line := line;
      is_enough := true;
      WHILE line_cart[line] = line_cart[first_line] LOOP
        is_enough := is_enough AND free[line_level[line]] - coalesce(line_buffer[line], 0) >= line_quantity[line];
        line := line + 1;
      END LOOP;
      granted[line_cart[first_line]] := is_enough;
      IF is_enough THEN
        FOR taking IN first_line .. line - 1 LOOP
          free[line_level[taking]] := free[line_level[taking]] - line_quantity[taking];
          taken[line_level[taking]] := taken[line_level[taking]] + line_quantity[taking];
          moves[line_level[taking]] := moves[line_level[taking]] + 1;
        END LOOP;
      END IF;
    END LOOP;
    IF NOT true = ANY (granted) AND reclaimed = '{}' THEN
      RETURN granted;
    END IF;
  END IF;

  now_is := clock_timestamp();
  INSERT INTO reservation (cart_id, attempt, stock_level_id, quantity, open_quantity, state, expires_at, created_at)
  SELECT cart_ids[asked.cart], attempts[asked.cart], level_ids[asked.level], asked.quantity, asked.quantity, 'HELD',
         now_is + make_interval(secs => hold_seconds[asked.cart]), now_is
  FROM unnest(line_cart, line_level, line_quantity) asked (cart, level, quantity)
  WHERE granted[asked.cart];

  INSERT INTO stock_movement (stock_level_id, version, reason, reserved_delta, reference, actor, channel_id,
                              occurred_at, recorded_at)
  SELECT level_ids[asked.level],
         versions[asked.level] + row_number() OVER (PARTITION BY asked.level ORDER BY asked.cart),
         'HOLD', asked.quantity, 'cart:' || cart_ids[asked.cart], actors[asked.cart], channel_ids[asked.cart],
         now_is, now_is
  FROM unnest(line_cart, line_level, line_quantity) asked (cart, level, quantity)
  WHERE granted[asked.cart];

  -- One event for each level. One that only got units back is written once more, so that it is told of with the others.
  WITH updated AS (
    UPDATE stock_level level
    SET reserved = level.reserved + change.units::int, version = level.version + change.moves, updated_at = now_is
    FROM unnest(level_ids, taken, moves) change (id, units, moves)
    WHERE level.id = change.id AND (change.moves > 0 OR level.id = ANY (reclaimed))
    RETURNING level.id, level.version, level.variant_id, level.location_id, level.available
  )
  INSERT INTO outbox (topic, key, version, payload)
  SELECT 'stock', id::text, version,
         jsonb_build_object('variant', variant_id, 'location', location_id, 'available', available)
  FROM updated ORDER BY updated.id;
  RETURN granted;
END $$
"""

# The unique constraint finds the holds of a cart; a hold has no order yet; what has expired lies together.
INDEXES = (
    ("reservation_open_by_order_idx", ["order_id"], "open_quantity > 0 AND order_id IS NOT NULL"),
    ("reservation_open_by_level_idx", ["stock_level_id", "expires_at"], "open_quantity > 0"),
)
INDEXES_BEFORE = (
    ("reservation_open_by_cart_idx", ["cart_id"], "open_quantity > 0"),
    ("reservation_open_by_order_idx", ["order_id"], "open_quantity > 0"),
    ("reservation_open_by_level_idx", ["stock_level_id"], "open_quantity > 0"),
)
FOREIGN_KEYS = (
    ("stock_movement", "channel"),
    ("stock_movement", "stock_level"),
    ("reservation", "stock_level"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table, other in FOREIGN_KEYS:
        op.drop_constraint(f"{table}_{other}_id_fkey", table)
    _replace_indexes(INDEXES_BEFORE, INDEXES)
    for statement in (KEEP_LEVELS_THAT_MOVED, TRIGGER, ANY_HOLD_HAS_EXPIRED, RECLAIM_EXPIRED_HOLDS, RESERVE_BATCH):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    script = context.script
    for before in (
        script.get_revision("0004").module.RESERVE_BATCH,
        script.get_revision("0002").module.RECLAIM_EXPIRED_HOLDS,
    ):
        op.execute(before.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    op.execute("DROP FUNCTION any_hold_has_expired(bigint[])")
    op.execute("DROP TRIGGER a_level_that_moved_stays ON stock_level")
    op.execute("DROP FUNCTION keep_levels_that_moved()")
    _replace_indexes(INDEXES, INDEXES_BEFORE)
    for table, other in FOREIGN_KEYS:
        op.create_foreign_key(f"{table}_{other}_id_fkey", table, other, [f"{other}_id"], ["id"])


def _replace_indexes(old: Sequence[tuple[str, list[str], str]], new: Sequence[tuple[str, list[str], str]]) -> None:
    for name, _, _ in old:
        op.drop_index(name, table_name="reservation")
    for name, columns, condition in new:
        op.create_index(name, "reservation", columns, postgresql_where=sa.text(condition))
