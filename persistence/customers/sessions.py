"""Sessions and the refresh tokens that descend from them."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Interval, LargeBinary, Uuid, bindparam, delete, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from persistence.customers.tables import customer, refresh_token, session, staff
from persistence.database import Connection, Reader, Row
from persistence.statements import Statement, among

_BEGIN = Statement(
    insert(session).values(
        id=bindparam("id", type_=Uuid),
        customer_id=bindparam("customer_id", type_=Uuid),
        staff_id=bindparam("staff_id", type_=Uuid),
        expires_at=func.now() + bindparam("lifetime", type_=Interval),
    )
)

_ADD_TOKEN = Statement(
    insert(refresh_token).values(
        token_hash=bindparam("token_hash", type_=LargeBinary), session_id=bindparam("session_id", type_=Uuid)
    )
)


async def begin(
    connection: Connection,
    id_: UUID,
    *,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
    lifetime: timedelta,
    token_hash: bytes,
) -> None:
    """A session of the customer or of the staff, with its first refresh token."""
    await connection.execute(_BEGIN, id=id_, customer_id=customer_id, staff_id=staff_id, lifetime=lifetime)
    await add_token(connection, id_, token_hash)


async def add_token(connection: Connection, session_id: UUID, token_hash: bytes) -> None:
    await connection.execute(_ADD_TOKEN, session_id=session_id, token_hash=token_hash)


_OWNER = (
    session.c.id,
    session.c.customer_id,
    session.c.staff_id,
    session.c.expires_at,
    session.c.revoked_at,
    func.coalesce(staff.c.name, customer.c.name).label("name"),
    staff.c.permissions,
    staff.c.location_id,
    staff.c.disabled_at.is_not(None).label("owner_is_shut_out"),
)
_WITH_OWNER = session.outerjoin(customer, customer.c.id == session.c.customer_id).outerjoin(
    staff, staff.c.id == session.c.staff_id
)

_ALIVE = (
    select(*_OWNER)
    .select_from(_WITH_OWNER)
    .where(session.c.revoked_at.is_(None), session.c.expires_at > func.now(), staff.c.disabled_at.is_(None))
)
_LIVING = Statement(_ALIVE.where(session.c.id == bindparam("id")))
_LIVING_AMONG = Statement(_ALIVE.where(among(session.c.id, "ids")))


async def living(reader: Reader, id_: UUID) -> Row | None:
    """The session with whose it is; null once it was revoked, has expired, or its owner is shut out."""
    return await reader.fetch_one(_LIVING, id=id_)


async def living_among(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    """Those of these sessions that `living` would find, in no particular order."""
    return await reader.fetch(_LIVING_AMONG, ids=list(ids))


_FAMILY = (
    select(*_OWNER, refresh_token.c.used_at, func.clock_timestamp().label("now"))
    .select_from(_WITH_OWNER.join(refresh_token, refresh_token.c.session_id == session.c.id))
    .where(refresh_token.c.token_hash == bindparam("token_hash"))
)
_BY_TOKEN = Statement(_FAMILY)
_LOCK_BY_TOKEN = Statement(_FAMILY.with_for_update(of=[session, refresh_token]))

_USE = Statement(
    update(refresh_token)
    .where(refresh_token.c.token_hash == bindparam("of_hash", type_=LargeBinary))
    .values(used_at=func.coalesce(refresh_token.c.used_at, func.clock_timestamp()))
)


async def by_token(reader: Reader, token_hash: bytes) -> Row | None:
    return await reader.fetch_one(_BY_TOKEN, token_hash=token_hash)


async def lock_by_token(connection: Connection, token_hash: bytes) -> Row | None:
    """The whole family waits, so that rotation and revocation happen one after the other."""
    return await connection.fetch_one(_LOCK_BY_TOKEN, token_hash=token_hash)


async def use_token(connection: Connection, token_hash: bytes) -> None:
    """The first use is what counts."""
    await connection.execute(_USE, of_hash=token_hash)


def _revoke(*conditions: object) -> Statement:
    return Statement(
        update(session)
        .where(session.c.revoked_at.is_(None), *conditions)  # type: ignore[arg-type]
        .values(revoked_at=func.now(), revoked_because=bindparam("because", type_=session.c.revoked_because.type))
    )


_REVOKE = _revoke(session.c.id == bindparam("of_id"))
_REVOKE_ALL = _revoke(
    or_(
        session.c.customer_id == bindparam("of_customer", type_=Uuid),
        session.c.staff_id == bindparam("of_staff", type_=Uuid),
    )
)


async def revoke(connection: Connection, id_: UUID, *, because: str) -> None:
    await connection.execute(_REVOKE, of_id=id_, because=because)


async def revoke_all(
    connection: Connection, *, customer_id: UUID | None = None, staff_id: UUID | None = None, because: str
) -> None:
    """Every session of this customer, or of this staff."""
    await connection.execute(_REVOKE_ALL, of_customer=customer_id, of_staff=staff_id, because=because)


_DEAD_SESSIONS = (
    select(session.c.id)
    .where(session.c.expires_at < func.now())
    .order_by(session.c.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
    .cte("dead")
)
_PRUNE_REFRESH_TOKENS = Statement(
    delete(refresh_token).where(
        refresh_token.c.session_id.in_(
            select(session.c.id)
            .where(session.c.expires_at < func.now())
            .order_by(session.c.id)
            .limit(bindparam("count"))
        )
    )
)
_PRUNE = Statement(
    delete(session)
    .where(
        session.c.id == _DEAD_SESSIONS.c.id,
        ~select(literal_column("1")).where(refresh_token.c.session_id == session.c.id).exists(),
    )
    .returning(literal_column("true"))
)


async def prune(connection: Connection, *, count: int = 1000) -> int:
    """Forget up to `count` sessions that have expired; how many there were."""
    await connection.execute(_PRUNE_REFRESH_TOKENS, count=count)
    return len(await connection.fetch(_PRUNE, count=count))
