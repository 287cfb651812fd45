"""Partner apps and the hashes of their tokens."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, func, insert, or_, select, text, update

from persistence.customers.tables import app
from persistence.database import Connection, Reader, Row
from persistence.statements import Statement, among

_INSERT = Statement(
    insert(app)
    .values(
        {
            name: bindparam(name, type_=app.c[name].type)
            for name in ("id", "name", "channel_id", "location_id", "permissions", "token_hash")
        }
    )
    .returning(app)
)


async def create(connection: Connection, **values: Any) -> Row:
    created = await connection.fetch_one(_INSERT, **values)
    assert created is not None
    return created


_BY_IDS = Statement(select(app).where(among(app.c.id, "ids")))


async def by_ids(reader: Reader, ids: list[UUID]) -> list[Row]:
    """In no particular order; unknown ones are left out."""
    return await reader.fetch(_BY_IDS, ids=ids)


_BY_TOKEN = Statement(
    select(
        app,
        or_(app.c.last_used_at.is_(None), app.c.last_used_at < func.now() - text("interval '1 minute'")).label(
            "was_unused_for_a_minute"
        ),
    ).where(app.c.token_hash == bindparam("token_hash"), app.c.revoked_at.is_(None))
)

_TOUCH = Statement(update(app).where(app.c.id == bindparam("app_id", type_=Uuid)).values(last_used_at=func.now()))


async def by_token(reader: Reader, token_hash: bytes) -> Row | None:
    """Null for a token that was never handed out, or was revoked."""
    return await reader.fetch_one(_BY_TOKEN, token_hash=token_hash)


async def touch(connection: Connection, id_: UUID) -> None:
    """It was used just now."""
    await connection.execute(_TOUCH, app_id=id_)


_WITHIN_REACH = or_(
    bindparam("location_id", type_=Integer).is_(None), app.c.location_id == bindparam("location_id", type_=Integer)
)

_REVOKE = Statement(
    update(app)
    .where(app.c.id == bindparam("app_id", type_=Uuid), _WITHIN_REACH)
    .values(revoked_at=func.coalesce(app.c.revoked_at, func.now()))
    .returning(app)
)


async def revoke(connection: Connection, id_: UUID, *, location_id: int | None) -> Row | None:
    """Bound to a location, a caller reaches the apps of that location only; null when it is out of reach."""
    return await connection.fetch_one(_REVOKE, app_id=id_, location_id=location_id)


@cache
def _page(*, after: bool) -> Statement:
    query = select(app).where(_WITHIN_REACH)
    if after:
        query = query.where(app.c.id < bindparam("after", type_=Uuid))
    return Statement(query.order_by(app.c.id.desc()).limit(bindparam("count")))


async def page(reader: Reader, *, location_id: int | None, after: UUID | None, count: int) -> list[Row]:
    """Newest first: ids are ordered by time."""
    values = {} if after is None else {"after": after}
    return await reader.fetch(_page(after=after is not None), location_id=location_id, count=count, **values)


_COUNT = Statement(select(func.count()).select_from(app).where(_WITHIN_REACH))


async def count(reader: Reader, *, location_id: int | None) -> int:
    counted: int = await reader.fetch_value(_COUNT, location_id=location_id)
    return counted
