"""Partner apps and staff: who else may act, and how far."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.identity.identity import Identity
from api.identity.tokens import new_app_token
from api.input_rules import checked_email
from domain.access import Permission, Principal, ViewerKind
from domain.customers.credentials import expect_good_password
from domain.customers.permissions import expect_grantable
from domain.customers.profile import cleaned
from domain.errors import InvalidInput, NotFound, Path
from persistence import idempotency
from persistence.customers import accounts, apps
from persistence.database import Database, Row

OPERATOR = Principal(kind=ViewerKind.STAFF, name="operator", permissions=frozenset(Permission))
"""Whoever can run the command line on the server may do everything anyway."""

_NAME = ("input", "name")
_PERMISSIONS = ("input", "permissions")
_LOCATION = ("input", "location")


@dataclass(frozen=True, slots=True)
class CreatedApp:
    app: Row
    token: str | None  # Shown once: a replay has none.


async def create_app(
    database: Database,
    caller: Principal,
    *,
    name: str,
    channel_id: int,
    location_id: int | None,
    permissions: Collection[Permission],
    key: str | None,
    request: Any = None,
) -> CreatedApp:
    """An app that speaks for one channel, with permissions that the caller has itself. Raises InvalidInput."""
    title = _required(name, _NAME)
    expect_grantable(caller, permissions, location_id=location_id, path=_PERMISSIONS, location_path=_LOCATION)
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection, scope=idempotency.scope_of(caller), key=key, operation="appCreate", request=request
        ) as first,
    ):
        if first.result is not None:
            return CreatedApp((await apps.by_ids(connection, [UUID(first.result["appId"])]))[0], None)
        id_ = uuid7()
        token = new_app_token(id_)
        app = await apps.create(
            connection,
            id=id_,
            name=title,
            channel_id=channel_id,
            location_id=location_id,
            permissions=sorted(permission.value for permission in permissions),
            token_hash=token.hash,
        )
        first.remember({"appId": app["id"]})
    return CreatedApp(app, token.text)


async def revoke_app(database: Database, caller: Principal, *, app_id: UUID | None) -> Row:
    """Its token is refused from now on; doing it again changes nothing. Raises NotFound."""
    async with database.transaction() as connection:
        app = None if app_id is None else await apps.revoke(connection, app_id, location_id=caller.location_id)
    if app is None:
        raise NotFound("There is no such app.", ("input", "appId"))
    return app


async def create_staff(
    database: Database,
    identity: Identity,
    *,
    email: str,
    name: str,
    password: str,
    permissions: Collection[Permission],
    location_id: int | None,
) -> Row:
    """Raises InvalidInput, also when there is staff with this address."""
    address = checked_email(email, ("email",))
    expect_good_password(password, email=address, path=("password",))
    title = _required(name, ("name",))
    password_hash = await identity.passwords.hash(password)
    async with database.transaction() as connection:
        staff = await accounts.insert_staff(
            connection,
            id=uuid7(),
            email=address,
            name=title,
            password_hash=password_hash,
            location_id=location_id,
            permissions=sorted(permission.value for permission in permissions),
        )
    if staff is None:
        raise InvalidInput(f"There is staff with the address {address} already.", ("email",))
    return staff


def _required(text: str, path: Path) -> str:
    title = cleaned(text, path=path)
    if title is None:
        raise InvalidInput("A name is needed.", path)
    return title
