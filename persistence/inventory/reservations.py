"""What is promised: units of a level held for a cart or committed to an order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.inventory.sourcing import Allocation
from domain.orders.fulfilling import Commitment, HandedOver
from domain.orders.placing import Hold
from persistence.database import Connection, Reader, Row
from persistence.inventory import stock_levels
from persistence.statements import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRequest:
    """One cart's try to hold what it needs; the attempt tells this try from any other."""

    cart_id: UUID
    attempt: UUID
    actor: str
    channel_id: int
    seconds: int
    allocations: Sequence[Allocation]


_RESERVE = Statement("""
SELECT reserve_batch(
  CAST(:level_ids AS bigint[]), CAST(:cart_ids AS uuid[]), CAST(:attempts AS uuid[]), CAST(:actors AS text[]),
  CAST(:channel_ids AS int[]), CAST(:hold_seconds AS int[]), CAST(:line_cart AS int[]), CAST(:line_level AS int[]),
  CAST(:line_quantity AS int[]), CAST(:line_buffer AS int[]))
""")


async def reserve(connection: Connection, requests: Sequence[HoldRequest]) -> list[bool]:
    """Grant each cart whole or refuse it whole, first come first served; takes back expired holds before refusing."""
    levels = sorted({allocation.stock_level_id for request in requests for allocation in request.allocations})
    position = {level: number for number, level in enumerate(levels, start=1)}
    lines = [(number, line) for number, request in enumerate(requests, start=1) for line in _once(request.allocations)]
    connection.has_events = True
    granted: list[bool] = await connection.fetch_value(
        _RESERVE,
        level_ids=levels,
        cart_ids=[request.cart_id for request in requests],
        attempts=[request.attempt for request in requests],
        actors=[request.actor for request in requests],
        channel_ids=[request.channel_id for request in requests],
        hold_seconds=[request.seconds for request in requests],
        line_cart=[number for number, _ in lines],
        line_level=[position[line.stock_level_id] for _, line in lines],
        line_quantity=[line.quantity for _, line in lines],
        line_buffer=[line.buffer for _, line in lines],
    )
    return granted


_ATTEMPTS_HELD = Statement(
    "SELECT DISTINCT attempt FROM reservation WHERE attempt = ANY (CAST(:attempts AS uuid[])) AND cart_id = ANY (CAST(:cart_ids AS uuid[]))"
)


async def attempts_held(reader: Reader, requests: Sequence[HoldRequest]) -> set[UUID]:
    """Those of these attempts that were granted, whatever became of their holds since."""
    rows = await reader.fetch(
        _ATTEMPTS_HELD,
        attempts=[request.attempt for request in requests],
        cart_ids=[request.cart_id for request in requests],
    )
    return {row["attempt"] for row in rows}


def _once(allocations: Sequence[Allocation]) -> Sequence[Allocation]:
    """The function checks each line by itself, so one cart names a level once."""
    if len(allocations) == 1:
        return allocations
    merged: dict[int, Allocation] = {}
    for allocation in allocations:
        level = allocation.stock_level_id
        before = merged.get(level)
        merged[level] = replace(before, quantity=before.quantity + allocation.quantity) if before else allocation
    return tuple(merged.values())


_ANY_EXPIRED = Statement("SELECT any_hold_has_expired(CAST(:level_ids AS bigint[]))")
_RECLAIM = Statement("SELECT reclaim_expired_holds(CAST(:level_ids AS bigint[]))")
_ANNOUNCE = Statement("SELECT announce_stock_levels(CAST(:level_ids AS bigint[]))")


async def any_expired(reader: Reader, level_ids: Collection[int]) -> bool:
    """Whether some hold on these levels could be taken back."""
    found: bool = await reader.fetch_value(_ANY_EXPIRED, level_ids=list(level_ids))
    return found


async def reclaim_expired(connection: Connection, level_ids: Collection[int]) -> list[int]:
    """Take back what has expired on these levels, which the caller has locked; the levels that changed."""
    touched: list[int] = await connection.fetch_value(_RECLAIM, level_ids=list(level_ids))
    if touched:
        connection.has_events = True
        await connection.fetch_value(_ANNOUNCE, level_ids=sorted(touched))
    return touched


# The clock is read in a query of its own: an index cannot be searched for what may differ at every row.
_LEVELS_OF_EXPIRED = Statement("""
SELECT array_agg(expired.stock_level_id) AS holds, array_agg(DISTINCT expired.stock_level_id) AS levels
FROM (SELECT stock_level_id FROM reservation WHERE state = 'HELD' AND expires_at <= (SELECT clock_timestamp())
      ORDER BY expires_at LIMIT :count) AS expired
""")


async def sweep_expired(connection: Connection, count: int) -> int:
    """Take back up to `count` expired holds, the longest expired first; `count` again when there may be more.

    Levels are locked by ascending id before holds, and holds that somebody is using are passed over.
    """
    found = await connection.fetch_one(_LEVELS_OF_EXPIRED, count=count)
    assert found is not None
    if not found["levels"]:
        return 0
    await stock_levels.lock(connection, found["levels"])
    touched = await reclaim_expired(connection, found["levels"])
    # Where all of them are being used there is nothing to come back for at once.
    return len(found["holds"]) if touched else 0


_HOLDS = """
SELECT reservation.id, reservation.attempt, reservation.stock_level_id, reservation.open_quantity, level.variant_id, level.location_id
FROM reservation JOIN stock_level level ON level.id = reservation.stock_level_id
WHERE reservation.cart_id = :cart_id AND reservation.open_quantity > 0 AND reservation.state = 'HELD'
  AND reservation.attempt = coalesce(CAST(:attempt AS uuid), reservation.attempt)
  AND (NOT :live_only OR reservation.expires_at > clock_timestamp())
ORDER BY reservation.id
"""
_LOCK_HOLDS = Statement(f"{_HOLDS} FOR UPDATE OF reservation")
_READ_HOLDS = Statement(_HOLDS)


async def holds_of(reader: Reader, cart_id: UUID, *, live_only: bool = False) -> list[Hold]:
    """Those that have expired are still the cart's until somebody takes them back."""
    return [_hold(row) for row in await reader.fetch(_READ_HOLDS, cart_id=cart_id, attempt=None, live_only=live_only)]


async def lock_holds(
    connection: Connection, cart_id: UUID, attempt: UUID | None = None, *, live_only: bool = False
) -> list[Hold]:
    """By ascending id; of one attempt where it is given. What was taken back meanwhile is no longer among them."""
    return [
        _hold(row) for row in await connection.fetch(_LOCK_HOLDS, cart_id=cart_id, attempt=attempt, live_only=live_only)
    ]


_COMMIT = Statement("""
UPDATE reservation
SET state = 'COMMITTED', order_id = :order_id, order_line_id = line.order_line_id, expires_at = NULL,
    quantity = line.quantity, open_quantity = line.quantity
FROM unnest(CAST(:reservation_ids AS bigint[]), CAST(:order_line_ids AS uuid[]), CAST(:quantities AS int[]))
  AS line (id, order_line_id, quantity)
WHERE reservation.id = line.id
""")
# An attempt has one reservation of a level, so what is split off for another line becomes an attempt of its own.
_SPLIT_OFF = Statement("""
INSERT INTO reservation (cart_id, order_id, order_line_id, attempt, stock_level_id, quantity, open_quantity, state, created_at)
SELECT held.cart_id, :order_id, line.order_line_id, gen_random_uuid(), held.stock_level_id, line.quantity, line.quantity,
       'COMMITTED', held.created_at
FROM unnest(CAST(:reservation_ids AS bigint[]), CAST(:order_line_ids AS uuid[]), CAST(:quantities AS int[]))
  AS line (id, order_line_id, quantity)
JOIN reservation held ON held.id = line.id
RETURNING id, order_line_id, stock_level_id
""")
_MOVE = Statement("UPDATE reservation SET cart_id = :target_id WHERE id = ANY (CAST(:ids AS bigint[]))")
_EXTEND = Statement("""
UPDATE reservation
SET expires_at = greatest(expires_at, least(created_at + make_interval(secs => :most_seconds),
                                            clock_timestamp() + make_interval(secs => :seconds)))
WHERE id = ANY (CAST(:ids AS bigint[])) AND state = 'HELD'
""")


async def move(connection: Connection, ids: Collection[int], target_id: UUID) -> None:
    """What another cart has held this one holds from now on; no counter changes."""
    await connection.execute(_MOVE, ids=list(ids), target_id=target_id)


async def extend(connection: Connection, ids: Collection[int], *, seconds: int, most_seconds: int) -> None:
    """Hold for so many seconds from now, and never for more than that in all; a hold is never shortened."""
    await connection.execute(_EXTEND, ids=list(ids), seconds=seconds, most_seconds=most_seconds)


_RELEASE = Statement("""
UPDATE reservation SET state = 'RELEASED', open_quantity = 0, expires_at = NULL, closed_at = clock_timestamp()
WHERE id = ANY (CAST(:ids AS bigint[]))
""")


@dataclass(frozen=True, slots=True)
class Commit:
    """Units of a hold that an order line gets."""

    reservation_id: int
    stock_level_id: int
    order_line_id: UUID
    quantity: int


async def commit(connection: Connection, order_id: UUID, shares: Sequence[Commit]) -> list[Commit]:
    """Holds become commitments to order lines; no counter changes. The shares of one hold are together all of it.

    The caller has locked the holds and, where one is shared, its level. Returns the shares as the reservations they became.
    """
    first = {share.reservation_id: share for share in reversed(shares)}
    others = [share for share in shares if first[share.reservation_id] is not share]
    split_off = await _commit(connection, _SPLIT_OFF, order_id, others) if others else []
    await _commit(connection, _COMMIT, order_id, list(first.values()))
    new_ids = {(row["stock_level_id"], row["order_line_id"]): row["id"] for row in split_off}
    return [
        replace(share, reservation_id=new_ids.get((share.stock_level_id, share.order_line_id), share.reservation_id))
        for share in shares
    ]


async def _commit(connection: Connection, statement: Statement, order_id: UUID, shares: Sequence[Commit]) -> list[Row]:
    return await connection.fetch(
        statement,
        order_id=order_id,
        reservation_ids=[share.reservation_id for share in shares],
        order_line_ids=[share.order_line_id for share in shares],
        quantities=[share.quantity for share in shares],
    )


async def release(connection: Connection, ids: Collection[int]) -> None:
    """Nothing of them is promised any longer; the caller writes the movements."""
    await connection.execute(_RELEASE, ids=list(ids))


_LOCK_COMMITMENTS = Statement("""
SELECT reservation.id, reservation.order_line_id, reservation.stock_level_id, level.variant_id, level.location_id,
       reservation.open_quantity, coalesce(part.quantity, 1) AS per_unit
FROM reservation
JOIN stock_level level ON level.id = reservation.stock_level_id
LEFT JOIN order_line_component part
  ON part.order_line_id = reservation.order_line_id AND part.variant_id = level.variant_id
WHERE reservation.order_id = :order_id AND reservation.open_quantity > 0 AND reservation.state = 'COMMITTED'
ORDER BY reservation.id
FOR UPDATE OF reservation
""")
_FULFILL = Statement("""
UPDATE reservation
SET open_quantity = open_quantity - handed_over.units,
    state = CASE WHEN open_quantity = handed_over.units THEN 'FULFILLED' ELSE state END,
    closed_at = CASE WHEN open_quantity = handed_over.units THEN clock_timestamp() END
FROM unnest(CAST(:ids AS bigint[]), CAST(:units AS int[])) AS handed_over (id, units)
WHERE reservation.id = handed_over.id
""")


async def lock_commitments(connection: Connection, order_id: UUID) -> list[Commitment]:
    """What is promised to the order and was not handed over yet, by ascending id."""
    return [
        Commitment(
            reservation_id=row["id"],
            order_line_id=row["order_line_id"],
            stock_level_id=row["stock_level_id"],
            variant_id=row["variant_id"],
            location_id=row["location_id"],
            open=row["open_quantity"],
            per_unit=row["per_unit"],
        )
        for row in await connection.fetch(_LOCK_COMMITMENTS, order_id=order_id)
    ]


async def fulfill(connection: Connection, handed_over: Sequence[HandedOver]) -> None:
    """So many units of each were handed over; the caller has locked them and writes the movements."""
    await connection.execute(
        _FULFILL,
        ids=[one.reservation_id for one in handed_over],
        units=[one.quantity for one in handed_over],
    )


_CARTS_WITH_HOLDS = Statement("""
SELECT count(DISTINCT reservation.cart_id)
FROM cart JOIN reservation ON reservation.cart_id = cart.id
WHERE cart.customer_id = :customer_id AND reservation.open_quantity > 0 AND reservation.state = 'HELD'
  AND reservation.expires_at > clock_timestamp() AND cart.id <> :except_cart_id
""")


async def other_carts_with_holds(reader: Reader, customer_id: UUID, except_cart_id: UUID) -> int:
    counted: int = await reader.fetch_value(_CARTS_WITH_HOLDS, customer_id=customer_id, except_cart_id=except_cart_id)
    return counted


def _hold(row: Row) -> Hold:
    return Hold(
        row["id"], row["attempt"], row["stock_level_id"], row["variant_id"], row["location_id"], row["open_quantity"]
    )
