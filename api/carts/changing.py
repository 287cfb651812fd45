"""What every change of a cart has in common: whose it is, what must hold, and what it leaves behind."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.carts import holding
from api.carts.holding import Asking
from domain.carts.cart import Cart, CartAction, CartStatus, DeliveryGroup, DeliveryMethod, expect_open, expect_version
from domain.carts.editing import Addition
from domain.carts.hold_policy import HoldPolicy, held_by
from domain.errors import InvalidInput, NotFound
from domain.events import Event, Topic
from domain.orders.placing import Hold, matched
from persistence import idempotency
from persistence.carts import carts, lines
from persistence.database import Connection, Database
from persistence.inventory import reservations
from persistence.pricing import prices

LIFETIME = timedelta(days=30)
"""From the last change on; then a cart has expired."""

CART_PATH = ("input", "cartId")


async def reachable(database: Database, asking: Asking, cart_id: UUID) -> Cart:
    """The cart as it stands. Raises NotFound for carts of others as for those that do not exist."""
    async with database.reading() as reader:
        return expect_reachable(await carts.by_id(reader, cart_id), asking)


@dataclass(frozen=True, slots=True)
class Changed:
    """The cart that a command has changed; the token is there only when it was just made."""

    cart_id: UUID
    token: str | None = None
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    connection: Connection
    cart: Cart


@asynccontextmanager
async def changing(
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
    expect: Callable[[Cart, datetime], None] = expect_open,
    becomes: CartStatus | None = None,
) -> AsyncIterator[Change | None]:
    """One change of an open cart: claimed, locked, checked; then the block; then its journey, its event and the key.

    `expect` raises where the cart's status forbids the change, and `becomes` is its status afterwards. Yields null for a
    replay, and where there is nothing to do: then the block changes nothing.
    """
    scope = idempotency.scope_of(asking.caller)
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection, scope=scope, key=key, operation=operation, request=request, result={"cart": str(cart_id)}
        ) as first,
    ):
        if first.replayed:
            expect_reachable(await carts.by_id(connection, cart_id), asking)
            yield None
            return
        cart = expect_reachable(await carts.lock(connection, cart_id), asking)
        expect(cart, now())
        expect_version(cart, expected_version)
        # Who holds stock for it at this moment looks, once done, whether the cart is still what it was held for.
        may_lose_holds = not keeps_holds and cart.held_until is not None
        held = await reservations.lock_holds(connection, cart_id) if may_lose_holds else []
        is_done = cart.status is becomes or (action is CartAction.RELEASED and not held)
        if is_done:
            yield None
            return
        yield Change(connection, cart)
        # A hold was for the cart as it was: whatever changes its lines or their delivery gives it back.
        if held and action is CartAction.CHANGED:
            held = await _unfit(connection, asking, cart, held)
        await holding.release(connection, asking, held)
        await touch(connection, asking, cart_id, action, becomes)


async def touch(
    connection: Connection, asking: Asking, cart_id: UUID, action: CartAction, becomes: CartStatus | None = None
) -> None:
    """The next step of its journey, with its event, by whoever asks and from where."""
    await carts.touch(
        connection,
        cart_id,
        action=action.value,
        channel_id=asking.channel["id"],
        location_id=asking.till_location_id,
        expires_at=now() + LIFETIME,
        status=becomes,
    )


async def _unfit(connection: Connection, asking: Asking, before: Cart, held: list[Hold]) -> list[Hold]:
    """All but what is held from the moment it is in the cart, and fits its line as it is now."""
    if not asking.holds_at_once(before):
        return held
    cart = await carts.by_id(connection, before.id)
    assert cart is not None, "carts are never deleted"
    at_once = held_by(cart, asking.hold_policy, HoldPolicy.AT_CART)
    fitting = matched(at_once, held, asking.sourcing_order).fitting
    return [hold for hold in held if hold.attempt not in fitting]


def expect_reachable(cart: Cart | None, asking: Asking) -> Cart:
    if cart is None or not cart.is_open_to(asking.caller, asking.channel["id"]):
        raise NotFound("There is no such cart.", path=CART_PATH)
    return cart


async def put_lines(
    connection: Connection,
    asking: Asking,
    cart_id: UUID,
    cart: Cart | None,
    additions: Sequence[Addition],
    after: Mapping[UUID, int],
) -> bool:
    """New lines at today's price; at a till they are carried out unless something else is said.

    Whether something of it is held from the moment it is in the cart.
    """
    market_id = asking.channel["market_id"] if cart is None else cart.market_id
    known = {row["id"]: row for row in await prices.offered(connection, list(after), market_id)}
    for addition in additions:
        offered = known[addition.variant_id]
        if offered["amount"] is None:
            raise InvalidInput(f"{offered['sku']} is not sold in this market.", path=(*addition.path, "variant"))
    till = asking.till_location_id
    # A variant that has a line already leaves as that line does.
    begins_lines = not after.keys() <= {line.variant_id for line in (cart.lines if cart else ())}
    group_id = None
    if till is not None and begins_lines:
        group_id = await _carry_out_group(connection, cart_id, cart, till)
    new = [
        {
            "id": uuid7(),
            "variant_id": variant_id,
            "sku": known[variant_id]["sku"],
            "name": known[variant_id]["full_name"],
            "quantity": quantity,
            "unit_amount": known[variant_id]["amount"],
        }
        for variant_id, quantity in after.items()
    ]
    await lines.put_lines(connection, cart_id, new, channel_id=asking.channel["id"], delivery_group_id=group_id)
    at_once = HoldPolicy.AT_CART.value
    return any((row["hold_policy"] or asking.hold_policy.value) == at_once for row in known.values())


async def _carry_out_group(connection: Connection, cart_id: UUID, cart: Cart | None, till: int) -> UUID:
    for group in cart.groups if cart else ():
        if group.method is DeliveryMethod.CARRY_OUT and group.location_id == till:
            return group.id
    group = DeliveryGroup(id=uuid7(), method=DeliveryMethod.CARRY_OUT, location_id=till, address=None)
    await lines.insert_groups(connection, cart_id, [group])
    return group.id


def event_of(cart_id: UUID, version: int) -> Event:
    return Event(Topic.CART, str(cart_id), version, {})


def now() -> datetime:
    return datetime.now(UTC)
