"""Connections to PostgreSQL: `reading()` for questions, `transaction()` for commands. Nobody else commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import asyncpg
import asyncpg.pool
import orjson
from sqlalchemy.engine import URL, make_url

from persistence.lending import Lending
from persistence.statements import Statement

Row = asyncpg.Record
Observer = Callable[[str], None]

if TYPE_CHECKING:
    RawConnection = asyncpg.pool.PoolConnectionProxy[Row] | asyncpg.Connection[Row]

_PATIENCE_TO_CONNECT = 60.0

_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


def is_in_transaction() -> bool:
    """Whether the task that asks is inside `Database.transaction()`, for work that must not be."""
    return _in_transaction.get()


class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached, or gave up the connection before it answered."""


class Reader:
    """Asks questions on one connection; every question is a statement compiled beforehand."""

    __slots__ = ("_observe", "raw")

    def __init__(self, raw: RawConnection, observe: Observer | None) -> None:
        self.raw = raw
        self._observe = observe

    async def fetch(self, statement: Statement, **values: Any) -> list[Row]:
        if self._observe is not None:
            self._observe(statement.text)
        return await self.raw.fetch(statement.text, *statement.arguments(values))

    async def fetch_one(self, statement: Statement, **values: Any) -> Row | None:
        if self._observe is not None:
            self._observe(statement.text)
        return await self.raw.fetchrow(statement.text, *statement.arguments(values))

    async def fetch_value(self, statement: Statement, **values: Any) -> Any:
        if self._observe is not None:
            self._observe(statement.text)
        return await self.raw.fetchval(statement.text, *statement.arguments(values))


class Connection(Reader):
    """A reader inside a transaction, which may also write."""

    __slots__ = ("has_events",)

    def __init__(self, raw: RawConnection, observe: Observer | None) -> None:
        super().__init__(raw, observe)
        self.has_events = False

    async def execute(self, statement: Statement, **values: Any) -> None:
        if self._observe is not None:
            self._observe(statement.text)
        await self.raw.execute(statement.text, *statement.arguments(values))

    async def execute_many(self, statement: Statement, rows: Sequence[dict[str, Any]]) -> None:
        """One round trip for all rows."""
        if not rows:
            return
        if self._observe is not None:
            self._observe(statement.text)
        await self.raw.executemany(statement.text, [statement.arguments(row) for row in rows])


class Companion(Protocol):
    """Something that works on the same database over a connection of its own."""

    async def close(self) -> None: ...


C = TypeVar("C", bound=Companion)


class Database:
    """A pool of connections, and who wants to know when events were committed."""

    def __init__(self, pool: asyncpg.Pool[Row], url: str, observe: Observer | None = None) -> None:
        self._pool = pool
        self._observe = observe
        self.url = url
        self.on_events_committed: Callable[[], None] = lambda: None
        self._companions: dict[type[Companion], Companion] = {}
        self._lending = Lending(pool)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        min_size: int = 2,
        max_size: int = 8,
        statement_cache_size: int = 1024,
        observe: Observer | None = None,
    ) -> Database:
        """Raises DatabaseUnavailableError when nobody answers at that address."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=min_size,
                max_size=max_size,
                init=prepare_connection,
                reset=_keep_session,
                statement_cache_size=statement_cache_size,
                max_inactive_connection_lifetime=0,
                command_timeout=60,
                server_settings={"application_name": "oneshelf", "jit": "off", "timezone": "UTC"},
            )
        except (OSError, asyncpg.PostgresError) as error:
            raise DatabaseUnavailableError(f"PostgreSQL does not answer: {error}") from error
        return cls(pool, url, observe)

    @property
    def observe(self) -> Observer | None:
        """Told of every statement, for tests that count."""
        return self._observe

    def companion(self, kind: type[C], make: Callable[[Database], C]) -> C:
        """The one companion of this kind: made when it is first asked for, closed together with the pool."""
        if kind not in self._companions:
            self._companions[kind] = make(self)
        found = self._companions[kind]
        assert isinstance(found, kind)
        return found

    async def close(self) -> None:
        for companion in self._companions.values():
            await companion.close()
        try:
            await asyncio.wait_for(self._pool.close(), timeout=10)
        except TimeoutError:
            self._pool.terminate()

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """A connection outside any transaction: each statement sees all that was committed before it."""
        return _Reading(self._lending, self._observe)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Reader]:
        """Every statement sees the same moment; nothing can be written."""
        async with self._pool.acquire() as raw, raw.transaction(isolation="repeatable_read", readonly=True):
            yield Reader(raw, self._observe)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """READ COMMITTED; leaving the block commits, an exception rolls back."""
        async with self._pool.acquire() as raw:
            connection = Connection(raw, self._observe)
            mark = _in_transaction.set(True)
            try:
                async with raw.transaction():
                    yield connection
            finally:
                _in_transaction.reset(mark)
        if connection.has_events:
            self.on_events_committed()


class _Reading(AbstractAsyncContextManager[Reader]):
    __slots__ = ("_lending", "_observe", "_raw")

    def __init__(self, lending: Lending, observe: Observer | None) -> None:
        self._lending = lending
        self._observe = observe

    async def __aenter__(self) -> Reader:
        self._raw = await self._lending.borrow()
        return Reader(self._raw, self._observe)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._lending.give_back(self._raw)
        else:
            await self._lending.give_back_broken(self._raw)


async def connect(
    url: str, *, settings: Mapping[str, str] | None = None, patience: float | None = None
) -> asyncpg.Connection[Row]:
    """A connection outside the pool, for work that keeps one for itself: listening, locks, long copies.

    With `patience`, whatever is not answered within so many seconds is a TimeoutError.
    """
    server_settings = {"application_name": "oneshelf", "jit": "off", "timezone": "UTC", **(settings or {})}
    try:
        connection = await asyncpg.connect(
            url, server_settings=server_settings, timeout=patience or _PATIENCE_TO_CONNECT, command_timeout=patience
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseUnavailableError(f"PostgreSQL does not answer: {error}") from error
    await prepare_connection(connection)
    return connection


async def prepare_connection(connection: asyncpg.Connection[Row]) -> None:
    """JSON columns are Python values on this connection; ids in them are written as text."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value, default=str),
        decoder=lambda raw: orjson.loads(raw[1:]),
        format="binary",
    )


async def _keep_session(_connection: asyncpg.Connection[Row]) -> None:
    """Saves the round trip that asyncpg's reset costs; in return nobody may SET session state."""


def sqlalchemy_url(url: str) -> URL:
    """The same database for SQLAlchemy's engine, which Alembic needs."""
    return make_url(url).set(drivername="postgresql+asyncpg")
