"""Accounts of customers: made, proved by mail, given new passwords. No answer tells whether an address is known."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.customers.signing_in import ClaimCart, SignedIn, begin_session
from api.identity import letters
from api.identity.identity import Identity
from api.identity.tokens import digest, new_secret
from api.input_rules import checked_addresses, checked_email, checked_phone
from domain.access import Principal, ViewerKind
from domain.customers.credentials import TokenPurpose, expect_good_password
from domain.customers.profile import cleaned
from domain.errors import InvalidInput, NotFound, SignInFailed
from persistence import idempotency
from persistence.customers import accounts, sessions
from persistence.database import Database, Row

_EMAIL = ("input", "email")
_PASSWORD = ("input", "password")
_TOKEN = ("input", "token")


async def register(
    database: Database,
    identity: Identity,
    *,
    email: str,
    password: str,
    name: str | None,
    phone: str | None,
    countries: Sequence[str],
    client_address: str | None,
    key: str,
) -> None:
    """Send a mail that makes the account usable, or that says there is one; the caller learns only that a mail is sent.

    Until the address is verified, whoever registers it last decides the password. `countries` are where a phone number
    without a country code may be from.
    """
    address = checked_email(email, _EMAIL)
    expect_good_password(password, email=address, path=_PASSWORD)
    profile = {
        "name": cleaned(name, path=("input", "name")),
        "phone": checked_phone(phone, countries, ("input", "phone")),
    }
    _expect_patience(identity, client_address)
    request = {"email": address, "password": identity.access_tokens.fingerprint(password), **profile}
    password_hash = await identity.passwords.hash(password)
    token = new_secret()
    async with (
        database.transaction() as connection,
        idempotency.claim(
            connection, scope=idempotency.ANONYMOUS_SCOPE, key=key, operation="customerRegister", request=request
        ) as first,
    ):
        if first.replayed:
            return
        unverified = await accounts.register(connection, uuid7(), email=address, password_hash=password_hash, **profile)
        if unverified is not None:
            await accounts.forget_tokens(connection, unverified, TokenPurpose.VERIFY_EMAIL)
            await accounts.issue_token(connection, unverified, TokenPurpose.VERIFY_EMAIL, token.hash)
        first.remember({"verificationSent": True})
    if unverified is None:
        identity.write(address, letters.already_registered(identity.public_url))
    else:
        identity.write(address, letters.verify_email(token.text, identity.public_url))


async def verify(
    database: Database,
    identity: Identity,
    *,
    token: str,
    cart_id: UUID | None = None,
    claim_cart: ClaimCart,
) -> SignedIn:
    """The mail was read, so the address is the customer's, who is signed in. Raises as `sign_in` does; then the token
    stays good.
    """
    presented = digest(token)
    async with database.transaction() as connection:
        owner = await accounts.lock_owner_of_token(connection, TokenPurpose.VERIFY_EMAIL, presented)
        if owner is None or not await accounts.use_token(connection, TokenPurpose.VERIFY_EMAIL, presented):
            raise SignInFailed("This token is not good, or not any more.", _TOKEN)
        verified = await accounts.verify(connection, owner["id"])
        report = None if cart_id is None else await claim_cart(connection, cart_id, owner["id"])
        session = await begin_session(connection, identity, ViewerKind.CUSTOMER, verified)
        return replace(session, merge_report=report)


async def request_password_reset(
    database: Database, identity: Identity, *, email: str, client_address: str | None
) -> None:
    """Send a secret to the customer with this address, if there is one. The caller does not learn whether."""
    address = checked_email(email, _EMAIL)
    _expect_patience(identity, client_address)
    token = new_secret()
    async with database.transaction() as connection:
        owner = await accounts.issue_token_to(connection, address, TokenPurpose.RESET_PASSWORD, token.hash)
    if owner is not None:
        identity.write(address, letters.reset_password(token.text, identity.public_url))


async def reset_password(database: Database, identity: Identity, *, token: str, password: str) -> None:
    """Set the password of whoever was sent the token, and end all sessions. Raises InvalidInput."""
    presented = digest(token)
    async with database.reading() as reader:
        owner = await accounts.owner_of_token(reader, TokenPurpose.RESET_PASSWORD, presented)
    if owner is None:
        raise _spent()
    expect_good_password(password, email=owner["email"], path=_PASSWORD)
    password_hash = await identity.passwords.hash(password)
    async with database.transaction() as connection:
        owner = await accounts.lock_owner_of_token(connection, TokenPurpose.RESET_PASSWORD, presented)
        if owner is None or not await accounts.use_token(connection, TokenPurpose.RESET_PASSWORD, presented):
            raise _spent()
        customer_id = owner["id"]
        await accounts.set_password(connection, customer_id, password_hash)
        # Whoever could read this mail could have read the other one.
        await accounts.verify(connection, customer_id)
        for purpose in TokenPurpose:
            await accounts.forget_tokens(connection, customer_id, purpose)
        await sessions.revoke_all(connection, customer_id=customer_id, because="the password was reset")


async def update_customer(
    database: Database, caller: Principal, *, changes: Mapping[str, Any], countries: Sequence[str]
) -> Row:
    """Change name, phone or addresses of the caller; what `changes` does not name stays."""
    assert caller.customer_id is not None
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = cleaned(changes["name"], path=("input", "name"))
    if "phone" in changes:
        values["phone"] = checked_phone(changes["phone"], countries, ("input", "phone"))
    if "addresses" in changes:
        values["addresses"] = checked_addresses(changes["addresses"], ("input", "addresses"))
    async with database.transaction() as connection:
        if values:
            customer = await accounts.change_customer(connection, caller.customer_id, values)
        else:
            found = await accounts.customers_by_ids(connection, [caller.customer_id])
            customer = found[0] if found else None
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer


def _expect_patience(identity: Identity, client_address: str | None) -> None:
    if client_address is not None and not identity.strangers.admit(client_address):
        raise InvalidInput("Too many requests from your address: try again in a minute.")


def _spent() -> InvalidInput:
    return InvalidInput("This token is not good, or not any more.", _TOKEN)
