"""Asking a server over HTTP, as a client of its own would: documents of one sale, and who sends them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from tests.shop import ADDRESS

_PATIENCE_SECONDS = 60
_REFUSAL = "... on UserError { code message }"
_CHANGED = f"__typename ... on CartPayload {{ cart {{ id }} }} {_REFUSAL}"

DOCUMENTS = {
    "cartCreate": "mutation ($input: CartCreateInput!) { cartCreate(input: $input) {"
    f" __typename ... on CartPayload {{ cartToken cart {{ id }} }} {_REFUSAL} }} }}",
    "cartDeliverySet": f"mutation ($input: CartDeliverySetInput!) {{ cartDeliverySet(input: $input) {{ {_CHANGED} }} }}",
    "cartBuyerSet": f"mutation ($input: CartBuyerSetInput!) {{ cartBuyerSet(input: $input) {{ {_CHANGED} }} }}",
    "cartHold": f"mutation ($input: CartHoldInput!) {{ cartHold(input: $input) {{ {_CHANGED} }} }}",
    "cartRelease": f"mutation ($input: CartReleaseInput!) {{ cartRelease(input: $input) {{ {_CHANGED} }} }}",
    "orderPlace": "mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) {"
    f" __typename ... on OrderPlacePayload {{ order {{ id number }} }} {_REFUSAL}"
    " ... on InsufficientStock { shortfalls { sku requested remedies { kind quantity } } } } }",
    "stockAdjust": "mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) {"
    f" __typename ... on StockPayload {{ stockLevels {{ id version }} }} {_REFUSAL} }} }}",
    "signIn": "mutation ($input: SignInInput!) { signIn(input: $input) {"
    f" __typename ... on SessionPayload {{ accessToken }} {_REFUSAL} }} }}",
}


class NotAnsweredError(Exception):
    """The server was away, or said that something behind it was: nobody knows what became of the request."""

    def __init__(self, what: str, *details: object) -> None:
        super().__init__(what, *details)
        self.what = what


@dataclass(slots=True)
class Browser:
    """One connection, kept open; httpx spends more time on a request than the server does."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str
    headers: Mapping[str, str] = field(default_factory=dict)

    async def do(self, mutation: str, **input_: Any) -> dict[str, Any]:
        """The member of its result union that the mutation answers with; raises NotAnsweredError."""
        status, response = await self.ask(DOCUMENTS[mutation], input=input_)
        if status != 200 or "errors" in response:
            codes = sorted({error["extensions"]["code"] for error in response["errors"]})
            raise NotAnsweredError(f"{status} {' '.join(codes)}", response)
        member: dict[str, Any] = response["data"][mutation]
        return member

    async def ask(self, document: str, **variables: Any) -> tuple[int, dict[str, Any]]:
        """The status and the whole response."""
        body = orjson.dumps({"query": document, "variables": variables})
        headers = {"Host": self.host, "Content-Type": "application/json", "Content-Length": len(body), **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self.writer.write(f"POST /graphql HTTP/1.1\r\n{head}\r\n".encode() + body)
                status_line, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                length = next(int(line[16:]) for line in lines if line.lower().startswith("content-length: "))
                return int(status_line.split()[1]), orjson.loads(await self.reader.readexactly(length))
        except (OSError, EOFError, TimeoutError) as error:
            raise NotAnsweredError(type(error).__name__) from error


@asynccontextmanager
async def browsing(address: str, **headers: str) -> AsyncIterator[Browser]:
    """Raises NotAnsweredError when nobody listens."""
    place = urlsplit(address)
    try:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
    except OSError as error:
        raise NotAnsweredError(type(error).__name__) from error
    try:
        yield Browser(reader, writer, place.netloc, headers)
    finally:
        # What is still unsent is lost with the connection, as it would be with a browser.
        writer.transport.abort()


async def make_cart(browser: Browser, units: Mapping[str, int]) -> str:
    """A new cart with so many units of each SKU: its id. A guest's browser keeps the token."""
    lines = [{"variant": {"sku": sku}, "quantity": quantity} for sku, quantity in units.items()]
    made = await browser.do("cartCreate", lines=lines)
    assert made["__typename"] == "CartPayload", made
    if made["cartToken"] is not None:
        browser.headers = {**browser.headers, "Oneshelf-Cart-Token": made["cartToken"]}
    cart_id: str = made["cart"]["id"]
    return cart_id


async def make_ready(browser: Browser, cart_id: str) -> None:
    """All of it is shipped, and everything that an order needs is said."""
    groups = [{"method": "SHIP", "address": ADDRESS}]
    for changed in (
        await browser.do("cartDeliverySet", cartId=cart_id, groups=groups),
        await browser.do("cartBuyerSet", cartId=cart_id, email="ada@example.com"),
    ):
        assert changed["__typename"] == "CartPayload", changed
