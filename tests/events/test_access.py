"""Whoever may no longer listen is cut off, also while there is nothing to tell."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from api.app import create_app
from api.events import watch
from api.settings import Settings
from domain.access import Permission
from domain.customers.sessions import ACCESS_LIFETIME
from tests.events.premises import Client, Headers, Premises, until

pytestmark = pytest.mark.anyio

EVENTS = "subscription { events { __typename } }"
ORDERS = "subscription { orderChanged { __typename } }"
STOCK = 'subscription { availabilityChanged(variants: [{ sku: "shirt" }]) { __typename } }'


@pytest.fixture(autouse=True)
def _watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "WATCH_SECONDS", 0.05)


async def follower(premises: Premises) -> Headers:
    return await premises.partner(Permission.READ_EVENTS, Permission.READ_STOCK)


async def test_a_revoked_app_is_cut_off_from_a_quiet_stream(premises: Premises) -> None:
    headers, other = await follower(premises), await follower(premises)

    async with premises.following(EVENTS, headers) as client, premises.following(EVENTS, other) as spared:
        await premises.registered(2)
        await premises.shop.run(
            "UPDATE app SET revoked_at = now() WHERE id = (SELECT min(id::text)::uuid FROM app WHERE name = 'App')"
        )
        ending = await client.closed()
        await premises.shop.stocked("shirt", on_hand=1)
        told = await spared.told()

    assert ending == (4403, "Access was revoked")
    assert told == {"__typename": "StockLevelChanged"}
    await until(lambda: premises.hub.followers == 0 and premises.front.watch.callers == 0)


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE session SET revoked_at = now()",
        "UPDATE session SET expires_at = now()",
        "DELETE FROM session",
    ],
)
async def test_an_ended_session_cuts_off_all_that_its_socket_follows(premises: Premises, command: str) -> None:
    await premises.shop.stocked("shirt", on_hand=1)
    _, headers = await premises.customer()

    async with premises.connected(headers) as client:
        await client.subscribe(ORDERS, id="orders")
        await client.subscribe(STOCK, id="stock")
        await premises.registered(2)
        await premises.shop.run(command)
        ending = await client.closed()

    assert ending == (4403, "Access was revoked")


async def test_an_app_that_lost_a_permission_is_cut_off(premises: Premises) -> None:
    headers = await follower(premises)

    async with premises.following(EVENTS, headers) as client:
        await premises.registered(1)
        await premises.shop.run("UPDATE app SET permissions = '{READ_EVENTS}'")

        assert await client.closed() == (4403, "Access was revoked")


async def test_another_name_cuts_nobody_off(premises: Premises) -> None:
    await premises.shop.stocked("shirt", on_hand=1)
    _, headers = await premises.customer()

    async with premises.following(STOCK, headers) as client:
        await client.told()
        await premises.shop.run("UPDATE customer SET name = 'Countess'")
        await asyncio.sleep(0.3)
        await premises.shop.receive("shirt", 1)

        assert await client.told() == {"__typename": "AvailabilityChanged"}


async def test_an_expired_token_ends_a_quiet_stream(premises: Premises) -> None:
    began = datetime.now(UTC) - ACCESS_LIFETIME + timedelta(seconds=2)
    _, headers = await premises.customer(began=began)

    async with premises.following(ORDERS, headers) as client:
        ending = await client.closed()

    assert ending == (4403, "Session expired")


async def test_over_sse_the_end_is_said_and_complete(premises: Premises) -> None:
    headers = {**await follower(premises), "accept": "text/event-stream"}
    url = f"http://{premises.address}/graphql"

    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("POST", url, json={"query": EVENTS}, headers=headers) as response,
    ):
        await premises.registered(1)
        await premises.shop.run("UPDATE app SET revoked_at = now()")
        received = await response.aread()

    said = [line for line in received.decode().splitlines() if line and not line.startswith(":")]
    assert said[0] == "event: next"
    assert json.loads(said[1].removeprefix("data: "))["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
    assert said[2] == "event: complete"


class TestAllowance:
    @pytest.fixture
    def app(self, data: object, database_url: str) -> Starlette:
        return create_app(Settings(data=data, streams_per_caller=2, streams_per_address=3), database_url)

    async def test_a_caller_holds_so_many_streams_on_all_its_sockets(self, premises: Premises) -> None:
        headers = await follower(premises)

        async with premises.following(EVENTS, headers) as first, premises.following(EVENTS, headers) as second:
            await premises.registered(2)
            async with premises.following(EVENTS, headers) as third:
                refused = await third.refused()
            async with premises.following(EVENTS, await follower(premises)):
                await premises.registered(3)
            await first.complete()
            await second.subscribe(EVENTS, id="another")
            await until(lambda: premises.front.allowance.held == 2)

        assert refused == ["LIMIT_EXCEEDED"]
        await until(lambda: premises.front.allowance.held == 0)

    async def test_whoever_says_nothing_of_itself_is_counted_by_its_address(self, premises: Premises) -> None:
        await premises.shop.stocked("shirt", on_hand=1)

        async def hold(client: Client, count: int) -> None:
            for number in range(count):
                await client.subscribe(STOCK, id=str(number))
                await client.told()

        async with premises.connected() as first, premises.connected() as second:
            await hold(first, 3)
            await second.subscribe(STOCK)
            refused = await second.refused()

        assert refused == ["LIMIT_EXCEEDED"]

    async def test_nobody_holds_more_by_making_up_tokens_of_carts(self, premises: Premises) -> None:
        await premises.shop.stocked("shirt", on_hand=1)

        async with AsyncExitStack() as stack:
            for number in range(3):
                holder = premises.following(STOCK, {"oneshelf-cart-token": f"made-up-{number}"})
                await (await stack.enter_async_context(holder)).told()
            one_more = premises.following(STOCK, {"oneshelf-cart-token": "made-up-too"})
            refused = await (await stack.enter_async_context(one_more)).refused()

        assert refused == ["LIMIT_EXCEEDED"]
        await until(lambda: premises.front.allowance.held == 0)
