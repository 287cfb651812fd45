"""Accounts are proved by mail, and no answer tells whether an address is known."""

import asyncio
from uuid import UUID, uuid4

import pytest

from api.customers import registration, signing_in
from api.identity.identity import Identity
from api.identity.tokens import digest
from domain.access import ViewerKind
from domain.errors import DomainError, IdempotencyMismatch, InvalidInput, NotFound, SignInFailed
from persistence.database import Connection, Database
from tests.api.customers.people import EMAIL, OTHER_PASSWORD, PASSWORD, Mailbox, People

pytestmark = pytest.mark.anyio

_SESSIONS = "SELECT count(*) FROM session"
_LIVING_SESSIONS = "SELECT count(*) FROM session WHERE revoked_at IS NULL"


async def test_whoever_reads_the_mail_is_signed_in(people: People, mailbox: Mailbox) -> None:
    await people.register()
    (letter,) = await mailbox.letters()

    signed_in = await people.verify(await mailbox.newest_token())

    assert letter["To"] == EMAIL
    assert letter["Subject"] == "Confirm your e-mail address"
    assert signed_in.principal.kind is ViewerKind.CUSTOMER
    assert (await people.sign_in()).principal.id == signed_in.principal.id


async def test_nobody_signs_in_before_the_mail_was_read(people: People) -> None:
    await people.register()

    with pytest.raises(SignInFailed):
        await people.sign_in()


async def test_a_known_address_is_told_by_mail_and_nothing_changes(people: People, mailbox: Mailbox) -> None:
    await people.customer()

    await people.register(EMAIL.upper(), OTHER_PASSWORD)

    assert [letter["Subject"] for letter in await mailbox.letters()] == [
        "Confirm your e-mail address",
        "You already have an account",
    ]
    await people.sign_in(password=PASSWORD)
    with pytest.raises(SignInFailed):
        await people.sign_in(password=OTHER_PASSWORD)


async def test_until_it_is_verified_the_last_registration_counts(people: People, mailbox: Mailbox) -> None:
    await people.register(password=OTHER_PASSWORD)
    first = await mailbox.newest_token()
    await people.register(password=PASSWORD)

    with pytest.raises(SignInFailed):
        await people.verify(first)
    await people.verify(await mailbox.newest_token())

    await people.sign_in(password=PASSWORD)


async def test_a_registration_sent_again_sends_no_second_mail(people: People, mailbox: Mailbox) -> None:
    key = str(uuid4())
    await people.register(key=key)

    await people.register(key=key)

    assert len(await mailbox.letters()) == 1


async def test_a_key_used_with_another_password_is_refused(people: People) -> None:
    key = str(uuid4())
    await people.register(key=key)

    with pytest.raises(IdempotencyMismatch):
        await people.register(password=OTHER_PASSWORD, key=key)


async def test_a_key_must_be_a_random_uuid(people: People, mailbox: Mailbox) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await people.register(key="registration-1")

    assert refusal.value.path == ("input", "idempotencyKey")
    assert await mailbox.letters() == []


@pytest.mark.parametrize(
    ("email", "password", "path"),
    [
        ("nobody", PASSWORD, ("input", "email")),
        ("a\x00@example.com", PASSWORD, ("input", "email")),
        (EMAIL, "short", ("input", "password")),
        ("long.enough@example.com", "long.enough@example.com", ("input", "password")),
    ],
)
async def test_what_can_never_be_accepted_says_which_part(
    people: People, email: str, password: str, path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await people.register(email, password)

    assert refusal.value.path == path
    assert await people.count("SELECT count(*) FROM customer") == 0


async def test_twenty_who_verify_at_once_make_one_session(people: People, mailbox: Mailbox) -> None:
    await people.register()
    token = await mailbox.newest_token()

    outcomes = await asyncio.gather(*(people.verify(token) for _ in range(20)), return_exceptions=True)

    assert sum(isinstance(outcome, SignInFailed) for outcome in outcomes) == 19
    assert await people.count(_SESSIONS) == 1


async def test_twenty_who_reset_at_once_set_one_password(
    people: People, database: Database, identity: Identity
) -> None:
    await people.customer()
    token = await people.reset_token()

    outcomes = await asyncio.gather(
        *(
            registration.reset_password(database, identity, token=token, password=f"new password {n}")
            for n in range(20)
        ),
        return_exceptions=True,
    )

    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidInput) for outcome in outcomes) == 19
    await people.sign_in(password=f"new password {outcomes.index(None)}")


async def test_a_new_password_ends_every_session(people: People, database: Database, identity: Identity) -> None:
    signed_in = await people.customer()
    await people.sign_in()

    await registration.reset_password(database, identity, token=await people.reset_token(), password=OTHER_PASSWORD)

    assert await people.count(_LIVING_SESSIONS) == 0
    with pytest.raises(SignInFailed):
        await people.refresh(signed_in.refresh_token)
    with pytest.raises(SignInFailed):
        await people.sign_in(password=PASSWORD)
    await people.sign_in(password=OTHER_PASSWORD)


async def test_a_token_is_good_for_its_own_purpose_only(people: People, database: Database, identity: Identity) -> None:
    await people.register()
    to_verify = await people.mailbox.newest_token()
    to_reset = await people.reset_token()

    with pytest.raises(SignInFailed):
        await people.verify(to_reset)
    with pytest.raises(InvalidInput) as refusal:
        await registration.reset_password(database, identity, token=to_verify, password=OTHER_PASSWORD)

    assert refusal.value.path == ("input", "token")
    await people.verify(to_verify)


async def test_an_expired_token_is_good_for_nothing(people: People, database: Database, identity: Identity) -> None:
    await people.register()
    to_verify = await people.mailbox.newest_token()
    to_reset = await people.reset_token()
    await people.run("UPDATE one_time_token SET expires_at = now() - interval '1 second'")

    with pytest.raises(SignInFailed):
        await people.verify(to_verify)
    with pytest.raises(InvalidInput):
        await registration.reset_password(database, identity, token=to_reset, password=OTHER_PASSWORD)


async def test_a_refused_new_password_leaves_the_token_good(
    people: People, database: Database, identity: Identity
) -> None:
    await people.customer()
    token = await people.reset_token()

    with pytest.raises(InvalidInput) as refusal:
        await registration.reset_password(database, identity, token=token, password="short")
    assert refusal.value.path == ("input", "password")

    await registration.reset_password(database, identity, token=token, password=OTHER_PASSWORD)


async def test_asking_for_a_new_password_answers_the_same_for_everybody(
    people: People, database: Database, identity: Identity, mailbox: Mailbox, statements: list[str]
) -> None:
    await people.customer()
    statements.clear()
    asked: list[list[str]] = []

    for email in (EMAIL, "stranger@example.com"):
        await registration.request_password_reset(database, identity, email=email, client_address=None)
        asked.append(list(statements))
        statements.clear()

    assert asked[0] == asked[1]
    assert [letter["To"] for letter in await mailbox.letters()] == [EMAIL, EMAIL]


async def test_secrets_are_stored_as_hashes_only(people: People, database: Database) -> None:
    await people.register()
    token = await people.mailbox.newest_token()

    async with database.reading() as reader:
        stored = await reader.raw.fetchval("SELECT token_hash FROM one_time_token")
        everything = await reader.raw.fetch("SELECT row_to_json(idempotency)::text AS row FROM idempotency")

    assert stored == digest(token)
    assert all(PASSWORD not in row["row"] and token not in row["row"] for row in everything)


async def test_nobodys_mailbox_is_filled_by_strangers(people: People, mailbox: Mailbox) -> None:
    for _ in range(7):
        await people.register()

    assert len(await mailbox.letters()) == 5


class _Carts:
    """The seam to carts: remembers who was given what, or refuses."""

    def __init__(self, refusal: DomainError | None = None) -> None:
        self.refusal = refusal
        self.given: list[tuple[UUID, UUID]] = []

    async def claim(self, _connection: Connection, cart_id: UUID, customer_id: UUID) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.given.append((cart_id, customer_id))


async def test_verifying_with_a_bad_cart_changes_nothing(
    people: People, database: Database, identity: Identity, mailbox: Mailbox
) -> None:
    await people.register()
    token = await mailbox.newest_token()
    refusing = _Carts(NotFound("There is no such cart."))

    with pytest.raises(NotFound):
        await registration.verify(database, identity, token=token, cart_id=uuid4(), claim_cart=refusing.claim)

    assert await people.count(_SESSIONS) == 0
    await people.verify(token)


async def test_signing_in_takes_the_cart_along_or_does_not_happen(
    people: People, database: Database, identity: Identity
) -> None:
    customer = await people.customer()
    cart_id = uuid4()

    async def sign_in(carts: _Carts) -> None:
        await signing_in.sign_in(
            database,
            identity,
            email=EMAIL,
            password=PASSWORD,
            client_address=None,
            cart_id=cart_id,
            claim_cart=carts.claim,
        )

    with pytest.raises(NotFound):
        await sign_in(_Carts(NotFound("There is no such cart.")))
    assert await people.count(_SESSIONS) == 1
    taken = _Carts()
    await sign_in(taken)

    assert taken.given == [(cart_id, customer.principal.id)]
    assert await people.count(_SESSIONS) == 2


async def test_what_a_profile_update_does_not_name_stays(people: People, database: Database) -> None:
    caller = (await people.customer()).principal
    address = {"line1": " Unter den Linden 1 ", "city": "Berlin", "postal_code": "10117", "country_code": "de"}

    first = await registration.update_customer(
        database, caller, changes={"phone": "030 123456", "addresses": [address]}, countries=["DE"]
    )
    second = await registration.update_customer(database, caller, changes={"name": None}, countries=["DE"])

    assert first["name"] == "Ada"
    assert first["addresses"][0]["line1"] == "Unter den Linden 1"
    assert first["addresses"][0]["country_code"] == "DE"
    assert second["name"] is None
    assert second["phone"] == "+4930123456"
    assert second["addresses"] == first["addresses"]
