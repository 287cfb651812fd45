"""A shop whose data is odd wherever it may be."""

from collections.abc import Iterator

import pytest

from api.identity.identity import Identity
from api.settings import Settings
from persistence.database import Database
from tests.execution.fusing.oddities import fill
from tests.shop import Shop


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identity]:
    made = Identity.of(Settings(data=tmp_path_factory.mktemp("identity")))
    yield made
    made.passwords.close()


@pytest.fixture
async def shop(database: Database, identity: Identity) -> Shop:
    opened = await Shop.open(database, identity)
    await fill(opened)
    return opened
