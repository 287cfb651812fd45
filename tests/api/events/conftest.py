from collections.abc import AsyncIterator

import pytest

from api.events.worker import EventWorker
from persistence.database import Database
from tests.api.events.shop import Shop


@pytest.fixture
async def worker(database: Database) -> AsyncIterator[EventWorker]:
    worker = EventWorker(database)
    await worker.start()
    yield worker
    await worker.stop()


@pytest.fixture
async def shop(database: Database, worker: EventWorker) -> Shop:
    return await Shop.open(database, worker)
