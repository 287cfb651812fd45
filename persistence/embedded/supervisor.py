"""Who uses the server, and therefore when it starts and stops.

Several processes share one data directory. Each holds a shared lock while it uses the server; starting and stopping
are decided under an exclusive lock. Whoever comes first starts the server, whoever leaves last stops it, and a server
that outlived a killed process is simply used by the next.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from persistence.embedded.account import account_for
from persistence.embedded.binaries import find_binaries, reachable_binaries
from persistence.embedded.cluster import DATABASE, ROLE, prepare_cluster
from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.layout import Layout, layout_of
from persistence.embedded.locks import SharedLock, exclusive
from persistence.embedded.postmaster import PORT, Postmaster, running_postmaster
from persistence.embedded.root import prepare_root
from persistence.embedded.server import Server
from persistence.embedded.sockets import prepare_socket_directory, remove_short_directory
from persistence.embedded.wire import ensure_database


@dataclass(frozen=True, slots=True)
class _Stay:
    """One process's use of the server, from acquire to release."""

    server: Server
    lock: SharedLock


class EmbeddedPostgres:
    """Safe to call from several threads.

    Entered as a context manager it gives the database's URL. `settings` are PostgreSQL's, and count only for a server
    that this object itself starts.
    """

    def __init__(self, root: Path, *, binaries: Path | None = None, settings: Mapping[str, str] | None = None) -> None:
        self._layout = layout_of(root)
        self._chosen_binaries = binaries
        self._settings = dict(settings or {})
        self._mutex = threading.RLock()
        self._stay: _Stay | None = None

    def acquire(self) -> str:
        with self._mutex, _explained(self._layout):
            account = account_for(self._layout.cluster)
            prepare_root(self._layout, account)
            server = Server(self._layout, account, self._settings)
            with exclusive(self._layout.decision_lock, account):
                newcomer = self._stay is None
                if self._stay is None:
                    self._stay = _Stay(server, SharedLock(self._layout.users_lock, account))
                try:
                    postmaster, _ = self._running(server)
                    ensure_database(postmaster.socket_directory)
                except BaseException:
                    # A server that is still recovering is left to it: stopped each time, it would never finish.
                    if newcomer:
                        self._leave(stop=_is_ready(self._layout))
                    raise
            return _url(postmaster.socket_directory)

    def ensure_running(self) -> bool:
        """True if the server had died and was started again. Does nothing before acquire and after release."""
        with self._mutex, _explained(self._layout):
            if self._stay is None or _is_ready(self._layout):
                return False
            server = self._stay.server
            with exclusive(self._layout.decision_lock, server.account):
                return self._running(server)[1]

    def release(self) -> None:
        with self._mutex, _explained(self._layout):
            if self._stay is None:
                return
            with exclusive(self._layout.decision_lock, self._stay.server.account):
                self._leave(stop=True)

    def __enter__(self) -> str:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()

    def _running(self, server: Server) -> tuple[Postmaster, bool]:
        """The server, and whether it had to be started. Needs the decision lock."""
        postmaster = server.wait_until_ready()
        if postmaster is not None:
            return postmaster, False
        binaries = find_binaries(self._chosen_binaries)
        programs = reachable_binaries(binaries, server.account, self._layout)
        durable = self._settings.get("fsync") != "off"
        prepare_cluster(self._layout, server.account, binaries, programs, durable=durable)
        server.start(programs, prepare_socket_directory(self._layout, server.account))
        started = running_postmaster(self._layout)
        if started is None:
            raise EmbeddedPostgresError(f"PostgreSQL ended right after it started. See {self._layout.log}.")
        return started, True

    def _leave(self, *, stop: bool) -> None:
        """Needs the decision lock, so that nobody can join between the count of users and the stop."""
        if self._stay is None:
            return
        server, lock = self._stay.server, self._stay.lock
        self._stay = None
        try:
            if lock.only_holder() and stop:
                server.stop()
                remove_short_directory(self._layout)
        finally:
            lock.drop()


def _is_ready(layout: Layout) -> bool:
    postmaster = running_postmaster(layout)
    return postmaster is not None and postmaster.state == "ready"


def _url(directory: Path) -> str:
    # The port is named because drivers would otherwise take it from PGPORT.
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(directory))}&port={PORT}"


@contextlib.contextmanager
def _explained(layout: Layout) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The data directory {layout.root} cannot be used: {error}. "
            "Choose another --data, or run Oneshelf as the user who made it."
        ) from error
