"""Partner apps: as far as their maker reaches, until they are revoked."""

from typing import Any
from uuid import uuid4

import pytest

from api.customers import apps
from api.customers.authentication import Authenticator
from api.identity.identity import Identity
from api.transport.session import AccessRefused
from domain.access import Permission, Principal, ViewerKind
from domain.errors import IdempotencyMismatch, InvalidInput, NotFound
from persistence.channels import places
from persistence.customers import apps as stored_apps
from persistence.database import Database
from tests.api.customers.people import People

pytestmark = pytest.mark.anyio


@pytest.fixture
def authenticator(database: Database, identity: Identity) -> Authenticator:
    return Authenticator(database, identity.access_tokens)


@pytest.fixture
async def channel_id(database: Database) -> int:
    async with database.transaction() as connection:
        market = await places.insert_market(
            connection,
            code="de",
            name="Germany",
            currency_code="EUR",
            tax_included=True,
            tax_rate_basis_points=1900,
            countries=["DE"],
        )
        channel = await places.insert_channel(
            connection, code="web", name="Web", kind="WEB", market_id=market["id"], location_id=None
        )
    return int(channel["id"])


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _operator(*granted: Permission) -> Principal:
    return Principal(kind=ViewerKind.STAFF, id=uuid4(), permissions=frozenset({Permission.MANAGE_APPS, *granted}))


async def _create(database: Database, caller: Principal, channel_id: int, **changes: Any) -> apps.CreatedApp:
    values: dict[str, Any] = {
        "name": "Till",
        "channel_id": channel_id,
        "location_id": None,
        "permissions": [Permission.READ_STOCK],
        "key": "till-1",
        "request": {"name": "Till"},
        **changes,
    }
    return await apps.create_app(database, caller, **values)


async def test_an_app_acts_with_its_token_until_it_is_revoked(
    database: Database, authenticator: Authenticator, channel_id: int
) -> None:
    caller = _operator(Permission.READ_STOCK)
    created = await _create(database, caller, channel_id)
    assert created.token is not None
    assert created.token.startswith(f"sk_{created.app['id'].hex[-8:]}_")

    principal, expires_at = await authenticator.principal(_bearer(created.token))

    assert expires_at is None
    assert principal == Principal(
        kind=ViewerKind.APP,
        id=created.app["id"],
        name="Till",
        permissions=frozenset({Permission.READ_STOCK}),
        channel_id=channel_id,
    )
    await apps.revoke_app(database, caller, app_id=created.app["id"])
    with pytest.raises(AccessRefused) as refusal:
        await authenticator.principal(_bearer(created.token))
    assert refusal.value.status == 401


async def test_an_apps_last_use_is_written_once_a_minute(
    database: Database, authenticator: Authenticator, channel_id: int, people: People, statements: list[str]
) -> None:
    created = await _create(database, _operator(Permission.READ_STOCK), channel_id)
    assert created.token is not None
    await authenticator.principal(_bearer(created.token))
    statements.clear()

    await authenticator.principal(_bearer(created.token))
    assert len(statements) == 1
    await people.run("UPDATE app SET last_used_at = now() - interval '61 seconds'")
    await authenticator.principal(_bearer(created.token))

    assert await people.count("SELECT count(*) FROM app WHERE last_used_at > now() - interval '30 seconds'") == 1


async def test_an_app_made_twice_with_one_key_is_one_and_shows_its_token_once(
    database: Database, channel_id: int
) -> None:
    caller = _operator(Permission.READ_STOCK)
    first = await _create(database, caller, channel_id)

    again = await _create(database, caller, channel_id)
    with pytest.raises(IdempotencyMismatch):
        await _create(database, caller, channel_id, request={"name": "Other"})

    assert again.app["id"] == first.app["id"]
    assert again.token is None


async def test_an_app_gets_no_permission_that_its_maker_has_not(database: Database, channel_id: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await _create(database, _operator(), channel_id)

    assert refusal.value.path == ("input", "permissions")
    async with database.reading() as reader:
        assert await stored_apps.count(reader, location_id=None) == 0


async def test_whoever_is_bound_to_a_location_revokes_only_there(database: Database, channel_id: int) -> None:
    created = await _create(database, _operator(Permission.READ_STOCK), channel_id)
    bound = Principal(kind=ViewerKind.STAFF, id=uuid4(), permissions=frozenset({Permission.MANAGE_APPS}), location_id=1)

    with pytest.raises(NotFound):
        await apps.revoke_app(database, bound, app_id=created.app["id"])

    async with database.reading() as reader:
        assert (await stored_apps.by_ids(reader, [created.app["id"]]))[0]["revoked_at"] is None
