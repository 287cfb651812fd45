"""A cart is read along with its lock: whoever had to wait for it sees what the other has left."""

import asyncio
from uuid import UUID

import pytest

from api.ids import Kind, key_of
from persistence.carts import carts, lines
from persistence.database import Connection
from persistence.statements import Statement
from tests.shop import Shop
from tests.streams import until

pytestmark = pytest.mark.anyio

_WAITING = Statement(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def touched(connection: Connection, cart_id: UUID, shop: Shop) -> None:
    row = shop.directory.channels_by_code["web"]
    expires_at = (await carts.by_ids(connection, [cart_id]))[0].expires_at
    await carts.touch(
        connection, cart_id, action="CHANGED", channel_id=row["id"], location_id=None, expires_at=expires_at
    )


async def test_whoever_waited_for_the_lock_sees_the_lines_that_the_other_has_left(shop: Shop) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await shop.guest_cart({"shirt": 1})
    cart_id = key_of(Kind.Cart, cart.id)
    assert isinstance(cart_id, UUID)

    async def is_waited_for() -> bool:
        async with shop.database.reading() as reader:
            return bool(await reader.fetch_value(_WAITING))

    async def quantity_once_locked() -> tuple[int, int]:
        async with shop.database.transaction() as connection:
            locked = await carts.lock(connection, cart_id)
            assert locked is not None
            return locked.version, locked.lines[0].quantity

    async with shop.database.transaction() as first:
        before = await carts.lock(first, cart_id)
        assert before is not None
        second = asyncio.create_task(quantity_once_locked())
        await until(is_waited_for)
        await lines.set_quantities(first, cart_id, {before.lines[0].id: 4})
        await touched(first, cart_id, shop)

    assert (before.version, before.lines[0].quantity) == (1, 1)
    assert await second == (2, 4)


async def test_a_lock_that_nobody_contends_for_takes_one_statement(shop: Shop, statements: list[str]) -> None:
    await shop.stocked("shirt", on_hand=5)
    cart = await shop.guest_cart({"shirt": 2})
    cart_id = key_of(Kind.Cart, cart.id)
    assert isinstance(cart_id, UUID)
    async with shop.database.transaction() as connection:
        await touched(connection, cart_id, shop)
    before = len(statements)

    async with shop.database.transaction() as connection:
        locked = await carts.lock(connection, cart_id)

    assert locked is not None
    assert (locked.version, locked.lines[0].quantity) == (2, 2)
    assert len(statements) - before == 1
