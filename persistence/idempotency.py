"""Exactly once: a key that a caller chose is claimed in the transaction of the effect, and remembers its result.

A claim and its effect are committed together or not at all. So a refusal leaves no trace and the same key may try again, and
whoever repeats a request while the first one runs waits for it on the unique index.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Boolean, Interval, Text, bindparam, case, delete, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert

from domain.access import Principal
from domain.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput
from persistence.database import Connection, Reader, Row
from persistence.idempotency_tables import idempotency
from persistence.statements import Statement

ANONYMOUS_SCOPE = "anonymous"
"""All callers that nothing tells apart: here a key must be a random UUID, so that nobody guesses another's."""

KEY_PATH = ("input", "idempotencyKey")
LONGEST_KEY = 200
LIFETIME = timedelta(hours=48)

_PATIENCE_WITH_A_TWIN = "5s"
_MOST_ATTEMPTS = 3


class First:
    """The first request with a key, or a repetition of it that is handed the first one's result."""

    __slots__ = ("remembered", "result")

    def __init__(self, result: dict[str, Any] | None = None) -> None:
        self.result = result
        self.remembered: dict[str, Any] | None = None

    @property
    def replayed(self) -> bool:
        """Whether the effect has happened before: then nothing may be changed, and `result` says what came of it."""
        return self.result is not None

    def remember(self, result: dict[str, Any]) -> None:
        """What a repetition is handed: ids and statuses as JSON, no secrets and no personal data."""
        # Rows hold UUIDs of asyncpg's own class, which orjson does not know.
        self.remembered = orjson.loads(orjson.dumps(result, default=str))


def scope_of(caller: Principal) -> str:
    """Whose keys these are: the customer's, staff's or app's own, the guest's cart's, or nobody's in particular."""
    if caller.id is not None:
        return f"{caller.kind.value.lower()}:{caller.id}"
    if caller.cart_token_hash is not None:
        return f"cart:{caller.cart_token_hash.hex()}"
    return ANONYMOUS_SCOPE


@asynccontextmanager
async def claim(
    connection: Connection,
    *,
    scope: str,
    key: str | None,
    operation: str,
    request: Any,
    ttl: timedelta = LIFETIME,
    result: dict[str, Any] | None = None,
) -> AsyncIterator[First]:
    """Claim the key before anything else is locked; `remember` before the block ends, unless the `result` is known now.

    `request` is the input as JSON. Without a key every request is a first one. Raises IdempotencyMismatch when the key was
    used for something else, IdempotencyInProgress when the first request still runs after five seconds, InvalidInput for a
    key that cannot be one.
    """
    if key is None:
        yield First()
        return
    _expect_usable(scope, key)
    fingerprint = _fingerprint(operation, request)
    first = First(await _claim(connection, scope, key, operation, fingerprint, ttl, result))
    yield first
    if first.replayed or (first.remembered is None and result is not None):
        return
    if first.remembered is None:
        raise RuntimeError(f"{operation} succeeded without remembering its result")
    await connection.execute(_REMEMBER, of_scope=scope, of_key=key, remembered=first.remembered)


def _expect_usable(scope: str, key: str) -> None:
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInput(f"An idempotency key has 1 to {LONGEST_KEY} printable characters.", KEY_PATH)
    if scope == ANONYMOUS_SCOPE and not _is_random_uuid(key):
        raise InvalidInput("Without a credential the idempotency key must be a random UUID (version 4 or 7).", KEY_PATH)


def _is_random_uuid(key: str) -> bool:
    try:
        uuid = UUID(key)
    except ValueError:
        return False
    return uuid.version in (4, 7) and str(uuid) == key.lower()


def _fingerprint(operation: str, request: Any) -> bytes:
    canonical = orjson.dumps(request, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return sha256(operation.encode() + b"\0" + canonical).digest()


async def _claim(
    connection: Connection,
    scope: str,
    key: str,
    operation: str,
    fingerprint: bytes,
    ttl: timedelta,
    result: dict[str, Any] | None,
) -> dict[str, Any] | None:
    """The result of the first request, or null when this is the first one and the key is now claimed."""
    for _ in range(_MOST_ATTEMPTS):
        try:
            is_first = await connection.fetch_value(
                _INSERT,
                new_scope=scope,
                new_key=key,
                operation=operation,
                fingerprint=fingerprint,
                ttl=ttl,
                known=result,
                patience=_PATIENCE_WITH_A_TWIN,
            )
        except asyncpg.LockNotAvailableError:
            break
        if is_first:
            return None
        await connection.execute(_WAIT_AS_USUAL_AFTER_A_TWIN)
        known = await connection.fetch_one(_FIND, of_scope=scope, of_key=key)
        if known is not None and not known["has_expired"]:
            return _result_of(known, fingerprint)
        await connection.execute(_FORGET_EXPIRED, of_scope=scope, of_key=key)
    raise IdempotencyInProgress("The first request with this idempotency key is still running.", KEY_PATH)


def _result_of(known: Row, fingerprint: bytes) -> dict[str, Any]:
    if known["fingerprint"] != fingerprint:
        raise IdempotencyMismatch("This idempotency key was used for another request.", KEY_PATH)
    if known["result"] is None:
        raise IdempotencyInProgress("The first request with this idempotency key is still running.", KEY_PATH)
    result: dict[str, Any] = known["result"]
    return result


async def is_done(reader: Reader, *, scope: str, key: str, operation: str, request: Any) -> bool:
    """Whether the first request with this key has come to an end, for commands that work before they claim it.

    Raises like `claim` for keys that cannot be used for this request; says nothing of requests that are still running.
    """
    _expect_usable(scope, key)
    known = await reader.fetch_one(_FIND, of_scope=scope, of_key=key)
    if known is None or known["has_expired"] or known["result"] is None:
        return False
    _result_of(known, _fingerprint(operation, request))
    return True


async def prune(connection: Connection, *, count: int = 5000) -> int:
    """Forget up to `count` expired keys; how many there were."""
    return len(await connection.fetch(_PRUNE, count=count))


# The wait for a twin is bounded by the same statement that waits, and by no other: that saves two round trips.
_LOCK_TIMEOUT = literal_column("'lock_timeout'", Text)
_IN_THIS_TRANSACTION = literal_column("true", Boolean)
_BOUNDED = (
    select(
        func.current_setting(_LOCK_TIMEOUT).label("usual"),
        func.set_config(_LOCK_TIMEOUT, bindparam("patience", type_=Text), _IN_THIS_TRANSACTION).label("bound"),
    )
    .cte("bounded")
    .prefix_with("MATERIALIZED")
)
_WAIT_AS_USUAL = select(func.set_config(_LOCK_TIMEOUT, _BOUNDED.c.usual, _IN_THIS_TRANSACTION)).scalar_subquery()

_KNOWN = bindparam("known", type_=idempotency.c.result.type)

_INSERT = Statement(
    insert(idempotency)
    .from_select(
        ["scope", "key", "operation", "fingerprint", "state", "result", "expires_at"],
        select(
            bindparam("new_scope", type_=idempotency.c.scope.type),
            bindparam("new_key", type_=idempotency.c.key.type),
            bindparam("operation", type_=idempotency.c.operation.type),
            bindparam("fingerprint", type_=idempotency.c.fingerprint.type),
            case((_KNOWN.is_(None), literal_column("'RUNNING'")), else_=literal_column("'DONE'")),
            _KNOWN,
            func.now() + bindparam("ttl", type_=Interval),
        ).where(select(_BOUNDED.c.bound).scalar_subquery().is_not(None)),
    )
    .on_conflict_do_nothing()
    .returning(_WAIT_AS_USUAL.is_not(None))
)

# No session setting is ever changed, so the default is what was in force before.
_WAIT_AS_USUAL_AFTER_A_TWIN = Statement(text("SET LOCAL lock_timeout TO DEFAULT"))

_IS_THIS = (idempotency.c.scope == bindparam("of_scope")) & (idempotency.c.key == bindparam("of_key"))
_HAS_EXPIRED = idempotency.c.expires_at <= func.now()

_FIND = Statement(
    select(idempotency.c.fingerprint, idempotency.c.result, _HAS_EXPIRED.label("has_expired")).where(_IS_THIS)
)

_FORGET_EXPIRED = Statement(delete(idempotency).where(_IS_THIS, _HAS_EXPIRED))

_REMEMBER = Statement(
    update(idempotency)
    .where(_IS_THIS)
    .values(state=literal_column("'DONE'"), result=bindparam("remembered", type_=idempotency.c.result.type))
)

_EXPIRED_KEYS = (
    select(idempotency.c.scope, idempotency.c.key)
    .where(_HAS_EXPIRED)
    .order_by(idempotency.c.expires_at)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
    .cte("expired")
)

_PRUNE = Statement(
    delete(idempotency)
    .where(idempotency.c.scope == _EXPIRED_KEYS.c.scope, idempotency.c.key == _EXPIRED_KEYS.c.key)
    .returning(literal_column("true"))
)
