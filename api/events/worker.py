"""What runs beside the requests of a process: the sequencer, the reader of the log, and the waking of both."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from api.events.hub import Hub
from api.events.poke import Poke
from persistence.database import Database
from persistence.events.listening import CONNECTION_LOST
from persistence.events.sequencer import Bell, sequence
from persistence.events.tail import Publisher, Tail

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
# Who ran for this long before the fall was well: the next pause is short again.
_WELL_AFTER_SECONDS = 10.0


class EventWorker:
    """Each process has one, for as long as it serves. PostgreSQL elects the one sequencer among all processes."""

    def __init__(
        self, database: Database, *, redis_url: str | None = None, leads: bool = True, follows: bool = True
    ) -> None:
        """Events are read from Redis where there is one. A process that does not lead never becomes the sequencer; one that does
        not follow knows the position of the stream and nothing else of it.
        """
        self._tail = None if redis_url is None else Tail(redis_url)
        self.hub = Hub(database, tail=self._tail, follows=follows)
        self._database = database
        self._leads = leads
        self._bell = Bell()
        self._poke = Poke(self._bell)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Returns once the hub knows its position, so that subscriptions can be served."""
        url = self._database.url
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "reader of the event log": self.hub.run,
            "poke": lambda: self._poke.run(url),
        }
        if self._leads:
            publisher = None if self._tail is None else Publisher(self._database, self._tail)
            parts["sequencer"] = lambda: sequence(url, publisher or _nobody, self._bell)
            if publisher is not None:
                parts["publisher of events"] = publisher.run
        self._tasks = [asyncio.create_task(_kept_running(name, run), name=name) for name, run in parts.items()]
        self._database.on_events_committed = self._poke
        await self.hub.begun()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._tail is not None:
            await self._tail.close()


def _nobody() -> None:
    """Nobody is told of a move but by PostgreSQL."""


async def _kept_running(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Whatever ends it, it begins again."""
    clock = asyncio.get_running_loop().time
    pause = FIRST_PAUSE
    while True:
        began = clock()
        try:
            await run()
        except CONNECTION_LOST as error:
            logger.warning("The %s lost its connection to PostgreSQL: %s", name, error)
        except Exception:
            logger.exception("The %s failed", name)
        pause = FIRST_PAUSE if clock() - began > _WELL_AFTER_SECONDS else pause
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
