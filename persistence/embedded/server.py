"""Starting the server, waiting for it, and stopping it."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.account import Account
from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.layout import Layout
from persistence.embedded.postmaster import (
    PORT,
    Postmaster,
    disown_reused_pids,
    is_alive,
    remaining_processes,
    running_postmaster,
)

_REFUSAL_SECONDS = 15.0
_RECOVERY_SECONDS = 120.0
_FAST_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.01
_LARGEST_LOG_BYTES = 10_000_000

# The server writes its log in English because LC_ALL is C. Both refusals end by themselves once the processes of a
# killed server are gone.
_PASSING_REFUSALS = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')


@dataclass(frozen=True, slots=True)
class Server:
    layout: Layout
    account: Account
    settings: Mapping[str, str]

    def start(self, programs: Path, socket_directory: Path) -> None:
        """Expects that no server of this cluster runs and that nobody else starts one meanwhile."""
        deadline = time.monotonic() + _REFUSAL_SECONDS
        disown_reused_pids(self.layout, self.account, socket_directory)
        self._bound_log()
        while True:
            log_start = self.layout.log.stat().st_size if self.layout.log.exists() else 0
            child = self._spawn(programs, socket_directory)
            if self._became_ready(child):
                return
            with self.layout.log.open("rb") as log:
                log.seek(log_start)
                words = log.read().decode(errors="replace")
            if not any(refusal in words for refusal in _PASSING_REFUSALS) or time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"PostgreSQL did not start; the end of its log {self.layout.log} says:\n{words.strip()[-2000:]}"
                )
            self._dismiss_orphans()
            time.sleep(0.2)

    def wait_until_ready(self) -> Postmaster | None:
        """None if there is no server, or it ended while it was being waited for."""
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while time.monotonic() < deadline:
            postmaster = running_postmaster(self.layout)
            if postmaster is None or postmaster.state == "ready":
                return postmaster
            time.sleep(_POLL_SECONDS)
        raise self._too_slow()

    def stop(self) -> None:
        postmaster = running_postmaster(self.layout)
        if postmaster is None:
            return
        # An immediate stop loses nothing that was committed; the next start recovers it.
        for request, patience in ((signal.SIGINT, _FAST_STOP_SECONDS), (signal.SIGQUIT, _FAST_STOP_SECONDS)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(postmaster.pid, request)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if not is_alive(postmaster, self.layout):
                    return
                time.sleep(_POLL_SECONDS)
        raise EmbeddedPostgresError(f"PostgreSQL, process {postmaster.pid}, does not stop. See {self.layout.log}.")

    def _spawn(self, programs: Path, socket_directory: Path) -> subprocess.Popen[bytes]:
        # What keeps the server private is given here, where neither file nor ALTER SYSTEM can overrule it.
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(socket_directory),
            "unix_socket_permissions": "0700",
            "cluster_name": self.layout.cluster_name,
            "logging_collector": "off",
            "log_destination": "stderr",
            **self.settings,
        }
        arguments: list[str | Path] = [programs / "postgres", "-D", self.layout.cluster]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        log = self.account.open_private(self.layout.log, os.O_WRONLY | os.O_APPEND)
        try:
            child = self.account.spawn(arguments, output=log)
        finally:
            os.close(log)
        # A dead child that nobody waits for keeps its process id, by which a second process would think it alive.
        threading.Thread(target=child.wait, name="postgres-reaper", daemon=True).start()
        return child

    def _became_ready(self, child: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                return False
            postmaster = running_postmaster(self.layout)
            if postmaster and postmaster.pid == child.pid and postmaster.state == "ready":
                return True
            time.sleep(_POLL_SECONDS)
        raise self._too_slow()

    def _too_slow(self) -> EmbeddedPostgresError:
        return EmbeddedPostgresError(
            f"PostgreSQL has not become ready within {_RECOVERY_SECONDS:.0f} seconds. It goes on recovering; "
            f"follow {self.layout.log} and try again later."
        )

    def _dismiss_orphans(self) -> None:
        """Sends what their postmaster would have sent: a long statement does not notice by itself that it died."""
        if running_postmaster(self.layout) is not None:
            return
        for orphan in remaining_processes(self.layout):
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGQUIT)

    def _bound_log(self) -> None:
        if self.layout.log.exists() and self.layout.log.stat().st_size > _LARGEST_LOG_BYTES:
            self.layout.log.replace(self.layout.log.with_suffix(".log.1"))
