"""File locks between Oneshelf's processes. The kernel drops them when their holder dies, kill -9 included."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from persistence.embedded.account import Account


@contextmanager
def exclusive(path: Path, account: Account) -> Iterator[None]:
    """Waits as long as another process is deciding; its own steps are all bounded in time."""
    descriptor = account.open_private(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class SharedLock:
    def __init__(self, path: Path, account: Account) -> None:
        self._descriptor = account.open_private(path, os.O_RDWR)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def only_holder(self) -> bool:
        """Gives the lock up if there are others; new holders must be kept out by other means meanwhile."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def drop(self) -> None:
        # Closing alone would not do if a forked child still had a copy of the descriptor.
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)
