"""A connection of its own that hears notifications, for work that sleeps until there is something to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from persistence.database import Connection, DatabaseUnavailableError, Row, connect

CONNECTION_LOST = (
    DatabaseUnavailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    # What asyncpg says when PostgreSQL's farewell crosses a statement.
    asyncpg.InternalClientError,
    OSError,
)
"""Nothing is wrong with what was asked: ask again when PostgreSQL is back."""

# Longer than any statement sent here takes: whoever does not answer by then never will.
_PATIENCE = 30.0


class Listener:
    """Every statement is its own transaction, so notifications arrive as soon as it ends."""

    def __init__(self, raw: asyncpg.Connection[Row]) -> None:
        self.raw = raw
        # Asking needs only what connections of the pool and others have in common.
        self.asking = Connection(raw, None)
        self._is_called = asyncio.Event()
        self._heard = ""
        raw.add_termination_listener(lambda _: self.wake())

    @property
    def heard(self) -> str:
        """What the last caller said."""
        return self._heard

    def wake(self) -> None:
        """What a notification does, for a caller in the same process."""
        self._is_called.set()

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._heard = str(payload)
        self.wake()

    async def listen(self, channel: str) -> None:
        await self.raw.add_listener(channel, self._hear)

    async def called(self, patience: float) -> bool:
        """Whether somebody called since the last time, waiting at most `patience` seconds for it.

        Raises DatabaseUnavailableError when the connection is lost.
        """
        try:
            async with asyncio.timeout(patience):
                await self._is_called.wait()
        except TimeoutError:
            return False
        self._is_called.clear()
        if self.raw.is_closed():
            raise DatabaseUnavailableError("PostgreSQL closed the connection")
        return True


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Listener]:
    raw = await connect(url)
    try:
        yield Listener(raw)
    finally:
        # A broken connection has nothing left to say goodbye to, and a stopping process no time.
        raw.terminate()


@asynccontextmanager
async def answered_in_time() -> AsyncIterator[None]:
    """Raises DatabaseUnavailableError when a statement in the block hangs, as it does on a half-open connection."""
    try:
        async with asyncio.timeout(_PATIENCE):
            yield
    except TimeoutError as error:
        raise DatabaseUnavailableError("PostgreSQL did not answer in time") from error
