"""What clients of the schema see: unions, refusals with paths, and nothing of others."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any
from uuid import uuid4

import orjson
import pytest

from api.channels.founding import found
from api.context import Context
from api.customers.identity import Identity
from api.customers.tokens import digest
from api.directory import DirectoryCache
from api.execution.engine import Engine, GraphQLRequest
from api.schema import build_schema
from domain.access import ANONYMOUS, Permission, Principal, ViewerKind
from persistence.database import Database
from tests.api.customers.people import EMAIL, OTHER_PASSWORD, PASSWORD, Mailbox, People

pytestmark = pytest.mark.anyio

Ask = Callable[..., Awaitable[dict[str, Any]]]

_SESSION = """
  __typename
  ... on SessionPayload {
    accessToken refreshToken expiresAt viewer { kind permissions customer { id email name addresses { line1 } } }
  }
  ... on UserError { code message path }
"""
_REGISTER = (
    "mutation ($input: CustomerRegisterInput!) { customerRegister(input: $input) { "
    "__typename ... on CustomerRegisterPayload { verificationSent } ... on UserError { code message path } } }"
)
_SIGN_IN = f"mutation ($input: SignInInput!) {{ signIn(input: $input) {{ {_SESSION} }} }}"
_APP_CREATE = (
    "mutation ($input: AppCreateInput!) { appCreate(input: $input) { __typename ... on AppPayload { token app { "
    "id name permissions channel { code } location { code } createdAt lastUsedAt revokedAt } } "
    "... on UserError { code message path } } }"
)
_APPS = "query ($first: Int, $after: String) { apps(first: $first, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"


@cache
def _engine() -> Engine:
    return Engine(build_schema())


@pytest.fixture
async def ask(database: Database, identity: Identity) -> Ask:
    """Runs a document for a caller: the answer's `data`, or its `errors`."""
    await found(database)
    directory = await DirectoryCache(database).current()

    async def run(document: str, caller: Principal = ANONYMOUS, **variables: Any) -> dict[str, Any]:
        context = Context(
            database=database,
            caller=caller,
            directory=directory,
            channel=directory.channels_by_code["web"],
            request_id="test",
            identity=identity,
            client_address="203.0.113.7",
        )
        answer = await _engine().execute(GraphQLRequest(document, variables), context)
        body: dict[str, Any] = orjson.loads(answer.body)
        return body if "errors" in body else body["data"]

    return run


def _codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


async def test_a_guest_is_its_own_viewer(ask: Ask) -> None:
    answer = await ask("{ viewer { kind customer { id } channel { code } location { code } permissions } me { id } }")

    assert answer == {
        "viewer": {
            "kind": "ANONYMOUS",
            "customer": None,
            "channel": {"code": "web"},
            "location": None,
            "permissions": [],
        },
        "me": None,
    }


async def test_register_verify_and_sign_in(ask: Ask, mailbox: Mailbox) -> None:
    registered = await ask(
        _REGISTER, input={"email": EMAIL, "password": PASSWORD, "name": "Ada", "idempotencyKey": str(uuid4())}
    )
    verified = await ask(
        f"mutation ($token: String!) {{ customerVerify(input: {{token: $token}}) {{ {_SESSION} }} }}",
        token=await mailbox.newest_token(),
    )
    signed_in = await ask(_SIGN_IN, input={"email": EMAIL, "password": PASSWORD})

    assert registered == {"customerRegister": {"__typename": "CustomerRegisterPayload", "verificationSent": True}}
    assert verified["customerVerify"]["__typename"] == "SessionPayload"
    viewer = signed_in["signIn"]["viewer"]
    assert viewer["kind"] == "CUSTOMER"
    assert viewer["customer"]["email"] == EMAIL
    assert viewer["customer"]["addresses"] == []
    assert viewer == verified["customerVerify"]["viewer"]


async def test_registering_answers_the_same_for_known_and_unknown_addresses(ask: Ask, people: People) -> None:
    await people.customer()
    answers = [
        await ask(_REGISTER, input={"email": email, "password": PASSWORD, "idempotencyKey": str(uuid4())})
        for email in (EMAIL, "stranger@example.com")
    ]

    assert answers[0] == answers[1]


async def test_asking_for_a_reset_answers_the_same_for_everybody(ask: Ask, people: People) -> None:
    await people.customer()
    document = (
        "mutation ($email: String!) { passwordResetRequest(input: {email: $email}) "
        "{ __typename ... on PasswordResetRequestPayload { resetSent } } }"
    )

    answers = [await ask(document, email=email) for email in (EMAIL, "stranger@example.com")]

    assert answers[0] == answers[1]
    assert answers[0]["passwordResetRequest"] == {"__typename": "PasswordResetRequestPayload", "resetSent": True}


async def test_failing_to_sign_in_answers_the_same_for_everybody(ask: Ask, people: People) -> None:
    await people.customer()
    answers = [
        await ask(_SIGN_IN, input={"email": email, "password": "wrong password"})
        for email in (EMAIL, "stranger@example.com", "nonsense")
    ]

    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["signIn"]["code"] == "SIGN_IN_FAILED"


async def test_a_reset_password_signs_in(ask: Ask, people: People) -> None:
    await people.customer()
    token = await people.reset_token()

    answer = await ask(
        "mutation ($input: PasswordResetInput!) { passwordReset(input: $input) "
        "{ __typename ... on PasswordResetPayload { passwordSet } ... on UserError { code } } }",
        input={"token": token, "password": OTHER_PASSWORD},
    )

    assert answer["passwordReset"] == {"__typename": "PasswordResetPayload", "passwordSet": True}
    await people.sign_in(password=OTHER_PASSWORD)


async def test_refresh_and_sign_out(ask: Ask, people: People) -> None:
    signed_in = await people.customer()
    refresh = f"mutation ($token: String!) {{ tokenRefresh(input: {{refreshToken: $token}}) {{ {_SESSION} }} }}"
    refreshed = (await ask(refresh, token=signed_in.refresh_token))["tokenRefresh"]

    ended = await ask(
        "mutation ($token: String!) { signOut(input: {refreshToken: $token, everywhere: true}) "
        "{ ... on SignOutPayload { signedOut } } }",
        token=refreshed["refreshToken"],
    )

    assert refreshed["viewer"]["customer"]["email"] == EMAIL
    assert ended == {"signOut": {"signedOut": True}}
    assert (await ask(refresh, token=refreshed["refreshToken"]))["tokenRefresh"]["code"] == "SIGN_IN_FAILED"


async def test_signing_in_with_a_cart_of_nobody_signs_nobody_in(ask: Ask, people: People) -> None:
    await people.customer()

    for cart_id in ("nonsense", f"crt_{uuid4().hex}"):
        answer = await ask(_SIGN_IN, input={"email": EMAIL, "password": PASSWORD, "cartId": cart_id})
        assert answer["signIn"]["code"] == "NOT_FOUND"
        assert answer["signIn"]["path"] == ["input", "cartId"]

    assert await people.count("SELECT count(*) FROM session") == 1


async def test_signing_in_makes_the_guests_cart_the_customers_and_its_token_useless(ask: Ask, people: People) -> None:
    customer = (await people.customer()).principal
    created = await ask(
        "mutation ($key: String!) { cartCreate(input: {idempotencyKey: $key}) "
        "{ ... on CartPayload { cart { id } cartToken } } }",
        key=str(uuid4()),
    )
    cart_id, token = created["cartCreate"]["cart"]["id"], created["cartCreate"]["cartToken"]
    guest = Principal(cart_token_hash=digest(token))
    read = "query ($id: ID!) { cart(id: $id) { id customer { id } } }"
    assert (await ask(read, guest, id=cart_id))["cart"] == {"id": cart_id, "customer": None}

    signed_in = await ask(_SIGN_IN, guest, input={"email": EMAIL, "password": PASSWORD, "cartId": cart_id})

    owner = signed_in["signIn"]["viewer"]["customer"]["id"]
    assert (await ask(read, customer, id=cart_id))["cart"] == {"id": cart_id, "customer": {"id": owner}}
    assert await ask(read, guest, id=cart_id) == {"cart": None}


async def test_a_customer_changes_its_own_profile(ask: Ask, people: People) -> None:
    caller = (await people.customer()).principal
    document = (
        "mutation ($input: CustomerUpdateInput!) { customerUpdate(input: $input) { __typename "
        "... on CustomerPayload { customer { name phone addresses { line1 city countryCode } } } "
        "... on UserError { code path } } }"
    )
    address = {"line1": "Unter den Linden 1", "city": "Berlin", "postalCode": "10117", "countryCode": "DE"}

    changed = await ask(document, caller, input={"phone": "+49 30 123456", "addresses": [address]})
    refused = await ask(document, caller, input={"addresses": [address, {**address, "postalCode": "1"}]})
    unchanged = await ask(document, caller, input={})

    assert changed["customerUpdate"]["customer"] == {
        "name": "Ada",
        "phone": "+4930123456",
        "addresses": [{"line1": "Unter den Linden 1", "city": "Berlin", "countryCode": "DE"}],
    }
    assert refused["customerUpdate"]["path"] == ["input", "addresses", "1", "postalCode"]
    assert unchanged == changed


async def test_only_customers_have_a_profile_to_change(ask: Ask) -> None:
    document = 'mutation { customerUpdate(input: {name: "Eve"}) { __typename } }'
    staff = Principal(kind=ViewerKind.STAFF, id=uuid4(), permissions=frozenset(Permission))

    assert _codes(await ask(document)) == ["UNAUTHENTICATED"]
    assert _codes(await ask(document, staff)) == ["FORBIDDEN"]


async def test_nobody_reads_anothers_profile_by_its_id(ask: Ask, people: People) -> None:
    ada = (await people.customer()).principal
    eve = (await people.customer("eve@example.com")).principal
    assert ada.id is not None
    document = "query ($id: ID!) { node(id: $id) { __typename ... on Customer { email } } }"
    clerk = Principal(kind=ViewerKind.STAFF, id=uuid4(), permissions=frozenset({Permission.READ_CUSTOMERS}))

    answers = [await ask(document, caller, id=f"cus_{ada.id.hex}") for caller in (ANONYMOUS, eve, ada, clerk)]

    ours = {"node": {"__typename": "Customer", "email": EMAIL}}
    assert answers == [{"node": None}, {"node": None}, ours, ours]


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
        assert _codes(await ask(document)) == ["UNAUTHENTICATED"]
        assert _codes(await ask(document, staff)) == ["FORBIDDEN"]


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
    assert _codes(await ask(_APPS, manager, after="nonsense")) == ["BAD_USER_INPUT"]
