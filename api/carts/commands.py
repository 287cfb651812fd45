"""What can be done to a cart. Each command is one transaction, except that stock is held in one of its own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.carts import holding
from api.carts.holding import Asking
from domain.access import Permission, Principal
from domain.carts import delivery, editing
from domain.carts.cart import Cart, CartAction, CartStatus, DeliveryGroup, DeliveryMethod, expect_open, expect_version
from domain.carts.delivery import Wish
from domain.carts.editing import Addition, NewQuantity
from domain.errors import InvalidInput, NotFound
from domain.events import Event, Topic
from persistence import idempotency
from persistence.carts import carts
from persistence.catalog import variants
from persistence.database import Connection, Database
from persistence.events import outbox
from persistence.inventory import reservations
from persistence.pricing import prices

LIFETIME = timedelta(days=30)
"""From the last change on; then a cart has expired."""

TOKEN_REPLAY = timedelta(minutes=10)
"""For so long a repeated cartCreate hands out a fresh token."""

_CART_PATH = ("input", "cartId")


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
            return await _replay_creation(connection, UUID(first.result["cart"]))
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
            expires_at=_now() + LIFETIME,
        )
        await carts.begin_journey(
            connection, cart_id, channel_id=asking.channel["id"], location_id=asking.till_location_id
        )
        if after:
            await _put_lines(connection, asking, cart_id, None, additions, after)
        await outbox.append(connection, [_event(cart_id, 1)])
        first.remember({"cart": str(cart_id)})
    return Changed(cart_id, token)


async def _replay_creation(connection: Connection, cart_id: UUID) -> Changed:
    cart = await carts.lock(connection, cart_id)
    assert cart is not None, "carts are never deleted"
    is_fresh = cart.created_at > _now() - TOKEN_REPLAY
    if cart.token_hash is None or cart.status is not CartStatus.OPEN or not is_fresh:
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
    async with _changing(database, asking, cart_id, "cartLinesAdd", expected_version, key, request) as change:
        if change is not None:
            after = editing.add(change.cart, additions)
            await _put_lines(change.connection, asking, cart_id, change.cart, additions, after)
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
    async with _changing(database, asking, cart_id, operation, expected_version, key, request) as change:
        if change is not None:
            after = editing.set_quantities(change.cart, changes)
            await carts.set_quantities(change.connection, cart_id, after)
            if 0 in after.values():
                await carts.drop_empty_groups(change.connection, cart_id)
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
    async with _changing(
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
    places = {place.location_id: place for place in asking.directory.places()}
    async with _changing(database, asking, cart_id, "cartDeliverySet", expected_version, key, request) as change:
        if change is not None:
            new_ids = [uuid7() for _ in wishes]
            after = delivery.regroup(change.cart, wishes, new_ids, places, asking.till_location_id)
            new = [group for group in after.groups if group.id in set(new_ids)]
            await carts.insert_groups(change.connection, cart_id, new)
            await carts.move_lines(change.connection, cart_id, after.moved)
            await carts.drop_empty_groups(change.connection, cart_id)
    return Changed(cart_id)


async def hold(
    database: Database, asking: Asking, cart_id: UUID, *, expected_version: int | None, key: str | None, request: Any
) -> Changed:
    """Hold every line for ten minutes, or none with all shortages. What was held before is held anew."""
    cart = await reachable(database, asking, cart_id)
    if await _is_replay(database, asking, "cartHold", key, request):
        return Changed(cart_id, is_replay=True)
    expect_open(cart, _now())
    expect_version(cart, expected_version)
    if not cart.lines:
        raise InvalidInput("An empty cart holds nothing.", path=_CART_PATH)
    if cart.held_until is not None:
        await release(database, asking, cart_id, expected_version=None, key=None, request=None)
        cart = await reachable(database, asking, cart_id)
    attempt = await holding.reserve(database, asking, cart)
    try:
        async with _changing(
            database, asking, cart_id, "cartHold", cart.version, key, request, CartAction.HELD, keeps_holds=True
        ):
            pass
    except BaseException:
        await release_attempt(database, asking, cart_id, attempt)
        raise
    return Changed(cart_id)


async def release(
    database: Database, asking: Asking, cart_id: UUID, *, expected_version: int | None, key: str | None, request: Any
) -> Changed:
    """Give back what is held. A cart that holds nothing stays as it is."""
    async with _changing(database, asking, cart_id, "cartRelease", expected_version, key, request, CartAction.RELEASED):
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
        raise NotFound("There is no such cart.", path=_CART_PATH)
    expect_open(cart, _now())
    await carts.give_to_customer(connection, cart_id, customer_id)
    version = await carts.touch(
        connection,
        cart_id,
        action=CartAction.CLAIMED.value,
        channel_id=cart.channel_id,
        location_id=None,
        expires_at=_now() + LIFETIME,
    )
    await outbox.append(connection, [_event(cart_id, version)])


async def reachable(database: Database, asking: Asking, cart_id: UUID) -> Cart:
    """The cart as it stands. Raises NotFound for carts of others as for those that do not exist."""
    async with database.reading() as reader:
        return _expect_reachable(await carts.by_id(reader, cart_id), asking)


async def release_attempt(database: Database, asking: Asking, cart_id: UUID, attempt: UUID) -> None:
    """Give back what one attempt holds, because what it was held for did not come about."""
    async with database.transaction() as connection:
        held = await reservations.lock_holds(connection, cart_id, attempt)
        await holding.release(connection, asking, held)


@dataclass(frozen=True, slots=True)
class _Change:
    connection: Connection
    cart: Cart


@asynccontextmanager
async def _changing(
    database: Database,
    asking: Asking,
    cart_id: UUID,
    operation: str,
    expected_version: int | None,
    key: str | None,
    request: Any,
    action: CartAction = CartAction.CHANGED,
    *,
    keeps_holds: bool = False,
) -> AsyncIterator[_Change | None]:
    """One change of an open cart: claimed, locked, checked; then the block; then its journey, its event and the key.

    Yields null for a replay: then the block changes nothing.
    """
    scope = idempotency.scope_of(asking.caller)
    async with (
        database.transaction() as connection,
        idempotency.claim(connection, scope=scope, key=key, operation=operation, request=request) as first,
    ):
        if first.replayed:
            _expect_reachable(await carts.by_id(connection, cart_id), asking)
            yield None
            return
        cart = _expect_reachable(await carts.lock(connection, cart_id), asking)
        expect_open(cart, _now())
        expect_version(cart, expected_version)
        held = [] if keeps_holds else await reservations.lock_holds(connection, cart_id)
        if action is CartAction.RELEASED and not held:
            first.remember({"cart": str(cart_id)})
            yield None
            return
        yield _Change(connection, cart)
        version = await carts.touch(
            connection,
            cart_id,
            action=action.value,
            channel_id=asking.channel["id"],
            location_id=asking.till_location_id,
            expires_at=_now() + LIFETIME,
        )
        # A hold was for the cart as it was: whatever changes its lines or their delivery gives it back.
        await holding.release(connection, asking, held)
        await outbox.append(connection, [_event(cart_id, version)])
        first.remember({"cart": str(cart_id)})


async def _is_replay(database: Database, asking: Asking, operation: str, key: str | None, request: Any) -> bool:
    if key is None:
        return False
    async with database.reading() as reader:
        return await idempotency.is_done(
            reader, scope=idempotency.scope_of(asking.caller), key=key, operation=operation, request=request
        )


def _expect_reachable(cart: Cart | None, asking: Asking) -> Cart:
    if cart is None or not cart.is_open_to(asking.caller, asking.channel["id"]):
        raise NotFound("There is no such cart.", path=_CART_PATH)
    return cart


async def _put_lines(
    connection: Connection,
    asking: Asking,
    cart_id: UUID,
    cart: Cart | None,
    additions: Sequence[Addition],
    after: Mapping[UUID, int],
) -> None:
    """New lines at today's price; at a till they are carried out unless something else is said."""
    known = {row["id"]: row for row in await variants.described(connection, list(after))}
    market_id = asking.channel["market_id"] if cart is None else cart.market_id
    amounts = {row["variant_id"]: row["amount"] for row in await prices.by_variant(connection, list(after), market_id)}
    for addition in additions:
        if addition.variant_id not in amounts:
            sku = known[addition.variant_id]["sku"]
            raise InvalidInput(f"{sku} is not sold in this market.", path=(*addition.path, "variant"))
    till = asking.till_location_id
    # A variant that has a line already leaves as that line does.
    begins_lines = not after.keys() <= {line.variant_id for line in (cart.lines if cart else ())}
    group_id = None
    if till is not None and begins_lines:
        group_id = await _carry_out_group(connection, cart_id, cart, till)
    lines = [
        {
            "id": uuid7(),
            "variant_id": variant_id,
            "sku": known[variant_id]["sku"],
            "name": known[variant_id]["full_name"],
            "quantity": quantity,
            "unit_amount": amounts[variant_id],
        }
        for variant_id, quantity in after.items()
    ]
    await carts.put_lines(connection, cart_id, lines, channel_id=asking.channel["id"], delivery_group_id=group_id)


async def _carry_out_group(connection: Connection, cart_id: UUID, cart: Cart | None, till: int) -> UUID:
    for group in cart.groups if cart else ():
        if group.method is DeliveryMethod.CARRY_OUT and group.location_id == till:
            return group.id
    group = DeliveryGroup(id=uuid7(), method=DeliveryMethod.CARRY_OUT, location_id=till, address=None)
    await carts.insert_groups(connection, cart_id, [group])
    return group.id


def _event(cart_id: UUID, version: int) -> Event:
    return Event(Topic.CART, str(cart_id), version, {})


def _now() -> datetime:
    return datetime.now(UTC)
