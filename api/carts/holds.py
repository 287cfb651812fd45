"""Holding the stock of a cart, holding it for longer, and giving it back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api.carts import holding
from api.carts.changing import CART_PATH, Change, Changed, changing, now, reachable
from api.carts.holding import Asking
from domain.carts.cart import Cart, CartAction, CartStatus, VersionConflict, expect_open, expect_version
from domain.carts.hold_policy import HoldPolicy, held_by, without
from domain.errors import DomainError, InvalidInput
from domain.inventory.sourcing import InsufficientStock
from domain.orders.placing import Hold, covering, is_covered, matched
from persistence import idempotency
from persistence.carts import carts
from persistence.database import Database
from persistence.inventory import reservations
from persistence.inventory.coalescer import QueueFullError, StockLockedError

_ATTEMPTS = 3
"""How often others may change the lines of a cart while its stock is being held."""


async def hold(
    database: Database, asking: Asking, cart_id: UUID, *, expected_version: int | None, key: str | None, request: Any
) -> Changed:
    """Hold every line for ten minutes, or none with all shortages; lines that are held only with the order are left out.

    What is held already is held for longer, to half an hour from its beginning at most; a hold that no longer fits the cart
    is given back and made anew. Raises VersionConflict for another version than expected, and when the cart keeps changing.
    """
    cart = await reachable(database, asking, cart_id)
    if await _is_replay(database, asking, "cartHold", key, request):
        return Changed(cart_id, is_replay=True)
    expect_open(cart, now())
    expect_version(cart, expected_version)
    if not cart.lines:
        raise InvalidInput("An empty cart holds nothing.", path=CART_PATH)
    if not held_by(cart, asking.hold_policy, HoldPolicy.AT_CHECKOUT).lines:
        return Changed(cart_id)
    expected = expected_version
    if cart.held_until is not None:
        try:
            return await _hold_longer(database, asking, cart_id, expected, key, request)
        except _DoesNotFit:
            # What was held from the moment it was in the cart stays held, and only the rest is asked for.
            if not held_by(cart, asking.hold_policy, HoldPolicy.AT_CART).lines:
                # This counts the version up, so what was expected has been checked by now.
                await release(database, asking, cart_id, expected_version=None, key=None, request=None)
                expected = None
    for _ in range(_ATTEMPTS):
        try:
            return await _hold_anew(database, asking, cart, expected, key, request)
        except _DoesNotFit:
            cart = await reachable(database, asking, cart_id)
    raise VersionConflict(cart_id=cart_id)


class _DoesNotFit(Exception):
    """What is held is not what the cart needs, or is held no longer."""


async def _hold_anew(
    database: Database, asking: Asking, cart: Cart, expected: int | None, key: str | None, request: Any
) -> Changed:
    try:
        attempt = await holding.reserve(database, asking, held_by(cart, asking.hold_policy, HoldPolicy.AT_CHECKOUT))
    except InsufficientStock as refusal:
        # The same request sent twice at once: its twin may hold what this one was refused.
        if (await reachable(database, asking, cart.id)).held_until is None:
            raise
        try:
            return await _hold_longer(database, asking, cart.id, expected, key, request)
        except _DoesNotFit:
            raise refusal from None
    try:
        async with changing(
            database, asking, cart.id, "cartHold", expected, key, request, CartAction.HELD, keeps_holds=True
        ) as change:
            if change is not None:
                await _keep_only(change, asking, attempt)
    except BaseException:
        await release_attempt(database, asking, cart.id, attempt)
        raise
    if change is None:
        await _release_unless_needed(database, asking, cart.id, attempt)
    return Changed(cart.id, is_replay=change is None)


async def _keep_only(change: Change, asking: Asking, attempt: UUID) -> None:
    """What this attempt holds is what the cart needs as it is now, by itself or with what was held before; whatever else is held
    is given back.
    """
    held = await reservations.lock_holds(change.connection, change.cart.id)
    cart = held_by(change.cart, asking.hold_policy, HoldPolicy.AT_CHECKOUT)
    kept = [hold for hold in held if hold.attempt == attempt]
    if not is_covered(cart, kept, asking.sourcing_order):
        live = await reservations.lock_holds(change.connection, change.cart.id, live_only=True)
        shares = covering(cart, live, asking.sourcing_order)
        if shares is None:
            raise _DoesNotFit
        kept = [share.hold for share in shares]
        await _extend(change, kept)
    await holding.release(change.connection, asking, [hold for hold in held if hold not in kept])


async def _extend(change: Change, held: Sequence[Hold]) -> None:
    await reservations.extend(
        change.connection,
        [hold.reservation_id for hold in held],
        seconds=holding.HOLD_SECONDS,
        most_seconds=holding.LONGEST_HOLD_SECONDS,
    )


async def hold_at_once(database: Database, asking: Asking, cart_id: UUID) -> None:
    """Hold what is to be held from the moment it is in the cart, and is not. A line that cannot be held blocks no other, and
    nothing that the change of the cart has done: the cart shows its problem.
    """
    cart = await reachable(database, asking, cart_id)
    wanted = held_by(cart, asking.hold_policy, HoldPolicy.AT_CART)
    if cart.status is not CartStatus.OPEN or not wanted.lines:
        return
    attempt = await _reserve_what_there_is(database, asking, wanted)
    if attempt is None:
        return
    try:
        async with changing(
            database, asking, cart_id, "cartHold", None, None, None, CartAction.HELD, keeps_holds=True
        ) as change:
            assert change is not None, "without a key nothing is a replay"
            await _keep_fitting(change, asking, attempt)
    except (_DoesNotFit, DomainError):
        # Somebody has changed the cart meanwhile, and holds what it needs now.
        await release_attempt(database, asking, cart_id, attempt)


async def _reserve_what_there_is(database: Database, asking: Asking, wanted: Cart) -> UUID | None:
    """The attempt that holds what is not held yet of the lines, without those that are short; null where it holds nothing."""
    rest = await holding.unheld(database, asking, wanted)
    try:
        while rest.lines:
            try:
                return await holding.reserve(database, asking, rest)
            except InsufficientStock as refusal:
                short = {shortfall.line_id for shortfall in refusal.shortfalls}
                rest = without(rest, [line for line in rest.lines if line.id in short])
    except (InvalidInput, QueueFullError, StockLockedError):
        # Too much is held already, or too many want it at this moment: it is held at the checkout.
        return None
    return None


async def _keep_fitting(change: Change, asking: Asking, attempt: UUID) -> None:
    held = await reservations.lock_holds(change.connection, change.cart.id)
    cart = held_by(change.cart, asking.hold_policy, HoldPolicy.AT_CART)
    fitting = matched(cart, held, asking.sourcing_order).fitting
    if attempt not in fitting:
        raise _DoesNotFit
    await holding.release(change.connection, asking, [hold for hold in held if hold.attempt not in fitting])


async def _hold_longer(
    database: Database, asking: Asking, cart_id: UUID, expected: int | None, key: str | None, request: Any
) -> Changed:
    async with changing(
        database, asking, cart_id, "cartHold", expected, key, request, CartAction.HELD, keeps_holds=True
    ) as change:
        if change is not None:
            held = await reservations.lock_holds(change.connection, cart_id)
            cart = held_by(change.cart, asking.hold_policy, HoldPolicy.AT_CHECKOUT)
            until = change.cart.held_until
            # Several attempts cover it while twins of one request are under way: one of them is enough.
            shares = covering(cart, held, asking.sourcing_order)
            if until is None or until <= now() or shares is None:
                raise _DoesNotFit
            await _extend(change, [share.hold for share in shares])
    return Changed(cart_id, is_replay=change is None)


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
        needed = held_by(cart, asking.hold_policy, HoldPolicy.AT_CHECKOUT)
        is_held_without = any(is_covered(needed, others, asking.sourcing_order) for others in by_attempt.values())
        if is_held_without or cart.status is not CartStatus.OPEN:
            await holding.release(connection, asking, own)


async def release(
    database: Database, asking: Asking, cart_id: UUID, *, expected_version: int | None, key: str | None, request: Any
) -> Changed:
    """Give back what is held. A cart that holds nothing stays as it is."""
    async with changing(database, asking, cart_id, "cartRelease", expected_version, key, request, CartAction.RELEASED):
        pass
    return Changed(cart_id)


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
