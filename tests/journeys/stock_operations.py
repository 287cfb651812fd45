"""What the tests of staff and partner operations on stock have in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from uuid_utils.compat import uuid4

from persistence.database import connect
from persistence.inventory.verification import verify
from tests.shop import Caller, Shop


async def expect_books_in_order(shop: Shop) -> None:
    """Every invariant of `oneshelf verify` holds."""
    connection = await connect(shop.database.url)
    try:
        findings = [finding async for finding in verify(connection)]
    finally:
        await connection.close()
    assert [(finding.check.name, finding.offenders) for finding in findings if not finding.is_clean] == []


@asynccontextmanager
async def nothing_changes(shop: Shop) -> AsyncIterator[None]:
    before = await shop.everything()
    yield
    assert await shop.everything() == before


def faults(refusal: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and dotted path of each, without the root."""
    return [(fault["code"], ".".join(fault["path"][1:])) for fault in refusal["faults"]]


async def thousand_articles(shop: Shop) -> list[str]:
    """Their SKUs, ten to a product: what a search looks at is made anew with each variant of a product."""
    skus = [f"sku-{number}" for number in range(1000)]
    for first in range(0, 1000, 10):
        await shop.product(*skus[first : first + 10])
    return skus


def key() -> str:
    return str(uuid4())


async def ship(
    caller: Caller, units: dict[str, int], origin: str = "berlin", destination: str = "hamburg", **input_: Any
) -> dict[str, Any]:
    return await caller.do(
        "transferShip",
        **{
            "origin": {"code": origin},
            "destination": {"code": destination},
            "lines": [{"variant": {"sku": sku}, "quantity": quantity} for sku, quantity in units.items()],
            "idempotencyKey": key(),
            **input_,
        },
    )


async def receive(caller: Caller, transfer_id: str, units: dict[str, tuple[int, int]], **input_: Any) -> dict[str, Any]:
    """Units received and lost, by SKU."""
    lines = [{"variant": {"sku": sku}, "received": received, "lost": lost} for sku, (received, lost) in units.items()]
    return await caller.do(
        "transferReceive", **{"transferId": transfer_id, "lines": lines, "idempotencyKey": key(), **input_}
    )


def sold(sku: str, quantity: int = 1, unit_price: str = "11.90", **more: str) -> dict[str, Any]:
    return {"variant": {"sku": sku}, "quantity": quantity, "unitPrice": unit_price, **more}


async def record(caller: Caller, *lines: dict[str, Any], receipt: str = "4711", **input_: Any) -> dict[str, Any]:
    return await caller.do(
        "posSaleRecord",
        **{
            "location": {"code": "berlin"},
            "register": "1",
            "receiptNumber": receipt,
            "soldAt": "2026-03-01T12:00:00Z",
            "lines": list(lines),
            **input_,
        },
    )
