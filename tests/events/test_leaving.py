"""Whoever leaves, and however, leaves nothing behind."""

import asyncio
import gc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from domain.access import Permission
from tests.events.premises import Client, Headers, Premises, until

pytestmark = pytest.mark.anyio

STOCK = 'subscription { availabilityChanged(variants: [{ sku: "shirt" }]) { __typename } }'
EVENTS = "subscription { events { __typename } }"
CART = "subscription ($cart: ID!) { cartChanged(cartId: $cart) { __typename } }"


@dataclass(frozen=True)
class Holdings:
    """What streams hold on to while they last."""

    tasks: int
    followers: int
    feeds: int
    allowance: int
    watched: int
    connections: int


async def held_by(premises: Premises) -> Holdings:
    front = premises.front
    watch = front.watch._task
    assert watch is not None
    connections: int = await premises.shop.value(
        "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()"
    )
    return Holdings(
        tasks=len(asyncio.all_tasks(watch.get_loop())),
        followers=premises.hub.followers,
        feeds=len(front.feeds),
        allowance=front.allowance.held,
        watched=front.watch.callers,
        connections=connections,
    )


async def come_and_go(premises: Premises, headers: Sequence[Headers], cart: Any, count: int, *, at_once: int) -> None:
    """Half of them say nothing when they leave."""

    async def visit(number: int) -> None:
        async with premises.connected({**headers[number % len(headers)], "oneshelf-cart-token": cart.token}) as client:
            await follow(client, number)
            if number % 2:
                client.connection.transport.abort()

    async def follow(client: Client, number: int) -> None:
        await client.subscribe(STOCK, id="stock")
        await client.subscribe(CART, id="cart", cart=cart.id)
        if number % len(headers):
            await client.subscribe(EVENTS, id="events")
        if number % 3:
            # The others leave before they were told anything.
            await client.receive()

    for begin in range(0, count, at_once):
        async with asyncio.TaskGroup() as group:
            for number in range(begin, min(count, begin + at_once)):
                group.create_task(visit(number))


async def settled(premises: Premises, before: Holdings) -> Holdings:
    """As soon as nothing is held but what was before; what is held when that does not happen."""
    async with asyncio.timeout(30):
        while (now := await held_by(premises)) != before:
            if now.followers or now.feeds or now.allowance or now.watched or now.tasks > before.tasks:
                await asyncio.sleep(0.05)
            else:
                # The pool opens connections as it needs them, up to its size.
                return now
    return now


async def begun(premises: Premises) -> tuple[list[Headers], Any, Holdings]:
    partner = await premises.partner(Permission.READ_EVENTS, Permission.READ_STOCK)
    await premises.shop.stocked("shirt", on_hand=1)
    cart = await premises.shop.guest_cart({"shirt": 1})
    await premises.published()
    callers = [{}, partner]
    await come_and_go(premises, callers, cart, 20, at_once=10)
    await until(lambda: premises.front.allowance.held == 0)
    await asyncio.sleep(0.5)
    return callers, cart, await held_by(premises)


async def test_hundreds_of_streams_that_end_rudely_leave_nothing_behind(premises: Premises) -> None:
    callers, cart, before = await begun(premises)

    await come_and_go(premises, callers, cart, 150, at_once=30)
    after = await settled(premises, before)

    assert (before.followers, before.feeds, before.allowance, before.watched) == (0, 0, 0, 0)
    assert (after.tasks, after.followers, after.feeds, after.allowance, after.watched) == (before.tasks, 0, 0, 0, 0)
    assert after.connections <= before.connections + 8


@pytest.mark.soak
async def test_ten_thousand_streams_that_end_rudely_leave_no_memory_behind(premises: Premises) -> None:
    callers, cart, before = await begun(premises)
    await come_and_go(premises, callers, cart, 500, at_once=100)
    await settled(premises, before)
    gc.collect()
    objects = len(gc.get_objects())

    await come_and_go(premises, callers, cart, 4_000, at_once=100)
    after = await settled(premises, before)
    gc.collect()

    assert after.tasks == before.tasks
    # The event loop forgets the timers of the past in its own time; each visit that left something behind would leave dozens.
    assert len(gc.get_objects()) - objects < 1_000


async def test_a_server_that_stops_sends_everybody_elsewhere(premises: Premises) -> None:
    await premises.shop.stocked("shirt", on_hand=1)
    await premises.published()

    async with premises.following(STOCK) as client:
        await client.told()
        premises.server.should_exit = True
        ending = await client.closed()

    assert ending == (1001, "Going away")
