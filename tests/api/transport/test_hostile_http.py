"""Bodies, query strings and headers that no client should send."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api.transport.session import TransportSettings
from tests.api.transport.hostile import BODIES, HEADERS, JSON, QUERY_STRINGS
from tests.api.transport.sample import Sample, sample

pytestmark = pytest.mark.anyio

RESPONSE = "application/graphql-response+json"


class TestHostileBodies:
    @pytest.mark.parametrize(
        "body",
        BODIES,
        ids=range(len(BODIES)),
    )
    async def test_a_malformed_body_is_a_bad_request(self, client: httpx.AsyncClient, body: bytes) -> None:
        response = await client.post("/graphql", content=body, headers={"content-type": JSON})
        afterwards = await client.post("/graphql", json={"query": "{ hello }"})

        assert response.status_code == 400
        assert [error["extensions"] for error in response.json()["errors"]] == [{"code": "BAD_USER_INPUT"}]
        assert afterwards.status_code == 200

    @pytest.mark.parametrize(
        "query_string",
        QUERY_STRINGS,
    )
    async def test_a_malformed_query_string_is_a_bad_request(
        self, client: httpx.AsyncClient, query_string: str
    ) -> None:
        response = await client.get(f"/graphql?{query_string}", headers={"accept": RESPONSE})

        assert response.status_code == 400

    @pytest.mark.parametrize(
        ("headers", "status"),
        HEADERS,
    )
    async def test_unusable_headers_are_refused(
        self, client: httpx.AsyncClient, headers: dict[str, str], status: int
    ) -> None:
        encoded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}

        response = await client.post("/graphql", content=b'{"query": "{ hello }"}', headers=encoded)

        assert response.status_code == status
        assert response.json()["errors"][0]["extensions"]["code"] in {"BAD_USER_INPUT", "LIMIT_EXCEEDED"}

    async def test_a_large_body_is_refused_while_it_streams_in(self, sampled: Sample) -> None:
        chunks_taken = 0

        async def endless() -> Any:
            nonlocal chunks_taken
            while True:
                chunks_taken += 1
                yield b" " * 65_536

        messages = await _raw(sampled.app, endless())

        assert messages[0]["status"] == 413
        assert dict(messages[0]["headers"])[b"connection"] == b"close"
        assert chunks_taken == 5

    async def test_a_body_of_exactly_the_limit_is_read(self, client: httpx.AsyncClient) -> None:
        body = b'{"query": "{ hello }"}'.ljust(256 * 1024)

        responses = [
            await client.post("/graphql", content=body + extra, headers={"content-type": JSON}) for extra in (b"", b" ")
        ]

        assert [response.status_code for response in responses] == [200, 413]

    async def test_a_body_that_does_not_arrive_is_given_up(self) -> None:
        patient = sample(TransportSettings(body_timeout=0.05))

        async def stuck() -> Any:
            yield b"{"
            await asyncio.Event().wait()

        messages = await _raw(patient.app, stuck())

        assert messages[0]["status"] == 408

    async def test_a_client_that_leaves_while_sending_is_forgotten(self, sampled: Sample) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await sampled.app(_scope(), receive, send)

        assert sent == []


def _scope() -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }


async def _raw(app: Starlette, chunks: Any) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": await anext(chunks), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(_scope(), receive, send)
    return sent
