"""Holding stock for many carts at once: whoever arrives while a statement is in flight rides in the next one.

A hot article is one row, and a row can be changed once for each flush to the disk. So the carts that wait are put together
into one call of `reserve_batch`, which grants or refuses each of them by itself, first come first served. There is no
waiting window: with little to do a batch is one cart, and batches grow only while the one before is under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import asyncpg

from persistence.database import Connection, Database, Observer, Row, connect, is_in_transaction
from persistence.events.listening import CONNECTION_LOST
from persistence.inventory import reservations
from persistence.inventory.reservations import HoldRequest

logger = logging.getLogger(__name__)

LARGEST_BATCH = 256
LONGEST_QUEUE = 5_000
# A reservation that waits longer than this is better refused than answered when nobody listens any more.
_TIMEOUTS = {"statement_timeout": "2s", "lock_timeout": "1s"}
# PostgreSQL keeps these itself, unless the way to it is cut and nobody says so.
_PATIENCE = 5.0


class QueueFullError(Exception):
    """More carts wait than could be served in any sensible time: come back in a moment."""


class StockLockedError(Exception):
    """Somebody keeps what is wanted locked for longer than anybody should wait: come back in a moment."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: HoldRequest
    granted: asyncio.Future[bool]

    @property
    def levels(self) -> set[int]:
        return {allocation.stock_level_id for allocation in self.request.allocations}


def lane_of(database: Database) -> Coalescer:
    """The lane of this process, for everybody who holds stock over this database."""
    return database.companion(Coalescer, Coalescer.on)


class Coalescer:
    """One lane for each process, on a connection of its own outside the pool."""

    @classmethod
    def on(cls, database: Database) -> Self:
        return cls(
            database.url,
            on_events_committed=lambda: database.on_events_committed(),  # noqa: PLW0108 - It may be replaced later.
            observe=database.observe,
        )

    def __init__(
        self,
        url: str,
        *,
        on_events_committed: Callable[[], None] = lambda: None,
        largest_batch: int = LARGEST_BATCH,
        longest_queue: int = LONGEST_QUEUE,
        observe: Observer | None = None,
    ) -> None:
        self._url = url
        self._on_events_committed = on_events_committed
        self._largest_batch = largest_batch
        self._longest_queue = longest_queue
        self._observe = observe
        self._waiting: deque[_Waiting] = deque()
        self._lane: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection[Row] | None = None

    async def reserve(self, request: HoldRequest) -> bool:
        """Whether the cart got all that it asked for; what it got is committed when this returns.

        Raises QueueFullError, StockLockedError, and what PostgreSQL says of this one cart. Whoever stops waiting may still be granted its
        hold, which then expires. Never to be awaited inside a transaction: it would wait for itself.
        """
        if is_in_transaction():
            raise RuntimeError("stock is never reserved inside a transaction")
        if len(self._waiting) >= self._longest_queue:
            raise QueueFullError("Too many carts are waiting for stock.")
        entry = _Waiting(request, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._lane is None:
            self._lane = asyncio.create_task(self._serve(), name="reservations")
        return await entry.granted

    async def close(self) -> None:
        """Whoever still waits is told that nothing came of it."""
        if self._lane is not None:
            self._lane.cancel()
            await asyncio.gather(self._lane, return_exceptions=True)
        for entry in self._waiting:
            entry.granted.cancel()
        self._waiting.clear()
        await self._disconnect()

    async def _serve(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._largest_batch))]
            try:
                await self._serve_batch(batch)
            except BaseException as error:
                for entry in batch:
                    _refuse(entry, error)
                if not isinstance(error, Exception):
                    raise
                logger.exception("A batch of reservations failed")
        # In the same step as the look at the queue: whoever comes next starts another lane.
        self._lane = None

    async def _serve_batch(self, batch: Sequence[_Waiting]) -> None:
        try:
            granted = await self._reserve([entry.request for entry in batch])
        except CONNECTION_LOST:
            await self._disconnect()
            await self._serve_after_loss(batch)
        except asyncpg.PostgresError as error:
            # The call was rolled back as a whole, so nobody got anything.
            if len(batch) == 1:
                _refuse(batch[0], error)
            else:
                await self._serve_one_by_one(batch)
        else:
            for entry, is_granted in zip(batch, granted, strict=True):
                _grant(entry, is_granted=is_granted)

    async def _serve_one_by_one(self, batch: Sequence[_Waiting]) -> None:
        """One bad cart must not cost its neighbors theirs; and a lock that one has waited for in vain, no other waits for."""
        locked: set[int] = set()
        for entry in batch:
            if entry.levels & locked:
                _refuse(entry, asyncpg.LockNotAvailableError())
                continue
            await self._serve_batch([entry])
            if not entry.granted.cancelled() and isinstance(entry.granted.exception(), StockLockedError):
                locked |= entry.levels

    async def _serve_after_loss(self, batch: Sequence[_Waiting]) -> None:
        """Whether the call was committed before the connection broke is read from what it left, never guessed."""
        try:
            connection = await self._connected()
            held = await reservations.attempts_held(
                Connection(connection, self._observe), [entry.request for entry in batch]
            )
        except (asyncpg.PostgresError, *CONNECTION_LOST) as error:
            await self._disconnect()
            for entry in batch:
                _refuse(entry, error)
            return
        for entry in batch:
            if entry.request.attempt in held:
                _grant(entry, is_granted=True)
                continue
            try:
                granted = await self._reserve_again(entry.request)
            except asyncpg.UniqueViolationError:
                # The lost call was still under way when we looked, and has been committed since.
                _grant(entry, is_granted=True)
            except (asyncpg.PostgresError, *CONNECTION_LOST) as error:
                await self._disconnect()
                _refuse(entry, error)
            else:
                _grant(entry, is_granted=granted)

    async def _reserve_again(self, request: HoldRequest) -> bool:
        """What is short may be short because the lost call has been committed since, and holds the units itself."""
        (granted,) = await self._reserve([request])
        if granted:
            return True
        connection = Connection(await self._connected(), self._observe)
        return request.attempt in await reservations.attempts_held(connection, [request])

    async def _reserve(self, requests: Sequence[HoldRequest]) -> list[bool]:
        connection = await self._connected()
        granted = await reservations.reserve(Connection(connection, self._observe), requests)
        self._on_events_committed()
        return granted

    async def _connected(self) -> asyncpg.Connection[Row]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, settings=_TIMEOUTS, patience=_PATIENCE)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*CONNECTION_LOST, TimeoutError):
                await connection.close(timeout=1)


def _grant(entry: _Waiting, *, is_granted: bool) -> None:
    if not entry.granted.done():
        entry.granted.set_result(is_granted)


def _refuse(entry: _Waiting, error: BaseException) -> None:
    if entry.granted.done():
        return
    if isinstance(error, asyncio.CancelledError):
        entry.granted.cancel()
    elif isinstance(error, asyncpg.LockNotAvailableError):
        entry.granted.set_exception(StockLockedError("The stock is locked."))
    else:
        entry.granted.set_exception(error)
