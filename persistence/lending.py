"""Connections for short reads: whoever reads next, without waiting for anything in between, goes on with the same one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncpg import Record
    from asyncpg.pool import Pool, PoolConnectionProxy


class Lending:
    """Returning a connection to asyncpg's pool and asking for another costs more than a small statement.

    So what is given back stays until the end of this turn of the event loop, which is when the fields of one request
    have said what they need next. Nobody who waits for the pool waits longer than that for a connection that is free.
    """

    def __init__(self, pool: Pool[Record]) -> None:
        self._pool = pool
        self._free: list[PoolConnectionProxy[Record]] = []
        # The event loop itself keeps only weak references to its tasks.
        self._returning: set[asyncio.Task[None]] = set()

    async def borrow(self) -> PoolConnectionProxy[Record]:
        return self._free.pop() if self._free else await self._pool.acquire()

    def give_back(self, raw: PoolConnectionProxy[Record]) -> None:
        if not self._free:
            asyncio.get_running_loop().call_soon(self._return_all)
        self._free.append(raw)

    async def give_back_broken(self, raw: PoolConnectionProxy[Record]) -> None:
        """After an error it may be in the middle of a statement, or gone: the pool knows what to do."""
        await self._pool.release(raw)

    def _return_all(self) -> None:
        while self._free:
            returning = asyncio.get_running_loop().create_task(self._pool.release(self._free.pop()))
            self._returning.add(returning)
            returning.add_done_callback(self._returning.discard)
