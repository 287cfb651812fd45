"""What dies without warning. Each fault returns the processes that it killed."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random

import psutil

from persistence.embedded import embedded_status
from persistence.embedded.layout import layout_of
from persistence.embedded.postmaster import remaining_processes


def _server(server: int, _data: Path, _random: Random) -> list[int]:
    """PostgreSQL survives; workers notice that they are alone."""
    return _kill([server])


def _worker(server: int, _data: Path, random: Random) -> list[int]:
    """Kills the only process of a server that has no workers."""
    workers = [child for child in _descendants(server) if "spawn_main" in " ".join(child.cmdline())]
    return _kill([random.choice(workers).pid if workers else server])


def _postmaster(_server: int, data: Path, _random: Random) -> list[int]:
    return _kill([embedded_status(data).pid])


def _backend(_server: int, data: Path, random: Random) -> list[int]:
    """Any process of PostgreSQL but its first, which then recovers by itself."""
    postmaster = embedded_status(data).pid
    others = [number for number in remaining_processes(layout_of(data)) if number != postmaster]
    return _kill([random.choice(others)] if others else [])


def _everything(server: int, data: Path, _random: Random) -> list[int]:
    """As when the power fails, except that the kernel still writes what it was given."""
    workers = [child.pid for child in _descendants(server)]
    return _kill([embedded_status(data).pid, server, *workers, *remaining_processes(layout_of(data))])


FAULTS: Mapping[str, Callable[[int, Path, Random], list[int]]] = {
    "server": _server,
    "worker": _worker,
    "postmaster": _postmaster,
    "backend": _backend,
    "everything": _everything,
}


def _descendants(server: int) -> list[psutil.Process]:
    try:
        return psutil.Process(server).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(numbers: Iterable[int | None]) -> list[int]:
    """Returns who was still alive to be killed."""
    killed = []
    for number in numbers:
        with contextlib.suppress(ProcessLookupError):
            if number is not None:
                os.kill(number, signal.SIGKILL)
                killed.append(number)
    return killed
