"""Streams, over a real server: a stranger hears nothing, and whoever is no longer allowed is cut off."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.ids import decode
from api.settings import Settings
from domain.customers.sessions import ACCESS_LIFETIME
from domain.events import Event, Topic
from persistence.events import outbox
from persistence.orders import orders
from persistence.statements import Statement
from tests.access.arguments import guest_key
from tests.access.canaries import AVAILABLE, CUSTOMER, GUEST, MARKETPLACE, TILL, found_in
from tests.access.serving import connected, serving
from tests.access.world import Headers, World

pytestmark = pytest.mark.anyio

ORDERS = """
subscription ($by: OrderBy) {
  orderChanged(by: $by) { ... on OrderChanged { order { id number email } event { type message } } }
}
"""
CARTS = "subscription ($cart: ID!) { cartChanged(cartId: $cart) { ... on CartChanged { cart { id email } } } }"
STOCK = """
subscription {
  availabilityChanged(variants: [{ sku: "secret" }]) {
    ... on AvailabilityChanged { availability { available { quantity isCapped } } }
  }
}
"""
_NEXT_VERSION = Statement("UPDATE sales_order SET version = version + 1 WHERE id = :id RETURNING version, customer_id")


@pytest.fixture
def address(world: World, data: Path, database_url: str) -> Iterator[str]:
    with serving(create_app(Settings(data=data), database_url)) as address:
        yield address


async def note(world: World, order: str) -> None:
    """Another step in the life of an order."""
    found = decode(order)
    assert found is not None
    id_: Any = found[1]
    async with world.shop.database.transaction() as connection:
        row = await connection.fetch_one(_NEXT_VERSION, id=id_)
        assert row is not None
        await orders.insert_event(
            connection,
            order_id=id_,
            version=row["version"],
            type="NOTE",
            actor_role="system",
            actor="system",
            channel_id=None,
            message="note",
        )
        customer = None if row["customer_id"] is None else str(row["customer_id"])
        event = Event(Topic.ORDER, str(id_), row["version"], {"customer": customer, "type": "NOTE"})
        await outbox.append(connection, [event])


async def order_of_b(world: World) -> str:
    placed = await world.shop.place(await world.own_carts["customer B"].shipped())
    id_: str = placed["order"]["id"]
    return id_


def codes(message: Any) -> list[str]:
    assert message["type"] == "error", message
    return [error["extensions"]["code"] for error in message["payload"]]


@pytest.mark.parametrize(
    "stranger",
    ["anonymous", "guest B", "customer B", "staff without permissions", "staff of Hamburg", "app of another channel"],
)
async def test_strangers_cannot_follow_an_order(world: World, address: str, stranger: str) -> None:
    expected = "FORBIDDEN" if stranger not in ("anonymous", "guest B") else "UNAUTHENTICATED"

    for owner in (CUSTOMER, GUEST, TILL, MARKETPLACE):
        async with connected(address, world.callers[stranger]) as socket:
            await socket.subscribe(ORDERS, by={"id": world.orders[owner]})

            assert codes(await socket.receive()) == [expected]
    async with connected(address, world.callers[stranger]) as socket:
        await socket.subscribe(ORDERS, by=guest_key("b@example.com"))

        assert codes(await socket.receive()) == [expected]


async def test_whoever_follows_all_its_orders_hears_of_no_others(world: World, address: str) -> None:
    own = await order_of_b(world)

    async with connected(address, world.callers["customer B"]) as socket:
        await socket.subscribe(ORDERS)
        heard = [await socket.receive()]
        for owner in (CUSTOMER, GUEST, TILL, MARKETPLACE):
            await note(world, world.orders[owner])
        await note(world, own)
        heard.append(await socket.receive())

    assert [message["payload"]["data"]["orderChanged"]["order"]["id"] for message in heard] == [own, own]
    assert heard[1]["payload"]["data"]["orderChanged"]["event"] == {"type": "NOTE", "message": "note"}
    assert found_in(json.dumps(heard)) == set()


@pytest.mark.parametrize(
    "stranger", ["anonymous", "guest B", "customer B", "staff of Hamburg", "app of another channel", "ERP"]
)
async def test_strangers_cannot_follow_a_cart(world: World, address: str, stranger: str) -> None:
    expected = "FORBIDDEN" if stranger not in ("anonymous", "guest B") else "UNAUTHENTICATED"

    for owner in (CUSTOMER, GUEST, TILL):
        async with connected(address, world.callers[stranger]) as socket:
            await socket.subscribe(CARTS, cart=world.carts[owner].id)

            assert codes(await socket.receive()) == [expected]


async def test_owners_follow_their_carts(world: World, address: str) -> None:
    for owner, caller in {CUSTOMER: "customer A", GUEST: "guest A", TILL: "staff of Berlin"}.items():
        async with connected(address, world.callers[caller]) as socket:
            await socket.subscribe(CARTS, cart=world.carts[owner].id)
            told = await socket.receive()

        assert told["payload"]["data"]["cartChanged"]["cart"]["id"] == world.carts[owner].id


async def test_only_who_may_read_events_follows_them_all(world: World, address: str) -> None:
    heard = {}
    for caller in ("anonymous", "guest A", "customer A", "staff of Berlin", "app of the marketplace", "ERP"):
        async with connected(address, world.callers[caller]) as socket:
            await socket.subscribe("subscription { events { __typename } }")
            heard[caller] = codes(await socket.receive())

    signed_in = ("customer A", "staff of Berlin", "app of the marketplace", "ERP")
    assert heard == {caller: ["FORBIDDEN" if caller in signed_in else "UNAUTHENTICATED"] for caller in heard}


async def test_shoppers_never_hear_exact_numbers_and_staff_does(world: World, address: str) -> None:
    heard = {}
    for caller in ("anonymous", "guest B", "customer B", "staff without permissions"):
        async with connected(address, world.callers[caller]) as socket:
            await socket.subscribe(STOCK)
            message = await socket.receive()
            heard[caller] = message["payload"]["data"]["availabilityChanged"]["availability"]["available"]

    capped = {"quantity": 10, "isCapped": True}
    assert heard == {
        "anonymous": capped,
        "guest B": capped,
        "customer B": capped,
        "staff without permissions": {"quantity": AVAILABLE, "isCapped": False},
    }


async def cut_off(world: World, address: str, headers: Headers, order: str, command: str) -> int | None:
    """The close code, once the command has run, while nothing happens to the order."""
    async with connected(address, headers) as socket:
        await socket.subscribe(ORDERS, by={"id": order})
        first = await socket.receive()
        assert first["payload"]["data"]["orderChanged"]["order"]["id"] == order
        await world.shop.run(command)
        return await socket.closed()


async def test_the_stream_of_a_revoked_app_ends(world: World, address: str) -> None:
    headers = world.callers["app of the marketplace"]

    code = await cut_off(world, address, headers, world.orders[MARKETPLACE], "UPDATE app SET revoked_at = now()")

    assert code == 4403


async def test_the_stream_of_an_ended_session_ends(world: World, address: str) -> None:
    headers = world.callers["customer A"]

    code = await cut_off(world, address, headers, world.orders[CUSTOMER], "UPDATE session SET revoked_at = now()")

    assert code == 4403


async def test_the_stream_of_staff_that_lost_a_permission_ends(world: World, address: str) -> None:
    headers = world.callers["staff of Berlin"]

    code = await cut_off(world, address, headers, world.orders[TILL], "UPDATE staff SET permissions = '{}'")

    assert code == 4403


async def test_a_socket_ends_with_its_token(world: World, address: str) -> None:
    customer, _ = await world.customer("short@example.com")
    assert customer.id is not None
    session_id = await world.shop.value("SELECT id FROM session WHERE customer_id = :id", id=customer.id)
    began = datetime.now(UTC) - ACCESS_LIFETIME + timedelta(seconds=2)
    token, expires_at = world.front.identity.access_tokens.issue(customer.kind, customer.id, session_id, began)

    async with connected(address, {"authorization": f"Bearer {token}"}) as socket:
        await socket.subscribe(ORDERS)
        code = await socket.closed()

    assert code == 4403
    assert datetime.now(UTC) >= expires_at


async def test_those_who_may_do_hear(world: World, address: str) -> None:
    """Otherwise all of the above would pass on a stream that tells nobody anything."""
    followers = {
        "customer A": CUSTOMER,
        "guest A, once more": GUEST,
        "manager": GUEST,
        "staff of Berlin": TILL,
        "app of the marketplace": MARKETPLACE,
    }
    for caller, owner in followers.items():
        async with connected(address, world.callers[caller]) as socket:
            await socket.subscribe(ORDERS, by={"id": world.orders[owner]})
            assert (await socket.receive())["type"] == "next"
            await note(world, world.orders[owner])
            heard = await socket.receive()

        assert heard["payload"]["data"]["orderChanged"]["event"]["type"] == "NOTE"
