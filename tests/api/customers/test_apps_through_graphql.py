"""Apps in the schema: for whoever manages them, and for nobody else."""

from typing import Any
from uuid import uuid4

import pytest

from domain.access import Permission, Principal, ViewerKind
from tests.api.customers.asking import Ask, codes_of

pytestmark = pytest.mark.anyio

_APP_CREATE = (
    "mutation ($input: AppCreateInput!) { appCreate(input: $input) { __typename ... on AppPayload { token app { "
    "id name permissions channel { code } location { code } createdAt lastUsedAt revokedAt } } "
    "... on UserError { code message path } } }"
)
_APPS = "query ($first: Int, $after: String) { apps(first: $first, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"


def _manager(*granted: Permission) -> Principal:
    return Principal(kind=ViewerKind.STAFF, id=uuid4(), permissions=frozenset({Permission.MANAGE_APPS, *granted}))


async def test_an_app_is_made_listed_and_revoked(ask: Ask) -> None:
    manager = _manager(Permission.READ_STOCK)
    wanted = {"name": "ERP", "channel": "web", "permissions": ["READ_STOCK"], "idempotencyKey": "erp"}

    created = (await ask(_APP_CREATE, manager, input=wanted))["appCreate"]
    again = (await ask(_APP_CREATE, manager, input=wanted))["appCreate"]
    revoked = await ask(
        "mutation ($id: ID!) { appRevoke(input: {appId: $id}) { ... on AppRevokePayload { app { id revokedAt } } } }",
        manager,
        id=created["app"]["id"],
    )

    assert created["token"].startswith("sk_")
    assert again == {**created, "token": None}
    assert created["app"]["channel"] == {"code": "web"}
    assert created["app"]["permissions"] == ["READ_STOCK"]
    assert revoked["appRevoke"]["app"]["revokedAt"] is not None


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"channel": "moon"}, "NOT_FOUND", ["input", "channel"]),
        ({"location": {"code": "moon"}}, "NOT_FOUND", ["input", "location"]),
        ({"permissions": ["MANAGE_STOCK"]}, "INVALID_INPUT", ["input", "permissions"]),
        ({"name": " "}, "INVALID_INPUT", ["input", "name"]),
        ({"idempotencyKey": ""}, "INVALID_INPUT", ["input", "idempotencyKey"]),
    ],
)
async def test_an_app_that_cannot_be_is_refused(ask: Ask, changes: dict[str, Any], code: str, path: list[str]) -> None:
    wanted = {"name": "ERP", "channel": "web", "permissions": ["READ_STOCK"], "idempotencyKey": "erp", **changes}

    refused = (await ask(_APP_CREATE, _manager(Permission.READ_STOCK), input=wanted))["appCreate"]

    assert (refused["code"], refused["path"]) == (code, path)


async def test_apps_are_for_whoever_manages_them(ask: Ask) -> None:
    staff = Principal(kind=ViewerKind.STAFF, id=uuid4(), permissions=frozenset({Permission.READ_STOCK}))
    create = 'mutation { appCreate(input: {name: "x", channel: "web", permissions: [], idempotencyKey: "x"}) { __typename } }'
    revoke = 'mutation { appRevoke(input: {appId: "x"}) { __typename } }'

    for document in (_APPS, create, revoke):
        assert codes_of(await ask(document)) == ["UNAUTHENTICATED"]
        assert codes_of(await ask(document, staff)) == ["FORBIDDEN"]


async def test_apps_are_paged_newest_first(ask: Ask) -> None:
    manager = _manager()
    for name in ("one", "two", "three"):
        await ask(
            _APP_CREATE,
            manager,
            input={"name": name, "channel": "web", "permissions": [], "idempotencyKey": name},
        )

    first = (await ask(_APPS, manager, first=2))["apps"]
    second = (await ask(_APPS, manager, first=2, after=first["pageInfo"]["endCursor"]))["apps"]

    assert [app["name"] for app in first["nodes"]] == ["three", "two"]
    assert [app["name"] for app in second["nodes"]] == ["one"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert second["pageInfo"]["hasNextPage"] is False
    assert codes_of(await ask(_APPS, manager, after="nonsense")) == ["BAD_USER_INPUT"]
