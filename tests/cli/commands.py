"""The real command line in processes of its own, on data directories that the embedded server may enter."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).parents[2]
_PATIENCE_SECONDS = 60
_ADDRESS = re.compile(r"GraphQL +(http://\S+)/graphql")

# What the tests' own surroundings configure must not reach the commands.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("ONESHELF_") and name not in ("DATABASE_URL", "REDIS_URL")
}


def oneshelf(*arguments: object, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        _command(arguments),
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_SECONDS,
        cwd=REPOSITORY,
        env={**ENVIRONMENT, **environment},
    )


@dataclass(frozen=True, slots=True)
class Serving:
    process: subprocess.Popen[bytes]
    log: Path
    address: str

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def wait_until_ready(self) -> None:
        wait_for(self.is_ready, self.log)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_PATIENCE_SECONDS)


@contextmanager
def serving(data: Path, *arguments: object) -> Iterator[Serving]:
    """A server of this data directory."""
    with running(data.with_suffix(".log"), "--data", data, *arguments) as server:
        yield server


@contextmanager
def running(log: Path, *arguments: object, **environment: str) -> Iterator[Serving]:
    """A server that has said where it is, on a port of its own choice."""
    with log.open("ab") as output:
        log_start = output.tell()
        process = subprocess.Popen(
            _command(("serve", "--port", 0, *arguments)),
            stdout=output,
            stderr=output,
            cwd=REPOSITORY,
            env={**ENVIRONMENT, **environment},
        )
    try:
        wait_for(lambda: process.poll() is not None or _address(log, log_start) is not None, log)
        address = _address(log, log_start)
        assert address is not None, log.read_text(encoding="utf-8")
        yield Serving(process, log, address)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(_PATIENCE_SECONDS)


def wait_for(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain; {log} says:\n{log.read_text(encoding='utf-8')}"
        time.sleep(0.05)


def server_pid(data: Path) -> int:
    """As the server itself wrote it down."""
    pid: int = json.loads((data / "serve.lock").read_text(encoding="utf-8"))["pid"]
    return pid


def _address(log: Path, start: int) -> str | None:
    found = _ADDRESS.search(log.read_bytes()[start:].decode())
    return found[1] if found else None


def _command(arguments: tuple[object, ...]) -> list[str]:
    return [sys.executable, "-m", "api.cli", *map(str, arguments)]
