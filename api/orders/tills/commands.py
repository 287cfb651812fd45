"""Recording what a till has sold by itself: a fact, whatever we believed was there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.directory import Entry
from api.inventory.bulk import expect_not_too_many, lock_pairs, no_location, without_expired_holds
from domain.access import Permission, Principal
from domain.carts.cart import DeliveryMethod
from domain.errors import Faulty, IdempotencyMismatch, InvalidInput
from domain.inventory.adjustment import MOST_UNITS, Movement
from domain.inventory.bundles import Component, parts_of
from domain.inventory.stock import StockLevel
from domain.orders.number import order_number
from domain.orders.till import ReportedLine, ReportedPayment, SoldLine, pay, price
from domain.pricing.tax import TaxRule
from domain.pricing.totals import Totals
from persistence import idempotency
from persistence.catalog import bundles, variants
from persistence.customers import accounts
from persistence.database import Connection, Database
from persistence.inventory import incidents, movements
from persistence.inventory.stock_levels import Pair
from persistence.orders import writing
from persistence.orders.writing import NewOrder

LONGEST_REGISTER = 60
LONGEST_RECEIPT = 100

_FOR_EVER = timedelta(days=365 * 100)
"""A till may find a sale that it has not reported after any time."""

_CLOCKS_DIFFER_BY = timedelta(days=1)
"""A till set to the wrong time zone still reports its sales."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """As the till reports it; a null location names nothing that exists."""

    location_id: int | None
    register: str
    receipt: str
    sold_at: datetime
    lines: Sequence[ReportedLine]
    payments: Sequence[ReportedPayment]
    email: str | None
    channel: Entry
    market: Entry
    now: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    order_id: UUID
    incident_ids: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receipt:
    """A sale that was found to be sensible."""

    sale: Sale
    location_id: int
    lines: Sequence[SoldLine]
    totals: Totals
    payments: Sequence[tuple[str, int]]

    @property
    def source(self) -> str:
        """Who reported it; with the receipt's number the name of the sale."""
        return f"pos:{self.location_id}:{self.sale.register}"

    @property
    def content(self) -> Any:
        """What must be the same when the sale is reported again, however its variants were named."""
        return {
            "sold_at": self.sale.sold_at,
            "currency": self.sale.market["currency_code"],
            "lines": [
                (line.variant_id, line.quantity, line.unit_amount, line.line_amount, line.tax_amount)
                for line in self.lines
            ],
            "payments": self.payments,
            "email": self.sale.email,
        }


async def record_sale(database: Database, caller: Principal, sale: Sale) -> Recorded:
    """Write down a sale that has happened, once. It is never refused for stock: what it oversells becomes an incident.

    Location, register and receipt number name the sale; reported again it returns the first result. Raises NotFound and
    InvalidInput, each with all that is wrong, and the pair of idempotency refusals.
    """
    receipt = _checked(caller, sale)
    try:
        async with (
            database.transaction() as connection,
            idempotency.claim(
                connection,
                scope=receipt.source,
                key=sale.receipt,
                operation="posSaleRecord",
                request=receipt.content,
                ttl=_FOR_EVER,
            ) as first,
        ):
            if first.result is not None:
                return Recorded(UUID(first.result["order"]), first.result["incidents"])
            recorded = await _record(connection, caller, receipt)
            first.remember({"order": str(recorded.order_id), "incidents": recorded.incident_ids})
    except IdempotencyMismatch:
        message = "This receipt was recorded with other content."
        raise IdempotencyMismatch(message, path=("input", "receiptNumber")) from None
    return recorded


def _checked(caller: Principal, sale: Sale) -> _Receipt:
    expect_not_too_many(len(sale.lines), "lines")
    faults: list[Faulty] = []
    if sale.location_id is None or not caller.may_at(Permission.SELL_IN_STORE, sale.location_id):
        faults.append(no_location(("input", "location")))
    for name, text, longest in (
        ("register", sale.register, LONGEST_REGISTER),
        ("receiptNumber", sale.receipt, LONGEST_RECEIPT),
    ):
        if not (text.isprintable() and 1 <= len(text) <= longest):
            message = f"This has 1 to {longest} printable characters."
            faults.append(InvalidInput(message, path=("input", name)))
    if sale.sold_at > sale.now + _CLOCKS_DIFFER_BY:
        faults.append(InvalidInput("This has not happened yet.", path=("input", "soldAt")))
    currency = sale.market["currency_code"]
    rule = TaxRule(sale.market["tax_rate_basis_points"], is_included=sale.market["tax_included"])
    lines, totals = price(sale.lines, rule, currency, faults)
    assert sale.location_id is not None
    return _Receipt(
        sale=sale,
        location_id=sale.location_id,
        lines=lines,
        totals=totals,
        payments=pay(sale.payments, totals.total, currency),
    )


async def _record(connection: Connection, caller: Principal, receipt: _Receipt) -> Recorded:
    made_of = await bundles.components_of(connection, {line.variant_id for line in receipt.lines})
    taken = _taken(receipt, made_of)
    ids, levels = await lock_pairs(connection, [(one.variant_id, receipt.location_id) for one in taken])
    await _make_room(connection, receipt, taken, ids, levels)
    order_id = uuid7()
    await _write_order(connection, caller, receipt, made_of, order_id)
    changed = await movements.apply(
        connection,
        _movements(receipt, taken, ids, order_id),
        actor=caller.actor,
        channel_id=receipt.sale.channel["id"],
    )
    opened = await incidents.opened_at(connection, [(row["id"], row["version"]) for row in changed])
    return Recorded(order_id, opened)


_Compositions = Mapping[UUID, Sequence[Component]]


@dataclass(frozen=True, slots=True)
class _Taken:
    """Units of a variant that left the shelf; `part` names them within the receipt."""

    variant_id: UUID
    quantity: int
    part: str


def _taken(receipt: _Receipt, made_of: _Compositions) -> list[_Taken]:
    """Of a bundle its components."""
    return [
        _Taken(part.variant_id, line.quantity * part.quantity, f"{number}.{place}" if components else f"{number}")
        for number, line in enumerate(receipt.lines, start=1)
        for components in [made_of.get(line.variant_id, ())]
        for place, part in enumerate(parts_of(line.variant_id, components), start=1)
    ]


async def _make_room(
    connection: Connection,
    receipt: _Receipt,
    taken: Sequence[_Taken],
    ids: Mapping[Pair, int],
    levels: dict[int, StockLevel],
) -> None:
    """Take back what has expired before anything is called oversold."""
    sold = Counter[int]()
    for one in taken:
        sold[ids[one.variant_id, receipt.location_id]] += one.quantity
    if any(levels[id_].on_hand - units < -MOST_UNITS for id_, units in sold.items()):
        raise InvalidInput("More would be sold than can be counted.", path=("input", "lines"))
    short = {
        id_: levels[id_]
        for id_, units in sold.items()
        if levels[id_].on_hand + levels[id_].backorder_limit - units < levels[id_].reserved + levels[id_].unavailable
    }
    if short:
        await without_expired_holds(connection, short)


def _movements(receipt: _Receipt, taken: Sequence[_Taken], ids: Mapping[Pair, int], order_id: UUID) -> list[Movement]:
    return [
        Movement(
            stock_level_id=ids[one.variant_id, receipt.location_id],
            reason="POS_SALE",
            on_hand=-one.quantity,
            reference=f"order:{order_id}",
            occurred_at=receipt.sale.sold_at,
            source=receipt.source,
            source_reference=f"{receipt.sale.receipt}:{one.part}",
        )
        for one in taken
    ]


async def _write_order(
    connection: Connection, caller: Principal, receipt: _Receipt, made_of: _Compositions, order_id: UUID
) -> None:
    sale = receipt.sale
    group_id = uuid7()
    group = {
        "id": group_id,
        "order_id": order_id,
        "method": DeliveryMethod.CARRY_OUT.value,
        "location_id": receipt.location_id,
        "address": None,
        "option_name": None,
        "amount": 0,
        "tax_amount": 0,
    }
    lines = await _line_values(connection, receipt, order_id, group_id)
    components = [
        {"order_line_id": line["id"], "variant_id": part.variant_id, "quantity": part.quantity}
        for line in lines
        for part in made_of.get(line["variant_id"], ())
    ]
    payments = [
        {"id": uuid7(), "order_id": order_id, "gateway": gateway, "status": "PAID", "amount": amount}
        for gateway, amount in receipt.payments
    ]
    placed = {
        "actor_role": caller.actor_role,
        "actor": caller.actor,
        "channel_id": sale.channel["id"],
        "message": f"Sold at register {sale.register}, receipt {sale.receipt}.",
    }
    await writing.write(
        connection,
        NewOrder(
            order=await _order_values(connection, receipt, order_id),
            groups=[group],
            lines=lines,
            components=components,
            payments=payments,
            placed=placed,
        ),
    )


async def _order_values(connection: Connection, receipt: _Receipt, order_id: UUID) -> dict[str, Any]:
    sale = receipt.sale
    # On every channel it is the same customer's purchase, once the address is known to be theirs.
    customer_id = None if sale.email is None else await accounts.verified_by_email(connection, sale.email)
    return {
        "id": order_id,
        "number": order_number(token_bytes(10)),
        "cart_id": None,
        "status": "COMPLETED",
        "payment_status": "PAID",
        "fulfillment_status": "FULFILLED",
        "customer_id": customer_id,
        "email": sale.email,
        "channel_id": sale.channel["id"],
        "location_id": receipt.location_id,
        "market_id": sale.market["id"],
        "currency_code": sale.market["currency_code"],
        "tax_included": sale.market["tax_included"],
        "subtotal_amount": receipt.totals.subtotal,
        "tax_amount": receipt.totals.tax,
        "total_amount": receipt.totals.total,
        "placed_at": sale.sold_at,
    }


async def _line_values(
    connection: Connection, receipt: _Receipt, order_id: UUID, group_id: UUID
) -> list[dict[str, Any]]:
    rows = await variants.described(connection, {line.variant_id for line in receipt.lines})
    described = {row["id"]: row for row in rows}
    return [
        {
            "id": uuid7(),
            "order_id": order_id,
            "delivery_group_id": group_id,
            "variant_id": line.variant_id,
            "sku": described[line.variant_id]["sku"],
            "name": described[line.variant_id]["full_name"],
            "quantity": line.quantity,
            "unit_amount": line.unit_amount,
            "line_amount": line.line_amount,
            "tax_amount": line.tax_amount,
        }
        for line in receipt.lines
    ]
