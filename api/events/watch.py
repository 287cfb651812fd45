"""Whether those who listen may still do so: asked for all of them together, whether or not there is anything to tell."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import islice

from domain.access import Principal
from persistence.events.listening import CONNECTION_LOST

logger = logging.getLogger(__name__)

WATCH_SECONDS = 2.0
"""So long somebody whose access was taken away may still hear of things."""

_CALLERS_AT_ONCE = 500

Leave = Callable[[], None]


class Watch:
    """One for each process. `revoked` says which of these callers are no longer what they were."""

    def __init__(self, revoked: Callable[[Collection[Principal]], Awaitable[Collection[Principal]]]) -> None:
        self._revoked = revoked
        self._listeners: dict[Principal, set[Leave]] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def callers(self) -> int:
        return len(self._listeners)

    @contextmanager
    def over(self, caller: Principal, leave: Leave) -> Iterator[None]:
        """`leave` is called when the caller's access has been taken away. An anonymous caller has none that could be."""
        if caller.id is None:
            yield
            return
        self._listeners.setdefault(caller, set()).add(leave)
        try:
            yield
        finally:
            listeners = self._listeners[caller]
            listeners.discard(leave)
            if not listeners:
                del self._listeners[caller]

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="watch over access")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        callers = iter(tuple(self._listeners))
        while some := list(islice(callers, _CALLERS_AT_ONCE)):
            for caller in await self._revoked(some):
                for leave in tuple(self._listeners.get(caller, ())):
                    leave()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.look()
            except CONNECTION_LOST as error:
                logger.warning("The watch over access waits for PostgreSQL: %s", error)
            except Exception:
                logger.exception("The watch over access failed; it goes on")
