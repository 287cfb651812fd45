"""Setting a cart aside, and taking it up again, here or elsewhere."""

from typing import Any
from uuid import UUID

from api.carts.changing import Changed, changing
from api.carts.holding import Asking
from domain.access import Permission
from domain.carts.cart import CartAction, CartStatus, expect_parked
from domain.errors import InvalidInput
from persistence.carts import moving
from persistence.database import Database

LONGEST_NOTE = 500


async def park(
    database: Database,
    asking: Asking,
    cart_id: UUID,
    *,
    note: str | None,
    expected_version: int | None,
    key: str | None,
    request: Any,
) -> Changed:
    """Give back what it holds and set it aside; in a store, for whoever sells there. Parked already, it stays as it is."""
    if note is not None and len(note) > LONGEST_NOTE:
        raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.", ("input", "note"))
    async with changing(
        database,
        asking,
        cart_id,
        "cartPark",
        expected_version,
        key,
        request,
        CartAction.PARKED,
        expect=expect_parked,
        becomes=CartStatus.PARKED,
    ) as change:
        if change is not None:
            await moving.set_parked(change.connection, cart_id, location_id=asking.till_location_id, note=note)
    return Changed(cart_id)


async def resume(
    database: Database, asking: Asking, cart_id: UUID, *, expected_version: int | None, key: str | None, request: Any
) -> Changed:
    """Whoever takes it up at a till can go on with it there. A cart that is open stays as it is."""
    async with changing(
        database,
        asking,
        cart_id,
        "cartResume",
        expected_version,
        key,
        request,
        CartAction.RESUMED,
        expect=expect_parked,
        becomes=CartStatus.OPEN,
    ) as change:
        if change is not None:
            await moving.set_parked(change.connection, cart_id, location_id=None, note=None)
            if asking.caller.may(Permission.SELL_IN_STORE):
                await moving.set_staff_channel(change.connection, cart_id, asking.channel["id"])
    return Changed(cart_id)
