"""A database that waits for its disk, a server with one worker, and what both of them spend."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from persistence.embedded import EmbeddedPostgres
from persistence.migrations import migrate

REPOSITORY = Path(__file__).parents[1]
_ADDRESS = re.compile(r"GraphQL +(http://\S+)/graphql")
_STATEMENT = re.compile(rb"LOG:  (execute [^:]+|statement): ")
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Store:
    """A migrated, empty database of this run's own."""

    folder: Path
    url: str

    def statements_of(self, work: Callable[[], Awaitable[None]]) -> float:
        """What PostgreSQL is asked for it, BEGIN and COMMIT too, less what the server asks while nothing happens."""
        asyncio.run(self.execute("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()"))
        try:
            idle, seconds = self._counted(lambda: asyncio.sleep(3))
            busy, busy_seconds = self._counted(work)
        finally:
            asyncio.run(self.execute("ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()"))
        return busy - idle * busy_seconds / seconds

    def _counted(self, work: Callable[[], Awaitable[None]]) -> tuple[int, float]:
        """How many statements in how many seconds."""
        # What was under way before must have come to rest, or taken up the setting.
        time.sleep(1)
        log = self.folder / "data" / "postgres.log"
        start, began = log.stat().st_size, time.monotonic()
        asyncio.run(_awaited(work))
        seconds = time.monotonic() - began
        with log.open("rb") as lines:
            lines.seek(start)
            return len(_STATEMENT.findall(lines.read())), seconds

    async def execute(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True)
class Server:
    address: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        times = self.process.cpu_times()
        return times.user + times.system


@contextmanager
def store() -> Iterator[Store]:
    """In a folder that everybody may pass through: root's PostgreSQL runs as nobody."""
    folder = Path(tempfile.mkdtemp(prefix="oneshelf-benchmark-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "data") as url:
            migrate(url)
            yield Store(folder, url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(there: Store, **environment: str) -> Iterator[Server]:
    """One worker; the database belongs to the benchmark, so the server's process does nothing but answer."""
    arguments = ("api.cli", "serve", "--port", "0", "--workers", "1", "--database-url", there.url)
    with running(there, *arguments, **environment) as server:
        yield server


@contextmanager
def running(there: Store, *module: str, **environment: str) -> Iterator[Server]:
    """A module of ours that serves, and says where."""
    log = there.folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            stdout=output,
            stderr=output,
            cwd=REPOSITORY,
            env={**os.environ, **environment},
        )
    try:
        yield Server(_address(process, log), psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = _ADDRESS.search(log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{log.read_text(encoding='utf-8')}")


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()
