"""Server and database are killed again and again while people shop: nothing that was confirmed is lost, nothing is done twice.

`make soak` runs it; ONESHELF_SOAK_ROUNDS and ONESHELF_SOAK_SEED make it longer and different.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random

import asyncpg
import pytest

from api.ids import Kind, encode
from persistence.database import Row
from tests.cli.commands import oneshelf
from tests.http.asking import browsing
from tests.soak.faults import FAULTS
from tests.soak.followers import Follower, OrderFollower, StockFollower
from tests.soak.load import Headers, World, order, receive_goods, shop
from tests.soak.premises import Premises, premises

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

ROUNDS = int(os.environ.get("ONESHELF_SOAK_ROUNDS", "24"))
SEED = int(os.environ.get("ONESHELF_SOAK_SEED", "1"))
GUESTS = 4
CUSTOMERS = 2
SUPPLIERS = 2
REPLAYED_EACH_ROUND = 10
HOT = ("TEE-LINEN-WHITE-M", "TEE-LINEN-WHITE-S", "TEE-LINEN-NAVY-M", "MUG-STONEWARE-SEA", "SWEATER-MERINO-RUST-M")
# An access token lives for ten minutes.
_SIGN_IN_EVERY_SECONDS = 240.0
_PATIENCE_SECONDS = 30.0

_LEVELS = """
SELECT level.id, level.version FROM stock_level level
JOIN variant ON variant.id = level.variant_id JOIN location ON location.id = level.location_id
WHERE variant.sku = ANY ($1) AND (location.ships_orders OR location.offers_pickup)
"""


async def test_what_was_confirmed_survives_every_death_of_server_and_database() -> None:
    with premises(Random(SEED)) as there:
        world = World(await asyncio.to_thread(there.start, "--demo"), HOT, there.random)
        supplier = {"Authorization": f"Bearer {await _app_token(there)}"}
        ada = {"Authorization": f"Bearer {await _access_token(world)}"}
        cursor = await stream_cursor(world)
        stock = StockFollower(world=world, name="stock by WebSocket", headers=supplier, after=cursor)
        events = StockFollower(world=world, name="stock by SSE", headers=supplier, after=cursor, by_websocket=False)
        orders = OrderFollower(world=world, name="orders by WebSocket", headers=ada, after=cursor)
        before = await there.asked(_versions)

        async with following(stock, events, orders):
            faults = await _keep_killing(there, world, supplier, ada)
            await there.asked(lambda connection: world.diary.compare(connection, at_rest=True))
            after = await there.asked(_versions)
            changed = {level: version for level, version in after.items() if version != before[level]}
            await until(lambda: stock.versions == events.versions == changed)
            of_ada = world.diary.orders_with(ada)
            await until(lambda: len(orders.orders) >= len(of_ada))

        _report(world, faults, (stock, events, orders))
        assert world.diary.contradictions == []
        assert stock.versions == changed
        assert events.versions == changed
        assert Counter(orders.orders) == Counter(of_ada)
        assert len(world.diary.orders) > ROUNDS
        assert len(world.diary.receipts) > ROUNDS


async def _keep_killing(there: Premises, world: World, supplier: Headers, ada: dict[str, str]) -> Counter[str]:
    """Returns how often what was killed. Afterwards nobody is waiting for an answer any more."""
    faults: Counter[str] = Counter()
    signed_in_at = time.monotonic()
    async with asyncio.TaskGroup() as people:
        for _ in range(GUESTS):
            people.create_task(shop(world, {}))
        for _ in range(CUSTOMERS):
            people.create_task(shop(world, ada, holds=False))
        for _ in range(SUPPLIERS):
            people.create_task(receive_goods(world, supplier))
        try:
            for _ in range(ROUNDS):
                await asyncio.sleep(there.random.uniform(0.5, 3))
                fault = there.random.choice(list(FAULTS))
                there.break_down(fault)
                faults[fault] += 1
                world.address = await asyncio.to_thread(there.mend)
                await asyncio.sleep(there.random.uniform(0, 1))
                await there.asked(world.diary.compare)
                await _ask_again(world)
                if time.monotonic() - signed_in_at > _SIGN_IN_EVERY_SECONDS:
                    ada["Authorization"] = f"Bearer {await _access_token(world)}"
                    signed_in_at = time.monotonic()
        finally:
            world.is_over = True
    return faults


async def _ask_again(world: World) -> None:
    """Some of what was confirmed is sent again; the diary notices another answer."""
    confirmed = sorted(world.diary.orders)
    for cart_id in world.random.sample(confirmed, min(REPLAYED_EACH_ROUND, len(confirmed))):
        await order(world, world.diary.begun[cart_id], "asked for an order again")


@asynccontextmanager
async def following(*followers: Follower) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(follower.follow()) for follower in followers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        broken = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if broken:
            raise ExceptionGroup("followers broke", broken)


async def until(condition: Callable[[], bool], *, patience: float = _PATIENCE_SECONDS) -> None:
    """Gives up without a word: what is asserted afterwards says more."""
    deadline = time.monotonic() + patience
    while not condition() and time.monotonic() < deadline:  # noqa: ASYNC110 - No event says that all of it is there.
        await asyncio.sleep(0.05)


async def _app_token(there: Premises) -> str:
    permissions = ("--permission", "MANAGE_STOCK", "--permission", "READ_STOCK")
    made = await asyncio.to_thread(
        oneshelf, "app", "create", "Supplier", "--channel", "web", *permissions, "--data", there.data
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


async def _access_token(world: World) -> str:
    answer = await world.insist(
        {}, lambda browser: browser.do("signIn", email="ada@example.com", password="analytical engine")
    )
    token: str = answer["accessToken"]
    return token


async def stream_cursor(world: World) -> str:
    async with browsing(world.address) as browser:
        _, response = await browser.ask("{ streamCursor }")
    cursor: str = response["data"]["streamCursor"]
    return cursor


async def _versions(connection: asyncpg.Connection[Row]) -> dict[str, int]:
    rows = await connection.fetch(_LEVELS, list(HOT))
    return {encode(Kind.LocationAvailability, row["id"]): row["version"] for row in rows}


def _report(world: World, faults: Counter[str], followers: Sequence[Follower]) -> None:
    killed = ", ".join(f"{fault} {times}" for fault, times in sorted(faults.items()))
    lines = [
        f"{faults.total()} rounds; killed: {killed}",
        f"confirmed: {len(world.diary.orders)} orders, {len(world.diary.receipts)} receipts",
        *(f"{what}: {times}" for what, times in sorted(world.diary.outcomes.items())),
        *(f"{one.name}: {one.messages} messages over {one.tries} connections or tries" for one in followers),
        *world.diary.contradictions,
    ]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
