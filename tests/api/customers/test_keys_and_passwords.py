"""The machinery below: signing keys, password hashing, counted attempts, addresses."""

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest
from argon2 import PasswordHasher
from joserfc.jwk import ECKey, OKPKey

from api.identity.identity import Identity
from api.identity.passwords import Attempts, Passwords
from api.identity.tokens import AccessTokens, signing_key
from api.input_rules import checked_address, checked_addresses, checked_email, checked_phone
from api.settings import Settings
from domain.errors import InvalidInput

pytestmark = pytest.mark.anyio

PATH = ("input",)
BERLIN = {"line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country_code": "DE"}


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: signing_key(None, tmp_path).as_dict(private=True)["d"], range(16)))

    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["signing-key.pem"]
    assert stat.S_IMODE((tmp_path / "signing-key.pem").stat().st_mode) == 0o600


def test_a_configured_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    configured = OKPKey.generate_key("Ed25519")

    key = signing_key(configured.as_pem(private=True).decode(), tmp_path)

    assert key.as_dict(private=True)["d"] == configured.as_dict(private=True)["d"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "pem",
    [
        OKPKey.generate_key("Ed25519").as_pem(private=False).decode(),
        OKPKey.generate_key("X25519").as_pem(private=True).decode(),
        ECKey.generate_key("P-256").as_pem(private=True).decode(),
        "not a key",
    ],
)
def test_a_key_of_another_kind_is_refused(pem: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Ed25519"):
        signing_key(pem, tmp_path)


def test_a_fingerprint_depends_on_secret_and_key() -> None:
    one, other = (AccessTokens(OKPKey.generate_key("Ed25519")) for _ in range(2))

    assert one.fingerprint("secret") == one.fingerprint("secret")
    assert one.fingerprint("secret") != one.fingerprint("other")
    assert one.fingerprint("secret") != other.fingerprint("secret")


async def test_a_password_is_recognized_by_its_hash() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    hashed = await passwords.hash("u\u0308ber-passwort")

    assert hashed.startswith("$argon2id$")
    assert await passwords.verify(hashed, "\u00fcber-passwort") is True
    assert await passwords.verify(hashed, "uber-passwort") is False
    assert await passwords.verify("not a hash", "uber-passwort") is False
    assert await passwords.verify(None, "uber-passwort") is False
    passwords.close()


async def test_the_hash_of_nobody_costs_what_a_real_one_costs() -> None:
    hasher = PasswordHasher()

    nobodys = Passwords(hasher)._nobodys_hash

    assert hasher.check_needs_rehash(nobodys) is False


class _Counted(PasswordHasher):
    """Knows how many hashes were under way at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_cost=1024, parallelism=1)
        self.lock = Lock()
        self.under_way = 0
        self.most = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self.lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            return super().hash(password, salt=salt)
        finally:
            with self.lock:
                self.under_way -= 1


async def test_two_passwords_are_hashed_at_once_and_the_loop_goes_on() -> None:
    hasher = _Counted()
    passwords = Passwords(hasher)
    hashing = asyncio.gather(*(passwords.hash(f"password {n}") for n in range(20)))
    turns = 0
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)

    assert hasher.most == 2
    assert turns > 20
    passwords.close()


def test_attempts_are_counted_in_a_window_for_each_key() -> None:
    now = [0.0]
    attempts = Attempts(most=2, seconds=60, clock=lambda: now[0])

    assert [attempts.admit("a"), attempts.admit("a"), attempts.admit("a")] == [True, True, False]
    assert attempts.admit("b") is True
    assert attempts.admit("b", "a") is False
    now[0] = 60.0
    assert attempts.admit("a") is True


def test_a_refused_attempt_and_a_forgiven_one_do_not_count() -> None:
    now = [0.0]
    attempts = Attempts(most=1, seconds=60, clock=lambda: now[0])
    attempts.admit("a")
    attempts.admit("a", "b")

    assert attempts.admit("b") is True
    attempts.forgive("a", "unknown")
    assert attempts.admit("a") is True


def test_attempts_remember_a_bounded_number_of_keys() -> None:
    attempts = Attempts(most=1, most_keys=100)

    for number in range(1000):
        attempts.admit(str(number))

    assert len(attempts._times) == 100


@pytest.mark.parametrize(
    ("email", "stored"),
    [(" Ada@Example.COM ", "ada@example.com"), ("a@bücher.de", "a@xn--bcher-kva.de"), ("a@shop.test", "a@shop.test")],
)
def test_an_email_is_stored_in_one_way(email: str, stored: str) -> None:
    assert checked_email(email, PATH) == stored


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c.de", "a@x\n.de", "ü@example.com", "a" * 300]
)
def test_what_is_no_email_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        checked_email(email, PATH)

    assert refusal.value.path == PATH


def test_a_phone_number_is_stored_in_e164() -> None:
    assert checked_phone("+49 30 123456", [], PATH) == "+4930123456"
    assert checked_phone("030 123456", ["US", "DE"], PATH) == "+4930123456"
    assert checked_phone(" ", [], PATH) is None


@pytest.mark.parametrize("phone", ["12", "+49", "call me", "030 123456", "+1" + "0" * 50, "+49\x0030"])
def test_what_is_no_phone_number_is_refused(phone: str) -> None:
    with pytest.raises(InvalidInput):
        checked_phone(phone, [], PATH)


def test_an_address_has_all_fields_as_they_were_typed() -> None:
    assert checked_address({**BERLIN, "country_code": "de", "name": " Ada "}, PATH) == {
        "name": "Ada",
        "company": None,
        "line1": "Unter den Linden 1",
        "line2": None,
        "city": "Berlin",
        "region": None,
        "postal_code": "10117",
        "country_code": "DE",
        "phone": None,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"country_code": "ZZ"}, "countryCode"),
        ({"country_code": "Germany"}, "countryCode"),
        ({"country_code": "../../etc"}, "countryCode"),
        ({"line1": " "}, "line1"),
        ({"city": ""}, "city"),
        ({"postal_code": None}, "postalCode"),
        ({"postal_code": "1234567"}, "postalCode"),
        ({"line2": "x" * 201}, "line2"),
        ({"company": "a\x00b"}, "company"),
        ({"country_code": "US", "postal_code": "94043"}, "region"),
    ],
)
def test_an_address_says_which_part_is_wrong(changes: dict[str, str | None], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        checked_addresses([BERLIN, {**BERLIN, **changes}], ("input", "addresses"))

    assert refusal.value.path == ("input", "addresses", "1", field)


def test_an_address_in_a_country_with_districts_is_accepted() -> None:
    beijing = {"line1": "Chang'an Ave 1", "city": "Dongcheng", "region": "Beijing Shi", "postal_code": "100006"}

    assert checked_address({**beijing, "country_code": "CN"}, PATH)["city"] == "Dongcheng"


def test_at_most_fifty_addresses_are_kept() -> None:
    with pytest.raises(InvalidInput):
        checked_addresses([BERLIN] * 51, PATH)


async def test_a_process_proves_who_is_asking_as_its_settings_say(tmp_path: Path) -> None:
    identity = Identity.of(Settings(data=tmp_path, public_url="https://shop.example"))

    assert identity.public_url == "https://shop.example"
    assert (tmp_path / "signing-key.pem").exists()
    await identity.close()
