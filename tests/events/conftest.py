"""A server for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from api.app import create_app
from api.identity.identity import Identity
from api.settings import Settings
from persistence.database import Database
from persistence.events import sequencer
from tests.events.premises import Premises, served
from tests.shop import Shop


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory, whose signing key the tests share with the server."""
    return tmp_path_factory.mktemp("events")


@pytest.fixture(scope="session")
def identity(data: Path) -> Iterator[Identity]:
    made = Identity.of(Settings(data=data))
    yield made
    made.passwords.close()


@pytest.fixture
def app(data: Path, database_url: str) -> Starlette:
    return create_app(Settings(data=data), database_url)


@pytest.fixture(autouse=True)
def _impatient_sequencer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests commit in a process part of their own that calls nobody, so the sequencer has to look by itself."""
    monkeypatch.setattr(sequencer, "_POLL_SECONDS", 0.02)


@pytest.fixture
async def premises(database: Database, identity: Identity, app: Starlette) -> AsyncIterator[Premises]:
    shop = await Shop.open(database, identity)
    with served(app) as (address, server):
        yield Premises(shop, identity, app, address, server)
