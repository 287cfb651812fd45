"""Customers and staff as they sign in, and the secrets that they are sent by mail."""

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Interval,
    LargeBinary,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from domain.customers.credentials import TokenPurpose
from persistence.customers.tables import customer, one_time_token, staff
from persistence.database import Connection, Reader, Row
from persistence.statements import Statement, among


def _given(name: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return bindparam(name, type_=column.type)


_PROFILE = (
    customer.c.id,
    customer.c.email,
    customer.c.name,
    customer.c.phone,
    customer.c.addresses,
    customer.c.created_at,
)
"""What may be shown; the password's hash stays where it is."""

_SIGNED_IN_BY = Statement(
    union_all(
        select(
            literal_column("'STAFF'").label("kind"),
            staff.c.id,
            staff.c.name,
            staff.c.password_hash,
            staff.c.permissions,
            staff.c.location_id,
        ).where(staff.c.email == bindparam("email"), staff.c.disabled_at.is_(None)),
        select(
            literal_column("'CUSTOMER'"),
            customer.c.id,
            customer.c.name,
            customer.c.password_hash,
            literal([], type_=staff.c.permissions.type),
            null(),
        ).where(customer.c.email == bindparam("email"), customer.c.verified_at.is_not(None)),
    )
)


async def signed_in_by(reader: Reader, email: str) -> list[Row]:
    """Who may sign in with this address: staff that is not disabled, then a customer whose address is verified."""
    return await reader.fetch(_SIGNED_IN_BY, email=email)


_KEEP_PASSWORD = {
    "STAFF": Statement(
        select(literal_column("true"))
        .where(
            staff.c.id == bindparam("id"),
            staff.c.password_hash == bindparam("password_hash"),
            staff.c.disabled_at.is_(None),
        )
        .with_for_update(read=True)
    ),
    "CUSTOMER": Statement(
        select(literal_column("true"))
        .where(customer.c.id == bindparam("id"), customer.c.password_hash == bindparam("password_hash"))
        .with_for_update(read=True)
    ),
}


async def keep_password(connection: Connection, kind: str, id_: UUID, password_hash: str) -> bool:
    """Whether this is still the password; until the end of the transaction nobody changes it."""
    return await connection.fetch_value(_KEEP_PASSWORD[kind], id=id_, password_hash=password_hash) is not None


def _registration() -> Statement:
    new = insert(customer).values(
        {name: _given(name, customer.c[name]) for name in ("id", "email", "name", "phone", "password_hash")}
    )
    changed = {name: new.excluded[name] for name in ("name", "phone", "password_hash")}
    return Statement(
        new.on_conflict_do_update(
            index_elements=[customer.c.email], set_=changed, where=customer.c.verified_at.is_(None)
        ).returning(customer.c.id)
    )


_REGISTER = _registration()


async def register(
    connection: Connection, id_: UUID, *, email: str, name: str | None, phone: str | None, password_hash: str
) -> UUID | None:
    """The unverified account, made or registered anew; null when somebody has verified this address already."""
    account: UUID | None = await connection.fetch_value(
        _REGISTER, id=id_, email=email, name=name, phone=phone, password_hash=password_hash
    )
    return account


_VERIFY = Statement(
    update(customer)
    .where(customer.c.id == bindparam("customer_id"))
    .values(verified_at=func.coalesce(customer.c.verified_at, func.now()))
    .returning(*_PROFILE)
)


async def verify(connection: Connection, customer_id: UUID) -> Row:
    """Whoever read the mail owns the address."""
    verified = await connection.fetch_one(_VERIFY, customer_id=customer_id)
    assert verified is not None
    return verified


_SET_PASSWORD = Statement(
    update(customer)
    .where(customer.c.id == bindparam("customer_id"))
    .values(password_hash=bindparam("new_hash", type_=customer.c.password_hash.type))
)


async def set_password(connection: Connection, customer_id: UUID, password_hash: str) -> None:
    await connection.execute(_SET_PASSWORD, customer_id=customer_id, new_hash=password_hash)


_BY_IDS = Statement(select(*_PROFILE).where(among(customer.c.id, "ids")))


async def customers_by_ids(reader: Reader, ids: Collection[UUID]) -> list[Row]:
    """In no particular order; unknown ones are left out."""
    return await reader.fetch(_BY_IDS, ids=list(ids))


_VERIFIED_BY_EMAIL = Statement(
    select(customer.c.id).where(customer.c.email == bindparam("email"), customer.c.verified_at.is_not(None))
)


async def verified_by_email(reader: Reader, email: str) -> UUID | None:
    """The customer who has proved that this address is theirs."""
    id_: UUID | None = await reader.fetch_value(_VERIFIED_BY_EMAIL, email=email)
    return id_


@cache
def _change(names: tuple[str, ...]) -> Statement:
    return Statement(
        update(customer)
        .where(customer.c.id == bindparam("customer_id", type_=Uuid))
        .values({name: _given(f"new_{name}", customer.c[name]) for name in names})
        .returning(*_PROFILE)
    )


async def change_customer(connection: Connection, customer_id: UUID, changes: dict[str, Any]) -> Row | None:
    """Only the columns named change; `changes` is not empty."""
    statement = _change(tuple(sorted(changes)))
    return await connection.fetch_one(
        statement, customer_id=customer_id, **{f"new_{name}": value for name, value in changes.items()}
    )


_INSERT_STAFF = Statement(
    insert(staff)
    .values(
        {
            name: _given(name, staff.c[name])
            for name in ("id", "email", "name", "password_hash", "location_id", "permissions")
        }
    )
    .on_conflict_do_nothing(index_elements=[staff.c.email])
    .returning(staff)
)


async def insert_staff(connection: Connection, **values: Any) -> Row | None:
    """Null when there is staff with this address."""
    return await connection.fetch_one(_INSERT_STAFF, **values)


_ALL_STAFF = Statement(select(staff).order_by(staff.c.email))


async def all_staff(reader: Reader) -> list[Row]:
    """By e-mail."""
    return await reader.fetch(_ALL_STAFF)


_FORGET_TOKENS = Statement(
    delete(one_time_token).where(
        one_time_token.c.customer_id == bindparam("customer_id"), one_time_token.c.purpose == bindparam("purpose")
    )
)


async def forget_tokens(connection: Connection, customer_id: UUID, purpose: TokenPurpose) -> None:
    """Mails sent before are worth nothing."""
    await connection.execute(_FORGET_TOKENS, customer_id=customer_id, purpose=purpose.value)


def _issue_token(condition: ColumnElement[bool]) -> Statement:
    """From the customer's row, so that an unknown customer costs the same statement."""
    return Statement(
        insert(one_time_token)
        .from_select(
            ["token_hash", "purpose", "customer_id", "expires_at"],
            select(
                bindparam("token_hash", type_=LargeBinary),
                _given("purpose", one_time_token.c.purpose),
                customer.c.id,
                func.now() + bindparam("lifetime", type_=Interval),
            ).where(condition),
        )
        .returning(one_time_token.c.customer_id)
    )


_ISSUE_TOKEN_BY_ID = _issue_token(customer.c.id == bindparam("customer_id", type_=Uuid))
_ISSUE_TOKEN_BY_EMAIL = _issue_token(customer.c.email == bindparam("email"))


async def issue_token(connection: Connection, customer_id: UUID, purpose: TokenPurpose, token_hash: bytes) -> None:
    lifetime: timedelta = purpose.lifetime
    await connection.execute(
        _ISSUE_TOKEN_BY_ID, customer_id=customer_id, purpose=purpose.value, token_hash=token_hash, lifetime=lifetime
    )


async def issue_token_to(connection: Connection, email: str, purpose: TokenPurpose, token_hash: bytes) -> UUID | None:
    """Whose it is; null when nobody has this address."""
    owner: UUID | None = await connection.fetch_value(
        _ISSUE_TOKEN_BY_EMAIL, email=email, purpose=purpose.value, token_hash=token_hash, lifetime=purpose.lifetime
    )
    return owner


_IS_GOOD = and_(
    one_time_token.c.token_hash == bindparam("of_hash", type_=LargeBinary),
    one_time_token.c.purpose == bindparam("of_purpose"),
    one_time_token.c.used_at.is_(None),
    one_time_token.c.expires_at > func.now(),
)

_OWNER = select(*_PROFILE).where(exists().where(_IS_GOOD, one_time_token.c.customer_id == customer.c.id))
_OWNER_OF_TOKEN = Statement(_OWNER)
_LOCK_OWNER_OF_TOKEN = Statement(_OWNER.with_for_update(key_share=True))

_USE_TOKEN = Statement(
    update(one_time_token).where(_IS_GOOD).values(used_at=func.now()).returning(one_time_token.c.customer_id)
)


async def owner_of_token(reader: Reader, purpose: TokenPurpose, token_hash: bytes) -> Row | None:
    """The customer whom this secret was sent to, while it is good."""
    return await reader.fetch_one(_OWNER_OF_TOKEN, of_hash=token_hash, of_purpose=purpose.value)


async def lock_owner_of_token(connection: Connection, purpose: TokenPurpose, token_hash: bytes) -> Row | None:
    """The customer before the token, as registration locks them."""
    return await connection.fetch_one(_LOCK_OWNER_OF_TOKEN, of_hash=token_hash, of_purpose=purpose.value)


async def use_token(connection: Connection, purpose: TokenPurpose, token_hash: bytes) -> bool:
    """True for the first that asks, false for everybody after."""
    return await connection.fetch_value(_USE_TOKEN, of_hash=token_hash, of_purpose=purpose.value) is not None


_PRUNE_TOKENS = Statement(delete(one_time_token).where(one_time_token.c.expires_at < func.now()))


async def prune_tokens(connection: Connection) -> None:
    """Forget secrets that are good for nothing any more."""
    await connection.execute(_PRUNE_TOKENS)
