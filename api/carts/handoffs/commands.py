"""Moving a cart to another device or a till by a code that is good once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.carts.changing import Changed, event_of, expect_reachable, now, touch
from api.carts.holding import Asking
from api.identity.identity import Identity
from api.identity.tokens import digest
from domain.access import Permission
from domain.carts import handoff
from domain.carts.cart import Cart, CartAction, expect_parked
from domain.carts.handoff import ALPHABET, LENGTH, Handoff, HandoffInvalid, code_of, expect_claimable, normalized
from domain.errors import NotFound
from persistence import idempotency
from persistence.carts import carts, moving
from persistence.database import Connection, Database, Row
from persistence.events import outbox

TOKEN_REPLAY = timedelta(minutes=10)
"""For so long a repeated claim hands out a fresh token."""

QR_PREFIX = "oneshelf:handoff:"
"""What a scanner reads begins with this, so that an app knows what it has scanned."""


@dataclass(frozen=True, slots=True)
class HandedOff:
    code: str
    expires_at: datetime


async def create(
    database: Database, asking: Asking, identity: Identity, cart_id: UUID, *, key: str | None, request: Any
) -> HandedOff:
    """A code for a cart that is open or parked; the code before it is good no longer. The same key has the same code.

    Raises NotFound, CartNotOpen and the pair of idempotency refusals.
    """
    scope = idempotency.scope_of(asking.caller)
    async with (
        database.transaction() as connection,
        idempotency.claim(connection, scope=scope, key=key, operation="cartHandoffCreate", request=request) as first,
    ):
        cart = expect_reachable(await carts.lock(connection, cart_id), asking)
        if first.result is not None:
            known = await moving.handoff_by_id(connection, UUID(first.result["handoff"]))
            if known is None:
                raise NotFound("Another code was made for this cart since.", path=idempotency.KEY_PATH)
            return HandedOff(_code(identity, known["id"]), known["expires_at"])
        expect_parked(cart, now())
        id_, expires_at = uuid7(), now() + handoff.LIFETIME
        code = _code(identity, id_)
        await moving.insert_handoff(connection, id=id_, cart_id=cart_id, code_hash=_hash(code), expires_at=expires_at)
        await touch(connection, asking, cart_id, CartAction.HANDED_OFF)
        first.remember({"handoff": str(id_)})
    return HandedOff(code, expires_at)


async def claim(
    database: Database, asking: Asking, identity: Identity, *, typed: str, address: str | None, key: str, request: Any
) -> Changed:
    """The cart, for whoever has the code; a guest is given a token, and the former holder's is useless.

    Raises HandoffInvalid for codes that are unknown, used or too old, and for everybody who has guessed too often;
    CartNotOpen, NotFound, InvalidInput and the pair of idempotency refusals.
    """
    caller = asking.caller
    scope = idempotency.scope_of(caller) if caller.id is not None else idempotency.ANONYMOUS_SCOPE
    guessers = [f"caller:{caller.actor}"] if caller.id is not None else []
    if address is not None:
        guessers.append(f"address:{address}")
    if not identity.handoff_guesses.admit(*guessers):
        raise HandoffInvalid("Too many codes were tried; wait a minute.", ("input", "handoffCode"))
    async with (
        database.transaction() as connection,
        idempotency.claim(connection, scope=scope, key=key, operation="cartHandoffClaim", request=request) as first,
    ):
        if first.result is not None:
            changed = await _repeat(connection, asking, UUID(first.result["cart"]), UUID(first.result["handoff"]))
        else:
            changed, handoff_id = await _claim(connection, asking, typed)
            first.remember({"cart": str(changed.cart_id), "handoff": str(handoff_id)})
    identity.handoff_guesses.forgive(*guessers)
    return changed


async def _claim(connection: Connection, asking: Asking, typed: str) -> tuple[Changed, UUID]:
    """The cart and which hand-off it was."""
    code = normalized(typed.removeprefix(QR_PREFIX))
    found = None if code is None else await moving.handoff(connection, digest(code))
    expect_claimable(_handoff(found), now())
    assert found is not None, "what is unknown was refused"
    cart = await carts.lock(connection, found["cart_id"])
    assert cart is not None, "carts are never deleted"
    # Whoever waited for the cart's lock may have come second.
    if not await moving.claim(connection, found["id"], now()):
        raise HandoffInvalid("This code is not good, or no longer.", ("input", "handoffCode"))
    expect_parked(cart, now())
    token = await _hand_over(connection, asking, cart)
    await touch(connection, asking, cart.id, CartAction.CLAIMED)
    return Changed(cart.id, token), found["id"]


async def _hand_over(connection: Connection, asking: Asking, cart: Cart) -> str | None:
    """A till sells for whoever owns the cart; a customer becomes its owner; a guest goes on with what it is given.

    Returns the guest's token.
    """
    caller = asking.caller
    token = token_urlsafe(32) if _is_given_a_token(asking) else None
    owner = caller.customer_id or cart.customer_id
    if cart.customer_id is not None and owner != cart.customer_id:
        await moving.forget_buyer(connection, cart.id)
    await moving.set_holder(
        connection,
        cart.id,
        customer_id=owner,
        token_hash=None if token is None else digest(token),
        staff_channel_id=asking.channel["id"] if caller.may(Permission.SELL_IN_STORE) else None,
    )
    return token


def _is_given_a_token(asking: Asking) -> bool:
    """Whoever neither owns carts nor sells at a till has nothing else to prove by that this one is its own."""
    return asking.caller.customer_id is None and not asking.caller.may(Permission.SELL_IN_STORE)


async def _repeat(connection: Connection, asking: Asking, cart_id: UUID, handoff_id: UUID) -> Changed:
    """For ten minutes a guest who repeats its claim is given a fresh token: the answer with the first may have been lost."""
    cart = await carts.lock(connection, cart_id)
    last = await moving.last_claimed(connection, cart_id)
    assert cart is not None, "carts are never deleted"
    assert last is not None, "this one was claimed"
    holds_it_still = last["id"] == handoff_id and cart.token_hash is not None
    if not _is_given_a_token(asking) or not holds_it_still or last["claimed_at"] <= now() - TOKEN_REPLAY:
        if not cart.is_open_to(asking.caller, asking.channel["id"]):
            raise HandoffInvalid("The cart has moved on since.", ("input", "handoffCode"))
        return Changed(cart_id, is_replay=True)
    token = token_urlsafe(32)
    await carts.set_token(connection, cart_id, digest(token))
    # Not a change of the cart, but whoever follows it with the token of before may not any longer.
    await outbox.append(connection, [event_of(cart_id, cart.version)])
    return Changed(cart_id, token, is_replay=True)


def _handoff(row: Row | None) -> Handoff | None:
    return None if row is None else Handoff(row["expires_at"], is_claimed=row["claimed_at"] is not None)


def _code(identity: Identity, handoff_id: UUID) -> str:
    return code_of(identity.access_tokens.handoff_digits(handoff_id, below=len(ALPHABET), count=LENGTH))


def _hash(code: str) -> bytes:
    compared = normalized(code)
    assert compared is not None, "our own codes are good"
    return digest(compared)
