"""What tests of the event stream share: reporting events, work in the background, waiting for its outcome."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from domain.events import Event, LoggedEvent, Topic
from persistence.database import Database
from persistence.events import log, outbox
from persistence.events.sequencer import move

SKIRT = "00000000-0000-0000-0000-000000000001"
JACKET = "00000000-0000-0000-0000-000000000002"


def stock_event(level: str, version: int, variant: str = SKIRT) -> Event:
    return Event(Topic.STOCK, level, version, {"variant": variant, "location": 1, "available": version})


async def report(database: Database, *events: Event) -> None:
    async with database.transaction() as connection:
        await outbox.append(connection, events)


async def move_all(database: Database) -> None:
    async with database.transaction() as connection:
        while await move(connection):
            pass


async def all_events(database: Database) -> list[LoggedEvent]:
    async with database.reading() as reader:
        return await log.events_after(reader, 0, most=100_000)


async def logged(database: Database) -> list[tuple[int, str, int]]:
    return [(event.pos, event.key, event.version) for event in await all_events(database)]


@asynccontextmanager
async def running(*runs: Awaitable[None]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(run) for run in runs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(10):
        while not (value := await condition()):  # noqa: ASYNC110 - What changes lies in the database.
            await asyncio.sleep(0.02)
    return value
