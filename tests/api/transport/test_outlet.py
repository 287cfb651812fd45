"""Texts that go out at once, and those that have to wait."""

import asyncio
from typing import Any

import pytest

from api.execution.engine import Answer
from api.transport.messages import SocketClosed
from api.transport.outlet import SocketOutlet

pytestmark = pytest.mark.anyio


class Client:
    """Takes one text after another as long as it has `room`."""

    def __init__(self) -> None:
        self.room = asyncio.Event()
        self.texts: list[str] = []
        self.abandoned = 0
        self.is_gone = False
        self.endings: list[int | None] = []

    async def send(self, message: Any) -> None:
        try:
            await self.room.wait()
        except BaseException:
            self.abandoned += 1
            raise
        if self.is_gone:
            raise OSError
        self.texts.append(message["text"])

    def outlet(self, send_timeout: float = 10) -> SocketOutlet:
        def end(ending: SocketClosed) -> None:
            self.endings.append(ending.code)

        return SocketOutlet(self.send, 'a"b', send_timeout, end)


def answer(number: int) -> Answer:
    return Answer(b'{"data":%d}' % number, is_request_error=False)


async def test_what_has_room_is_gone_when_push_returns() -> None:
    client = Client()
    client.room.set()

    is_clear = client.outlet().push(answer(1))

    assert is_clear
    assert client.texts == ['{"id":"a\\"b","type":"next","payload":{"data":1}}']


async def test_what_has_no_room_goes_out_as_soon_as_there_is_some() -> None:
    client = Client()
    outlet = client.outlet()

    is_clear = outlet.push(answer(1))
    asyncio.get_running_loop().call_soon(client.room.set)
    await outlet.cleared()

    assert not is_clear
    assert len(client.texts) == 1
    assert client.endings == []


async def test_a_client_that_never_has_room_is_closed_with_4410() -> None:
    client = Client()
    outlet = client.outlet(send_timeout=0)

    outlet.push(answer(1))
    await outlet.cleared()

    assert (client.endings, client.texts, client.abandoned) == ([4410], [], 1)


@pytest.mark.parametrize("has_room", [True, False])
async def test_a_client_that_is_gone_ends_the_connection_without_a_code(has_room: bool) -> None:  # noqa: FBT001
    client = Client()
    client.is_gone = True
    outlet = client.outlet()
    if has_room:
        client.room.set()

    is_clear = outlet.push(answer(1))
    client.room.set()
    await outlet.cleared()

    assert not is_clear
    assert client.endings == [None]


async def test_a_text_is_abandoned_when_its_operation_is_completed_while_it_waits() -> None:
    client = Client()
    outlet = client.outlet()
    outlet.push(answer(1))
    waiting = asyncio.create_task(outlet.cleared())
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert (waiting.cancelled(), client.abandoned, client.endings) == (True, 1, [])
