"""What the database itself decides: batches of holds, expiry, an append-only ledger, the first stretch of the stream.

Revision: 0002, after 0001
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFUSE_TO_REWRITE_THE_LEDGER = """
CREATE FUNCTION refuse_to_rewrite_the_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'stock_movement is append-only: correct a mistake with another movement' USING ERRCODE = '42501';
END $$
"""

LEDGER_TRIGGER = """
CREATE TRIGGER stock_movement_is_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_the_ledger();
"""

# One event for each level however many movements a statement made: the newest version says it all.
ANNOUNCE_STOCK_LEVELS = """
CREATE FUNCTION announce_stock_levels(level_ids bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (topic, key, version, payload)
  SELECT 'stock', level.id::text, level.version, jsonb_build_object(
    'variant', level.variant_id, 'location', level.location_id, 'available', level.available)
  FROM stock_level level
  WHERE level.id = ANY (level_ids)
  ORDER BY level.id
$$;
"""

# The caller has locked the levels. Holds that somebody else has locked are being used, so they are passed over.
RECLAIM_EXPIRED_HOLDS = """
CREATE FUNCTION reclaim_expired_holds(level_ids bigint[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  touched bigint[];
BEGIN
  WITH expired AS (
    SELECT id FROM reservation
    WHERE stock_level_id = ANY (level_ids) AND state = 'HELD' AND expires_at <= clock_timestamp()
    ORDER BY id
    FOR UPDATE SKIP LOCKED
  ), closed AS (
    UPDATE reservation
    SET state = 'EXPIRED', open_quantity = 0, expires_at = NULL, closed_at = clock_timestamp()
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
        updated_at = clock_timestamp()
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
END $$;
"""

# Carts are granted whole or refused whole, first come first served. `level_ids` are distinct and ascending. The lines of
# one cart follow each other and name each level once; `line_cart` and `line_level` are positions in the first two groups
# of arrays, counted from 1.
RESERVE_BATCH = """
CREATE FUNCTION reserve_batch(
  level_ids bigint[],
  cart_ids uuid[], attempts uuid[], actors text[], channel_ids int[], hold_seconds int[],
  line_cart int[], line_level int[], line_quantity int[]
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
      is_enough := is_enough AND free[line_level[line]] >= line_quantity[line];
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

FIRST_PARTITION = "CREATE TABLE event_log_from_0 PARTITION OF event_log FOR VALUES FROM (0) TO (1000000)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    for statement in (
        REFUSE_TO_REWRITE_THE_LEDGER,
        LEDGER_TRIGGER,
        ANNOUNCE_STOCK_LEVELS,
        RECLAIM_EXPIRED_HOLDS,
        RESERVE_BATCH,
        "INSERT INTO relay_state (id) VALUES (1)",
        FIRST_PARTITION,
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE event_log_from_0")
    op.execute("DELETE FROM relay_state")
    op.execute(
        "DROP FUNCTION reserve_batch(bigint[], uuid[], uuid[], text[], int[], int[], int[], int[], int[])"
    )
    op.execute("DROP FUNCTION reclaim_expired_holds(bigint[])")
    op.execute("DROP FUNCTION announce_stock_levels(bigint[])")
    op.execute("DROP TRIGGER stock_movement_is_append_only ON stock_movement")
    op.execute("DROP FUNCTION refuse_to_rewrite_the_ledger()")
