"""Refresh tokens rotate, reuse ends the family, and signing in tells nothing about accounts."""

import asyncio

import pytest
from argon2 import PasswordHasher

from api.customers import signing_in
from api.identity.identity import Identity
from api.identity.tokens import digest
from domain.access import ANONYMOUS, Permission, ViewerKind
from domain.errors import InvalidInput, SignInFailed
from persistence.customers import sessions
from persistence.database import Database
from tests.api.customers.people import EMAIL, PASSWORD, People

pytestmark = pytest.mark.anyio

_LONG_AGO = "UPDATE refresh_token SET used_at = now() - interval '11 seconds' WHERE used_at IS NOT NULL"
_LIVING_SESSIONS = "SELECT count(*) FROM session WHERE revoked_at IS NULL"


async def test_a_refresh_token_is_exchanged_for_another(people: People) -> None:
    first = await people.customer()

    second = await people.refresh(first.refresh_token)
    third = await people.refresh(second.refresh_token)

    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert third.principal == first.principal


async def test_a_lost_answer_may_be_asked_for_again_at_once(people: People) -> None:
    first = await people.customer()
    await people.refresh(first.refresh_token)

    again = await people.refresh(first.refresh_token)

    await people.refresh(again.refresh_token)
    assert await people.count(_LIVING_SESSIONS) == 1


async def test_a_token_used_again_later_signs_out_the_whole_family(people: People) -> None:
    first = await people.customer()
    other = await people.sign_in()
    stolen = await people.refresh(first.refresh_token)
    await people.run(_LONG_AGO)

    with pytest.raises(SignInFailed):
        await people.refresh(first.refresh_token)

    with pytest.raises(SignInFailed):
        await people.refresh(stolen.refresh_token)
    await people.refresh(other.refresh_token)


async def test_the_grace_is_counted_from_the_first_use(people: People) -> None:
    first = await people.customer()
    await people.refresh(first.refresh_token)
    await people.run("UPDATE refresh_token SET used_at = now() - interval '9 seconds' WHERE used_at IS NOT NULL")
    await people.refresh(first.refresh_token)

    assert await people.count("SELECT count(*) FROM refresh_token WHERE used_at < now() - interval '8 seconds'") == 1


async def test_a_token_that_was_never_handed_out_refreshes_nothing(people: People) -> None:
    await people.customer()

    for token in ("", "made-up", "x" * 5000, "\x00"):
        with pytest.raises(SignInFailed):
            await people.refresh(token)


async def test_an_expired_session_refreshes_nothing(people: People) -> None:
    signed_in = await people.customer()
    await people.run("UPDATE session SET expires_at = now() - interval '1 second'")

    with pytest.raises(SignInFailed):
        await people.refresh(signed_in.refresh_token)


async def test_signing_out_ends_one_session_or_all(people: People, database: Database) -> None:
    first = await people.customer()
    await people.sign_in()
    await people.sign_in()

    await signing_in.sign_out(database, ANONYMOUS, refresh_token=first.refresh_token, everywhere=False)
    assert await people.count(_LIVING_SESSIONS) == 2
    await signing_in.sign_out(database, ANONYMOUS, refresh_token=first.refresh_token, everywhere=True)

    assert await people.count(_LIVING_SESSIONS) == 0


async def test_without_a_refresh_token_the_callers_own_session_ends(people: People, database: Database) -> None:
    first = await people.customer()
    second = await people.sign_in()

    await signing_in.sign_out(database, first.principal, refresh_token=None, everywhere=False)

    with pytest.raises(SignInFailed):
        await people.refresh(first.refresh_token)
    await people.refresh(second.refresh_token)
    with pytest.raises(InvalidInput):
        await signing_in.sign_out(database, ANONYMOUS, refresh_token=None, everywhere=True)


async def test_signing_out_with_another_token_is_refused(people: People, database: Database) -> None:
    await people.customer()

    with pytest.raises(InvalidInput) as refusal:
        await signing_in.sign_out(database, ANONYMOUS, refresh_token="made-up", everywhere=True)

    assert refusal.value.path == ("input", "refreshToken")
    assert await people.count(_LIVING_SESSIONS) == 1


async def test_a_session_and_its_refresh_tokens_are_hashes_in_the_database(people: People, database: Database) -> None:
    signed_in = await people.customer()

    async with database.reading() as reader:
        stored = await reader.raw.fetchval("SELECT token_hash FROM refresh_token")

    assert stored == digest(signed_in.refresh_token)


async def test_every_failure_to_sign_in_reads_the_same(people: People) -> None:
    await people.customer()
    await people.register("unverified@example.com")
    await people.staff("gone@example.com")
    await people.run("UPDATE staff SET disabled_at = now()")

    refusals = []
    for email, password in [
        (EMAIL, "wrong password"),
        ("stranger@example.com", PASSWORD),
        ("unverified@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("no address at all", PASSWORD),
        (EMAIL, "x" * 100_000),
    ]:
        with pytest.raises(SignInFailed) as refusal:
            await people.sign_in(email, password)
        refusals.append((refusal.value.message, refusal.value.path))

    assert set(refusals) == {("Signing in failed.", None)}


async def test_somebody_unknown_costs_one_check_of_a_password_too(
    people: People, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people.customer()
    checks: list[str] = []
    check = PasswordHasher.verify

    def counted(hasher: PasswordHasher, password_hash: str | bytes, password: str | bytes) -> bool:
        checks.append(str(password_hash).rpartition("$")[0].rpartition("$")[0])
        return bool(check(hasher, password_hash, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for email in (EMAIL, "stranger@example.com"):
        with pytest.raises(SignInFailed):
            await people.sign_in(email, "wrong password")

    assert checks == ["$argon2id$v=19$m=8,t=1,p=1"] * 2


async def test_after_eight_wrong_passwords_the_right_one_is_refused_too(people: People) -> None:
    await people.customer()
    for _ in range(8):
        with pytest.raises(SignInFailed):
            await people.sign_in(password="wrong password")

    with pytest.raises(SignInFailed) as refusal:
        await people.sign_in()

    assert refusal.value.message == "Signing in failed."


async def test_an_address_that_guesses_at_many_accounts_is_refused(people: People) -> None:
    await people.customer()
    for number in range(8):
        with pytest.raises(SignInFailed):
            await people.sign_in(f"stranger{number}@example.com", client_address="203.0.113.7")

    with pytest.raises(SignInFailed):
        await people.sign_in(client_address="203.0.113.7")

    await people.sign_in(client_address="203.0.113.8")


async def test_whoever_knows_the_password_may_sign_in_as_often_as_it_likes(people: People) -> None:
    await people.customer()

    for _ in range(10):
        await people.sign_in(client_address="203.0.113.7")

    assert await people.count(_LIVING_SESSIONS) == 11


async def test_a_sign_in_that_races_a_new_password_leaves_no_session_of_the_old_one(
    people: People, database: Database, identity: Identity
) -> None:
    await people.customer()
    check = identity.passwords.verify

    class _ChangedMeanwhile(type(identity.passwords)):  # type: ignore[misc]
        async def verify(self, password_hash: str | None, password: str) -> bool:
            matches = await check(password_hash, password)
            await people.run("UPDATE customer SET password_hash = 'another'")
            return matches

    object.__setattr__(identity, "passwords", _ChangedMeanwhile())
    with pytest.raises(SignInFailed):
        await people.sign_in()

    assert await people.count(_LIVING_SESSIONS) == 1


async def test_staff_signs_in_with_its_permissions(people: People) -> None:
    await people.staff("clerk@example.com", Permission.READ_STOCK, Permission.SELL_IN_STORE)

    signed_in = await people.sign_in("Clerk@Example.com")

    assert signed_in.principal.kind is ViewerKind.STAFF
    assert signed_in.principal.permissions == {Permission.READ_STOCK, Permission.SELL_IN_STORE}


async def test_disabled_staff_is_shut_out_at_once(people: People) -> None:
    await people.staff()
    signed_in = await people.sign_in("clerk@example.com")
    await people.run("UPDATE staff SET disabled_at = now()")

    with pytest.raises(SignInFailed):
        await people.refresh(signed_in.refresh_token)


async def test_one_address_may_belong_to_staff_and_to_a_customer(people: People) -> None:
    await people.staff(EMAIL)
    await people.run("UPDATE staff SET password_hash = 'no password matches this'")

    await people.customer(EMAIL)

    assert (await people.sign_in()).principal.kind is ViewerKind.CUSTOMER


async def test_there_is_one_staff_for_an_address(people: People) -> None:
    await people.staff()

    with pytest.raises(InvalidInput) as refusal:
        await people.staff("CLERK@example.com")

    assert refusal.value.path == ("email",)


async def test_twenty_refreshes_at_once_keep_the_session_alive(people: People) -> None:
    signed_in = await people.customer()

    pairs = await asyncio.gather(*(people.refresh(signed_in.refresh_token) for _ in range(20)))

    assert len({pair.refresh_token for pair in pairs}) == 20
    assert await people.count(_LIVING_SESSIONS) == 1


async def test_expired_sessions_can_be_forgotten(people: People, database: Database) -> None:
    await people.customer()
    await people.run("UPDATE session SET expires_at = now() - interval '1 second'")
    await people.sign_in()

    async with database.transaction() as connection:
        assert await sessions.prune(connection) == 1

    assert await people.count("SELECT count(*) FROM session") == 1
    assert await people.count("SELECT count(*) FROM refresh_token") == 1
