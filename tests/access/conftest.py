"""The world in which these tests ask. It is built once; each test has a copy of its database to itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from argon2 import PasswordHasher

from api.events.hub import Hub
from api.front import Front
from api.identity.identity import Identity
from api.identity.mail import FileMailer, Outbox
from api.identity.passwords import Passwords
from api.identity.tokens import AccessTokens, signing_key
from persistence.database import Database
from tests import databases
from tests.access.world import World, build_world

_numbers = count(1)


def identity_in(directory: Path) -> Identity:
    """As in production, but with passwords that are cheap to check."""
    return Identity(
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        access_tokens=AccessTokens(signing_key(None, directory)),
        outbox=Outbox(FileMailer(directory / "mail"), "Oneshelf <no-reply@shop.example>", pauses=()),
    )


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory, whose signing key all processes share."""
    return tmp_path_factory.mktemp("access")


@pytest.fixture(scope="session")
def built(postgres_url: str, data: Path) -> Iterator[tuple[World, str]]:
    """The world, and the name of the database that remembers it."""
    with databases.copy_of_template(postgres_url) as url:
        yield asyncio.run(_build(url, data)), urlsplit(url).path[1:]


async def _build(url: str, data: Path) -> World:
    database = await Database.open(url)
    identity = identity_in(data)
    try:
        return await build_world(database, identity)
    finally:
        await identity.close()
        await database.close()


@pytest.fixture
def database_url(postgres_url: str, built: tuple[World, str]) -> Iterator[str]:
    name = f"access_{next(_numbers)}"
    asyncio.run(_run(postgres_url, f"CREATE DATABASE {name} TEMPLATE {built[1]}"))
    yield databases.on_database(postgres_url, name)
    asyncio.run(_run(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def world(built: tuple[World, str], database: Database, data: Path) -> AsyncIterator[World]:
    world, _ = built
    identity = identity_in(data)
    world.shop.database, world.shop.identity = database, identity
    world.front = Front(database, identity, Hub(database))
    yield world
    await identity.close()
