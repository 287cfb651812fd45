"""What can be done to a cart. Each command is one transaction, except that stock is held in one of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.carts.changing import (
    LIFETIME,
    Changed,
    changing,
    event_of,
    now,
    put_lines,
)
from api.carts.holding import Asking
from api.carts.holds import hold_at_once
from api.identity.tokens import digest
from domain.access import Permission
from domain.carts import delivery, editing
from domain.carts.cart import CartStatus
from domain.carts.delivery import Wish
from domain.carts.editing import Addition, NewQuantity
from domain.errors import NotFound
from persistence import idempotency
from persistence.carts import carts, lines
from persistence.database import Connection, Database
from persistence.events import outbox

TOKEN_REPLAY = timedelta(minutes=10)
"""For so long a repeated cartCreate hands out a fresh token."""


async def create(
    database: Database,
    asking: Asking,
    *,
    additions: Sequence[Addition],
    email: str | None,
    key: str | None,
    request: Any,
) -> Changed:
    """A cart for the caller. A guest is given its token; a customer or a till needs none."""
    caller = asking.caller
    scope = idempotency.scope_of(caller) if caller.id is not None else idempotency.ANONYMOUS_SCOPE
    after = editing.add(None, additions)
    cart_id = uuid7()
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection, scope=scope, key=key, operation="cartCreate", request=request, result={"cart": str(cart_id)}
        ) as first,
    ):
        if first.result is not None:
            return await _replay_creation(connection, asking, UUID(first.result["cart"]))
        sells_in_store = caller.may(Permission.SELL_IN_STORE)
        token = None if caller.customer_id or sells_in_store else token_urlsafe(32)
        await carts.begin(
            connection,
            id=cart_id,
            customer_id=caller.customer_id,
            token_hash=None if token is None else digest(token),
            staff_channel_id=asking.channel["id"] if sells_in_store else None,
            email=email,
            channel_id=asking.channel["id"],
            location_id=asking.till_location_id,
            market_id=asking.channel["market_id"],
            expires_at=now() + LIFETIME,
        )
        is_scarce = bool(after) and await put_lines(connection, asking, cart_id, None, additions, after)
    if is_scarce:
        holder = caller if token is None else replace(caller, cart_token_hash=digest(token))
        await hold_at_once(database, replace(asking, caller=holder), cart_id)
    return Changed(cart_id, token)


async def _replay_creation(connection: Connection, asking: Asking, cart_id: UUID) -> Changed:
    cart = await carts.lock(connection, cart_id)
    assert cart is not None, "carts are never deleted"
    is_fresh = cart.created_at > now() - TOKEN_REPLAY
    if cart.token_hash is None or cart.status is not CartStatus.OPEN or not is_fresh:
        if not cart.is_open_to(asking.caller, asking.channel["id"]):
            # By now it may hold a name and an address, and the key alone proves too little to be shown them.
            raise NotFound("The cart that this key made is not yours to see.", path=idempotency.KEY_PATH)
        return Changed(cart_id, is_replay=True)
    token = token_urlsafe(32)
    await carts.set_token(connection, cart_id, digest(token))
    # Not a change of the cart, but whoever follows it with the token of before may not any longer.
    await outbox.append(connection, [event_of(cart_id, cart.version)])
    return Changed(cart_id, token, is_replay=True)


async def add_lines(
    database: Database,
    asking: Asking,
    cart_id: UUID,
    *,
    additions: Sequence[Addition],
    expected_version: int | None,
    key: str | None,
    request: Any,
) -> Changed:
    """Deltas: they add up with whatever others add meanwhile."""
    async with changing(database, asking, cart_id, "cartLinesAdd", expected_version, key, request) as change:
        if change is not None:
            after = editing.add(change.cart, additions)
            is_scarce = await put_lines(change.connection, asking, cart_id, change.cart, additions, after)
    if change is not None and (is_scarce or asking.holds_at_once(change.cart)):
        await hold_at_once(database, asking, cart_id)
    return Changed(cart_id)


async def set_quantities(
    database: Database,
    asking: Asking,
    cart_id: UUID,
    *,
    changes: Sequence[NewQuantity],
    expected_version: int | None,
    key: str | None,
    request: Any,
    operation: str = "cartLinesUpdate",
) -> Changed:
    """Absolute quantities; 0 removes the line."""
    async with changing(database, asking, cart_id, operation, expected_version, key, request) as change:
        if change is not None:
            after = editing.set_quantities(change.cart, changes)
            await lines.set_quantities(change.connection, cart_id, after)
            if 0 in after.values():
                await lines.drop_empty_groups(change.connection, cart_id)
    if change is not None and asking.holds_at_once(change.cart):
        await hold_at_once(database, asking, cart_id)
    return Changed(cart_id)


async def set_buyer(
    database: Database,
    asking: Asking,
    cart_id: UUID,
    *,
    values: Mapping[str, Any],
    expected_version: int | None,
    key: str | None,
    request: Any,
) -> Changed:
    """What `values` does not name stays: email, phone, billing_address. Nothing that is held is released."""
    async with changing(
        database, asking, cart_id, "cartBuyerSet", expected_version, key, request, keeps_holds=True
    ) as change:
        if change is not None:
            cart = change.cart
            now = {"email": cart.email, "phone": cart.phone, "billing_address": cart.billing_address, **values}
            await carts.set_buyer(change.connection, cart_id, **now)
    return Changed(cart_id)


async def set_delivery(
    database: Database,
    asking: Asking,
    cart_id: UUID,
    *,
    wishes: Sequence[Wish],
    expected_version: int | None,
    key: str | None,
    request: Any,
) -> Changed:
    """Lines not named stay where they are."""
    places = {place.location_id: place for place in asking.directory.places(asking.channel)}
    async with changing(database, asking, cart_id, "cartDeliverySet", expected_version, key, request) as change:
        if change is not None:
            new_ids = [uuid7() for _ in wishes]
            options = asking.directory.options_of(change.cart.market_id)
            after = delivery.regroup(change.cart, wishes, new_ids, places, asking.till_location_id, options)
            new = [group for group in after.groups if group.id in set(new_ids)]
            dropped = {group.id for group in change.cart.groups} - {group.id for group in after.groups}
            await lines.regroup(change.connection, cart_id, new, after.moved, dropped)
    if change is not None and asking.holds_at_once(change.cart):
        await hold_at_once(database, asking, cart_id)
    return Changed(cart_id)
