"""Carts set aside, merged away, and handed on by codes of which only hashes are kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from persistence.carts.tables import cart, cart_handoff
from persistence.database import Connection, Reader, Row
from persistence.statements import Statement, among

_SET_PARKED = Statement(
    update(cart)
    .where(cart.c.id == bindparam("cart_id"))
    .values(
        parked_location_id=bindparam("location_id", type_=cart.c.parked_location_id.type),
        parked_note=bindparam("note", type_=cart.c.parked_note.type),
    )
)
_SET_HOLDER = Statement(
    update(cart)
    .where(cart.c.id == bindparam("cart_id"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=cart.c[name].type)
            for name in ("customer_id", "token_hash", "staff_channel_id")
        }
    )
)
_SET_STAFF_CHANNEL = Statement(
    update(cart)
    .where(cart.c.id == bindparam("cart_id"))
    .values(staff_channel_id=bindparam("channel_id", type_=cart.c.staff_channel_id.type))
)


async def set_parked(connection: Connection, cart_id: UUID, *, location_id: int | None, note: str | None) -> None:
    """Where it is set aside, and a word for whoever takes it up; both null when it is taken up."""
    await connection.execute(_SET_PARKED, cart_id=cart_id, location_id=location_id, note=note)


async def set_staff_channel(connection: Connection, cart_id: UUID, channel_id: int) -> None:
    """Whoever sells there may go on with it."""
    await connection.execute(_SET_STAFF_CHANNEL, cart_id=cart_id, channel_id=channel_id)


async def set_holder(
    connection: Connection,
    cart_id: UUID,
    *,
    customer_id: UUID | None,
    token_hash: bytes | None,
    staff_channel_id: int | None,
) -> None:
    """Whose it is from now on; a former token is useless."""
    await connection.execute(
        _SET_HOLDER,
        cart_id=cart_id,
        new_customer_id=customer_id,
        new_token_hash=token_hash,
        new_staff_channel_id=staff_channel_id,
    )


_FORGET_BUYER = Statement("""
WITH forgotten AS (UPDATE cart_delivery_group SET address = NULL WHERE cart_id = :cart_id)
UPDATE cart SET email = NULL, phone = NULL, billing_address = NULL WHERE id = :cart_id
""")


async def forget_buyer(connection: Connection, cart_id: UUID) -> None:
    """What the former owner said about itself is not for the next one."""
    await connection.execute(_FORGET_BUYER, cart_id=cart_id)


_COPY_LINES = Statement("""
INSERT INTO cart_line (id, cart_id, variant_id, sku, name, quantity, unit_amount, channel_id, delivery_group_id)
SELECT asked.id, target.id, line.variant_id, line.sku, line.name, line.quantity,
       CASE WHEN source.market_id = target.market_id THEN line.unit_amount ELSE price.amount END, line.channel_id,
       asked.group_id
FROM unnest(CAST(:line_ids AS uuid[]), CAST(:ids AS uuid[]), CAST(:group_ids AS uuid[])) AS asked (line_id, id, group_id)
JOIN cart_line line ON line.id = asked.line_id
JOIN cart source ON source.id = line.cart_id
JOIN cart target ON target.id = :target_id
JOIN price ON price.variant_id = line.variant_id AND price.market_id = target.market_id
""")


async def copy_lines(connection: Connection, target_id: UUID, lines: Sequence[Mapping[str, Any]]) -> None:
    """Each with line_id, id, group_id: lines of another cart, as lines of this one.

    They remember what they cost when they were added, unless that was another market's money.
    """
    await connection.execute(
        _COPY_LINES,
        target_id=target_id,
        line_ids=[line["line_id"] for line in lines],
        ids=[line["id"] for line in lines],
        group_ids=[line["group_id"] for line in lines],
    )


_MARK_MERGED = Statement(
    update(cart)
    .where(cart.c.id == bindparam("cart_id"))
    .values(
        merged_into_id=bindparam("target_id", type_=cart.c.merged_into_id.type),
        merge_report=bindparam("report", type_=cart.c.merge_report.type),
        status="MERGED",
    )
)
_REPORT = Statement(select(cart.c.merge_report).where(cart.c.id == bindparam("cart_id")))


async def mark_merged(connection: Connection, cart_id: UUID, target_id: UUID, report: list[dict[str, Any]]) -> None:
    await connection.execute(_MARK_MERGED, cart_id=cart_id, target_id=target_id, report=report)


async def merge_report(reader: Reader, cart_id: UUID) -> list[dict[str, Any]]:
    """What became of each line of a cart that was merged away."""
    found: list[dict[str, Any]] = await reader.fetch_value(_REPORT, cart_id=cart_id)
    return found


_OPEN_OF_CUSTOMER = Statement(
    select(cart.c.id)
    .where(
        cart.c.customer_id == bindparam("customer_id"),
        cart.c.status == "OPEN",
        cart.c.expires_at > bindparam("moment", type_=cart.c.expires_at.type),
    )
    .order_by(cart.c.updated_at.desc(), cart.c.id.desc())
    .limit(1)
)
_LOCK_CARTS = Statement(
    select(cart.c.id).where(among(cart.c.id, "ids")).order_by(cart.c.id).with_for_update(key_share=True)
)


async def active_of(reader: Reader, customer_id: UUID, moment: datetime) -> UUID | None:
    """The open cart that the customer last touched."""
    found: UUID | None = await reader.fetch_value(_OPEN_OF_CUSTOMER, customer_id=customer_id, moment=moment)
    return found


async def lock_in_order(connection: Connection, ids: Collection[UUID]) -> None:
    """By ascending id, as everybody does."""
    await connection.fetch(_LOCK_CARTS, ids=list(ids))


_INSERT_HANDOFF = Statement(
    insert(cart_handoff).values(
        {
            name: bindparam(name, type_=cart_handoff.c[name].type)
            for name in ("id", "cart_id", "code_hash", "expires_at")
        }
    )
)
_WITHDRAW = Statement(
    delete(cart_handoff).where(cart_handoff.c.cart_id == bindparam("of_cart_id"), cart_handoff.c.claimed_at.is_(None))
)
_HANDOFF = Statement(select(cart_handoff).where(cart_handoff.c.code_hash == bindparam("code_hash")))
_HANDOFF_BY_ID = Statement(select(cart_handoff).where(cart_handoff.c.id == bindparam("id")))
_LAST_CLAIMED = Statement(
    select(cart_handoff)
    .where(cart_handoff.c.cart_id == bindparam("of_cart_id"), cart_handoff.c.claimed_at.is_not(None))
    .order_by(cart_handoff.c.claimed_at.desc())
    .limit(1)
)
_CLAIM = Statement(
    update(cart_handoff)
    .where(cart_handoff.c.id == bindparam("handoff_id"), cart_handoff.c.claimed_at.is_(None))
    .values(claimed_at=bindparam("moment", type_=cart_handoff.c.claimed_at.type))
    .returning(cart_handoff.c.id)
)


async def insert_handoff(
    connection: Connection, *, id: UUID, cart_id: UUID, code_hash: bytes, expires_at: datetime
) -> None:
    """A cart has one good code at a time: the one before is withdrawn."""
    await connection.execute(_WITHDRAW, of_cart_id=cart_id)
    await connection.execute(_INSERT_HANDOFF, id=id, cart_id=cart_id, code_hash=code_hash, expires_at=expires_at)


async def handoff(reader: Reader, code_hash: bytes) -> Row | None:
    return await reader.fetch_one(_HANDOFF, code_hash=code_hash)


async def handoff_by_id(reader: Reader, id_: UUID) -> Row | None:
    return await reader.fetch_one(_HANDOFF_BY_ID, id=id_)


async def claim(connection: Connection, handoff_id: UUID, moment: datetime) -> bool:
    """Whether this was the first to claim it."""
    return await connection.fetch_value(_CLAIM, handoff_id=handoff_id, moment=moment) is not None


async def last_claimed(reader: Reader, cart_id: UUID) -> Row | None:
    """The hand-off by which whoever holds the cart now came by it."""
    return await reader.fetch_one(_LAST_CLAIMED, of_cart_id=cart_id)
