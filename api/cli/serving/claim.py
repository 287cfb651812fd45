"""One server for each data directory: who serves it holds a lock that the kernel drops when its process dies."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.cli.errors import CommandError


@contextmanager
def claimed(data: Path, address: str) -> Iterator[None]:
    """Raises CommandError, with the other's process id and address, when somebody serves this directory already."""
    path = data / "serve.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(_already_served(data, path)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def server_of(data: Path) -> str | None:
    """Who serves the directory now, in words; null when nobody does."""
    path = data / "serve.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(path)
    finally:
        os.close(descriptor)
    return None


def _already_served(data: Path, path: Path) -> str:
    return (
        f"{data.resolve()} is being served already, by {_holder(path)}: use that one, stop it, "
        "or choose another directory with --data."
    )


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        # It has the lock and is about to write.
        return "a process that is just starting"
    return f"process {holder['pid']} at {holder['address']}"
