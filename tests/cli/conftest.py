"""Where the data directories of these tests live."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from api.cli.application import app
from api.demo.loader import Outcome, load
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres, is_running
from tests import databases
from tests.cli import commands

_numbers = itertools.count(1)

Oneshelf = Callable[..., int]


@pytest.fixture(scope="session", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compiled once for all the processes of a run, even where Python is told to keep no bytecode."""
    commands.ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
    commands.ENVIRONMENT["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("bytecode"))


@pytest.fixture
def data() -> Iterator[Path]:
    """Not made yet, in a directory that everybody may pass through: root's PostgreSQL runs as nobody."""
    base = Path(tempfile.mkdtemp(prefix="oneshelf-cli-", dir="/tmp"))
    base.chmod(0o711)
    yield base / "data"
    if is_running(base / "data"):
        embedded = EmbeddedPostgres(base / "data")
        embedded.acquire()
        embedded.release()
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Oneshelf:
    """Runs a command in this process, which saves the seconds of starting one; the answer is the exit code."""
    for name in [name for name in os.environ if name.startswith("ONESHELF_")] + ["DATABASE_URL", "REDIS_URL"]:
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> int:
        try:
            app.meta(list(map(str, arguments)), result_action="return_value")
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 1
        return 0

    return run


@pytest.fixture(scope="session")
def demo_template(postgres_url: str) -> Iterator[str]:
    """The demo, loaded once; nobody is connected to it."""
    with databases.copy_of_template(postgres_url) as url:
        assert asyncio.run(_load(url)) is Outcome.LOADED
        yield url


@pytest.fixture
def demo_url(postgres_url: str, demo_template: str) -> Iterator[str]:
    """A database of the test's own, with the demo in it."""
    name = f"demo_{os.getpid()}_{next(_numbers)}"
    template = urlsplit(demo_template).path.removeprefix("/")
    asyncio.run(_execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield databases.on_database(postgres_url, name)
    asyncio.run(_execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _load(url: str) -> Outcome:
    database = await Database.open(url, min_size=1)
    try:
        return await load(database)
    finally:
        await database.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
