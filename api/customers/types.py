"""Customers, apps, and whoever is asking, as the schema shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from api.access import SCOPED, Needs
from api.carts.lists import CartConnection, carts_of_each_customer
from api.carts.merging.types import CartMergeChange
from api.carts.types import Cart, load_carts
from api.channels.types import Address, Channel, Location, Market
from api.context import Context
from api.customers.access import OWN_CART, OWN_ORDERS, OWN_PROFILE
from api.execution.fields import Wanted, batched, column, inline
from api.ids import Kind, encode
from api.node import Node
from api.orders.listing import orders_of_each_customer
from api.orders.types import OrderConnection
from api.pagination import PageInfo
from domain.access import Permission, Principal, ViewerKind
from persistence.carts import carts as stored_carts
from persistence.customers import accounts

MANAGES_APPS = Needs(Permission.MANAGE_APPS)


@strawberry.type(
    description="A person on every channel. Its profile is shown to itself and to whoever has READ_CUSTOMERS."
)
class Customer(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Customer, row["id"]), SCOPED, "Globally unique and opaque.")
    email: str | None = column(OWN_PROFILE, "What it signs in with, in lower case.")
    name: str | None = column(OWN_PROFILE, "As the customer wrote it.")
    phone: str | None = column(OWN_PROFILE, "In E.164, such as +4930123456.")
    addresses: list[Address] = column(OWN_PROFILE, "Its address book, in its own order.")

    @batched(OWN_CART, "The open cart last touched, whatever device or channel.")
    async def active_cart(rows: Any, context: Context, wanted: Wanted) -> Cart | None:
        async with context.database.reading() as reader:
            active = await stored_carts.active_of_each(reader, {row["id"] for row in rows})
        found = {cart.id: cart for cart in await load_carts(context, list(active.values()))}
        return [found.get(active[row["id"]]) if row["id"] in active else None for row in rows]

    @batched(OWN_CART, "Its carts, whatever became of them, the newest first; `first` is at most 100.")
    async def carts(
        rows: Any, context: Context, wanted: Wanted, *, first: int | None = 20, after: str | None = None
    ) -> CartConnection | None:
        return await carts_of_each_customer(context, wanted, [row["id"] for row in rows], first, after)

    @batched(OWN_ORDERS, "Its orders, newest first; `first` is at most 100.")
    async def orders(
        rows: Any, context: Context, wanted: Wanted, *, first: int | None = 20, after: str | None = None
    ) -> OrderConnection | None:
        return await orders_of_each_customer(context, wanted, [row["id"] for row in rows], first, after)

    created_at: datetime = column(OWN_PROFILE, "When it registered.")


@strawberry.type(description="Whoever is asking, and what that lets them do.")
class Viewer:
    kind: ViewerKind = column(SCOPED, "What kind of caller it is.")

    @batched(SCOPED, "The signed-in customer; null for every other kind of caller.")
    async def customer(viewers: Sequence[Principal], context: Context, wanted: Wanted) -> Customer | None:
        ids = {viewer.customer_id for viewer in viewers if viewer.customer_id}
        found: dict[Any, Any] = {}
        if ids:
            async with context.database.reading() as reader:
                found = {row["id"]: row for row in await accounts.customers_by_ids(reader, ids)}
        return [found.get(viewer.customer_id) for viewer in viewers]

    @batched(SCOPED, "An app's own channel; for others the one that the request names, else `web`.")
    async def channel(viewers: Sequence[Principal], context: Context, wanted: Wanted) -> Channel:
        return [context.channel for _ in viewers]

    @batched(SCOPED, "The market of the channel, whose prices are shown.")
    async def market(viewers: Sequence[Principal], context: Context, wanted: Wanted) -> Market:
        return [context.market for _ in viewers]

    @batched(SCOPED, "The only place where its permissions count; null when they count everywhere.")
    async def location(viewers: Sequence[Principal], context: Context, wanted: Wanted) -> Location | None:
        locations = context.directory.locations
        return [None if viewer.location_id is None else locations.get(viewer.location_id) for viewer in viewers]

    permissions: list[Permission] = inline(
        lambda viewer: sorted(viewer.permissions, key=lambda permission: permission.value),
        SCOPED,
        "What it is allowed; empty for customers and guests, who need none for what is theirs.",
    )


@strawberry.type(
    description="A partner's system or a till: it speaks for one channel, as far as its permissions reach."
)
class App(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.App, row["id"]), MANAGES_APPS, "Globally unique and opaque.")
    name: str = column(MANAGES_APPS, "For people.")

    @batched(MANAGES_APPS, "The channel that it always speaks for.")
    async def channel(apps: Sequence[Any], context: Context, wanted: Wanted) -> Channel | None:
        return [context.directory.channels.get(app["channel_id"]) for app in apps]

    @batched(MANAGES_APPS, "The only place where it may act; null when it may act everywhere.")
    async def location(apps: Sequence[Any], context: Context, wanted: Wanted) -> Location | None:
        return [context.directory.locations.get(app["location_id"]) for app in apps]

    permissions: list[Permission] = inline(
        lambda row: [Permission(name) for name in row["permissions"] if name in Permission.__members__],
        MANAGES_APPS,
        "What it is allowed.",
    )
    created_at: datetime = column(MANAGES_APPS, "When it was made.")
    last_used_at: datetime | None = column(
        MANAGES_APPS, "When it last showed its token, to the minute; null for never."
    )
    revoked_at: datetime | None = column(MANAGES_APPS, "Since when its token is refused; null while it is good.")


@strawberry.type(description="An app and its place in a list.")
class AppEdge:
    cursor: str = column(MANAGES_APPS, "To ask for what comes after it.")
    node: App = column(MANAGES_APPS, "The app.")


@strawberry.type(description="A page of apps.")
class AppConnection:
    edges: list[AppEdge] = column(MANAGES_APPS, "The apps of this page with their cursors.")
    nodes: list[App] = column(MANAGES_APPS, "The apps of this page.")
    page_info: PageInfo = column(MANAGES_APPS, "Where this page lies in the list.")
    total_count: int = column(MANAGES_APPS, "How many there are on all pages.")


@strawberry.type(description="A mail is on its way, whatever it says: the answer is the same for every address.")
class CustomerRegisterPayload:
    verification_sent: bool = column(SCOPED, "Always true: what follows is in the mail.")


@strawberry.type(description="A mail is on its way if a customer has this address; the answer is the same if none has.")
class PasswordResetRequestPayload:
    reset_sent: bool = column(SCOPED, "Always true: what follows is in the mail.")


@strawberry.type(description="The password is set, and every session of the customer has ended.")
class PasswordResetPayload:
    password_set: bool = column(SCOPED, "Always true: sign in with the new password.")


@strawberry.type(
    description="Somebody is signed in. In this document the following fields are answered for that caller."
)
class SessionPayload:
    access_token: str = column(SCOPED, "Sent as `Authorization: Bearer …`; good for ten minutes.")
    refresh_token: str = column(
        SCOPED, "Exchanged for the next pair by tokenRefresh, once. Used twice, it signs out everybody who holds one."
    )
    expires_at: datetime = column(SCOPED, "Until when the access token is good.")
    viewer: Viewer = column(SCOPED, "Who is signed in.")

    @batched(SCOPED, "The customer's open cart last touched; null for staff.")
    async def active_cart(sessions: Any, context: Context, wanted: Wanted) -> Cart | None:
        ids = {session.viewer.customer_id for session in sessions if session.viewer.customer_id}
        async with context.database.reading() as reader:
            active = await stored_carts.active_of_each(reader, ids)
        found = {cart.id: cart for cart in await load_carts(context, list(active.values()))}
        return [found.get(active.get(session.viewer.customer_id)) for session in sessions]

    merge_report: list[CartMergeChange] | None = column(
        SCOPED, "What became of each line of the guest's cart and the customer's; null when nothing was merged."
    )


@strawberry.type(description="The session of the token has ended, or all sessions of its owner.")
class SignOutPayload:
    signed_out: bool = column(SCOPED, "Always true; access tokens of the session are refused from now on.")


@strawberry.type(description="The customer as it is now.")
class CustomerPayload:
    customer: Customer = column(SCOPED, "The caller.")


@strawberry.type(description="The new app.")
class AppPayload:
    app: App = column(MANAGES_APPS, "The app.")
    token: str | None = column(MANAGES_APPS, "Its secret, shown once: null when the mutation is sent again.")


@strawberry.type(description="The app, whose token is refused from now on.")
class AppRevokePayload:
    app: App = column(MANAGES_APPS, "The app.")
