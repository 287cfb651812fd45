import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn

from api.transport.session import TransportSettings
from tests.api.transport.sample import Sample, World, sample


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings() -> TransportSettings:
    """Override in a module to change them."""
    return TransportSettings()


@pytest.fixture
def sampled(settings: TransportSettings) -> Sample:
    return sample(settings)


@pytest.fixture
def world(sampled: Sample) -> World:
    return sampled.world


@pytest.fixture
async def client(sampled: Sample) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(sampled.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


class DepartingServer(uvicorn.Server):
    """As the product's server does: sockets are told before uvicorn cuts them off."""

    sampled: Sample

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.sampled.departure.announce()
        await super().shutdown(sockets)


@dataclass
class LiveServer:
    server: DepartingServer
    thread: threading.Thread
    address: str

    @property
    def url(self) -> str:
        return f"http://{self.address}/graphql"

    @property
    def ws_url(self) -> str:
        return f"ws://{self.address}/graphql"

    def stop(self) -> None:
        self.server.should_exit = True


@pytest.fixture
def live(sampled: Sample) -> Iterator[LiveServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        sampled.app,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        log_level="warning",
        lifespan="off",
        loop="asyncio",
    )
    server = DepartingServer(config)
    server.sampled = sampled
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield LiveServer(server, thread, f"127.0.0.1:{listener.getsockname()[1]}")
    server.should_exit = True
    thread.join(10)
    listener.close()
    assert not thread.is_alive()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        # The condition is about another thread, which sets no event of ours.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
