"""A PostgreSQL of the test run's own, and a fresh copy of the migrated schema for each test that asks."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from persistence.embedded import EmbeddedPostgres
from persistence.migrations import migrate

TEMPLATE = "template_of_tests"
_numbers = itertools.count(1)


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that forgets everything: it never waits for a disk."""
    root = Path(tempfile.mkdtemp(prefix="oneshelf-tests-"))
    root.chmod(0o711)
    settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
    try:
        with EmbeddedPostgres(root / "data", settings=settings) as url:
            yield url
    finally:
        shutil.rmtree(root, ignore_errors=True)


def on_database(url: str, name: str) -> str:
    return url.replace("/oneshelf?", f"/{name}?", 1)


def make_template(url: str) -> None:
    asyncio.run(_run(url, f"CREATE DATABASE {TEMPLATE}"))
    migrate(on_database(url, TEMPLATE))


@contextmanager
def copy_of_template(url: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    asyncio.run(_run(url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    try:
        yield on_database(url, name)
    finally:
        asyncio.run(_run(url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
