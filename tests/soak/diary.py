"""What clients were told, to be held against what the database says after each fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from api.ids import Kind, key_of
from persistence.database import Row
from persistence.inventory.verification import verify

_ORDERS = "SELECT id, cart_id FROM sales_order"
_LEDGER = """
SELECT reference, count(*) AS movements, sum(on_hand_delta)::int AS delta
FROM stock_movement WHERE reason = 'RECEIPT' AND reference IS NOT NULL GROUP BY reference
"""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One wish to order one cart, however often it has to be sent."""

    key: str
    cart_id: str
    headers: Mapping[str, str]
    """The credential itself, not a copy: a later retry uses what it is then."""


@dataclass(slots=True)
class Diary:
    """`contradictions` are sentences; a run is good when there are none."""

    begun: dict[str, Purchase] = field(default_factory=dict)
    """By cart."""
    orders: dict[str, str] = field(default_factory=dict)
    """The order of each cart whose buyer was told so."""
    receipts_begun: dict[str, int] = field(default_factory=dict)
    receipts: dict[str, int] = field(default_factory=dict)
    """The units of each receipt that was confirmed, by its reference."""
    outcomes: Counter[str] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)

    def placed(self, purchase: Purchase, order_id: str) -> None:
        told_before = self.orders.setdefault(purchase.cart_id, order_id)
        if told_before != order_id:
            self.contradictions.append(f"{purchase} became {told_before}, and later {order_id}")

    def orders_with(self, credential: Mapping[str, str]) -> list[str]:
        """The confirmed orders of whoever asks with this very credential."""
        return [order_id for cart_id, order_id in self.orders.items() if self.begun[cart_id].headers is credential]

    async def compare(self, connection: asyncpg.Connection[Row], *, at_rest: bool = False) -> None:
        """At rest nothing is under way, so the database holds what was confirmed and nothing else."""
        # What is confirmed while the database is being asked need not be in its answer.
        orders, receipts = dict(self.orders), dict(self.receipts)
        self.contradictions += [
            f"rule {finding.check.name!r}: {finding.violations} violations: {', '.join(finding.offenders)}"
            async for finding in verify(connection)
            if not finding.is_clean
        ]
        self._compare_orders(await connection.fetch(_ORDERS), orders, at_rest=at_rest)
        self._compare_receipts(await connection.fetch(_LEDGER), receipts, at_rest=at_rest)

    def _compare_orders(self, rows: Sequence[Row], confirmed: dict[str, str], *, at_rest: bool) -> None:
        found: dict[UUID, list[UUID]] = {}
        for row in rows:
            found.setdefault(row["cart_id"], []).append(row["id"])
        for cart_id, order_id in confirmed.items():
            in_database = found.get(_uuid(Kind.Cart, cart_id), [])
            if in_database != [_uuid(Kind.Order, order_id)]:
                self.contradictions.append(f"cart {cart_id} became {order_id}, but the database has {in_database}")
        expected = confirmed if at_rest else self.begun
        for unknown in found.keys() - {_uuid(Kind.Cart, cart_id) for cart_id in expected}:
            self.contradictions.append(f"nobody knows of the order of cart {unknown}")

    def _compare_receipts(self, rows: Sequence[Row], confirmed: dict[str, int], *, at_rest: bool) -> None:
        found = {row["reference"]: (row["movements"], row["delta"]) for row in rows}
        for reference, units in confirmed.items():
            if found.get(reference) != (1, units):
                self.contradictions.append(f"receipt {reference} of {units} is in the ledger as {found.get(reference)}")
        expected = confirmed if at_rest else self.receipts_begun
        for reference in found.keys() - expected.keys():
            self.contradictions.append(f"nobody knows of the receipt {reference}")


def _uuid(kind: Kind, global_id: str) -> UUID:
    key = key_of(kind, global_id)
    assert isinstance(key, UUID), global_id
    return key
