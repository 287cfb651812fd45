"""Signing in, staying signed in, signing out: for customers and staff alike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.identity.identity import Identity
from api.identity.tokens import digest, new_secret
from api.input_rules import sign_in_name
from domain.access import Principal, ViewerKind
from domain.customers import permissions
from domain.customers.sessions import SESSION_LIFETIME, Refresh, SessionState, decide_refresh
from domain.errors import InvalidInput, NotFound, SignInFailed
from persistence.customers import accounts, sessions
from persistence.database import Connection, Database, Row

MergeReport = list[dict[str, Any]] | None
"""What became of each line, where the cart was merged into another."""

ClaimCart = Callable[[Connection, UUID, UUID], Awaitable[MergeReport]]
"""Gives the cart to the customer when the caller holds its token; raises NotFound or CartNotOpen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is signed in now, and what proves it."""

    principal: Principal
    access_token: str
    refresh_token: str
    expires_at: datetime  # Of the access token.
    merge_report: MergeReport = None


async def sign_in(
    database: Database,
    identity: Identity,
    *,
    email: str,
    password: str,
    client_address: str | None,
    cart_id: UUID | None = None,
    claim_cart: ClaimCart,
) -> SignedIn:
    """Raises SignInFailed, which never says why; for the cart's sake NotFound or CartNotOpen, and nobody is signed in."""
    name = sign_in_name(email)
    tries = [f"account:{name}"] if name else []
    if client_address is not None:
        tries.append(f"address:{client_address}")
    if not identity.attempts.admit(*tries):
        raise _failed()
    owner = await _owner(database, identity, name, password)
    if owner is None:
        raise _failed()
    identity.attempts.forgive(*tries)
    kind, id_ = ViewerKind(owner["kind"]), owner["id"]
    async with database.transaction() as connection:
        # The password may have been changed while it was being checked.
        if not await accounts.keep_password(connection, owner["kind"], id_, owner["password_hash"]):
            raise _failed()
        report = None if cart_id is None else await _claim(connection, kind, id_, cart_id, claim_cart)
        return replace(await begin_session(connection, identity, kind, owner), merge_report=report)


async def _owner(database: Database, identity: Identity, name: str | None, password: str) -> Row | None:
    """Whose password this is. Somebody unknown costs one check, as somebody known does."""
    owners: list[Row] = []
    if name is not None:
        async with database.reading() as reader:
            owners = await accounts.signed_in_by(reader, name)
    if not owners:
        await identity.passwords.verify(None, password)
    for owner in owners:
        if await identity.passwords.verify(owner["password_hash"], password):
            return owner
    return None


async def _claim(
    connection: Connection, kind: ViewerKind, id_: UUID, cart_id: UUID, claim_cart: ClaimCart
) -> MergeReport:
    if kind is not ViewerKind.CUSTOMER:
        raise NotFound("Staff has no carts of its own: sign in without one.", ("input", "cartId"))
    return await claim_cart(connection, cart_id, id_)


async def begin_session(connection: Connection, identity: Identity, kind: ViewerKind, owner: Row) -> SignedIn:
    """`owner` is a row of a customer or of staff."""
    session_id, refresh_token = uuid7(), new_secret()
    await sessions.begin(
        connection,
        session_id,
        customer_id=owner["id"] if kind is ViewerKind.CUSTOMER else None,
        staff_id=owner["id"] if kind is ViewerKind.STAFF else None,
        lifetime=SESSION_LIFETIME,
        token_hash=refresh_token.hash,
    )
    return _signed_in(identity, principal_of(kind, owner["id"], owner, session_id), refresh_token.text)


def _signed_in(identity: Identity, principal: Principal, refresh_token: str) -> SignedIn:
    assert principal.id is not None
    assert principal.session_id is not None
    access_token, expires_at = identity.access_tokens.issue(
        principal.kind, principal.id, principal.session_id, datetime.now(UTC)
    )
    return SignedIn(principal=principal, access_token=access_token, refresh_token=refresh_token, expires_at=expires_at)


def principal_of(
    kind: ViewerKind,
    id_: UUID,
    owner: Row,
    session_id: UUID,
    cart_token_hash: bytes | None = None,
) -> Principal:
    is_staff = kind is ViewerKind.STAFF
    return Principal(
        kind=kind,
        id=id_,
        name=owner["name"],
        permissions=permissions.known(owner["permissions"]) if is_staff else frozenset(),
        location_id=owner["location_id"] if is_staff else None,
        session_id=session_id,
        cart_token_hash=cart_token_hash,
    )


async def refresh(database: Database, identity: Identity, *, refresh_token: str) -> SignedIn:
    """Exchange a refresh token for another. One that comes twice signs out whoever holds any of its family."""
    presented = digest(refresh_token)
    async with database.transaction() as connection:
        family = await sessions.lock_by_token(connection, presented)
        if family is not None:
            state = SessionState(
                expires_at=family["expires_at"],
                revoked_at=family["revoked_at"],
                owner_is_shut_out=family["owner_is_shut_out"],
            )
            decision = decide_refresh(state, used_at=family["used_at"], now=family["now"])
            if decision is Refresh.ROTATE:
                return await _rotate(connection, identity, family, presented)
            if decision is Refresh.REVOKE_FAMILY:
                await sessions.revoke(connection, family["id"], because="a refresh token was used twice")
    raise _failed()


async def _rotate(connection: Connection, identity: Identity, family: Row, presented: bytes) -> SignedIn:
    successor = new_secret()
    await sessions.use_token(connection, presented)
    await sessions.add_token(connection, family["id"], successor.hash)
    kind = ViewerKind.STAFF if family["staff_id"] else ViewerKind.CUSTOMER
    owner_id = family["staff_id"] or family["customer_id"]
    return _signed_in(identity, principal_of(kind, owner_id, family, family["id"]), successor.text)


async def sign_out(database: Database, caller: Principal, *, refresh_token: str | None, everywhere: bool) -> None:
    """End the token's session, without one the caller's own, or all of its owner's. Doing it again does no harm.

    Raises InvalidInput for what is no refresh token, and without one when nobody is signed in.
    """
    async with database.transaction() as connection:
        # Not locked: whoever signs out everywhere from two devices at once must not wait for itself.
        if refresh_token is not None:
            family = await sessions.by_token(connection, digest(refresh_token))
        else:
            family = None if caller.session_id is None else await sessions.living(connection, caller.session_id)
        if family is None:
            raise InvalidInput("This is not a refresh token, and nobody is signed in.", ("input", "refreshToken"))
        if everywhere:
            await sessions.revoke_all(
                connection,
                customer_id=family["customer_id"],
                staff_id=family["staff_id"],
                because="signed out everywhere",
            )
        else:
            await sessions.revoke(connection, family["id"], because="signed out")


def _failed() -> SignInFailed:
    return SignInFailed("Signing in failed.")
