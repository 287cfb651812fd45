"""Hostile bytes and documents against the server that people run: refused, with nobody else noticing.

That nobody is held up is asserted as order: a neighbor is answered between the halves of what is hostile.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from api.channels.founding import found
from api.cli.target import on_database
from tests import databases
from tests.api.transport.hostile import BODIES, FRAMES, HEADERS, JSON, QUERY_STRINGS
from tests.api.transport.ws_client import connected, initialised
from tests.cli.commands import Serving, running
from tests.http.asking import browsing
from tests.http.hostile import BROKEN_FRAMES, CONNECTIONS, DOCUMENTS, VALUES

pytestmark = pytest.mark.anyio

HEALTHY = "{ viewer { kind } channels { code } }"
WELL = (
    200,
    {
        "data": {"viewer": {"kind": "ANONYMOUS"}, "channels": [{"code": "web"}]},
        "extensions": {"cost": {"requested": 11, "limit": 150_000}},
    },
)
RESPONSE = "application/graphql-response+json"


@pytest.fixture(scope="module")
def server(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One for all of them: what one leaves behind must not harm the next. It has nothing to report in the end."""
    folder = tmp_path_factory.mktemp("hostile")
    log = folder / "server.log"
    with databases.copy_of_template(postgres_url) as url:
        asyncio.run(on_database(url, found))
        with running(log, "--database-url", url, ONESHELF_DATA=str(folder / "data")) as serving:
            serving.wait_until_ready()
            yield serving
            assert serving.process.poll() is None
    said = log.read_text(encoding="utf-8")
    assert (said.count("Traceback"), said.count("[error")) == (0, 0)


@dataclass(frozen=True, slots=True)
class SocketAddress:
    ws_url: str


@pytest.fixture
def sockets(server: Serving) -> SocketAddress:
    return SocketAddress(f"{server.address.replace('http', 'ws')}/graphql")


@dataclass(slots=True)
class Wire:
    """A connection that sends whatever bytes it is given."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, content: bytes) -> None:
        # The server may have hung up already, which is an answer too.
        with suppress(ConnectionError):
            self.writer.write(content)
            await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = next((int(line[16:]) for line in head.split("\r\n") if line.startswith("content-length: ")), None)
            body = await (self.reader.read() if length is None else self.reader.readexactly(length))
            return int(head.split()[1]), body

    async def rest(self) -> bytes:
        """Everything until the server hangs up."""
        received = b""
        async with asyncio.timeout(10):
            with suppress(ConnectionError):
                while chunk := await self.reader.read(65536):
                    received += chunk
        return received


@asynccontextmanager
async def wired(server: Serving) -> AsyncIterator[Wire]:
    place = urlsplit(server.address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


def posted(body: bytes, headers: dict[str, str] | None = None) -> bytes:
    fields = {"host": "shop", "content-type": JSON, "content-length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"POST /graphql HTTP/1.1\r\n" + head.encode("latin-1") + b"\r\n" + body


async def asked_in_halves(server: Serving, content: bytes) -> tuple[int, Any]:
    """The answer to what is hostile, after a neighbor has been answered in its midst, and before another is."""
    async with wired(server) as hostile, browsing(server.address) as neighbor:
        await hostile.send(content[: len(content) // 2])
        during = await neighbor.ask(HEALTHY)
        await hostile.send(content[len(content) // 2 :])
        status, body = await hostile.answer()
        afterwards = await neighbor.ask(HEALTHY)
    assert (during, afterwards) == (WELL, WELL)
    return status, orjson.loads(body) if body.startswith(b"{") else body


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


def document_body(query: str, **variables: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()


class TestHostileRequests:
    @pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
    async def test_a_malformed_body_is_refused(self, server: Serving, body: bytes) -> None:
        status, answer = await asked_in_halves(server, posted(body))

        assert status == 400
        assert codes(answer) == ["BAD_USER_INPUT"]

    @pytest.mark.parametrize("query_string", QUERY_STRINGS)
    async def test_a_malformed_query_string_is_refused(self, server: Serving, query_string: str) -> None:
        request = f"GET /graphql?{query_string} HTTP/1.1\r\nHost: shop\r\nAccept: {RESPONSE}\r\n\r\n"

        status, _ = await asked_in_halves(server, request.encode())

        assert status == 400

    @pytest.mark.parametrize(("headers", "status"), HEADERS)
    async def test_unusable_headers_are_refused(self, server: Serving, headers: dict[str, str], status: int) -> None:
        answered, _ = await asked_in_halves(server, posted(b'{"query": "{ streamCursor }"}', headers))

        # What is no header, or a length that no parser holds, is refused before we see it.
        is_unreadable = "\x00" in headers.get("content-type", "") or len(headers.get("content-length", "")) > 20
        assert answered == (400 if is_unreadable else status)

    async def test_a_large_body_is_refused_before_it_is_read(self, server: Serving) -> None:
        async with wired(server) as hostile:
            await hostile.send(posted(b"", {"content-length": str(20_000_000)}))
            status, body = await hostile.answer()
            closed = await hostile.rest()

        assert (status, codes(orjson.loads(body)), closed) == (413, ["LIMIT_EXCEEDED"], b"")

    @pytest.mark.parametrize("name", CONNECTIONS)
    async def test_what_is_no_request_is_hung_up_on(self, server: Serving, name: str) -> None:
        async with wired(server) as hostile, browsing(server.address) as neighbor:
            await hostile.send(CONNECTIONS[name])
            during = await neighbor.ask(HEALTHY)
            received = await hostile.rest()
            afterwards = await neighbor.ask(HEALTHY)

        assert received.split(b" ")[1:2] in ([b"400"], [])
        assert (during, afterwards) == (WELL, WELL)


class TestHostileDocuments:
    @pytest.mark.parametrize("name", DOCUMENTS)
    async def test_it_is_refused_before_it_runs(self, server: Serving, name: str) -> None:
        document, code = DOCUMENTS[name]

        status, answer = await asked_in_halves(server, posted(document_body(document), {"accept": RESPONSE}))

        assert status == 400
        assert set(codes(answer)) == {code}
        assert "data" not in answer

    async def test_all_of_them_at_once_hold_nobody_up_for_good(self, server: Serving) -> None:
        async def healthy() -> Any:
            async with browsing(server.address) as neighbor:
                return [await neighbor.ask(HEALTHY) for _ in range(5)]

        bodies = [posted(document_body(document), {"accept": RESPONSE}) for document, _ in DOCUMENTS.values()]
        answers = await asyncio.gather(*(asked_in_halves(server, body) for body in bodies), healthy(), healthy())

        assert [status for status, _ in answers[:-2]] == [400] * len(bodies)
        assert answers[-2:] == [[WELL] * 5] * 2

    async def test_no_more_than_five_errors_are_told(self, server: Serving) -> None:
        document = "{ " + " ".join(f"unknown{number}" for number in range(50)) + " }"

        _, answer = await asked_in_halves(server, posted(document_body(document)))

        assert codes(answer) == ["GRAPHQL_VALIDATION_FAILED"] * 5

    @pytest.mark.parametrize(("document", "value"), VALUES, ids=range(len(VALUES)))
    async def test_a_hostile_value_finds_nothing_or_is_refused(
        self, server: Serving, document: str, value: Any
    ) -> None:
        status, answer = await asked_in_halves(server, posted(document_body(document, value=value)))

        assert status in {200, 400}
        if "errors" in answer:
            assert set(codes(answer)) <= {"BAD_USER_INPUT", "LIMIT_EXCEEDED"}
        else:
            assert all(not found for found in answer["data"].values() if found != {"totalCount": 0})


class TestHostileFrames:
    async def test_what_the_protocol_does_not_know_closes_with_4400(self, sockets: SocketAddress) -> None:
        closed, answered = {}, []
        async with initialised(sockets) as neighbor:
            for number, frame in enumerate(FRAMES):
                async with connected(sockets) as hostile:
                    await hostile.socket.send(frame)
                    await neighbor.subscribe(str(number), "{ viewer { kind } }")
                    answered += [(await neighbor.receive())["type"], (await neighbor.receive())["type"]]
                    closed[number], _ = await hostile.closed()

        assert closed == dict.fromkeys(range(len(FRAMES)), 4400)
        assert answered == ["next", "complete"] * len(FRAMES)

    @pytest.mark.parametrize("name", BROKEN_FRAMES)
    async def test_a_broken_frame_ends_its_connection_only(
        self, server: Serving, sockets: SocketAddress, name: str
    ) -> None:
        handshake = (
            "GET /graphql HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        async with initialised(sockets) as neighbor, wired(server) as hostile:
            await hostile.send(handshake.encode())
            upgraded = await hostile.reader.readuntil(b"\r\n\r\n")
            await hostile.send(BROKEN_FRAMES[name])
            ended = await hostile.rest()
            await neighbor.subscribe("a", "{ viewer { kind } }")
            answer = await neighbor.receive()

        assert b" 101 " in upgraded.split(b"\r\n")[0]
        # A close frame with a code of the protocol: 1002 for what is broken, 1007 for no text, 1009 for too much.
        assert int.from_bytes(ended[2:4]) in {1002, 1007, 1009}
        assert answer["payload"]["data"] == {"viewer": {"kind": "ANONYMOUS"}}

    async def test_documents_are_refused_over_a_socket_too(self, sockets: SocketAddress) -> None:
        refused = {}
        async with initialised(sockets) as hostile:
            for name, (document, _) in DOCUMENTS.items():
                if len(document) < 60_000:
                    await hostile.subscribe(name, document)
                    message = await hostile.receive()
                    refused[name] = (message["type"], message["payload"][0]["extensions"]["code"])
            await hostile.subscribe("healthy", "{ viewer { kind } }")
            answer = await hostile.receive()

        assert refused == {name: ("error", DOCUMENTS[name][1]) for name in refused}
        assert len(refused) >= len(DOCUMENTS) - 2
        assert answer["payload"]["data"] == {"viewer": {"kind": "ANONYMOUS"}}
