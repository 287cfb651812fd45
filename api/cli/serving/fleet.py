"""Several worker processes on one listening socket, each replaced when it dies."""

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event

from api.cli.errors import CommandError
from api.cli.serving.worker import GRACEFUL_SECONDS, work
from api.settings import Settings

logger = logging.getLogger("oneshelf.workers")

_PATIENCE_SECONDS = 2 * GRACEFUL_SECONDS
_PAUSE_SECONDS = 1.0

# A forked child would inherit threads' locks and the parent's event loop; a spawned one begins clean.
_CONTEXT = get_context("spawn")


@dataclass(slots=True)
class Fleet:
    settings: Settings
    database_url: str
    listener: socket.socket
    _workers: list[SpawnProcess] = field(default_factory=list)
    _started: Event = field(default_factory=_CONTEXT.Event)

    def run(self, on_started: Callable[[], None]) -> None:
        """Until a signal raises SystemExit or KeyboardInterrupt here; then every worker ends in good order."""
        try:
            self._workers = [self._start() for _ in range(self.settings.workers)]
            self._wait_for_first()
            on_started()
            while True:
                connection.wait([worker.sentinel for worker in self._workers])
                self._replace_dead()
        finally:
            self._stop()

    def _start(self) -> SpawnProcess:
        worker = _CONTEXT.Process(
            target=work, args=(self.settings, self.database_url, self.listener, self._started), name="oneshelf-worker"
        )
        worker.start()
        return worker

    def _wait_for_first(self) -> None:
        while not self._started.wait(timeout=0.1):
            if not any(worker.is_alive() for worker in self._workers):
                raise CommandError("No worker process could start; what it said stands above.")

    def _replace_dead(self) -> None:
        for place, worker in enumerate(self._workers):
            if not worker.is_alive():
                logger.error("Worker %s died (exit code %s) and is replaced", worker.pid, worker.exitcode)
                # One that dies at once must not keep the machine busy.
                time.sleep(_PAUSE_SECONDS)
                self._workers[place] = self._start()

    def _stop(self) -> None:
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))
            if worker.is_alive():
                worker.kill()
                worker.join()
