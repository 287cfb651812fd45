"""Processes that divide the work on one database: each does its part and none does another's."""

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from uuid_utils.compat import uuid4
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests import databases
from tests.cli.commands import Serving, oneshelf, running, wait_for
from tests.valkey import valkey

WATCH = """
subscription ($sku: String!) {
  availabilityChanged(variants: [{ sku: $sku }], locations: [{ code: "berlin" }]) {
    ... on AvailabilityChanged { availability { available { quantity } } }
  }
}
"""
STOCKED = """
{
  products(first: 1, filter: { availableAt: [{ code: "berlin" }] }) {
    nodes { variants { nodes { sku availability(locations: [{ code: "berlin" }]) { available { quantity } } } } }
  }
}
"""
RECEIVE = """
mutation ($sku: String!, $key: String!) {
  stockAdjust(input: {
    changes: [{ key: { variant: { sku: $sku }, location: { code: "berlin" } }, delta: 7 }]
    reason: RECEIPT
    idempotencyKey: $key
  }) { __typename }
}
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    """A database with the demo in it, which several processes serve."""
    with databases.server() as url:
        assert oneshelf("migrate", "--database-url", url).returncode == 0
        assert oneshelf("demo", "--database-url", url).returncode == 0
        yield url


@pytest.fixture(scope="module")
def fleet(shared: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Serving]]:
    """One process of each role, and Redis between them. They share a signing key by sharing a data directory."""
    folder = tmp_path_factory.mktemp("fleet")
    with ExitStack() as started:
        redis = started.enter_context(valkey())
        servers = {}
        for role in ("worker", "api", "subscriptions"):
            arguments = ("--database-url", shared, "--role", role, "--redis-url", redis.url)
            servers[role] = started.enter_context(
                running(folder / f"{role}.log", *arguments, ONESHELF_DATA=str(folder))
            )
        for server in servers.values():
            server.wait_until_ready()
        yield servers


@pytest.fixture(scope="module")
def partner(shared: str) -> str:
    """The token of an app that receives goods."""
    made = oneshelf(
        *("app", "create", "ERP", "--channel", "web", "--permission", "MANAGE_STOCK"),
        *("--database-url", shared),
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def ask(server: Serving, query: str, token: str | None = None, **variables: Any) -> Any:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"{server.address}/graphql", json=body, headers=headers, timeout=20).json()
    assert "errors" not in answer, answer
    return answer["data"]


def a_variant(server: Serving) -> str:
    """Which Berlin has."""
    found = ask(server, STOCKED)["products"]["nodes"][0]["variants"]["nodes"]
    return next(
        str(variant["sku"])
        for variant in found
        if any(there["available"]["quantity"] for there in variant["availability"])
    )


def test_what_one_process_changes_another_tells_of(fleet: dict[str, Serving], partner: str) -> None:
    sku = a_variant(fleet["api"])

    with watching(fleet["subscriptions"], sku, partner) as socket:
        before = quantity(socket.recv(timeout=20))
        received = ask(fleet["api"], RECEIVE, partner, sku=sku, key=str(uuid4()))
        after = quantity(socket.recv(timeout=20))

    assert received["stockAdjust"]["__typename"] == "StockPayload"
    assert after == before + 7


@contextmanager
def watching(server: Serving, sku: str, token: str) -> Iterator[ClientConnection]:
    address = server.address.replace("http", "ws") + "/graphql"
    with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        init = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
        socket.send(orjson.dumps(init).decode())
        assert orjson.loads(socket.recv(timeout=20))["type"] == "connection_ack"
        subscribe = {"type": "subscribe", "id": "1", "payload": {"query": WATCH, "variables": {"sku": sku}}}
        socket.send(orjson.dumps(subscribe).decode())
        yield socket


def quantity(message: str | bytes) -> int:
    told = orjson.loads(message)
    assert told["type"] == "next", told
    left: int = told["payload"]["data"]["availabilityChanged"]["availability"]["available"]["quantity"]
    return left


def test_an_api_process_sends_subscribers_elsewhere(fleet: dict[str, Serving], partner: str) -> None:
    with watching(fleet["api"], a_variant(fleet["api"]), partner) as socket, pytest.raises(ConnectionClosed) as closed:
        deque(socket, maxlen=0)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013


def test_a_worker_says_only_whether_it_is_well(fleet: dict[str, Serving]) -> None:
    asked = httpx.post(f"{fleet['worker'].address}/graphql", json={"query": "{ __typename }"})

    assert asked.status_code == 404
    assert fleet["worker"].is_ready()


def test_the_position_of_the_stream_is_known_everywhere(fleet: dict[str, Serving]) -> None:
    cursors = {"subscriptions": "", "api": " "}

    def agree() -> bool:
        for role in cursors:
            cursors[role] = ask(fleet[role], "{ streamCursor }")["streamCursor"]
        return len(set(cursors.values())) == 1

    wait_for(agree, fleet["api"].log)


def test_a_role_without_a_shared_database_is_refused(data: Path) -> None:
    refused = oneshelf("serve", "--data", data, "--role", "api")

    assert refused.returncode == 1
    assert "name it with --database-url" in refused.stderr
