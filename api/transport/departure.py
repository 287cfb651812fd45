"""Sending long-lived connections elsewhere before the process stops."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Departure:
    """Knows every open socket and event stream.

    The server must call `announce` before its own shutdown, which would cut the sockets off with a code of its own.
    """

    def __init__(self) -> None:
        self._leave: set[Callable[[], None]] = set()
        self._is_announced = False
        self._everybody_left = asyncio.Event()

    @contextmanager
    def told(self, leave: Callable[[], None]) -> Iterator[None]:
        self._leave.add(leave)
        self._everybody_left.clear()
        if self._is_announced:
            # Soon, not at once, as for everybody else: the caller is not waiting yet.
            asyncio.get_running_loop().call_soon(leave)
        try:
            yield
        finally:
            self._leave.discard(leave)
            if not self._leave:
                self._everybody_left.set()

    async def announce(self, patience: float = 5.0) -> None:
        """Returns when all have left, or after `patience` seconds."""
        self._is_announced = True
        for leave in tuple(self._leave):
            leave()
        if self._leave:
            try:
                async with asyncio.timeout(patience):
                    await self._everybody_left.wait()
            except TimeoutError:
                return
