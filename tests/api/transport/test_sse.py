import asyncio

import httpx
import pytest

from api.transport.session import TransportSettings
from tests.api.transport.conftest import LiveServer, until
from tests.api.transport.sample import World

pytestmark = pytest.mark.anyio

EVENTS = {"accept": "text/event-stream"}


@pytest.fixture
def settings() -> TransportSettings:
    return TransportSettings(heartbeat=0.05, send_timeout=0.5)


async def post(client: httpx.AsyncClient, query: str, url: str = "/graphql", **headers: str) -> httpx.Response:
    return await client.post(url, json={"query": query}, headers={**EVENTS, **headers})


async def test_each_event_is_a_next_and_the_end_is_a_complete(client: httpx.AsyncClient) -> None:
    response = await post(client, "subscription { count(to: 2) }")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    assert "content-length" not in response.headers
    assert response.text == (
        'event: next\ndata: {"data":{"count":1}}\n\n'
        'event: next\ndata: {"data":{"count":2}}\n\n'
        "event: complete\ndata: \n\n"
    )


async def test_a_subscription_may_come_by_get(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", params={"query": "subscription { count(to: 1) }"}, headers=EVENTS)

    assert response.text == 'event: next\ndata: {"data":{"count":1}}\n\nevent: complete\ndata: \n\n'


async def test_a_mutation_may_not_come_by_get(client: httpx.AsyncClient, world: World) -> None:
    response = await client.get("/graphql", params={"query": "mutation { bump }"}, headers=EVENTS)

    assert response.status_code == 405
    assert world.bumps == 0


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("{ hello }", '{"data":{"hello":"Hello, world!"}}'),
        ("mutation { bump }", '{"data":{"bump":1}}'),
        ("{ helo }", '{"errors":[{"message":"Cannot query field \'helo\' on type \'Query\'.","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"},"locations":[{"line":1,"column":3}]}]}'),
        ("subscription { count(to: null) }", '{"errors":[{"message":"Expected value of non-null type \'Int!\' not to be None.","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"},"locations":[{"line":1,"column":26}]}]}'),
    ],
)  # fmt: skip
async def test_what_does_not_stream_is_one_event(client: httpx.AsyncClient, query: str, data: str) -> None:
    response = await post(client, query)

    assert response.status_code == 200
    assert response.text == f"event: next\ndata: {data}\n\nevent: complete\ndata: \n\n"


async def test_a_stream_that_is_closed_early_ends_without_complete(client: httpx.AsyncClient) -> None:
    response = await post(client, "subscription { fallsBehind }")

    assert response.text == 'event: next\ndata: {"data":{"fallsBehind":1}}\n\n'


async def test_a_stream_ends_with_its_session(client: httpx.AsyncClient, world: World) -> None:
    response = await post(client, "subscription { forever }", authorization="Bearer short")

    blocks = [block for block in response.text.split("\n\n") if block not in {"", ":"}]
    assert blocks == [
        'event: next\ndata: {"data":{"forever":1}}',
        'event: next\ndata: {"errors":[{"message":"The session has expired.","extensions":{"code":"UNAUTHENTICATED"}}]}',
        "event: complete\ndata: ",
    ]
    assert world.streams_closed == 1


async def test_a_quiet_stream_shows_that_it_lives(live: LiveServer) -> None:
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", live.url, json={"query": "subscription { forever }"}, headers=EVENTS) as response,
    ):
        lines = response.aiter_lines()
        first = [await anext(lines) for _ in range(7)]

    assert first == ["event: next", 'data: {"data":{"forever":1}}', "", ":", "", ":", ""]


async def test_the_source_is_closed_when_the_client_leaves(live: LiveServer, world: World) -> None:
    async with httpx.AsyncClient() as client:
        async with client.stream(
            "POST", live.url, json={"query": "subscription { forever }"}, headers=EVENTS
        ) as response:
            await anext(response.aiter_lines())
            opened = world.streams_opened

        await until(lambda: world.streams_closed == 1)
        afterwards = await post(client, "{ hello }", live.url)

    assert opened == 1
    assert afterwards.status_code == 200


async def test_a_mutation_is_finished_when_the_client_leaves(live: LiveServer, world: World) -> None:
    body = b'{"query": "mutation { bumpSlowly }"}'
    host, port = live.address.split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n"
        + f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    await until(lambda: world.streams_opened == 1)

    writer.close()

    await until(lambda: world.bumps == 1)


async def test_a_client_that_does_not_read_is_given_up(live: LiveServer, world: World) -> None:
    body = b'{"query": "subscription { flood }"}'
    host, port = live.address.split(":")
    _, writer = await asyncio.open_connection(host, int(port), limit=1024)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n"
        + f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )

    await until(lambda: world.streams_closed == 1)

    assert world.streams_opened == 1
    writer.close()


async def test_a_stream_ends_without_complete_when_the_server_stops(live: LiveServer, world: World) -> None:
    received = b""
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", live.url, json={"query": "subscription { forever }"}, headers=EVENTS) as response,
    ):
        async for chunk in response.aiter_bytes():
            received += chunk
            live.stop()

    assert received.startswith(b'event: next\ndata: {"data":{"forever":1}}\n\n')
    assert b"complete" not in received
    assert world.streams_closed == 1
