"""What can be done to a cart. Each command is one transaction, except that stock is held in one of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.carts import holding
from api.carts.changing import (
    CART_PATH,
    LIFETIME,
    changing,
    event_of,
    now,
    put_lines,
    reachable,
)
from api.carts.holding import Asking
from domain.access import Permission, Principal
from domain.carts import delivery, editing
from domain.carts.cart import Cart, CartAction, CartStatus, expect_open, expect_version
from domain.carts.delivery import Wish
from domain.carts.editing import Addition, NewQuantity
from domain.errors import InvalidInput, NotFound
from domain.inventory.sourcing import InsufficientStock
from domain.orders.placing import Hold, is_covered
from persistence import idempotency
from persistence.carts import carts, lines
from persistence.database import Connection, Database
from persistence.events import outbox
from persistence.inventory import reservations

TOKEN_REPLAY = timedelta(minutes=10)
"""For so long a repeated cartCreate hands out a fresh token."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The cart that a command has changed; the token is there only when it was just made."""

    cart_id: UUID
    token: str | None = None
    is_replay: bool = False


def hash_of(token: str) -> bytes:
    """What is stored of a cart's token."""
    return sha256(token.encode()).digest()


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
    async with (
        database.transaction() as connection,
        idempotency.claim(connection, scope=scope, key=key, operation="cartCreate", request=request) as first,
    ):
        if first.result is not None:
            return await _replay_creation(connection, asking, UUID(first.result["cart"]))
        cart_id = uuid7()
        sells_in_store = caller.may(Permission.SELL_IN_STORE)
        token = None if caller.customer_id or sells_in_store else token_urlsafe(32)
        await carts.insert_cart(
            connection,
            id=cart_id,
            customer_id=caller.customer_id,
            token_hash=None if token is None else hash_of(token),
            staff_channel_id=asking.channel["id"] if sells_in_store else None,
            email=email,
            channel_id=asking.channel["id"],
            market_id=asking.channel["market_id"],
            expires_at=now() + LIFETIME,
        )
        await carts.begin_journey(
            connection, cart_id, channel_id=asking.channel["id"], location_id=asking.till_location_id
        )
        if after:
            await put_lines(connection, asking, cart_id, None, additions, after)
        await outbox.append(connection, [event_of(cart_id, 1)])
        first.remember({"cart": str(cart_id)})
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
    await carts.set_token(connection, cart_id, hash_of(token))
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
            await put_lines(change.connection, asking, cart_id, change.cart, additions, after)
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
            after = delivery.regroup(change.cart, wishes, new_ids, places, asking.till_location_id)
            new = [group for group in after.groups if group.id in set(new_ids)]
            await lines.insert_groups(change.connection, cart_id, new)
            await lines.move_lines(change.connection, cart_id, after.moved)
            await lines.drop_empty_groups(change.connection, cart_id)
    return Changed(cart_id)


async def hold(
    database: Database, asking: Asking, cart_id: UUID, *, expected_version: int | None, key: str | None, request: Any
) -> Changed:
    """Hold every line for ten minutes, or none with all shortages.

    What is held already is held for longer, to half an hour from its beginning at most; a hold that no longer fits the cart
    is given back and made anew.
    """
    cart = await reachable(database, asking, cart_id)
    if await _is_replay(database, asking, "cartHold", key, request):
        return Changed(cart_id, is_replay=True)
    expect_open(cart, now())
    expect_version(cart, expected_version)
    if not cart.lines:
        raise InvalidInput("An empty cart holds nothing.", path=CART_PATH)
    if cart.held_until is not None:
        try:
            return await _hold_longer(database, asking, cart, key, request)
        except _DoesNotFit:
            await release(database, asking, cart_id, expected_version=None, key=None, request=None)
            cart = await reachable(database, asking, cart_id)
    try:
        attempt = await holding.reserve(database, asking, cart)
    except InsufficientStock as refusal:
        # The same request sent twice at once: its twin may hold what this one was refused.
        cart = await reachable(database, asking, cart_id)
        if cart.held_until is None:
            raise
        try:
            return await _hold_longer(database, asking, cart, key, request)
        except _DoesNotFit:
            raise refusal from None
    try:
        async with changing(
            database, asking, cart_id, "cartHold", cart.version, key, request, CartAction.HELD, keeps_holds=True
        ) as change:
            is_replay = change is None
    except BaseException:
        await release_attempt(database, asking, cart_id, attempt)
        raise
    if is_replay:
        await _release_unless_needed(database, asking, cart_id, attempt)
    return Changed(cart_id, is_replay=is_replay)


async def _release_unless_needed(database: Database, asking: Asking, cart_id: UUID, attempt: UUID) -> None:
    """For a twin that came second: the first one either holds the cart itself, or has relied on what this one holds."""
    async with database.transaction() as connection:
        cart = await carts.lock(connection, cart_id)
        held = await reservations.lock_holds(connection, cart_id)
        assert cart is not None, "carts are never deleted"
        by_attempt: dict[UUID, list[Hold]] = {}
        for one in held:
            by_attempt.setdefault(one.attempt, []).append(one)
        own = by_attempt.pop(attempt, [])
        is_held_without = any(is_covered(cart, others) for others in by_attempt.values())
        if is_held_without or cart.status is not CartStatus.OPEN:
            await holding.release(connection, asking, own)


class _DoesNotFit(Exception):
    """What is held is not what the cart needs, or is held no longer."""


async def _hold_longer(database: Database, asking: Asking, cart: Cart, key: str | None, request: Any) -> Changed:
    async with changing(
        database, asking, cart.id, "cartHold", cart.version, key, request, CartAction.HELD, keeps_holds=True
    ) as change:
        if change is not None:
            held = await reservations.lock_holds(change.connection, cart.id)
            until = change.cart.held_until
            if until is None or until <= now() or not is_covered(change.cart, held):
                raise _DoesNotFit
            await reservations.extend(
                change.connection,
                [hold.reservation_id for hold in held],
                seconds=holding.HOLD_SECONDS,
                most_seconds=holding.LONGEST_HOLD_SECONDS,
            )
    return Changed(cart.id, is_replay=change is None)


async def release(
    database: Database, asking: Asking, cart_id: UUID, *, expected_version: int | None, key: str | None, request: Any
) -> Changed:
    """Give back what is held. A cart that holds nothing stays as it is."""
    async with changing(database, asking, cart_id, "cartRelease", expected_version, key, request, CartAction.RELEASED):
        pass
    return Changed(cart_id)


async def give_to_customer(connection: Connection, caller: Principal, cart_id: UUID, customer_id: UUID) -> None:
    """On sign-in: the guest's cart becomes the customer's, and its token useless. Done twice it is done once.

    Raises NotFound unless the caller holds the cart's token, CartNotOpen when it can no longer be changed.
    """
    cart = await carts.lock(connection, cart_id)
    if cart is not None and cart.customer_id == customer_id:
        return
    if cart is None or cart.token_hash is None or cart.token_hash != caller.cart_token_hash:
        raise NotFound("There is no such cart.", path=CART_PATH)
    expect_open(cart, now())
    await carts.give_to_customer(connection, cart_id, customer_id)
    version = await carts.touch(
        connection,
        cart_id,
        action=CartAction.CLAIMED.value,
        channel_id=cart.channel_id,
        location_id=None,
        expires_at=now() + LIFETIME,
    )
    await outbox.append(connection, [event_of(cart_id, version)])


async def release_attempt(database: Database, asking: Asking, cart_id: UUID, attempt: UUID) -> None:
    """Give back what one attempt holds, because what it was held for did not come about."""
    async with database.transaction() as connection:
        held = await reservations.lock_holds(connection, cart_id, attempt)
        await holding.release(connection, asking, held)


async def _is_replay(database: Database, asking: Asking, operation: str, key: str | None, request: Any) -> bool:
    if key is None:
        return False
    async with database.reading() as reader:
        return await idempotency.is_done(
            reader, scope=idempotency.scope_of(asking.caller), key=key, operation=operation, request=request
        )
