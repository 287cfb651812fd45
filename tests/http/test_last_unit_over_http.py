"""The last unit, and two hundred people who all have it in their cart, over real sockets to a real server."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from persistence.database import Database, connect
from persistence.inventory.verification import verify
from tests.cli.commands import running
from tests.http.asking import Browser, browsing, make_cart, make_ready
from tests.identities import identity
from tests.shop import Shop

pytestmark = pytest.mark.anyio

BUYERS = 200


@pytest.mark.parametrize("workers", [1, 2])
async def test_of_200_buyers_of_the_last_unit_one_gets_it_and_199_hear_what_else_they_can_do(
    database_url: str, database: Database, tmp_path: Path, workers: int
) -> None:
    shop = await Shop.open(database, identity())
    sku = await shop.stocked(on_hand=1)

    answers = await asyncio.to_thread(_sell, database_url, tmp_path, sku, workers)

    outcomes = Counter(answer["__typename"] for answer in answers)
    assert outcomes == {"OrderPlacePayload": 1, "InsufficientStock": BUYERS - 1}
    refusals = [answer for answer in answers if answer["__typename"] == "InsufficientStock"]
    assert {(one["sku"], one["requested"]) for refusal in refusals for one in refusal["shortfalls"]} == {(sku, 1)}
    assert all(one["remedies"] for refusal in refusals for one in refusal["shortfalls"])
    level = await shop.level(sku)
    assert (level["on_hand"], level["reserved"], level["available"]) == (1, 1, 0)
    assert await shop.value("SELECT count(*) FROM sales_order") == 1
    assert await _broken_rules(database_url) == []


def _sell(url: str, folder: Path, sku: str, workers: int) -> list[dict[str, Any]]:
    arguments = ("--database-url", url, "--workers", workers)
    with running(folder / "server.log", *arguments, ONESHELF_DATA=str(folder)) as server:
        server.wait_until_ready()
        return asyncio.run(_all_at_once(server.address, sku))


async def _all_at_once(address: str, sku: str) -> list[dict[str, Any]]:
    """Everybody is ready to order before anybody does."""
    async with AsyncExitStack() as held:
        browsers = [await held.enter_async_context(browsing(address)) for _ in range(BUYERS)]
        carts = await asyncio.gather(*(_ready_cart(browser, sku) for browser in browsers))
        return await asyncio.gather(*map(_place, browsers, carts))


async def _ready_cart(browser: Browser, sku: str) -> str:
    cart_id = await make_cart(browser, {sku: 1})
    await make_ready(browser, cart_id)
    return cart_id


async def _place(browser: Browser, cart_id: str) -> dict[str, Any]:
    return await browser.do("orderPlace", cartId=cart_id, idempotencyKey=str(uuid4()))


async def _broken_rules(url: str) -> list[str]:
    connection = await connect(url)
    try:
        return [finding.check.name async for finding in verify(connection) if not finding.is_clean]
    finally:
        await connection.close()
