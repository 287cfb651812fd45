"""A shop for tests: two markets, several channels, four locations, and people who buy and work in it.

Everybody speaks GraphQL to an engine in this process, over a real database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

import orjson
from graphql import GraphQLSchema
from uuid_utils.compat import uuid4, uuid7

from api.carts.holding import Asking
from api.carts.merging.commands import Report, claim_on_signing_in
from api.catalog.fused import DECLARATIONS
from api.context import Context, utc_now
from api.directory import Directory, DirectoryCache
from api.execution.engine import Engine, GraphQLRequest
from api.execution.fusing.fields import Fuser
from api.identity.identity import Identity
from api.ids import Kind, key_of
from api.schema import build_schema
from domain.access import ANONYMOUS, Permission, Principal, ViewerKind
from domain.carts.merging import MergeMode
from domain.inventory.adjustment import Movement
from domain.inventory.stock import SHOPPER_CAP
from persistence.channels import places
from persistence.database import Connection, Database
from persistence.inventory import movements, stock_levels
from persistence.metadata import metadata
from persistence.statements import Statement
from persistence.tables import __all__ as _every_table
from tests import shop_documents

assert _every_table, "importing the tables fills the metadata"

ADDRESS = {"name": "Ada", "line1": "Ufer 1", "city": "Berlin", "postalCode": "10785", "countryCode": "DE"}

_PRODUCT = Statement("""
INSERT INTO product (id, slug, name, published_at)
VALUES (:id, CAST(:slug AS text), CAST(:name AS text), CASE WHEN CAST(:is_published AS bool) THEN now() END)
""")
_VARIANT = Statement("""
INSERT INTO variant (id, product_id, sku, name, position)
VALUES (:id, :product_id, CAST(:sku AS text), CAST(:name AS text), :position)
""")
_PRICE = Statement("""
INSERT INTO price (variant_id, market_id, amount) VALUES (:variant_id, :market_id, :amount)
ON CONFLICT (variant_id, market_id) DO UPDATE SET amount = excluded.amount
""")
_CUSTOMER = Statement("""
INSERT INTO customer (id, email, name, password_hash, verified_at)
VALUES (:id, CAST(:email AS text), 'Ada', 'none', now())
""")
_LEVEL = Statement("""
SELECT level.on_hand, level.reserved, level.unavailable, level.safety_stock, level.incoming, level.shortfall,
       level.available, level.version
FROM stock_level level
JOIN variant ON variant.id = level.variant_id
JOIN location ON location.id = level.location_id
WHERE variant.sku = CAST(:sku AS text) AND location.code = CAST(:code AS text)
""")


@cache
def _compiled() -> tuple[GraphQLSchema, Engine]:
    """One for all tests: building it takes longer than most of them."""
    schema = build_schema()
    return schema, Engine(schema, fuse=Fuser(DECLARATIONS))


@cache
def _planned() -> Engine:
    """The same without what the database writes."""
    return Engine(_compiled()[0])


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks, over one channel."""

    shop: "Shop"
    principal: Principal
    channel: str
    clock: Callable[[], datetime] = utc_now
    cap: int = SHOPPER_CAP
    is_fused: bool = True

    def unfused(self) -> "Caller":
        """The same, answered by our own resolvers alone."""
        return replace(self, is_fused=False)

    def at(self, moment: datetime) -> "Caller":
        """The same, asking at this moment."""
        return replace(self, clock=lambda: moment)

    def capped_at(self, quantity: int) -> "Caller":
        """The same, in a shop that tells shoppers of no more than this."""
        return replace(self, cap=quantity)

    async def answer(self, document: str, **variables: Any) -> dict[str, Any]:
        """The whole response, errors and all."""
        context = Context(
            database=self.shop.database,
            caller=self.principal,
            directory=self.shop.directory,
            channel=self.shop.directory.channels_by_code[self.channel],
            request_id="test",
            identity=self.shop.identity,
            client_address=None,
            shopper_cap=self.cap,
            clock=self.clock,
        )
        request = GraphQLRequest(document, orjson.loads(orjson.dumps(variables)))
        engine = _compiled()[1] if self.is_fused else _planned()
        answer = await engine.execute(request, context)
        response: dict[str, Any] = orjson.loads(answer.body)
        return response

    async def ask(self, document: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        response = await self.answer(document, **variables)
        assert "errors" not in response, response["errors"]
        return response["data"]

    async def error_codes(self, document: str, **variables: Any) -> list[str]:
        """The codes of an answer's errors."""
        response = await self.answer(document, **variables)
        return [error["extensions"]["code"] for error in response.get("errors", [])]

    async def do(self, mutation: str, **input_: Any) -> dict[str, Any]:
        """The member of its result union that a mutation answers with; inputs are named as in the schema."""
        document = shop_documents.mutation(_compiled()[0], mutation)
        data = await self.ask(document, input=input_)
        member: dict[str, Any] = data[mutation]
        return member

    async def cart(self, units: Mapping[str, int], **input_: Any) -> "Cart":
        """A new cart of the caller's own; a guest keeps its token."""
        lines = [{"variant": {"sku": sku}, "quantity": quantity} for sku, quantity in units.items()]
        made = await self.do("cartCreate", lines=lines, **input_)
        assert made["__typename"] == "CartPayload", made
        return self.holding(made["cartToken"], made["cart"]["id"])

    def holding(self, token: str | None, cart_id: str) -> "Cart":
        """The cart in the hands of whoever presents this token, besides the caller's own credential."""
        principal = replace(self.principal, cart_token_hash=sha256(token.encode()).digest() if token else None)
        return Cart(replace(self, principal=principal), cart_id, token)


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart and who may change it."""

    caller: Caller
    id: str
    token: str | None

    async def do(self, mutation: str, **input_: Any) -> dict[str, Any]:
        return await self.caller.do(mutation, cartId=self.id, **input_)

    async def change(self, mutation: str, **input_: Any) -> dict[str, Any]:
        """Like `do`, for changes that must be accepted: the cart afterwards."""
        changed = await self.do(mutation, **input_)
        assert changed["__typename"] == "CartPayload", changed
        cart: dict[str, Any] = changed["cart"]
        return cart

    async def seen(self) -> Any:
        """As its owner sees it; null for everybody else."""
        data = await self.caller.ask(f"query ($id: ID!) {{ cart(id: $id) {{ {shop_documents.CART} }} }}", id=self.id)
        return data["cart"]

    async def given_to(self, customer: Caller, mode: MergeMode = MergeMode.MAX) -> Report | None:
        """As signing in with the cart does."""
        shop, key = self.caller.shop, key_of(Kind.Cart, self.id)
        assert isinstance(key, UUID)
        assert customer.principal.id is not None
        asking = Asking(self.caller.principal, shop.directory, shop.directory.channels_by_code[self.caller.channel])
        async with shop.database.transaction() as connection:
            return await claim_on_signing_in(connection, asking, key, customer.principal.id, mode)

    async def line(self, sku: str) -> str:
        """The id of the line of this variant."""
        line_ids: list[str] = [line["id"] for line in (await self.seen())["lines"] if line["sku"] == sku]
        (line_id,) = line_ids
        return line_id

    async def collected_at(self, code: str, email: str = "ada@example.com") -> "Cart":
        """Ready to be ordered: everything is collected at this location."""
        await self.change("cartDeliverySet", groups=[{"method": "PICKUP", "location": {"code": code}}])
        await self.change("cartBuyerSet", email=email)
        return self

    async def shipped(self, email: str = "ada@example.com") -> "Cart":
        """Ready to be ordered: everything is shipped."""
        await self.change("cartDeliverySet", groups=[{"method": "SHIP", "address": ADDRESS}])
        await self.change("cartBuyerSet", email=email)
        return self


@dataclass
class Shop:
    database: Database
    identity: Identity
    directory: Directory
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @classmethod
    async def open(cls, database: Database, identity: Identity) -> "Shop":
        async with database.transaction() as connection:
            await _found(connection)
        return cls(database, identity, await DirectoryCache(database).fresh())

    async def reread(self) -> None:
        """Learn of places that were inserted meanwhile."""
        self.directory = await DirectoryCache(self.database).fresh()

    # Who asks.

    def guest(self, channel: str = "web") -> Caller:
        return Caller(self, ANONYMOUS, channel)

    async def customer(self, email: str = "ada@example.com", channel: str = "web") -> Caller:
        """Signed in, with the account in the database."""
        id_ = uuid7()
        async with self.database.transaction() as connection:
            await connection.execute(_CUSTOMER, id=id_, email=email)
        return Caller(self, Principal(kind=ViewerKind.CUSTOMER, id=id_, name="Ada"), channel)

    def staff(self, *permissions: Permission, bound_to: str | None = None, channel: str = "till-berlin") -> Caller:
        """With all permissions where none are named."""
        return Caller(self, self._worker(ViewerKind.STAFF, permissions, bound_to, None), channel)

    def app(self, *permissions: Permission, channel: str, bound_to: str | None = None) -> Caller:
        """A partner's system, which speaks for its channel; with all permissions where none are named."""
        return Caller(self, self._worker(ViewerKind.APP, permissions, bound_to, channel), channel)

    def _worker(
        self, kind: ViewerKind, permissions: tuple[Permission, ...], bound_to: str | None, channel: str | None
    ) -> Principal:
        return Principal(
            kind=kind,
            id=uuid7(),
            name="Grace",
            permissions=frozenset(permissions or Permission),
            location_id=None if bound_to is None else self.directory.locations_by_code[bound_to]["id"],
            channel_id=None if channel is None else self.directory.channels_by_code[channel]["id"],
        )

    # What is sold.

    async def product(
        self,
        *skus: str,
        slug: str | None = None,
        is_published: bool = True,
        eu: int | None = 1190,
        us: int | None = 2500,
    ) -> str:
        """A product with these variants, in this order; returns its slug. Prices are minor units; null is not sold there."""
        slug = slug or f"product-{next(self._numbers)}"
        product_id = uuid7()
        prices = {"eu": eu, "us": us}
        async with self.database.transaction() as connection:
            await connection.execute(_PRODUCT, id=product_id, slug=slug, name=slug.title(), is_published=is_published)
            for position, sku in enumerate(skus, start=1):
                variant_id = uuid7()
                await connection.execute(
                    _VARIANT, id=variant_id, product_id=product_id, sku=sku, name=sku.upper(), position=position
                )
                for code, amount in prices.items():
                    if amount is not None:
                        await self._price(connection, variant_id, code, amount)
        return slug

    async def stocked(self, sku: str | None = None, *, on_hand: int, at: str = "berlin") -> str:
        """A variant on sale, with so many units in one location; returns its SKU."""
        sku = sku or f"sku-{next(self._numbers)}"
        await self.product(sku)
        await self.receive(sku, on_hand, at=at)
        return sku

    async def bundle(self, sku: str, components: Mapping[str, int]) -> str:
        """A variant on sale that is made of these; returns its SKU."""
        await self.product(sku)
        await self.composed(sku, components)
        return sku

    async def composed(self, sku: str, components: Mapping[str, int]) -> None:
        """A variant becomes a bundle of these, or of others than before."""
        answer = await self.staff(Permission.MANAGE_CATALOG).do(
            "bundleSet",
            variant={"sku": sku},
            components=[{"variant": {"sku": part}, "quantity": quantity} for part, quantity in components.items()],
            idempotencyKey=str(uuid4()),
        )
        assert answer["__typename"] == "BundleSetPayload", answer

    async def receive(self, sku: str, units: int, *, at: str = "berlin", reason: str = "RECEIPT") -> None:
        """Units come in, or leave when negative."""
        pair = (await self.variant_id(sku), self.directory.locations_by_code[at]["id"])
        async with self.database.transaction() as connection:
            ids = await stock_levels.open_pairs(connection, [pair])
            await stock_levels.lock(connection, ids.values())
            moved = Movement(stock_level_id=ids[pair], reason=reason, on_hand=units)
            await movements.apply(connection, [moved], actor="system")

    async def set_price(self, sku: str, amount: int, market: str = "eu") -> None:
        variant_id = await self.variant_id(sku)
        async with self.database.transaction() as connection:
            await self._price(connection, variant_id, market, amount)

    async def _price(self, connection: Connection, variant_id: UUID, code: str, amount: int) -> None:
        market_id = next(row["id"] for row in self.directory.markets.values() if row["code"] == code)
        await connection.execute(_PRICE, variant_id=variant_id, market_id=market_id, amount=amount)

    async def variant_id(self, sku: str) -> UUID:
        id_: UUID = await self.value("SELECT id FROM variant WHERE sku = CAST(:sku AS text)", sku=sku)
        return id_

    # How people buy.

    async def guest_cart(self, units: Mapping[str, int], channel: str = "web") -> Cart:
        return await self.guest(channel).cart(units)

    async def place(self, cart: Cart, key: str | None = None, **input_: Any) -> dict[str, Any]:
        return await cart.do("orderPlace", idempotencyKey=key or str(uuid4()), **input_)

    # What the database says.

    async def level(self, sku: str, at: str = "berlin") -> dict[str, int]:
        """The counters of a level, straight from its row."""
        async with self.database.reading() as reader:
            row = await reader.fetch_one(_LEVEL, sku=sku, code=at)
        assert row is not None, f"{sku} is not stocked at {at}"
        return dict(row)

    async def value(self, query: str, **values: Any) -> Any:
        """The first column of the first row."""
        async with self.database.reading() as reader:
            return await reader.fetch_value(Statement(query), **values)

    async def run(self, command: str, **values: Any) -> None:
        """Something that no mutation does."""
        async with self.database.transaction() as connection:
            await connection.execute(Statement(command), **values)

    async def expire_holds(self) -> None:
        """Time passes, for holds alone."""
        await self.run(
            "UPDATE reservation SET expires_at = clock_timestamp() - interval '1 second' WHERE state = 'HELD'"
        )

    async def everything(self) -> dict[str, str]:
        """All rows of all tables: two of these are equal when nothing has changed in between."""
        async with self.database.snapshot() as reader:
            return {name: await reader.fetch_value(statement) for name, statement in _all_rows().items()}


@cache
def _all_rows() -> dict[str, Statement]:
    return {
        name: Statement(f"SELECT string_agg(item::text, '\n' ORDER BY item::text) FROM {name} item")
        for name in metadata.tables
    }


async def _found(connection: Connection) -> None:
    """Markets, locations and channels."""
    eu = await places.insert_market(
        connection,
        code="eu",
        name="Europe",
        currency_code="EUR",
        tax_included=True,
        tax_rate_basis_points=1900,
        countries=["DE", "FR"],
    )
    us = await places.insert_market(
        connection,
        code="us",
        name="United States",
        currency_code="USD",
        tax_included=False,
        tax_rate_basis_points=800,
        countries=["US"],
    )
    # In sourcing order: the warehouse ships first.
    await _location(connection, "warehouse", "WAREHOUSE", 10, ships=True)
    berlin = await _location(connection, "berlin", "STORE", 20, pickup=True, ships=True, where=(52.52, 13.405))
    await _location(connection, "hamburg", "STORE", 30, pickup=True, where=(53.551, 9.994))
    await _location(connection, "supplier", "SUPPLIER", 40)
    for code, kind, market, location in (
        ("web", "WEB", eu, None),
        ("web-us", "WEB", us, None),
        ("till-berlin", "POS", eu, berlin),
        ("marketplace", "MARKETPLACE", eu, None),
        ("app", "APP", eu, None),
        ("partner", "PARTNER", eu, None),
    ):
        await places.insert_channel(
            connection, code=code, name=code.title(), kind=kind, market_id=market["id"], location_id=location
        )


async def _location(
    connection: Connection,
    code: str,
    kind: str,
    priority: int,
    *,
    pickup: bool = False,
    ships: bool = False,
    where: tuple[float, float] | None = None,
) -> int:
    row = await places.insert_location(
        connection,
        code=code,
        name=code.title(),
        kind=kind,
        address=None,
        latitude=where and where[0],
        longitude=where and where[1],
        timezone="UTC",
        opening_hours=[],
        offers_pickup=pickup,
        ships_orders=ships,
        sourcing_priority=priority,
    )
    id_: int = row["id"]
    return id_
