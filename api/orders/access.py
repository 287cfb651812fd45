"""Which orders a caller may see."""

from collections.abc import Collection, Mapping, Sequence
from hmac import compare_digest
from typing import Any
from uuid import UUID

from api.context import Context
from api.directory import Entry
from domain.access import Permission, Principal
from domain.channels.kinds import ChannelKind
from persistence.carts import carts
from persistence.orders import orders


def scope(context: Context) -> dict[str, Any]:
    """What narrows the orders of staff and apps with permission: the place they are bound to, and for an app that sells, its
    channel. Partner systems such as an ERP or a warehouse read all.
    """
    caller = context.caller
    channel_id = only_channel_of(caller, context.channel)
    narrowed: dict[str, Any] = {}
    if caller.location_id is not None:
        narrowed["scope_location_id"] = caller.location_id
    if channel_id is not None:
        narrowed["scope_channel_id"] = channel_id
    return narrowed


def only_channel_of(caller: Principal, channel: Entry) -> int | None:
    """The channel to whose orders an app is bound; null for everybody else. It always speaks for that channel."""
    is_partner = channel["kind"] in (ChannelKind.PARTNER.value, ChannelKind.POS.value)
    return None if is_partner else caller.channel_id


def reads_orders(context: Context) -> bool:
    return context.caller.may(Permission.READ_ORDERS) or context.caller.may(Permission.MANAGE_ORDERS)


async def visible_orders(context: Context, ids: Collection[UUID]) -> Sequence[Mapping[str, Any]]:
    """Those of these orders that the caller may see in full; foreign ones and missing ones are left out alike."""
    if not ids:
        return []
    caller = context.caller
    async with context.database.reading() as reader:
        if reads_orders(context):
            rows = await orders.within(reader, ids, scope(context))
        elif caller.customer_id is not None:
            rows = await orders.within(reader, ids, {"of_customer": caller.customer_id})
        else:
            rows = []
        if not rows and caller.cart_token_hash is not None:
            cart_id = await carts.id_by_token(reader, caller.cart_token_hash)
            # An order without a cart is nobody's who presents a token of no cart.
            if cart_id is not None:
                rows = [row for row in await orders.by_ids(reader, ids) if row["cart_id"] == cart_id]
    return [{**row, "is_guest_lookup": False} for row in rows]


async def guest_order(context: Context, number: str, email: str) -> Mapping[str, Any] | None:
    """Number and e-mail together prove a guest. Compared in constant time, so that neither can be guessed by itself."""
    async with context.database.reading() as reader:
        row = await orders.by_number(reader, number.strip().upper())
    known = "" if row is None or row["email"] is None else row["email"]
    is_right = compare_digest(known.encode(), email.strip().lower().encode())
    return {**row, "is_guest_lookup": True} if row is not None and known and is_right else None
