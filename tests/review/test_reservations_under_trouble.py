"""Somebody's lock and a silent network cost the lane of reservations little, and never for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest

from persistence.events.listening import CONNECTION_LOST
from persistence.inventory import coalescer
from persistence.inventory.coalescer import Coalescer, StockLockedError
from tests.persistence.test_coalescer import lane, reserved, url, wish

pytestmark = pytest.mark.anyio

__all__ = ["lane", "url"]


async def test_a_level_that_stays_locked_keeps_others_waiting_once_however_many_want_it(
    lane: Coalescer,
    url: str,
    statements: list[str],
) -> None:
    somebody = await asyncpg.connect(url)
    async with somebody.transaction():
        await somebody.execute("SELECT FROM stock_level WHERE id = 1 FOR UPDATE")

        answers = await asyncio.gather(
            *(lane.reserve(wish(level)) for level in (1, 1, 1, 2, 1)), return_exceptions=True
        )

    await somebody.close()
    assert [type(answer) for answer in answers] == [*[StockLockedError] * 3, bool, StockLockedError]
    assert await reserved(url) == {2: 1}
    # All together, the first by itself, and the one that wanted something else.
    assert len(statements) == 3


async def test_a_connection_that_falls_silent_is_given_up_and_the_next_serves(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coalescer, "_PATIENCE", 0.3)
    async with _a_way_that_can_be_cut(url, tmp_path) as (way, is_open):
        lane = Coalescer(way)
        assert await lane.reserve(wish(1))

        is_open.clear()
        with pytest.raises(CONNECTION_LOST):
            await lane.reserve(wish(1))
        is_open.set()

        assert await lane.reserve(wish(2))
        await lane.close()


@asynccontextmanager
async def _a_way_that_can_be_cut(url: str, folder: Path) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """The same database over a socket that passes nothing on and breaks nothing off while the event is not set."""
    (there,) = parse_qs(urlsplit(url).query)["host"]
    socket = Path(there, ".s.PGSQL.5432")
    is_open = asyncio.Event()
    is_open.set()
    tasks: set[asyncio.Task[None]] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while octets := await reader.read(65_536):
            await is_open.wait()
            writer.write(octets)
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(socket)
        tasks.add(asyncio.create_task(pass_on(reader, to_server)))
        tasks.add(asyncio.create_task(pass_on(from_server, writer)))

    server = await asyncio.start_unix_server(connect, folder / socket.name)
    try:
        yield url.replace(quote(there, safe=""), quote(str(folder), safe="")).replace(there, str(folder)), is_open
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
