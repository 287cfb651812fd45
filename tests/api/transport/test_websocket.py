import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from api.transport.session import TransportSettings
from tests.api.transport.conftest import LiveServer, until
from tests.api.transport.sample import World
from tests.api.transport.ws_client import ACK, PROTOCOL, Client, connected, initialised

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings() -> TransportSettings:
    return TransportSettings(
        init_timeout=0.5,
        max_operations_per_socket=3,
        send_timeout=0.5,
        allowed_origins=frozenset({"https://shop.example"}),
    )


async def test_a_subscription_is_a_next_for_each_event_and_a_complete(live: LiveServer) -> None:
    async with initialised(live) as client:
        await client.subscribe("a", "subscription A($to: Int!) { count(to: $to) }", variables={"to": 2})

        received = [await client.receive() for _ in range(3)]

    assert received == [
        {"id": "a", "type": "next", "payload": {"data": {"count": 1}}},
        {"id": "a", "type": "next", "payload": {"data": {"count": 2}}},
        {"id": "a", "type": "complete"},
    ]


async def test_queries_and_mutations_work_too(live: LiveServer, world: World) -> None:
    async with initialised(live) as client:
        await client.subscribe("q", "query A { hello } query B { add(first: 1) }", operationName="B")
        query = [await client.receive() for _ in range(2)]
        await client.subscribe("m", "mutation { bump }")
        mutation = [await client.receive() for _ in range(2)]

    assert query == [{"id": "q", "type": "next", "payload": {"data": {"add": 1}}}, {"id": "q", "type": "complete"}]
    assert mutation == [{"id": "m", "type": "next", "payload": {"data": {"bump": 1}}}, {"id": "m", "type": "complete"}]
    assert world.bumps == 1


async def test_operations_run_side_by_side_each_with_a_context_of_its_own(live: LiveServer, world: World) -> None:
    async with initialised(live) as client:
        await client.subscribe("slow", "{ gated requestId }")
        await client.subscribe("fast", "{ requestId }")
        fast = [await client.receive() for _ in range(2)]
        live.server.servers[0].get_loop().call_soon_threadsafe(world.gate.set)
        slow = [await client.receive() for _ in range(2)]

    assert [message["id"] for message in fast + slow] == ["fast", "fast", "slow", "slow"]
    request_ids = [messages[0]["payload"]["data"]["requestId"] for messages in (slow, fast)]
    connection = request_ids[0].removesuffix("-1")
    assert request_ids == [f"{connection}-1", f"{connection}-2"]
    assert (len(world.sessions), world.contexts) == (1, 2)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ helo }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { add(first: $n) }", "BAD_USER_INPUT"),
        ("subscription { forbidden }", "FORBIDDEN"),
    ],
)
async def test_a_refused_operation_is_an_error_without_complete(live: LiveServer, query: str, code: str) -> None:
    async with initialised(live) as client:
        await client.subscribe("a", query)
        refused = await client.receive()
        await client.subscribe("a", "{ add(first: 1) }")
        afterwards = await client.receive()

    assert (refused["id"], refused["type"]) == ("a", "error")
    assert [error["extensions"]["code"] for error in refused["payload"]] == [code]
    assert afterwards == {"id": "a", "type": "next", "payload": {"data": {"add": 1}}}


async def test_a_source_that_breaks_is_masked_and_harms_no_neighbour(live: LiveServer) -> None:
    async with initialised(live) as client:
        await client.subscribe("a", "subscription { breaks }")
        received = [await client.receive() for _ in range(2)]
        await client.subscribe("b", "{ add(first: 1) }")
        neighbour = await client.receive()

    assert received[0]["payload"] == {"data": {"breaks": 1}}
    assert received[1]["type"] == "error"
    assert received[1]["payload"][0]["message"] == "Internal error"
    assert neighbour["payload"] == {"data": {"add": 1}}


async def test_complete_from_the_client_closes_the_source_and_frees_the_id(live: LiveServer, world: World) -> None:
    async with initialised(live) as client:
        await client.subscribe("a", "subscription { forever }")
        await client.receive()

        await client.send(type="complete", id="a")

        await until(lambda: world.streams_closed == 1)
        await client.subscribe("a", "{ add(first: 1) }")
        afterwards = await client.receive()

    assert afterwards == {"id": "a", "type": "next", "payload": {"data": {"add": 1}}}


async def test_complete_for_an_unknown_id_is_ignored(live: LiveServer) -> None:
    async with initialised(live) as client:
        await client.send(type="complete", id="never-heard-of")
        await client.send(type="ping")

        received = await client.receive()

    assert received == {"type": "pong"}


@pytest.mark.parametrize("rudely", [False, True])
async def test_all_sources_are_closed_when_the_client_leaves(live: LiveServer, world: World, *, rudely: bool) -> None:
    async with initialised(live) as client:
        await client.subscribe("a", "subscription { forever }")
        await client.subscribe("b", "subscription { forever }")
        await until(lambda: world.streams_opened == 2)

        if rudely:
            client.socket.transport.abort()

    await until(lambda: world.streams_closed == 2)


async def test_a_mutation_is_finished_when_the_client_leaves(live: LiveServer, world: World) -> None:
    async with initialised(live) as client:
        await client.subscribe("a", "mutation { bumpSlowly }")
        await until(lambda: world.streams_opened == 1)

    await until(lambda: world.bumps == 1)


async def test_more_operations_than_the_limit_are_refused_one_by_one(live: LiveServer, world: World) -> None:
    async with initialised(live) as client:
        for letter in "abc":
            await client.subscribe(letter, "subscription { forever }")
            await client.receive()

        await client.subscribe("d", "{ add(first: 1) }")
        refused = await client.receive()
        await client.send(type="complete", id="a")
        await until(lambda: world.streams_closed == 1)
        await asyncio.sleep(0.05)
        await client.subscribe("d", "{ add(first: 1) }")
        afterwards = await client.receive()

    assert (refused["id"], refused["type"], refused["payload"][0]["extensions"]["code"]) == (
        "d",
        "error",
        "LIMIT_EXCEEDED",
    )
    assert afterwards == {"id": "d", "type": "next", "payload": {"data": {"add": 1}}}


async def test_the_payload_of_init_overrides_headers_but_not_what_proxies_say(live: LiveServer, world: World) -> None:
    headers = {"Authorization": "Bearer old", "X-Forwarded-For": "192.0.2.1", "Oneshelf-Channel": "web"}
    payload = {"Authorization": "Bearer good", "X-Forwarded-For": "203.0.113.9", "Host": "evil", "number": 1}

    async with connected(live, additional_headers=headers) as client:
        await client.send(type="connection_init", payload=payload)
        assert await client.receive() == ACK

    [seen] = world.sessions
    assert seen["authorization"] == "Bearer good"
    assert seen["oneshelf-channel"] == "web"
    assert seen["x-forwarded-for"] == "192.0.2.1"
    assert seen["host"] == live.address
    assert "number" not in seen


class TestClosing:
    async def test_without_init_in_time(self, live: LiveServer) -> None:
        async with connected(live) as client:
            closed = await client.closed()

        assert closed == (4408, "Connection initialisation timeout")

    async def test_after_a_second_init(self, live: LiveServer) -> None:
        async with initialised(live) as client:
            await client.send(type="connection_init")
            closed = await client.closed()

        assert closed == (4429, "Too many initialisation requests")

    async def test_after_an_operation_before_init(self, live: LiveServer, world: World) -> None:
        async with connected(live) as client:
            await client.subscribe("a", "mutation { bump }")
            closed = await client.closed()

        assert closed == (4401, "Unauthorized")
        assert world.bumps == 0

    async def test_after_an_id_in_use(self, live: LiveServer, world: World) -> None:
        async with initialised(live) as client:
            await client.subscribe("a", "subscription { forever }")
            await client.subscribe("a", "{ hello }")
            closed = await client.closed()

        assert closed == (4409, "Subscriber for a already exists")
        await until(lambda: world.streams_closed == world.streams_opened)

    @pytest.mark.parametrize(
        ("token", "expected"),
        [
            ("bad", (4401, "The token is not valid.")),
            ("suspended", (4403, "The account is suspended.")),
            ("busy", (1013, "Come back later.")),
            ("crash", (1011, "Internal error")),
        ],
    )
    async def test_when_the_session_is_refused(self, live: LiveServer, token: str, expected: tuple[int, str]) -> None:
        async with connected(live) as client:
            await client.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
            closed = await client.closed()

        assert closed == expected

    async def test_when_the_session_expires(self, live: LiveServer, world: World) -> None:
        async with initialised(live, {"authorization": "Bearer short"}) as client:
            await client.subscribe("a", "subscription { forever }")
            closed = await client.closed()

        assert closed == (4403, "Session expired")
        assert (world.streams_opened, world.streams_closed) == (1, 1)

    async def test_when_a_stream_falls_behind(self, live: LiveServer) -> None:
        async with initialised(live) as client:
            await client.subscribe("a", "subscription { fallsBehind }")
            closed = await client.closed()

        assert closed == (4410, "slow consumer, resume after cursor")

    async def test_when_the_server_stops(self, live: LiveServer, world: World) -> None:
        async with initialised(live) as client:
            await client.subscribe("a", "subscription { forever }")
            await client.receive()
            live.stop()
            closed = await client.closed()

        assert closed == (1001, "Going away")
        assert world.streams_closed == 1

    async def test_when_the_server_stops_while_a_client_is_leaving(self, live: LiveServer, world: World) -> None:
        async with initialised(live) as client:
            await client.subscribe("a", "subscription { forever(closing: 0.4) }")
            await client.receive()

        live.stop()
        await asyncio.to_thread(live.thread.join, 5)

        assert (live.thread.is_alive(), world.streams_closed) == (False, 1)

    async def test_when_the_client_does_not_read(self, live: LiveServer, world: World) -> None:
        async with connected(live, max_queue=1) as client:
            await client.send(type="connection_init")
            await client.receive()
            await client.subscribe("a", "subscription { flood }")

            await until(lambda: world.streams_closed == 1)

            client.socket.transport.abort()
        assert world.streams_opened == 1

    async def test_a_client_that_knows_only_other_protocols(self, live: LiveServer) -> None:
        async with connect(live.ws_url) as socket:
            closed = await Client(socket).closed()

        assert closed == (4406, "Subprotocol not acceptable")


class TestOrigins:
    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://shop.example:444"]
    )
    async def test_a_foreign_page_is_refused(self, live: LiveServer, origin: str) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with connected(live, origin=origin):
                pass

        assert refused.value.response.status_code == 403

    async def test_a_page_of_ours_and_a_configured_one_are_welcome(self, live: LiveServer) -> None:
        protocols = []
        for origin in (f"http://{live.address}", f"https://{live.address}", "https://shop.example"):
            async with connected(live, origin=origin) as client:
                protocols.append(client.socket.subprotocol)

        assert protocols == [PROTOCOL] * 3


@pytest.mark.parametrize("settings", [TransportSettings(ping_interval=0.05)])
async def test_a_quiet_connection_is_pinged(live: LiveServer, settings: TransportSettings) -> None:
    async with initialised(live) as client:
        received = await client.receive()
        await client.send(type="pong")

    assert received == {"type": "ping"}


@pytest.mark.parametrize("settings", [TransportSettings(max_message=100)])
async def test_the_size_is_checked_whatever_the_server_allows(live: LiveServer, settings: TransportSettings) -> None:
    async with connected(live) as client:
        await client.socket.send('{"type": "ping", "payload": {"a": "' + "é" * 40 + '"}}')
        closed = await client.closed()

    assert closed == (1009, "Message too big")


class TestIdleness:
    @pytest.fixture
    def settings(self) -> TransportSettings:
        return TransportSettings(ping_interval=0.02, idle_timeout=0.1)

    async def test_a_socket_without_an_operation_is_closed(self, live: LiveServer) -> None:
        async with initialised(live) as client:
            await client.subscribe("a", "subscription { count(to: 1) }")
            await client.drained()

        assert await client.closed() == (1000, "Idle")

    async def test_one_that_waits_for_events_is_not(self, live: LiveServer) -> None:
        async with initialised(live) as client:
            await client.subscribe("a", "subscription { forever }")
            types = [(await client.receive())["type"] for _ in range(15)]

        assert sorted(types) == ["next"] + ["ping"] * 14
