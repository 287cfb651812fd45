"""What clients of the schema see: unions, refusals with paths, and nothing of others."""

from uuid import uuid4

import pytest

from api.identity.tokens import digest
from domain.access import ANONYMOUS, Permission, Principal, ViewerKind
from tests.api.customers.asking import Ask, codes_of
from tests.api.customers.people import EMAIL, OTHER_PASSWORD, PASSWORD, Mailbox, People

pytestmark = pytest.mark.anyio

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

    assert codes_of(await ask(document)) == ["UNAUTHENTICATED"]
    assert codes_of(await ask(document, staff)) == ["FORBIDDEN"]


async def test_nobody_reads_anothers_profile_by_its_id(ask: Ask, people: People) -> None:
    ada = (await people.customer()).principal
    eve = (await people.customer("eve@example.com")).principal
    assert ada.id is not None
    document = "query ($id: ID!) { node(id: $id) { __typename ... on Customer { email } } }"
    clerk = Principal(kind=ViewerKind.STAFF, id=uuid4(), permissions=frozenset({Permission.READ_CUSTOMERS}))

    answers = [await ask(document, caller, id=f"cus_{ada.id.hex}") for caller in (ANONYMOUS, eve, ada, clerk)]

    ours = {"node": {"__typename": "Customer", "email": EMAIL}}
    assert answers == [{"node": None}, {"node": None}, ours, ours]
