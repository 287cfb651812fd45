"""The newest events as a Redis Stream, for many processes that would all read the same log.

An entry's id is its position, so a repeated entry is refused and a hole is seen. Redis is a copy of the end of the log and never
the truth: whoever finds it silent, broken or incomplete reads on in PostgreSQL.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from domain.events import LoggedEvent, Position
from persistence.database import Database
from persistence.events import log
from persistence.events.listening import CONNECTION_LOST

logger = logging.getLogger(__name__)

LENGTH = 100_000
"""About how many entries the stream keeps."""

_READ_AT_ONCE = 500
_BLOCK_MILLISECONDS = 500
# A call that fails costs every process this much of its patience, so none is made again before so long.
_SECONDS_BROKEN = 0.5
_FIELD = b"e"
_BROKEN = (RedisError, OSError, TimeoutError)


class Tail:
    """One for each process. Nothing here raises: where Redis does not answer, there is simply nothing to be had from it."""

    def __init__(self, url: str) -> None:
        # By itself the client would try three times with growing pauses, and hold up everybody for as long.
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=1.0, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
        )
        self._broken_until = 0.0

    @property
    def is_usable(self) -> bool:
        """False for half a second after each failure."""
        return monotonic() >= self._broken_until

    async def events_after(self, stream: str, pos: int) -> list[LoggedEvent] | None:
        """What follows that position, waiting up to half a second for it; null when Redis does not answer.

        Nothing says that the first of them is the next one: entries may be missing.
        """
        try:
            read: Any = await self._redis.xread({stream: f"{pos}-0"}, count=_READ_AT_ONCE, block=_BLOCK_MILLISECONDS)
        except _BROKEN as error:
            self._break(error)
            return None
        return [_event(id_, fields) for _, entries in read or () for id_, fields in entries]

    async def publish(self, stream: str, events: Sequence[LoggedEvent]) -> bool:
        """Whether they are there now, whoever put them there."""
        async with self._redis.pipeline(transaction=False) as calls:
            for event in events:
                calls.xadd(stream, _fields(event), id=f"{event.pos}-0", maxlen=LENGTH, approximate=True)
            try:
                answers = await calls.execute(raise_on_error=False)
            except _BROKEN as error:
                self._break(error)
                return False
        failed = [answer for answer in answers if isinstance(answer, Exception) and not _is_there_already(answer)]
        if failed:
            self._break(failed[0])
        return not failed

    async def close(self) -> None:
        await self._redis.aclose()

    def _break(self, error: BaseException) -> None:
        if self.is_usable:
            logger.warning("Redis does not answer, so events are read from PostgreSQL: %s", error)
        self._broken_until = monotonic() + _SECONDS_BROKEN


def stream_name(state: log.StreamState) -> str:
    """Two databases never meet in one stream, nor two epochs of one."""
    return f"oneshelf:events:{state.origin}:{state.position.epoch}"


class Publisher:
    """Puts what the leader has moved into the tail, after it was committed and beside its work."""

    def __init__(self, database: Database, tail: Tail) -> None:
        self._database = database
        self._tail = tail
        self._is_called = asyncio.Event()
        self._at: Position | None = None

    def __call__(self) -> None:
        """There is something new. Only the process that leads ever says so."""
        self._is_called.set()

    async def run(self) -> None:
        while True:
            await self._is_called.wait()
            self._is_called.clear()
            if self._tail.is_usable:
                await self._catch_up()
            else:
                # What could not be told is read from the log by everybody; begin with what comes then.
                self._at = None
                await asyncio.sleep(_SECONDS_BROKEN)

    async def _catch_up(self) -> None:
        try:
            async with self._database.reading() as reader:
                state = await log.state(reader)
                if self._at is None or self._at.epoch != state.position.epoch or self._at.pos > state.position.pos:
                    self._at = Position(state.position.epoch, max(0, state.position.pos - _READ_AT_ONCE))
                events = await log.events_after(reader, self._at.pos, most=_READ_AT_ONCE)
        except CONNECTION_LOST as error:
            logger.warning("What happened is not told to Redis: %s", error)
            return
        if not events:
            return
        if await self._tail.publish(stream_name(state), events):
            self._at = Position(self._at.epoch, events[-1].pos)
            if len(events) == _READ_AT_ONCE:
                self._is_called.set()
        else:
            self._at = None


def _is_there_already(error: Exception) -> bool:
    """Whether Redis refuses the id, because it has this entry or a newer one; a full memory is something else."""
    return isinstance(error, ResponseError) and "equal or smaller" in str(error)


def _fields(event: LoggedEvent) -> dict[Any, Any]:
    told = [event.at.isoformat(), event.topic, event.key, event.version, event.payload]
    return {_FIELD: orjson.dumps(told)}


def _event(id_: bytes, fields: dict[bytes, bytes]) -> LoggedEvent:
    at, topic, key, version, payload = orjson.loads(fields[_FIELD])
    return LoggedEvent(int(id_.partition(b"-")[0]), datetime.fromisoformat(at), topic, key, version, payload)
