"""From the headers of a request to who is asking. What was revoked a moment ago is refused now."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from api.customers.signing_in import principal_of
from api.identity.tokens import APP_PREFIX, Access, AccessTokens, digest
from api.transport.session import AccessRefused
from domain.access import ANONYMOUS, Principal, ViewerKind
from domain.customers import permissions
from persistence.customers import apps, sessions
from persistence.database import Database, Row

_LONGEST_CART_TOKEN = 200


class Authenticator:
    """Asks the database each time, in one statement, so that no process trusts a token longer than another."""

    def __init__(self, database: Database, access_tokens: AccessTokens) -> None:
        self._database = database
        self._access_tokens = access_tokens

    async def principal(self, headers: Mapping[str, str]) -> tuple[Principal, datetime | None]:
        """The caller, and until when that holds; null for ever. Raises AccessRefused for a credential that is not good."""
        cart_token_hash = _cart_token_hash(headers)
        authorization = headers.get("authorization")
        if authorization is None:
            stranger = ANONYMOUS if cart_token_hash is None else replace(ANONYMOUS, cart_token_hash=cart_token_hash)
            return stranger, None
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise _refused("The Authorization header must be: Bearer, a space, and a token.")
        if token.startswith(APP_PREFIX):
            return replace(await self._app(token), cart_token_hash=cart_token_hash), None
        access = self._access_tokens.read(token, datetime.now(UTC))
        if access is None:
            raise _refused("The access token is not valid, or has expired.")
        return await self._signed_in(access, cart_token_hash), access.expires_at

    async def revoked(self, callers: Collection[Principal]) -> list[Principal]:
        """Those of these that would be refused now, or would be another: with other permissions, at another place."""
        session_ids = {caller.session_id for caller in callers if caller.session_id}
        app_ids = {caller.id for caller in callers if caller.id and caller.kind is ViewerKind.APP}
        async with self._database.reading() as reader:
            found = {row["id"]: row for row in await sessions.living_among(reader, session_ids)} if session_ids else {}
            found |= {row["id"]: row for row in await apps.by_ids(reader, list(app_ids))} if app_ids else {}
        return [caller for caller in callers if not _is_still(caller, found.get(caller.session_id or caller.id))]

    async def _signed_in(self, access: Access, cart_token_hash: bytes | None) -> Principal:
        async with self._database.reading() as reader:
            session = await sessions.living(reader, access.session_id)
        owner = "staff_id" if access.kind is ViewerKind.STAFF else "customer_id"
        if session is None or session[owner] != access.subject:
            raise _refused("The session has ended.")
        return principal_of(access.kind, access.subject, session, session["id"], cart_token_hash)

    async def _app(self, token: str) -> Principal:
        async with self._database.reading() as reader:
            app = await apps.by_token(reader, digest(token))
        if app is None:
            raise _refused("The app's token is not valid, or was revoked.")
        if app["was_unused_for_a_minute"]:
            async with self._database.transaction() as connection:
                await apps.touch(connection, app["id"])
        return _app_principal(app)


def _app_principal(app: Row) -> Principal:
    return Principal(
        kind=ViewerKind.APP,
        id=app["id"],
        name=app["name"],
        permissions=permissions.known(app["permissions"]),
        location_id=app["location_id"],
        channel_id=app["channel_id"],
    )


def _is_still(caller: Principal, row: Row | None) -> bool:
    """Another name makes nobody another."""
    if row is None:
        return False
    if caller.kind is ViewerKind.APP:
        now = None if row["revoked_at"] else _app_principal(row)
    else:
        owner = "staff_id" if caller.kind is ViewerKind.STAFF else "customer_id"
        assert caller.id is not None, "only those who signed in have a session"
        now = principal_of(caller.kind, caller.id, row, row["id"], None) if row[owner] == caller.id else None
    return now is not None and replace(now, name=caller.name, cart_token_hash=caller.cart_token_hash) == caller


def _cart_token_hash(headers: Mapping[str, str]) -> bytes | None:
    token = headers.get("oneshelf-cart-token", "")
    return digest(token) if 0 < len(token) <= _LONGEST_CART_TOKEN else None


def _refused(message: str) -> AccessRefused:
    return AccessRefused("UNAUTHENTICATED", message, 401)
