"""A shop that a state machine drives step by step: one event loop, one database, and what that database says."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from typing import Any, TypeVar

from api.identity.identity import Identity
from persistence.database import Database, connect
from persistence.inventory.verification import verify
from persistence.statements import Statement
from tests import databases
from tests.shop import Shop
from tests.stateful.oracle import COUNTERS, Place

T = TypeVar("T")

_LEVELS = Statement("""
SELECT variant.sku, location.code, level.on_hand, level.reserved, level.unavailable, level.safety_stock, level.incoming,
       level.shortfall
FROM stock_level level
JOIN variant ON variant.id = level.variant_id
JOIN location ON location.id = level.location_id
WHERE variant.sku = ANY (CAST(:skus AS text[]))
""")
_PROMISES = Statement("""
SELECT reservation.cart_id, variant.sku, location.code, reservation.open_quantity,
       reservation.state = 'COMMITTED' AS is_committed
FROM reservation
JOIN stock_level level ON level.id = reservation.stock_level_id
JOIN variant ON variant.id = level.variant_id
JOIN location ON location.id = level.location_id
WHERE reservation.open_quantity > 0 AND variant.sku = ANY (CAST(:skus AS text[]))
""")


class Premises:
    """Examples share a database, each with articles of its own, until one of them leaves it in disorder."""

    def __init__(self, runner: asyncio.Runner, server_url: str, identity: Identity) -> None:
        self._runner = runner
        self._server_url = server_url
        self._identity = identity
        self._open = ExitStack()
        self.numbers = count(1)
        self.answers: Counter[str] = Counter()
        self.renew()

    def renew(self) -> None:
        """Moves to an empty database, so that what one example has broken does not fail the next."""
        self.close()
        url = self._open.enter_context(databases.copy_of_template(self._server_url))
        database = self.run(Database.open(url))
        self._open.callback(lambda: self.run(database.close()))
        self._observer = self.run(connect(url))
        self._open.callback(lambda: self.run(self._observer.close()))
        self.shop = self.run(Shop.open(database, self._identity))

    def close(self) -> None:
        self._open.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def counters(self, skus: list[str]) -> dict[Place, dict[str, int]]:
        async with self.shop.database.reading() as reader:
            rows = await reader.fetch(_LEVELS, skus=skus)
        return {(row["sku"], row["code"]): {name: row[name] for name in COUNTERS} for row in rows}

    async def open_promises(self, skus: list[str]) -> Counter[tuple[str, Place, int, bool]]:
        async with self.shop.database.reading() as reader:
            rows = await reader.fetch(_PROMISES, skus=skus)
        return Counter(
            (f"crt_{row['cart_id'].hex}", (row["sku"], row["code"]), row["open_quantity"], row["is_committed"])
            for row in rows
        )

    async def expect_books_in_order(self) -> None:
        """Every invariant holds in one snapshot of the live database."""
        findings = [finding async for finding in verify(self._observer)]
        assert [(finding.check.name, finding.offenders) for finding in findings if not finding.is_clean] == []


@contextmanager
def premises(server_url: str, identity: Identity) -> Iterator[Premises]:
    with asyncio.Runner() as runner, closing(Premises(runner, server_url, identity)) as opened:
        yield opened
