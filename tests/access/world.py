"""Two of everybody: A, whose personal and secret columns all hold canaries, and B, who must never see one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from uuid_utils.compat import uuid7

from api.directory import DirectoryCache
from api.events.hub import Hub
from api.execution.engine import Engine, GraphQLRequest
from api.execution.limits import Limits
from api.front import Front
from api.identity.identity import Identity
from api.identity.tokens import new_app_token
from api.ids import Kind, encode
from api.schema import build_schema
from api.transport.session import AccessRefused, Visitor
from domain.access import Permission, Principal, ViewerKind
from persistence.channels import places
from persistence.database import Database
from persistence.statements import Statement
from tests.access.canaries import CUSTOMER, GUEST, MARKETPLACE, SHOP, TILL, canary
from tests.access.seeding import seed
from tests.shop import Caller, Cart, Shop
from tests.streams import move_all

SCHEMA = build_schema()

# Documents that ask for everything are larger than any client's, and how large one may be is tested elsewhere.
ENGINE = Engine(SCHEMA, limits=Limits(10**7, 10**6, 5, 100, 20, 10**6, 10**6, 50, 10, 10**9, 10**12))

Headers = Mapping[str, str]


@dataclass
class World:
    shop: Shop
    front: Front
    callers: dict[str, Headers] = field(default_factory=dict)
    "Who asks, by the names that EXPOSURES uses."
    carts: dict[str, Cart] = field(default_factory=dict)
    "Open carts of A, by owner."
    own_carts: dict[str, Cart] = field(default_factory=dict)
    "Open carts of B, by caller."
    lines: dict[str, str] = field(default_factory=dict)
    "Of A's open carts, by owner."
    orders: dict[str, str] = field(default_factory=dict)
    "Of A, by owner."
    ordered_cart: str = ""
    app_id: str = ""
    session_of_a: str = ""
    ids: dict[Kind, list[str]] = field(default_factory=dict)
    "Everything that has an id, of A and of the shop."

    @property
    def access_token_of_a(self) -> str:
        return self.callers["customer A"]["authorization"].partition(" ")[2]

    async def answer(self, caller: str | Headers, document: str, variables: Mapping[str, Any] | None = None) -> str:
        """The response, as text, with everything that a request passes on its way except the socket."""
        headers = self.callers[caller] if isinstance(caller, str) else caller
        try:
            session = await self.front.open_session(Visitor(headers, "test", None))
        except AccessRefused as refused:
            return f'{{"errors":[{{"message":"{refused.message}","extensions":{{"code":"{refused.code}"}}}}]}}'
        request = GraphQLRequest(document, dict(variables or {}))
        return (await ENGINE.execute(request, session.context("test"))).body.decode()

    async def warm_up(self) -> None:
        """From here on no answer writes down when an app was last seen."""
        for caller in self.callers:
            await self.answer(caller, "{ viewer { kind } }")

    async def give_password(self, caller: str, password: str) -> None:
        """To a customer."""
        data = orjson.loads(await self.answer(caller, "{ me { id email } }"))["data"]
        await self.shop.run(
            "UPDATE customer SET password_hash = CAST(:hash AS text) WHERE email = CAST(:email AS text)",
            email=data["me"]["email"],
            hash=await self.front.identity.passwords.hash(password),
        )

    # Who asks.

    async def customer(self, email: str) -> tuple[Principal, Headers]:
        principal = (await self.shop.customer(email)).principal
        return principal, await self._signed_in(principal, "customer_id")

    async def staff(self, *permissions: Permission, bound_to: str | None, channel: str) -> tuple[Principal, Headers]:
        location_id = None if bound_to is None else self.shop.directory.locations_by_code[bound_to]["id"]
        principal = Principal(
            kind=ViewerKind.STAFF, id=uuid7(), permissions=frozenset(permissions), location_id=location_id
        )
        await self.shop.run(
            """
            INSERT INTO staff (id, email, name, password_hash, location_id, permissions)
            VALUES (:id, CAST(:email AS text), CAST(:name AS text), CAST(:password_hash AS text),
                    CAST(:location_id AS int), CAST(:permissions AS text[]))
            """,
            id=principal.id,
            email=f"{canary(SHOP, 'staff.email')}{principal.id}",
            name=canary(SHOP, "staff.name"),
            password_hash=canary(SHOP, "staff.password_hash"),
            location_id=location_id,
            permissions=[permission.value for permission in permissions],
        )
        return principal, {**await self._signed_in(principal, "staff_id"), "oneshelf-channel": channel}

    async def app(self, *permissions: Permission, channel: str, name: str = "App", bound_to: str | None = None) -> str:
        """Its token."""
        id_ = uuid7()
        token = new_app_token(id_)
        directory = self.shop.directory
        await self.shop.run(
            """
            INSERT INTO app (id, name, channel_id, location_id, permissions, token_hash)
            VALUES (:id, CAST(:name AS text), :channel_id, CAST(:location_id AS int),
                    CAST(:permissions AS text[]), :token_hash)
            """,
            id=id_,
            name=name,
            channel_id=directory.channels_by_code[channel]["id"],
            location_id=None if bound_to is None else directory.locations_by_code[bound_to]["id"],
            permissions=[permission.value for permission in permissions],
            token_hash=token.hash,
        )
        return token.text

    async def _signed_in(self, principal: Principal, owner: str) -> Headers:
        session_id = uuid7()
        await self.shop.run(
            f"INSERT INTO session (id, {owner}, expires_at) VALUES (:id, :owner, now() + interval '1 day')",
            id=session_id,
            owner=principal.id,
        )
        assert principal.id is not None
        token, _ = self.front.identity.access_tokens.issue(principal.kind, principal.id, session_id, datetime.now(UTC))
        return {"authorization": f"Bearer {token}"}


ALL = tuple(Permission)
_STORE = (
    Permission.READ_ORDERS,
    Permission.MANAGE_ORDERS,
    Permission.READ_STOCK,
    Permission.MANAGE_STOCK,
    Permission.SELL_IN_STORE,
    Permission.MANAGE_APPS,
)


async def build_world(database: Database, identity: Identity) -> World:
    shop = await Shop.open(database, identity)
    await _open_till_in_hamburg(shop)
    world = World(shop, Front(database, identity, Hub(database)))
    await shop.stocked("shirt", on_hand=5_000, at="warehouse")
    await shop.receive("shirt", 5_000, at="berlin")
    await shop.receive("shirt", 5_000, at="hamburg")
    await shop.stocked("secret", on_hand=1, at="berlin")
    await _ship_by_options(shop)
    customer_a = await _people(world)
    await _sales(world, customer_a)
    # So that there are events to ask for.
    await move_all(database)
    await seed(shop, customer_a, world.orders, {owner: cart.id for owner, cart in world.carts.items()})
    await _learn_ids(world)
    return world


async def _ship_by_options(shop: Shop) -> None:
    await shop.run("""
        INSERT INTO delivery_option (market_id, code, name, amount, earliest_days, latest_days, is_default)
        SELECT id, 'standard', 'Standard', 490, 2, 4, true FROM market
    """)
    await shop.reread()


async def _open_till_in_hamburg(shop: Shop) -> None:
    async with shop.database.transaction() as connection:
        await places.insert_channel(
            connection,
            code="till-hamburg",
            name="Till",
            kind="POS",
            market_id=shop.directory.channels_by_code["web"]["market_id"],
            location_id=shop.directory.locations_by_code["hamburg"]["id"],
        )
    shop.directory = await DirectoryCache(shop.database).fresh()


async def _people(world: World) -> Principal:
    """Everybody but the guests. Returns customer A."""
    callers, shop = world.callers, world.shop
    callers["anonymous"] = {}
    callers["right lookup"] = {}
    customer_a, callers["customer A"] = await world.customer("a@example.com")
    world.session_of_a = str(await shop.value("SELECT id FROM session WHERE customer_id = :id", id=customer_a.id))
    customer_b, callers["customer B"] = await world.customer("b@example.com")
    world.own_carts["customer B"] = await _cart_of(shop, customer_b)
    guest_cart = await shop.guest_cart({"shirt": 1})
    callers["guest B"] = {"oneshelf-cart-token": guest_cart.token or ""}
    world.own_carts["guest B"] = guest_cart
    _, callers["manager"] = await world.staff(*ALL, bound_to=None, channel="till-berlin")
    _, callers["staff of Berlin"] = await world.staff(*_STORE, bound_to="berlin", channel="till-berlin")
    _, callers["staff without permissions"] = await world.staff(bound_to=None, channel="web")
    hamburg, callers["staff of Hamburg"] = await world.staff(*_STORE, bound_to="hamburg", channel="till-hamburg")
    world.own_carts["staff of Hamburg"] = await _cart_of(shop, hamburg, "till-hamburg")
    for name, token in {
        "app without permissions": await world.app(channel="app"),
        "app of another channel": await world.app(Permission.READ_ORDERS, Permission.MANAGE_ORDERS, channel="app"),
        "app of the marketplace": await world.app(Permission.READ_ORDERS, channel="marketplace"),
        "ERP": await world.app(Permission.READ_ORDERS, channel="partner"),
    }.items():
        callers[name] = {"authorization": f"Bearer {token}"}
    return customer_a


async def _cart_of(shop: Shop, principal: Principal, channel: str = "web", units: int = 1) -> Cart:
    return await Caller(shop, principal, channel).cart({"shirt": units})


async def _sales(world: World, customer_a: Principal) -> None:
    """For each owner an order and an open cart, shipped somewhere."""
    shop = world.shop
    staff = shop.staff(bound_to="berlin", channel="till-berlin").principal
    seller = shop.app(Permission.READ_ORDERS, channel="marketplace").principal
    for owner, principal, channel in (
        (CUSTOMER, customer_a, "web"),
        (GUEST, shop.guest().principal, "web"),
        (TILL, staff, "till-berlin"),
        (MARKETPLACE, seller, "marketplace"),
    ):
        sold = await (await _cart_of(shop, principal, channel)).shipped()
        placed = await shop.place(sold)
        assert placed["__typename"] == "OrderPlacePayload", placed
        world.orders[owner] = placed["order"]["id"]
        world.carts[owner] = await (await _cart_of(shop, principal, channel)).shipped()
        if owner == GUEST:
            world.callers["guest A"] = {"oneshelf-cart-token": world.carts[owner].token or ""}
            world.callers["guest A, once more"] = {"oneshelf-cart-token": sold.token or ""}
            world.ordered_cart = sold.id
        world.lines[owner] = await world.carts[owner].line("shirt")


_IDS: Mapping[Kind, str] = {
    Kind.Channel: "SELECT id FROM channel",
    Kind.Market: "SELECT id FROM market",
    Kind.Location: "SELECT id FROM location",
    Kind.Product: "SELECT id FROM product",
    Kind.ProductVariant: "SELECT id FROM variant",
    Kind.Category: "SELECT id FROM category",
    Kind.Collection: "SELECT id FROM collection",
    Kind.LocationAvailability: "SELECT id FROM stock_level",
    Kind.Cart: "SELECT id FROM cart",
    Kind.CartLine: "SELECT id FROM cart_line",
    Kind.DeliveryGroup: "SELECT id FROM cart_delivery_group",
    Kind.Order: "SELECT id FROM sales_order",
    Kind.OrderLine: "SELECT id FROM order_line",
    Kind.Payment: "SELECT id FROM payment",
    Kind.Customer: "SELECT id FROM customer",
    Kind.App: "SELECT id FROM app",
    Kind.StockLevel: "SELECT id FROM stock_level",
    Kind.StockMovement: "SELECT stock_level_id, version FROM stock_movement",
    Kind.Transfer: "SELECT id FROM transfer",
    Kind.OversellIncident: "SELECT id FROM discrepancy",
    Kind.StockCount: "SELECT id FROM stock_count",
}
"""Ids are no secret: the tests know every one."""


async def _learn_ids(world: World) -> None:
    async with world.shop.database.reading() as reader:
        for kind, query in _IDS.items():
            rows = [tuple(row.values()) for row in await reader.fetch(Statement(query))]
            world.ids[kind] = [encode(kind, row if len(row) > 1 else row[0]) for row in rows]
        of_berlin = "SELECT id FROM app WHERE location_id = (SELECT id FROM location WHERE code = 'berlin')"
        world.app_id = encode(Kind.App, await reader.fetch_value(Statement(of_berlin)))
