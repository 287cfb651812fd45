"""A whole sale through HTTP: a cart with one line, its delivery, its buyer, the order.

`python -m benchmarks.orders`, or `make bench`. Every order waits for the disk.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from benchmarks import stocked_shop
from benchmarks.load import Client, body_of, connected, measure
from benchmarks.premises import REPOSITORY, Server, Store, serving, store

SECONDS = float(os.environ.get("ONESHELF_BENCH_SECONDS", "8"))
CLIENTS = (1, 16, 64)
COUNTED_SALES = 50
RESULTS = REPOSITORY / "build" / "bench" / "orders.json"

_REFUSED = "... on UserError { code message }"
_CREATE = f"""
mutation Create($input: CartCreateInput!) {{
  cartCreate(input: $input) {{ __typename ... on CartPayload {{ cartToken cart {{ id }} }} {_REFUSED} }}
}}
"""
_DELIVER = f"""
mutation Deliver($input: CartDeliverySetInput!) {{
  cartDeliverySet(input: $input) {{ __typename ... on CartPayload {{ cart {{ version }} }} {_REFUSED} }}
}}
"""
_NAME_BUYER = f"""
mutation NameBuyer($input: CartBuyerSetInput!) {{
  cartBuyerSet(input: $input) {{ __typename ... on CartPayload {{ cart {{ totals {{ total {{ amount }} }} }} }} {_REFUSED} }}
}}
"""
_PLACE = f"""
mutation Place($input: OrderPlaceInput!) {{
  orderPlace(input: $input) {{ __typename ... on OrderPlacePayload {{ order {{ id number }} }} {_REFUSED} }}
}}
"""
_ADDRESS = {"name": "Ada", "line1": "Ufer 1", "city": "Berlin", "postalCode": "10785", "countryCode": "DE"}
_SHIPPED = [{"method": "SHIP", "address": _ADDRESS}]


@dataclass(frozen=True, slots=True)
class Sale:
    """Each sale is of another variant, so that sales do not wait for each other's stock."""

    first: int = 0

    async def __call__(self, client: Client, number: int) -> bool:
        # A step without a common divisor with the number of variants reaches them all.
        place = (self.first + number) * 4_999 % (stocked_shop.PRODUCTS * stocked_shop.VARIANTS)
        lines = [{"variant": {"sku": f"SKU-{place + 1}"}, "quantity": 1}]
        made = json.loads(await client.post(body_of(_CREATE, input={"lines": lines})))["data"]["cartCreate"]
        if made["__typename"] != "CartPayload":
            return False
        token, cart_id = f"Oneshelf-Cart-Token: {made['cartToken']}\r\n", made["cart"]["id"]
        await client.post(body_of(_DELIVER, input={"cartId": cart_id, "groups": _SHIPPED}), token)
        await client.post(body_of(_NAME_BUYER, input={"cartId": cart_id, "email": "ada@example.com"}), token)
        wish = {"cartId": cart_id, "idempotencyKey": str(uuid4())}
        return b'"OrderPlacePayload"' in await client.post(body_of(_PLACE, input=wish), token)


def main() -> None:
    figures: dict[str, dict[str, float]] = {}
    with store() as there:
        asyncio.run(stocked_shop.fill(there.url))
        with serving(there) as server:
            statements = _statements_of_one(there, server)
            for clients in CLIENTS:
                sale = Sale(first=1_000 * clients)
                measured = measure(server, sale, clients=clients, seconds=SECONDS, warm_up=SECONDS / 4)
                figures[f"{clients}"] = {
                    "per_second": measured.per_second,
                    "p50_ms": measured.milliseconds(50),
                    "p99_ms": measured.milliseconds(99),
                    "statements": statements,
                    "server_cpu_ms": measured.cpu_milliseconds,
                    "refused": measured.failures,
                }
    _show(figures)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _statements_of_one(there: Store, server: Server) -> float:
    """With those of the stream of events that the sale sets off."""

    async def sell() -> None:
        async with connected(server.address) as client:
            for number in range(COUNTED_SALES):
                await Sale()(client, number)

    return there.statements_of(sell) / COUNTED_SALES


def _show(figures: dict[str, dict[str, float]]) -> None:
    table = Table(title="A sale: cartCreate, cartDeliverySet, cartBuyerSet, orderPlace")
    for heading in ("clients", "orders/s", "p50 ms", "p99 ms", "statements", "server CPU ms", "refused"):
        table.add_column(heading, justify="right")
    for clients, row in figures.items():
        table.add_row(
            clients,
            f"{row['per_second']:,.0f}",
            f"{row['p50_ms']:.1f}",
            f"{row['p99_ms']:.1f}",
            f"{row['statements']:.1f}",
            f"{row['server_cpu_ms']:.2f}",
            f"{row['refused']:.0f}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
