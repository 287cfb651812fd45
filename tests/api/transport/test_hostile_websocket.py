"""Frames that no client should send."""

import pytest

from tests.api.transport.conftest import LiveServer, until
from tests.api.transport.hostile import FRAMES
from tests.api.transport.sample import World
from tests.api.transport.ws_client import connected, initialised

pytestmark = pytest.mark.anyio


class TestHostileFrames:
    async def test_what_the_protocol_does_not_know_closes_with_4400(self, live: LiveServer) -> None:
        async with initialised(live) as neighbour:
            codes = {}
            for number, frame in enumerate(FRAMES):
                async with connected(live) as client:
                    await client.socket.send(frame)
                    codes[number], _ = await client.closed()

            await neighbour.subscribe("a", "{ add(first: 1) }")
            afterwards = await neighbour.receive()

        assert codes == dict.fromkeys(range(len(FRAMES)), 4400)
        assert afterwards["payload"] == {"data": {"add": 1}}

    async def test_a_message_that_is_too_big_closes_with_1009(self, live: LiveServer) -> None:
        async with connected(live) as client:
            await client.socket.send('{"type": "ping", "payload": {"a": "' + "x" * 65_536 + '"}}')
            code, _ = await client.closed()

        assert code == 1009

    async def test_a_broken_frame_amid_a_flood_of_events_is_no_error_of_ours(
        self, live: LiveServer, world: World
    ) -> None:
        async with initialised(live) as client:
            await client.subscribe("a", "subscription { flood }")
            await client.receive()
            await client.socket.send('{"type": "ping", "payload": {"a": "' + "x" * 65_536 + '"}}')
            await client.drained()

        await until(lambda: world.streams_closed == 1)
        assert world.unexpected == []

    async def test_many_operations_at_once_are_all_answered(self, live: LiveServer) -> None:
        async with initialised(live) as client:
            for number in range(200):
                await client.subscribe(str(number), "{ add(first: 1) }")

            ended: set[str] = set()
            while len(ended) < 200:
                message = await client.receive()
                if message["type"] != "next":
                    ended.add(message["id"])

        assert ended == {str(number) for number in range(200)}
