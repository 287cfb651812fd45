"""Fixtures that every test may use."""

from collections.abc import AsyncIterator, Iterator

import pytest

from persistence.database import Database
from tests import databases


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for the whole run of this process, with a migrated template database."""
    with databases.server() as url:
        databases.make_template(url)
        yield url


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    with databases.copy_of_template(postgres_url) as url:
        yield url


@pytest.fixture
async def statements() -> list[str]:
    """The SQL that `database` has run so far in this test."""
    return []


@pytest.fixture
async def database(database_url: str, statements: list[str]) -> AsyncIterator[Database]:
    opened = await Database.open(database_url, observe=statements.append)
    try:
        yield opened
    finally:
        await opened.close()
