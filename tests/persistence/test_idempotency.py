"""A key is claimed in the transaction of its effect: both are there, or neither is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from domain.access import Principal, ViewerKind
from domain.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput
from persistence import idempotency
from persistence.database import Connection, Database
from persistence.statements import Statement

pytestmark = pytest.mark.anyio

KEY_PATH = ("input", "idempotencyKey")

_REGISTER = Statement(
    "INSERT INTO customer (id, email, password_hash) VALUES (CAST(:id AS uuid), CAST(:email AS text), '') RETURNING id"
)
_CUSTOMERS = Statement("SELECT count(*) FROM customer")
_KEYS = Statement("SELECT count(*) FROM idempotency")
_BACKEND = Statement("SELECT pg_backend_pid()")
_LOCK_TIMEOUT = Statement("SELECT current_setting('lock_timeout')")
_WAITING = Statement(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_EXPIRE = Statement("UPDATE idempotency SET expires_at = now() - interval '1 second'")


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[Database]:
    """Room for sixteen transactions at once."""
    opened = await Database.open(database_url, max_size=17)
    yield opened
    await opened.close()


async def _register(connection: Connection, key: str | None, *, email: str, scope: str = "app:1") -> tuple[str, bool]:
    """One customer a key: the id, and whether it was there already."""
    async with idempotency.claim(
        connection, scope=scope, key=key, operation="register", request={"email": email}
    ) as first:
        if first.result is not None:
            return first.result["id"], True
        created = await connection.fetch_value(_REGISTER, id=uuid7(), email=f"{uuid4()}-{email}")
        first.remember({"id": created})
    return str(created), False


async def _twin(database: Database) -> tuple[str, bool]:
    async with database.transaction() as connection:
        return await _register(connection, "key", email="a@example.com")


async def _count(database: Database, statement: Statement) -> int:
    async with database.reading() as reader:
        counted: int = await reader.fetch_value(statement)
        return counted


async def _until_waiting(database: Database) -> None:
    while await _count(database, _WAITING) == 0:  # noqa: ASYNC110 - PostgreSQL tells nobody that somebody waits.
        await asyncio.sleep(0.01)


async def test_sixteen_twins_have_one_effect_and_one_result(wide: Database) -> None:
    answers = await asyncio.gather(*(_twin(wide) for _ in range(16)))

    assert len({id_ for id_, _ in answers}) == 1
    assert sorted(replayed for _, replayed in answers) == [False] + [True] * 15
    assert await _count(wide, _CUSTOMERS) == 1


async def test_a_key_used_with_another_input_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        await _register(connection, "key", email="a@example.com")

    with pytest.raises(IdempotencyMismatch) as refusal:
        async with database.transaction() as connection:
            await _register(connection, "key", email="b@example.com")

    assert refusal.value.path == KEY_PATH
    assert await _count(database, _CUSTOMERS) == 1


async def test_a_key_used_for_another_operation_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        await _register(connection, "key", email="a@example.com")

    with pytest.raises(IdempotencyMismatch):
        async with (
            database.transaction() as connection,
            idempotency.claim(
                connection, scope="app:1", key="key", operation="erase", request={"email": "a@example.com"}
            ),
        ):
            pytest.fail("another operation was handed the result")


async def test_the_order_of_an_inputs_fields_does_not_matter(database: Database) -> None:
    async def request(value: dict[str, Any]) -> bool:
        async with (
            database.transaction() as connection,
            idempotency.claim(connection, scope="app:1", key="key", operation="count", request=value) as first,
        ):
            first.remember({})
            return first.replayed

    assert await request({"a": 1, "b": [2]}) is False
    assert await request({"b": [2], "a": 1}) is True


async def test_two_callers_never_meet_in_one_key(database: Database) -> None:
    async with database.transaction() as connection:
        mine, _ = await _register(connection, "key", email="a@example.com", scope="app:1")
    async with database.transaction() as connection:
        yours, replayed = await _register(connection, "key", email="a@example.com", scope="app:2")

    assert replayed is False
    assert yours != mine


async def test_a_request_that_failed_leaves_nothing_and_may_try_again(database: Database) -> None:
    async def failing() -> None:
        async with database.transaction() as connection:
            await _register(connection, "key", email="a@example.com")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()

    assert await _count(database, _KEYS) == 0
    assert await _count(database, _CUSTOMERS) == 0
    async with database.transaction() as connection:
        _, replayed = await _register(connection, "key", email="b@example.com")
    assert replayed is False


async def test_a_failing_body_is_seen_as_it_is(database: Database) -> None:
    with pytest.raises(InvalidInput, match="too small"):
        async with (
            database.transaction() as connection,
            idempotency.claim(connection, scope="app:1", key="key", operation="count", request={}),
        ):
            raise InvalidInput("too small")

    assert await _count(database, _KEYS) == 0


async def test_when_the_first_one_is_killed_its_twin_takes_over(wide: Database) -> None:
    has_claimed = asyncio.Event()
    backend: list[int] = []

    async def dying() -> None:
        async with wide.transaction() as connection:
            backend.append(await connection.fetch_value(_BACKEND))
            await _register(connection, "key", email="a@example.com")
            has_claimed.set()
            await connection.fetch_value(Statement("SELECT pg_sleep(30)"))

    first = asyncio.create_task(dying())
    async with asyncio.timeout(30):
        await has_claimed.wait()
    second = asyncio.create_task(_twin(wide))
    async with asyncio.timeout(30):
        await _until_waiting(wide)
    async with wide.reading() as reader:
        await reader.fetch_value(Statement("SELECT pg_terminate_backend(:pid)"), pid=backend[0])

    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.InterfaceError)):
        await first
    _, replayed = await second
    assert replayed is False
    assert await _count(wide, _CUSTOMERS) == 1


async def test_a_twin_that_waits_too_long_is_told_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_PATIENCE_WITH_A_TWIN", "20ms")
    async with database.transaction() as connection:
        await _register(connection, "key", email="a@example.com")

        with pytest.raises(IdempotencyInProgress) as refusal:
            await _twin(database)

    assert refusal.value.path == KEY_PATH


async def test_only_the_wait_for_the_twin_is_bounded(database: Database) -> None:
    async with (
        database.transaction() as connection,
        idempotency.claim(connection, scope="app:1", key="key", operation="count", request={}) as first,
    ):
        assert await connection.fetch_value(_LOCK_TIMEOUT) == "0"
        first.remember({})


async def test_an_expired_key_is_free_again(database: Database) -> None:
    async with database.transaction() as connection:
        await _register(connection, "key", email="a@example.com")
        await connection.execute(_EXPIRE)

    async with database.transaction() as connection:
        _, replayed = await _register(connection, "key", email="b@example.com")

    assert replayed is False
    assert await _count(database, _KEYS) == 1


async def test_pruning_forgets_expired_keys_only(database: Database) -> None:
    async with database.transaction() as connection:
        await _register(connection, "old", email="a@example.com")
        await _register(connection, "older", email="b@example.com")
        await connection.execute(_EXPIRE)
        await _register(connection, "new", email="c@example.com")

    async with database.transaction() as connection:
        assert await idempotency.prune(connection, count=1) == 1
        assert await idempotency.prune(connection, count=5) == 1

    async with database.transaction() as connection:
        _, replayed = await _register(connection, "new", email="c@example.com")
    assert replayed is True


async def test_without_a_key_every_request_is_a_first_one(database: Database) -> None:
    async with database.transaction() as connection:
        one, _ = await _register(connection, None, email="a@example.com")
        other, _ = await _register(connection, None, email="a@example.com")

    assert one != other
    assert await _count(database, _KEYS) == 0


async def test_succeeding_without_a_result_is_a_mistake_of_ours(database: Database) -> None:
    with pytest.raises(RuntimeError, match="without remembering"):
        async with (
            database.transaction() as connection,
            idempotency.claim(connection, scope="app:1", key="key", operation="count", request={}),
        ):
            pass

    assert await _count(database, _KEYS) == 0


@pytest.mark.parametrize("key", ["", "x" * 201, "line\nbreak", "nul\x00", "\ud800"])
async def test_a_key_is_1_to_200_printable_characters(database: Database, key: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        async with database.transaction() as connection:
            await _register(connection, key, email="a@example.com")

    assert refusal.value.path == KEY_PATH


@pytest.mark.parametrize(
    ("key", "is_random"),
    [
        ("0b7d8f2e-5c1a-4e3b-9d2f-6a8c4e1b7d90", True),
        ("01939a2b-7c4d-7e5f-8a6b-9c0d1e2f3a4b", True),
        ("9C1E5A7B-3D2F-4B6A-8E0C-1F2D3B4A5C6E", True),
        ("a6e4d1f0-0000-1000-8000-000000000000", False),
        ("3e7a9c5b1d2f4a6b8c0e2d4f6a8b0c1d", False),
        ("{5a4b3c2d-1e0f-4a9b-8c7d-6e5f4a3b2c1d}", False),
        ("order-1", False),
        ("00000000-0000-0000-0000-000000000000", False),
    ],
)
async def test_whoever_shows_nothing_needs_a_random_uuid(database: Database, key: str, *, is_random: bool) -> None:
    async def request() -> None:
        async with database.transaction() as connection:
            await _register(connection, key, email="a@example.com", scope=idempotency.ANONYMOUS_SCOPE)

    if is_random:
        await request()
    else:
        with pytest.raises(InvalidInput):
            await request()

    assert await _count(database, _KEYS) == int(is_random)


def test_a_scope_names_the_caller() -> None:
    someone = UUID("0190a000-0000-7000-8000-000000000001")

    assert idempotency.scope_of(Principal()) == "anonymous"
    assert idempotency.scope_of(Principal(cart_token_hash=b"\x01\xff")) == "cart:01ff"
    assert idempotency.scope_of(Principal(kind=ViewerKind.APP, id=someone)) == f"app:{someone}"
    assert idempotency.scope_of(Principal(kind=ViewerKind.STAFF, id=someone)) == f"staff:{someone}"
    assert (
        idempotency.scope_of(Principal(kind=ViewerKind.CUSTOMER, id=someone, cart_token_hash=b"\x01"))
        == f"customer:{someone}"
    )
