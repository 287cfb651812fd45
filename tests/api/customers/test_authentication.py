"""Headers to principals: whatever this server did not sign, or has revoked, is refused."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey

from api.customers.authentication import Authenticator
from api.customers.signing_in import sign_out
from api.identity.identity import Identity
from api.identity.tokens import AccessTokens, digest
from api.transport.session import AccessRefused
from domain.access import ANONYMOUS, Permission, Principal, ViewerKind
from persistence.database import Database
from tests.api.customers.people import People

pytestmark = pytest.mark.anyio

KEY = OKPKey.generate_key("Ed25519")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def authenticator(database: Database, identity: Identity) -> Authenticator:
    return Authenticator(database, identity.access_tokens)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_without_headers_the_caller_is_anonymous(authenticator: Authenticator) -> None:
    assert await authenticator.principal({}) == (ANONYMOUS, None)


async def test_a_guest_is_known_by_the_hash_of_its_carts_token(authenticator: Authenticator) -> None:
    principal, _ = await authenticator.principal({"oneshelf-cart-token": "secret"})

    assert principal == Principal(cart_token_hash=digest("secret"))


async def test_an_access_token_says_who_is_asking(authenticator: Authenticator, people: People) -> None:
    signed_in = await people.customer()

    principal, expires_at = await authenticator.principal(_bearer(signed_in.access_token))

    assert principal == signed_in.principal
    assert expires_at == signed_in.expires_at


async def test_signing_out_counts_at_once(authenticator: Authenticator, people: People, database: Database) -> None:
    signed_in = await people.customer()
    await sign_out(database, ANONYMOUS, refresh_token=signed_in.refresh_token, everywhere=False)

    with pytest.raises(AccessRefused) as refusal:
        await authenticator.principal(_bearer(signed_in.access_token))

    assert (refusal.value.code, refusal.value.status) == ("UNAUTHENTICATED", 401)


async def test_permissions_are_those_of_now(authenticator: Authenticator, people: People) -> None:
    await people.staff("clerk@example.com", Permission.READ_STOCK)
    signed_in = await people.sign_in("clerk@example.com")
    await people.run("UPDATE staff SET permissions = '{READ_ORDERS}'")

    principal, _ = await authenticator.principal(_bearer(signed_in.access_token))
    assert principal.permissions == {Permission.READ_ORDERS}

    await people.run("UPDATE staff SET disabled_at = now()")
    with pytest.raises(AccessRefused):
        await authenticator.principal(_bearer(signed_in.access_token))


async def test_a_customers_token_is_no_staff_token(
    authenticator: Authenticator, people: People, identity: Identity
) -> None:
    customer = (await people.customer()).principal
    assert customer.id is not None
    assert customer.session_id is not None
    token, _ = identity.access_tokens.issue(ViewerKind.STAFF, customer.id, customer.session_id, datetime.now(UTC))

    with pytest.raises(AccessRefused):
        await authenticator.principal(_bearer(token))


async def test_a_session_of_somebody_else_is_refused(
    authenticator: Authenticator, people: People, identity: Identity
) -> None:
    customer = (await people.customer()).principal
    assert customer.session_id is not None
    token, _ = identity.access_tokens.issue(ViewerKind.CUSTOMER, uuid4(), customer.session_id, datetime.now(UTC))

    with pytest.raises(AccessRefused):
        await authenticator.principal(_bearer(token))


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic YTpi", "token", "Bearer x", "Bearer a.b.c", "Bearer sk_x", "bearer \x00"],
)
async def test_a_malformed_header_is_refused(authenticator: Authenticator, authorization: str) -> None:
    with pytest.raises(AccessRefused) as refusal:
        await authenticator.principal({"authorization": authorization})

    assert (refusal.value.code, refusal.value.status) == ("UNAUTHENTICATED", 401)


async def test_two_credentials_are_none(authenticator: Authenticator, people: People) -> None:
    token = (await people.customer()).access_token

    with pytest.raises(AccessRefused):
        await authenticator.principal({"authorization": f"Bearer {token}, Bearer {token}"})


def _claims(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": "oneshelf",
        "aud": "oneshelf-customer",
        "purpose": "access",
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=10)).timestamp()),
    }
    claims.update(changes)
    return {name: value for name, value in claims.items() if value is not None}


def _signed(claims: dict[str, Any], key: Any = KEY, algorithm: str = "Ed25519", **header: Any) -> str:
    return jwt.encode({"alg": algorithm, **header}, claims, key, algorithms=[algorithm])


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


def _unsigned(algorithm: str) -> str:
    return f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{_part(_claims())}."


def _tampered() -> str:
    header, _, signature = _signed(_claims()).split(".")
    return f"{header}.{_part(_claims(aud='oneshelf-staff'))}.{signature}"


def test_a_token_of_ours_is_read() -> None:
    claims = _claims()

    access = AccessTokens(KEY).read(_signed(claims), NOW)

    assert access is not None
    assert access.kind is ViewerKind.CUSTOMER
    assert str(access.subject) == claims["sub"]
    assert access.expires_at == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(_unsigned("none"), id="alg none"),
        pytest.param(_unsigned("None"), id="alg None"),
        pytest.param(_unsigned("Ed25519"), id="no signature"),
        pytest.param(
            _signed(_claims(), OctKey.import_key({"kty": "oct", "k": str(KEY.as_dict(private=False)["x"])}), "HS256"),
            id="signed with the public key as a secret",
            marks=pytest.mark.filterwarnings("ignore::UserWarning"),
        ),
        pytest.param(_signed(_claims(), ECKey.generate_key("P-256"), "ES256"), id="another algorithm"),
        pytest.param(_signed(_claims(), OKPKey.generate_key("Ed25519")), id="another key"),
        pytest.param(
            _signed(_claims(), other := OKPKey.generate_key("Ed25519"), jwk=other.as_dict(private=False)),
            id="brings its own key",
        ),
        pytest.param(_tampered(), id="other claims under the same signature"),
        pytest.param(_signed(_claims(iss="another-shop")), id="another issuer"),
        pytest.param(_signed(_claims(aud="oneshelf-app")), id="unknown audience"),
        pytest.param(_signed(_claims(aud=["oneshelf-customer", "oneshelf-staff"])), id="two audiences"),
        pytest.param(_signed(_claims(aud=None)), id="no audience"),
        pytest.param(_signed(_claims(purpose="verify-email")), id="another purpose"),
        pytest.param(_signed(_claims(purpose=None)), id="no purpose"),
        pytest.param(_signed(_claims(sub="ada")), id="subject is no id"),
        pytest.param(_signed(_claims(sub=7)), id="subject is a number"),
        pytest.param(_signed(_claims(sid=None)), id="no session"),
        pytest.param(_signed(_claims(exp=None)), id="never expires"),
        pytest.param(_signed(_claims(exp=int(NOW.timestamp()))), id="expires now"),
        pytest.param(_signed(_claims(exp=10**30)), id="expires when time has ended"),
        pytest.param("x" * 100_000, id="very long"),
        pytest.param("..", id="dots"),
        pytest.param("é.é.é", id="not ASCII"),
    ],
)
def test_a_token_that_is_not_ours_is_not_read(token: str) -> None:
    assert AccessTokens(KEY).read(token, NOW) is None


async def test_who_is_asking_costs_one_statement(
    authenticator: Authenticator, people: People, statements: list[str]
) -> None:
    signed_in = await people.customer()
    statements.clear()

    await authenticator.principal(_bearer(signed_in.access_token))

    assert len(statements) == 1
