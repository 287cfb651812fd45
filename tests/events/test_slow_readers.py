"""A reader that is too slow is told so and loses nothing; nothing piles up for it meanwhile."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from api.events import mailbox
from api.identity.identity import Identity
from domain.access import Permission
from persistence.database import Database
from tests.events.premises import PATIENCE_SECONDS, Premises, served
from tests.shop import Shop

pytestmark = pytest.mark.anyio

# Each event takes a few kilobytes, so that what lies in buffers on the way is not many.
FIELDS = " ".join(f"at{number}: occurredAt" for number in range(100))
WATCH = f"subscription ($after: Cursor) {{ events(after: $after) {{ ... on StockLevelChanged {{ cursor version {FIELDS} }} }} }}"
EVENTS = 300


@pytest.fixture
async def premises(database: Database, identity: Identity, app: Starlette) -> AsyncIterator[Premises]:
    """With little room in the kernel, as the product's own listener has."""
    shop = await Shop.open(database, identity)
    with served(app, send_buffer=4096) as (address, server):
        yield Premises(shop, identity, app, address, server)


async def slow_connection(premises: Premises, headers: Any) -> ClientConnection:
    host, port = premises.address.split(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await asyncio.to_thread(narrow.connect, (host, int(port)))
    protocols = [Subprotocol("graphql-transport-ws")]
    connection = await connect(
        f"ws://{premises.address}/graphql", sock=narrow, subprotocols=protocols, max_queue=1, compression=None
    )
    await connection.send(json.dumps({"type": "connection_init", "payload": headers}))
    assert json.loads(await connection.recv()) == {"type": "connection_ack"}
    return connection


async def report_many(premises: Premises) -> None:
    """A few at a time."""
    for first in range(2, EVENTS + 2, 10):
        await premises.shop.run(
            """
            INSERT INTO outbox (topic, key, version, payload)
            SELECT 'stock', stock_level.id::text, series.version, jsonb_build_object('variant', variant_id, 'location', location_id)
            FROM stock_level, generate_series(CAST(:first AS int), :first + 9) AS series (version)
            ORDER BY series.version
            """,
            first=first,
        )
        await premises.published()


async def rest_of(connection: ClientConnection) -> tuple[list[Any], int | None]:
    """Everything that still comes, and with which code it ends."""
    told = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        try:
            while True:
                message = json.loads(await connection.recv())
                if message["type"] == "next":
                    told.append(message["payload"]["data"]["events"])
        except ConnectionClosed:
            return told, connection.close_code


async def test_it_is_closed_with_4410_and_resumes_without_gap_or_repeat(
    premises: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MOST_STEPS_OF_ALL", 20)
    headers = await premises.partner(Permission.READ_EVENTS, Permission.READ_STOCK)
    await premises.shop.stocked("shirt", on_hand=1)
    await premises.published()
    connection = await slow_connection(premises, headers)
    await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": WATCH}}))
    await premises.registered(1)

    await report_many(premises)
    heard, code = await rest_of(connection)
    async with premises.following(WATCH, headers, after=heard[-1]["cursor"]) as client:
        resumed = [await client.told() for _ in range(EVENTS - len(heard))]

    assert code == 4410
    assert 20 < len(heard) < EVENTS
    assert [event["version"] for event in heard + resumed] == list(range(2, EVENTS + 2))


async def test_others_are_told_at_once_while_one_does_not_read(premises: Premises) -> None:
    headers = await premises.partner(Permission.READ_EVENTS, Permission.READ_STOCK)
    await premises.shop.stocked("shirt", on_hand=1)
    await premises.published()
    connection = await slow_connection(premises, headers)
    await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": WATCH}}))

    async with premises.following(WATCH, headers) as client:
        await premises.registered(2)
        await report_many(premises)
        told = [await client.told() for _ in range(EVENTS)]

    assert [event["version"] for event in told] == list(range(2, EVENTS + 2))
    connection.transport.abort()
