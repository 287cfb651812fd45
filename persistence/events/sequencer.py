"""Gives committed events their place: one leader moves them from `outbox` to `event_log` under dense positions.

Why no event is lost and none overtakes another of its aggregate: an event's `seq` is drawn while its aggregate is locked, and
a transaction counts as committed before its locks are free. So whoever sees the second event of an aggregate sees the
first; events of earlier moves have smaller positions, and within one move `seq` decides. A cursor on `seq` itself would
pass over a transaction that drew a low number and committed late.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg

from domain.events import Position
from persistence.database import Connection
from persistence.events.epochs import settle
from persistence.events.listening import Listener, answered_in_time, listening
from persistence.events.partitions import make_room
from persistence.statements import Statement

logger = logging.getLogger(__name__)

OUTBOX_CHANNEL = "outbox"
LOG_CHANNEL = "log"

_MOST_AT_ONCE = 1_000
# A net below the notifications: a lost one costs this much and no event.
_POLL_SECONDS = 0.25
_SECONDS_BETWEEN_CANDIDACIES = 0.5
# Of the advisory locks of this database; any number that nobody else uses.
_LEADERSHIP = 5_110_001

# The row of relay_state is locked before anything is deleted, so that even two leaders (one of whom does not know yet that it
# is none) take turns and never wait for each other.
_MOVING = f"""
    WITH state AS MATERIALIZED (
      SELECT pos FROM relay_state WHERE id = 1 AND EXISTS (SELECT FROM outbox) FOR UPDATE
    ), moved AS (
      DELETE FROM outbox USING state
      WHERE seq = ANY (ARRAY(SELECT seq FROM outbox ORDER BY seq LIMIT {_MOST_AT_ONCE}))
      RETURNING seq, at, topic, key, version, payload, state.pos AS so_far
    ), logged AS (
      INSERT INTO event_log (pos, at, topic, key, version, payload)
      SELECT so_far + row_number() OVER (ORDER BY seq), at, topic, key, version, payload FROM moved
      RETURNING pos
    ), newest AS (
      SELECT max(pos) AS pos, count(*) AS events FROM logged
    )
    UPDATE relay_state SET pos = newest.pos FROM newest
    WHERE relay_state.id = 1 AND newest.events > 0
    RETURNING newest.pos, newest.events
    """  # noqa: S608 - The only value is a constant.
_MOVE = Statement(_MOVING)
# A transaction with a notification takes a lock of the whole cluster until it is on the disk. One leader's take turns anyway.
_MOVE_AND_ANNOUNCE = Statement(f"{_MOVING}, pg_notify('{LOG_CHANNEL}', concat_ws('/', epoch, newest.pos))")
_POSITION = Statement("SELECT pos FROM relay_state WHERE id = 1")
# Waiting inside PostgreSQL for the lock would hold back vacuum in the whole database, so candidates ask again instead.
_BECOME_LEADER = Statement(f"SELECT pg_try_advisory_lock({_LEADERSHIP})")


def announced(payload: str) -> Position | None:
    """Where the stream stands, as whoever listens on LOG_CHANNEL is told; null for a call that does not say."""
    epoch, _, pos = payload.partition("/")
    return Position(int(epoch), int(pos)) if epoch.isdecimal() and pos.isdecimal() else None


class Bell:
    """Wakes the sequencer of the same process while it leads, without going through PostgreSQL."""

    def __init__(self) -> None:
        self._leader: Listener | None = None

    def ring(self) -> bool:
        """Whether the leader is here and was called."""
        if self._leader is None:
            return False
        self._leader.wake()
        return True

    @contextmanager
    def heard_by(self, leader: Listener) -> Iterator[None]:
        self._leader = leader
        try:
            yield
        finally:
            self._leader = None


async def move(connection: Connection, *, announces: bool = False) -> tuple[int, int] | None:
    """The newest position and how many events were moved; null when none was waiting."""
    moved = await connection.fetch_one(_MOVE_AND_ANNOUNCE if announces else _MOVE)
    return (moved["pos"], moved["events"]) if moved else None


async def sequence(url: str, on_moved: Callable[[], None] = lambda: None, bell: Bell | None = None) -> None:
    """Lead, or stand by until the leader falls. Raises when the connection is lost, and never returns.

    Whoever leads calls `on_moved` after each move, and hears the bell.
    """
    async with listening(url) as listener:
        await _elected(listener)
        async with answered_in_time():
            epoch = await settle(listener.asking)
        if epoch is not None:
            logger.info("The stream of events is in epoch %s of this database", epoch)
        await listener.listen(OUTBOX_CHANNEL)
        room_until = await _room_after(listener, await listener.asking.fetch_value(_POSITION), 0)
        with (bell or Bell()).heard_by(listener):
            while True:
                async with answered_in_time():
                    room_until = await _drain(listener, room_until, on_moved)
                await listener.called(_POLL_SECONDS)


async def _elected(listener: Listener) -> None:
    while True:
        async with answered_in_time():
            if await listener.asking.fetch_value(_BECOME_LEADER):
                return
        await asyncio.sleep(_SECONDS_BETWEEN_CANDIDACIES)


async def _drain(listener: Listener, room_until: int, on_moved: Callable[[], None]) -> int:
    while moved := await move(listener.asking, announces=True):
        on_moved()
        pos, events = moved
        room_until = await _room_after(listener, pos, room_until)
        if events < _MOST_AT_ONCE:
            break
    return room_until


async def _room_after(listener: Listener, pos: int, room_until: int) -> int:
    try:
        return await make_room(listener.raw, pos, room_until)
    except asyncpg.LockNotAvailableError:
        # Somebody works on the table; there is room for hundreds of thousands of events before it must succeed.
        return room_until
