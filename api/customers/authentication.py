"""From the headers of a request to who is asking. What was revoked a moment ago is refused now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from api.customers.signing_in import principal_of
from api.identity.tokens import APP_PREFIX, Access, AccessTokens, digest
from api.transport.session import AccessRefused
from domain.access import ANONYMOUS, Principal, ViewerKind
from domain.customers import permissions
from persistence.customers import apps, sessions
from persistence.database import Database

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
            return replace(ANONYMOUS, cart_token_hash=cart_token_hash), None
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
        return Principal(
            kind=ViewerKind.APP,
            id=app["id"],
            name=app["name"],
            permissions=permissions.known(app["permissions"]),
            location_id=app["location_id"],
            channel_id=app["channel_id"],
        )


def _cart_token_hash(headers: Mapping[str, str]) -> bytes | None:
    token = headers.get("oneshelf-cart-token", "")
    return digest(token) if 0 < len(token) <= _LONGEST_CART_TOKEN else None


def _refused(message: str) -> AccessRefused:
    return AccessRefused("UNAUTHENTICATED", message, 401)
