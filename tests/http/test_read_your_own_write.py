"""Two processes over one database: what one of them has written, the other reads at once, whatever it read just before."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLSchema

from api.identity.tokens import new_app_token
from api.schema import build_schema
from domain.access import Permission
from persistence.database import Database
from tests import shop_documents
from tests.cli.commands import running
from tests.http.asking import Browser, browsing
from tests.identities import identity
from tests.shop import ADDRESS, Shop

pytestmark = pytest.mark.anyio

SHIRT, PACK, BERLIN, HAMBURG = {"sku": "shirt"}, {"sku": "pack"}, {"code": "berlin"}, {"code": "hamburg"}
PAIR = {"variant": SHIRT, "location": BERLIN}

STATE = """
query ($cart: ID!, $order: ID!, $transfer: ID!, $count: ID!) {
  stockLevels(variants: [{sku: "shirt"}]) {
    nodes { onHand reserved held committed unavailable incoming available version movements(first: 1) { nodes { reason } } }
  }
  shirt: productVariant(by: {sku: "shirt"}) {
    availableToPromise { quantity } availability { status version available { quantity } }
  }
  pack: productVariant(by: {sku: "pack"}) { components { quantity } availability { version available { quantity } } }
  products(filter: {inStock: true}) { totalCount }
  cart(id: $cart) {
    version status email heldUntil lines { sku quantity } deliveryGroups { method } problems { code } order { status }
  }
  nodes(ids: [$order, $transfer, $count]) {
    ... on Order { orderStatus: status version payments { status } }
    ... on Transfer { transferStatus: status }
    ... on StockCount { finishedAt }
  }
  oversellIncidents { nodes { quantity } }
}
"""
NOTHING = {"cart": "crt_none", "order": "ord_none", "transfer": "trf_none", "count": "cnt_none"}


@cache
def _schema() -> GraphQLSchema:
    return build_schema()


class Pair:
    """Writes over one process and looks over both."""

    def __init__(self, browsers: Sequence[Browser]) -> None:
        self.browsers = browsers
        self.names = dict(NOTHING)
        self.turn = 0

    async def write(self, mutation: str, **input_: Any) -> dict[str, Any]:
        """Each over the other process than the one before; the reader has looked just before and looks right after."""
        writer, reader = self.browsers[self.turn % 2], self.browsers[(self.turn + 1) % 2]
        self.turn += 1
        before = await self.look(reader)
        document = shop_documents.mutation(_schema(), mutation)
        _, response = await writer.ask(document, input=input_)
        after = await self.look(reader)

        assert "errors" not in response, (mutation, response)
        member: dict[str, Any] = response["data"][mutation]
        assert member["__typename"].endswith("Payload"), (mutation, member)
        assert after == await self.look(writer), mutation
        # What is new by its name alone was not looked for before.
        assert after != before or mutation in {"cartCreate", "stockCountStart"}, mutation
        return member

    async def look(self, browser: Browser) -> Any:
        _, response = await browser.ask(STATE, **self.names)
        assert "errors" not in response, response
        return response["data"]


@asynccontextmanager
async def two_processes(shop: Shop, folder: Path) -> AsyncIterator[Pair]:
    token = await _app(shop)
    with ExitStack() as servers:
        addresses = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            server = servers.enter_context(
                running(folder / f"{name}.log", "--database-url", shop.database.url, ONESHELF_DATA=str(folder / name))
            )
            await asyncio.to_thread(server.wait_until_ready)
            addresses.append(server.address)
        async with AsyncExitStack() as connections:
            yield Pair(
                [
                    await connections.enter_async_context(browsing(address, authorization=f"Bearer {token}"))
                    for address in addresses
                ]
            )


async def _app(shop: Shop) -> str:
    id_ = uuid4()
    token = new_app_token(id_)
    await shop.run(
        "INSERT INTO app (id, name, channel_id, permissions, token_hash) "
        "VALUES (:id, 'till', :channel_id, CAST(:permissions AS text[]), :token_hash)",
        id=id_,
        channel_id=shop.directory.channels_by_code["till-berlin"]["id"],
        permissions=[permission.value for permission in Permission],
        token_hash=token.hash,
    )
    return token.text


def key() -> str:
    return str(uuid4())


async def test_every_kind_of_change_is_read_at_once_in_another_process(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    shop = await Shop.open(database, identity())
    await shop.stocked("shirt", on_hand=20)
    await shop.product("pack")

    async with two_processes(shop, tmp_path) as pair:
        await _change_stock(pair)
        await _change_a_cart(pair)
        await _order(pair)

    assert pair.turn == 19


async def _change_stock(pair: Pair) -> None:
    await pair.write(
        "stockAdjust", changes=[{"key": PAIR, "delta": 5}], reason="RECEIPT", reference="one", idempotencyKey=key()
    )
    await pair.write(
        "stockSet",
        changes=[{"key": PAIR, "onHand": 24, "expectedOnHand": 25}],
        reason="ADJUSTMENT",
        idempotencyKey=key(),
    )
    lines = [{"variant": SHIRT, "quantity": 2}]
    shipped = await pair.write("transferShip", origin=BERLIN, destination=HAMBURG, lines=lines, idempotencyKey=key())
    pair.names["transfer"] = shipped["transfer"]["id"]
    await pair.write(
        "transferReceive",
        transferId=pair.names["transfer"],
        lines=[{"variant": SHIRT, "received": 1, "lost": 1}],
        idempotencyKey=key(),
    )
    started = await pair.write("stockCountStart", location=BERLIN, idempotencyKey=key())
    pair.names["count"] = started["stockCount"]["id"]
    await pair.write(
        "stockCountSubmit",
        countId=pair.names["count"],
        lines=[{"variant": SHIRT, "counted": 21}],
        idempotencyKey=key(),
    )
    await pair.write(
        "stockSync",
        source="erp",
        asOf="2026-03-01T12:00:00Z",
        levels=[{**PAIR, "onHand": 1}],
        idempotencyKey=key(),
    )
    await pair.write(
        "posSaleRecord",
        location=BERLIN,
        register="1",
        receiptNumber="4711",
        soldAt="2026-03-01T12:00:00Z",
        lines=[{"variant": SHIRT, "quantity": 1, "unitPrice": "11.90"}],
    )
    await pair.write("bundleSet", variant=PACK, components=[{"variant": SHIRT, "quantity": 2}], idempotencyKey=key())


async def _change_a_cart(pair: Pair) -> None:
    made = await pair.write("cartCreate", lines=[{"variant": SHIRT, "quantity": 1}])
    cart = pair.names["cart"] = made["cart"]["id"]
    await pair.write("cartLinesAdd", cartId=cart, lines=[{"variant": PACK, "quantity": 1}])
    await pair.write("cartLinesUpdate", cartId=cart, lines=[{"lineId": made["cart"]["lines"][0]["id"], "quantity": 2}])
    await pair.write("cartDeliverySet", cartId=cart, groups=[{"method": "SHIP", "address": ADDRESS}])
    await pair.write("cartBuyerSet", cartId=cart, email="ada@example.com")
    await pair.write("cartHold", cartId=cart)
    await pair.write("cartRelease", cartId=cart)
    await pair.write("cartHold", cartId=cart)


async def _order(pair: Pair) -> None:
    placed = await pair.write("orderPlace", cartId=pair.names["cart"], idempotencyKey=key())
    pair.names["order"] = placed["order"]["id"]
    await pair.write("orderCancel", orderId=pair.names["order"], idempotencyKey=key())
