"""The server and the database under it, which somebody keeps killing."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

import asyncpg

from persistence.database import Row, connect
from persistence.embedded import EmbeddedPostgres, embedded_status, is_running
from persistence.embedded.postmaster import PORT
from persistence.events.listening import CONNECTION_LOST
from tests.cli.commands import Serving, running
from tests.soak.faults import FAULTS

_PATIENCE_SECONDS = 60.0

_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class Premises:
    folder: Path
    random: Random
    _held: ExitStack = field(default_factory=ExitStack)
    _server: Serving | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def server(self) -> Serving:
        assert self._server is not None, "nothing was started"
        return self._server

    def start(self, *arguments: object) -> str:
        """With one worker or two. Returns where it answers."""
        workers = self.random.choice((1, 2))
        started = running(self.folder / "server.log", "--data", self.data, "--workers", workers, *arguments)
        self._server = self._held.enter_context(started)
        self._server.wait_until_ready()
        return self._server.address

    def break_down(self, fault: str) -> None:
        process = self.server.process
        if process.pid in FAULTS[fault](process.pid, self.data, self.random):
            process.wait()

    def mend(self, *arguments: object) -> str:
        """Starts the server again if it is gone; PostgreSQL is its business. Returns where it answers."""
        if self.server.process.poll() is None:
            self.server.wait_until_ready()
            return self.server.address
        return self.start(*arguments)

    async def asked(self, ask: Callable[[asyncpg.Connection[Row]], Awaitable[_Answer]]) -> _Answer:
        """Beside the server, straight from the database, which may still be recovering."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                host = embedded_status(self.data).socket_directory
                connection = await connect(f"postgresql://oneshelf@/oneshelf?host={host}&port={PORT}")
                try:
                    return await ask(connection)
                finally:
                    await connection.close(timeout=5)
            except CONNECTION_LOST:
                assert time.monotonic() < deadline, "the database did not come back"
                await asyncio.sleep(0.1)


@contextmanager
def premises(random: Random) -> Iterator[Premises]:
    """In a folder that everybody may pass through: root's PostgreSQL runs as nobody."""
    folder = Path(tempfile.mkdtemp(prefix="oneshelf-soak-"))
    folder.chmod(0o711)
    there = Premises(folder, random)
    try:
        yield there
    finally:
        there._held.close()
        if is_running(there.data):
            embedded = EmbeddedPostgres(there.data)
            embedded.acquire()
            embedded.release()
        shutil.rmtree(folder, ignore_errors=True)
