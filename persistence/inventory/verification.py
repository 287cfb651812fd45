"""Whether the stock ledger keeps its promises: every invariant asked of the whole live database, in one snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy import Boolean, Text, column, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from persistence.database import Row
from persistence.statements import Statement

SHOWN_OFFENDERS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """`examined` gives one row for each thing looked at: its id and whether it breaks the rule."""

    name: str
    rule: str
    things: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Finding:
    check: Check
    examined: int
    violations: int
    offenders: Sequence[str]
    """The first few, by id."""

    @property
    def is_clean(self) -> bool:
        return self.violations == 0


def _check(name: str, rule: str, things: str, examined: str) -> Check:
    rows = text(examined).columns(column("id", Text), column("is_wrong", Boolean)).subquery("examined")
    offenders = func.array_agg(aggregate_order_by(rows.c.id, rows.c.id)).filter(rows.c.is_wrong)
    query = select(
        func.count().label("examined"),
        func.count().filter(rows.c.is_wrong).label("violations"),
        offenders.label("offenders"),
    ).select_from(rows)
    return Check(name, rule, things, Statement(query))


# What belongs to a level that does not exist is as wrong as a counter that does not add up.
CHECKS = (
    _check(
        "reserved",
        "What is reserved is what open holds and commitments add up to.",
        "stock levels",
        """
        SELECT coalesce(level.id, promise.stock_level_id)::text AS id,
               level.reserved IS DISTINCT FROM coalesce(promise.units, 0) AS is_wrong
        FROM stock_level level
        FULL JOIN (
          SELECT stock_level_id, sum(open_quantity) AS units FROM reservation WHERE open_quantity > 0 GROUP BY stock_level_id
        ) promise ON promise.stock_level_id = level.id
        """,
    ),
    _check(
        "counters",
        "Replaying the ledger gives all five counters of the level.",
        "stock levels",
        """
        SELECT coalesce(level.id, ledger.stock_level_id)::text AS id,
               (level.on_hand, level.reserved, level.unavailable, level.safety_stock, level.incoming) IS DISTINCT FROM
               (coalesce(ledger.on_hand, 0), coalesce(ledger.reserved, 0), coalesce(ledger.unavailable, 0),
                coalesce(ledger.safety_stock, 0), coalesce(ledger.incoming, 0)) AS is_wrong
        FROM stock_level level
        FULL JOIN (
          SELECT stock_level_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved,
                 sum(unavailable_delta) AS unavailable, sum(safety_stock_delta) AS safety_stock,
                 sum(incoming_delta) AS incoming
          FROM stock_movement GROUP BY stock_level_id
        ) ledger ON ledger.stock_level_id = level.id
        """,
    ),
    _check(
        "versions",
        "The movements of a level are numbered from 1 to its version without a gap.",
        "stock levels",
        """
        SELECT level.id::text AS id,
               (level.version, level.version, least(1, level.version)) IS DISTINCT FROM
               (coalesce(ledger.movements, 0), coalesce(ledger.newest, 0), coalesce(ledger.oldest, 0)) AS is_wrong
        FROM stock_level level
        LEFT JOIN (
          SELECT stock_level_id, count(*) AS movements, max(version) AS newest, min(version) AS oldest
          FROM stock_movement GROUP BY stock_level_id
        ) ledger ON ledger.stock_level_id = level.id
        """,
    ),
    _check(
        "promises",
        "Nothing is promised beyond what is there and may be backordered, unless the shortfall says exactly how much.",
        "stock levels",
        """
        SELECT id::text AS id,
               shortfall <> greatest(0, reserved + unavailable - on_hand - backorder_limit) AS is_wrong
        FROM stock_level
        """,
    ),
    _check(
        "incidents",
        "Every shortfall has an incident that somebody must resolve or has resolved.",
        "shortfalls",
        """
        SELECT id::text AS id,
               NOT EXISTS (SELECT FROM discrepancy WHERE stock_level_id = level.id AND kind = 'OVERSOLD') AS is_wrong
        FROM stock_level level WHERE shortfall > 0
        """,
    ),
    # Holds of one statement are numbered one after the other and only lower what is left, so each of them obeys. A
    # backorder limit is not in the ledger: nothing may lower it below what was promised on its strength.
    _check(
        "holds",
        "No hold, at its place in the ledger, took more than could be sold.",
        "holds",
        """
        SELECT stock_level_id::text || ' version ' || version AS id, left_over < 0 AS is_wrong
        FROM (
          SELECT movement.stock_level_id, movement.version, movement.reason,
                 level.backorder_limit
                 + sum(on_hand_delta - reserved_delta - unavailable_delta - safety_stock_delta) OVER (
                     PARTITION BY movement.stock_level_id ORDER BY movement.version
                   ) AS left_over
          FROM stock_movement movement JOIN stock_level level ON level.id = movement.stock_level_id
        ) replayed
        WHERE reason = 'HOLD'
        """,
    ),
    # An adjustment or a receipt may announce and withdraw a supplier's delivery; that part has no transfer behind it.
    _check(
        "incoming",
        "What transfers have added to incoming is what is still on its way.",
        "stock levels",
        """
        SELECT level.id::text AS id, coalesce(ledger.units, 0) <> coalesce(underway.units, 0) AS is_wrong
        FROM stock_level level
        LEFT JOIN (
          SELECT stock_level_id, sum(incoming_delta) AS units FROM stock_movement
          WHERE reason IN ('TRANSFER_OUT', 'TRANSFER_INCOMING', 'TRANSFER_IN') GROUP BY stock_level_id
        ) ledger ON ledger.stock_level_id = level.id
        LEFT JOIN (
          SELECT destination_level_id, sum(shipped - received - lost) AS units FROM transfer_line
          GROUP BY destination_level_id
        ) underway ON underway.destination_level_id = level.id
        """,
    ),
    _check(
        "transfers",
        "Transfers take from one level what they bring to another, less what is on its way or lost.",
        "stock levels",
        """
        SELECT level.id::text AS id,
               coalesce(ledger.sent, 0) <> coalesce(origin.shipped, 0)
               OR coalesce(ledger.arrived, 0) <> coalesce(destination.received, 0)
               OR coalesce(destination.is_overfull, false) AS is_wrong
        FROM stock_level level
        LEFT JOIN (
          SELECT stock_level_id, -sum(on_hand_delta) FILTER (WHERE reason = 'TRANSFER_OUT') AS sent,
                 sum(on_hand_delta) FILTER (WHERE reason = 'TRANSFER_IN') AS arrived
          FROM stock_movement WHERE reason IN ('TRANSFER_OUT', 'TRANSFER_IN') GROUP BY stock_level_id
        ) ledger ON ledger.stock_level_id = level.id
        LEFT JOIN (
          SELECT origin_level_id, sum(shipped) AS shipped FROM transfer_line GROUP BY origin_level_id
        ) origin ON origin.origin_level_id = level.id
        LEFT JOIN (
          SELECT destination_level_id, sum(received) AS received, bool_or(received + lost > shipped) AS is_overfull
          FROM transfer_line GROUP BY destination_level_id
        ) destination ON destination.destination_level_id = level.id
        """,
    ),
    _check(
        "states",
        "A reservation is open exactly while it is held or committed, and holds alone expire.",
        "reservations",
        """
        SELECT id::text AS id,
               open_quantity NOT BETWEEN 0 AND quantity
               OR (state IN ('HELD', 'COMMITTED')) <> (open_quantity > 0)
               OR (state = 'HELD') <> (expires_at IS NOT NULL)
               OR (state = 'COMMITTED' AND order_id IS NULL) AS is_wrong
        FROM reservation
        """,
    ),
    _check(
        "sources",
        "A fact reported from outside is in the ledger once.",
        "reported facts",
        """
        SELECT source || ' ' || coalesce(source_reference, '') AS id, count(*) > 1 AS is_wrong
        FROM stock_movement WHERE source IS NOT NULL GROUP BY source, source_reference
        """,
    ),
    # A cart may change just after its hold, so its lines cannot be compared; that an attempt is granted whole, and stays
    # whole until it ends or expires, can. Lines of an attempt expire within microseconds of each other: hence the second.
    _check(
        "attempts",
        "A live hold has every line of its attempt, or none.",
        "attempts",
        """
        SELECT cart_id::text || ' attempt ' || attempt AS id,
               bool_or(state = 'HELD' AND expires_at > clock_timestamp() + interval '1 second')
               AND bool_or(state <> 'HELD') AS is_wrong
        FROM reservation GROUP BY cart_id, attempt
        """,
    ),
    _check(
        "orders",
        "Each line of an open order, or each component of its bundle, is committed or handed over in exactly its quantity; a "
        "closed order keeps nothing.",
        "order lines",
        """
        SELECT coalesce(sold.order_id, promise.order_id)::text || ' line ' || coalesce(sold.line_id::text, '?') AS id,
               CASE WHEN sold.status IS NULL THEN promise.open_units > 0
                    WHEN sold.status = 'OPEN' THEN sold.quantity <> coalesce(promise.units, 0)
                    ELSE coalesce(promise.open_units, 0) > 0 END AS is_wrong
        FROM (
          SELECT line.id AS line_id, line.order_id, coalesce(component.variant_id, line.variant_id) AS variant_id,
                 line.quantity * coalesce(component.quantity, 1) AS quantity, placed.status
          FROM order_line line JOIN sales_order placed ON placed.id = line.order_id
          LEFT JOIN order_line_component component ON component.order_line_id = line.id
        ) sold
        FULL JOIN (
          SELECT reservation.order_id, reservation.order_line_id, level.variant_id,
                 sum(reservation.open_quantity) AS open_units,
                 sum(reservation.quantity) FILTER (WHERE reservation.state IN ('COMMITTED', 'FULFILLED')) AS units
          FROM reservation JOIN stock_level level ON level.id = reservation.stock_level_id
          WHERE reservation.order_id IS NOT NULL
          GROUP BY reservation.order_id, reservation.order_line_id, level.variant_id
        ) promise ON promise.order_id = sold.order_id AND promise.order_line_id = sold.line_id
                 AND promise.variant_id = sold.variant_id
        """,
    ),
    # The log forgets what is old. A level without any event is in order only if it has not changed since.
    _check(
        "events",
        "The newest event of a level carries its version, and no event one that it never had.",
        "stock levels",
        """
        SELECT coalesce(level.id::text, event.key) AS id,
               CASE WHEN level.id IS NULL THEN true
                    WHEN event.key IS NULL THEN level.version > 0 AND (kept.pos <= 1 OR level.updated_at >= kept.at)
                    ELSE event.newest <> level.version OR event.oldest < 1 END AS is_wrong
        FROM stock_level level
        FULL JOIN (
          SELECT key, max(version) AS newest, min(version) AS oldest
          FROM (
            SELECT key, version FROM event_log WHERE topic = 'stock'
            UNION ALL SELECT key, version FROM outbox WHERE topic = 'stock'
          ) published
          GROUP BY key
        ) event ON event.key = level.id::text
        CROSS JOIN (
          SELECT coalesce(min(pos), (SELECT pos + 1 FROM relay_state)) AS pos, coalesce(min(at), '-infinity') AS at
          FROM event_log
        ) kept
        """,
    ),
    _check(
        "order of events",
        "Along the stream the versions of a level only rise.",
        "events of stock",
        """
        SELECT key || ' at ' || pos AS id,
               coalesce(version <= lag(version) OVER (PARTITION BY key ORDER BY pos), false) AS is_wrong
        FROM event_log WHERE topic = 'stock'
        """,
    ),
)


# Everything is read, so hashing beats the order of an index; and those few that are wrong need no sorting of all.
_AT_SCALE = "SET LOCAL work_mem = '128MB'; SET LOCAL enable_presorted_aggregate = off"


async def verify(connection: asyncpg.Connection[Row]) -> AsyncIterator[Finding]:
    """Every check sees the same moment, however much is being sold meanwhile; nothing is locked."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_AT_SCALE)
        for check in CHECKS:
            row = await connection.fetchrow(check.statement.text, *check.statement.arguments({}))
            assert row is not None
            offenders = (row["offenders"] or [])[:SHOWN_OFFENDERS]
            yield Finding(check, row["examined"], row["violations"], offenders)
