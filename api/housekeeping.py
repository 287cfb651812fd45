"""What nobody waits for: taking back expired holds so that displays are honest, and forgetting what has served its time.

Every process does its share; where several meet, one works and the others go on. Nothing depends on it being done: whoever is
about to be refused takes back expired holds by itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from persistence import idempotency
from persistence.customers import accounts, sessions
from persistence.database import Connection, Database
from persistence.events import partitions
from persistence.events.listening import CONNECTION_LOST
from persistence.inventory import reservations
from persistence.locks import try_alone

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 2.0
PRUNE_SECONDS = 300.0
HOLDS_AT_ONCE = 500

_SWEEPING = 0x7377_6570
_PRUNING = 0x7072_756E


class Housekeeper:
    """One for each process that serves."""

    def __init__(self, database: Database, *, keep_events: timedelta = timedelta(hours=72)) -> None:
        self._database = database
        self._keep_events = keep_events
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._every(SWEEP_SECONDS, self.sweep), name="sweeper"),
            asyncio.create_task(self._every(PRUNE_SECONDS, self.prune), name="pruner"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def sweep(self) -> None:
        """Take back expired holds, a few hundred in one short transaction, until none is left."""

        async def some(connection: Connection) -> int:
            return await reservations.sweep_expired(connection, HOLDS_AT_ONCE)

        while await self._alone(_SWEEPING, some) == HOLDS_AT_ONCE:
            pass

    async def prune(self) -> None:
        """Forget keys, sessions and tokens that have expired, and events that are too old."""

        async def some(connection: Connection) -> int:
            await accounts.prune_tokens(connection)
            return await idempotency.prune(connection) + await sessions.prune(connection)

        async def old_events(connection: Connection) -> int:
            return await partitions.drop_oldest(connection, self._keep_events)

        for work in (some, old_events):
            while await self._alone(_PRUNING, work):
                pass

    async def _alone(self, key: int, work: Callable[[Connection], Awaitable[int]]) -> int:
        """How much was done; 0 also when another process is at it."""
        async with self._database.transaction() as connection:
            return await work(connection) if await try_alone(connection, key) else 0

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except CONNECTION_LOST as error:
                logger.warning("Housekeeping waits for PostgreSQL: %s", error)
            except Exception:
                logger.exception("Housekeeping failed; it will be tried again")
