"""Pure rules about passwords, refresh tokens, profiles and permissions."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.access import Permission, Principal, ViewerKind
from domain.customers import permissions
from domain.customers.credentials import TokenPurpose, expect_good_password, normalized_email, normalized_password
from domain.customers.profile import cleaned
from domain.customers.sessions import Refresh, SessionState, decide_refresh
from domain.errors import InvalidInput

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PATH = ("input", "password")


@pytest.mark.parametrize("password", ["x" * 10, "x" * 200, "correct horse battery"])
def test_a_password_of_10_to_200_characters_is_good(password: str) -> None:
    expect_good_password(password, email="ada@example.com", path=PATH)


@pytest.mark.parametrize("password", ["", "x" * 9, "x" * 201, "ada@example.com", " Ada@Example.com "])
def test_a_password_that_is_too_short_too_long_or_the_email_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        expect_good_password(password, email="ada@example.com", path=PATH)

    assert refusal.value.path == PATH


def test_the_same_characters_typed_on_another_keyboard_are_the_same_password() -> None:
    assert normalized_password("u\u0308ber-passwort") == normalized_password("\u00fcber-passwort")


def test_an_email_is_one_however_it_is_capitalized() -> None:
    assert normalized_email(" Ada@Example.COM ") == "ada@example.com"


def test_a_secret_to_verify_lives_a_day_and_one_to_reset_an_hour() -> None:
    assert TokenPurpose.VERIFY_EMAIL.lifetime == timedelta(hours=24)
    assert TokenPurpose.RESET_PASSWORD.lifetime == timedelta(hours=1)


@pytest.mark.parametrize(
    ("used_seconds_ago", "expected"),
    [
        (None, Refresh.ROTATE),
        (0, Refresh.ROTATE),
        (10, Refresh.ROTATE),
        (10.001, Refresh.REVOKE_FAMILY),
        (86400, Refresh.REVOKE_FAMILY),
        # Two processes' clocks need not agree.
        (-1, Refresh.ROTATE),
    ],
)
def test_a_refresh_token_is_good_once_and_for_ten_seconds_of_grace(
    used_seconds_ago: float | None, expected: Refresh
) -> None:
    used_at = None if used_seconds_ago is None else NOW - timedelta(seconds=used_seconds_ago)

    assert decide_refresh(SessionState(expires_at=LATER), used_at=used_at, now=NOW) is expected


@pytest.mark.parametrize(
    "session",
    [
        SessionState(expires_at=LATER, revoked_at=NOW - timedelta(seconds=1)),
        SessionState(expires_at=NOW),
        SessionState(expires_at=LATER, owner_is_shut_out=True),
    ],
)
@pytest.mark.parametrize("used_at", [None, NOW - timedelta(hours=1)])
def test_a_dead_session_refreshes_nothing(session: SessionState, used_at: datetime | None) -> None:
    assert decide_refresh(session, used_at=used_at, now=NOW) is Refresh.REFUSE


def test_texts_are_trimmed_and_nothing_is_null() -> None:
    assert cleaned("  Ada  ", path=PATH) == "Ada"
    assert cleaned("   ", path=PATH) is None
    assert cleaned(None, path=PATH) is None


@pytest.mark.parametrize("text", ["x" * 201, "nul\x00", "two\nlines", "bell\x07"])
def test_texts_that_no_label_could_show_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        cleaned(text, path=PATH)

    assert refusal.value.path == PATH


def test_permissions_are_read_however_they_are_written() -> None:
    assert permissions.parsed(["read-stock", " MANAGE_APPS "]) == {Permission.READ_STOCK, Permission.MANAGE_APPS}


def test_every_unknown_permission_is_named() -> None:
    with pytest.raises(InvalidInput, match="No such permission: FLY, SING"):
        permissions.parsed(["SING", "READ_STOCK", "FLY"])


def test_a_stored_permission_that_no_longer_exists_counts_for_nothing() -> None:
    assert permissions.known(["READ_STOCK", "FLY"]) == {Permission.READ_STOCK}


def _expect_grantable(caller: Principal, *wanted: Permission, location_id: int | None = None) -> None:
    permissions.expect_grantable(
        caller, wanted, location_id=location_id, path=("permissions",), location_path=("location",)
    )


def test_nobody_gives_what_it_does_not_have() -> None:
    caller = Principal(kind=ViewerKind.STAFF, permissions=frozenset({Permission.MANAGE_APPS, Permission.READ_STOCK}))

    _expect_grantable(caller, Permission.READ_STOCK)
    with pytest.raises(InvalidInput, match="MANAGE_STOCK") as refusal:
        _expect_grantable(caller, Permission.READ_STOCK, Permission.MANAGE_STOCK)

    assert refusal.value.path == ("permissions",)


@pytest.mark.parametrize("location_id", [None, 8])
def test_whoever_is_bound_to_a_location_gives_no_wider_place(location_id: int | None) -> None:
    caller = Principal(kind=ViewerKind.STAFF, permissions=frozenset({Permission.MANAGE_APPS}), location_id=7)

    _expect_grantable(caller, location_id=7)
    with pytest.raises(InvalidInput) as refusal:
        _expect_grantable(caller, location_id=location_id)

    assert refusal.value.path == ("location",)
