"""Mutations by which tills report."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from api.access import Needs
from api.context import Info
from api.errors import IdempotencyInProgress, IdempotencyMismatch, InvalidInput, NotFound
from api.execution.access import ACCESS
from api.input_rules import checked_email
from api.inventory.bulk import expect_not_too_many
from api.inventory.naming import location_id_of, variant_ids_of
from api.orders.mutations import MOST_PAYMENTS, PaymentInput
from api.orders.tills import commands
from api.orders.tills.commands import Sale
from api.orders.tills.types import PosSaleLineInput, PosSalePayload, PosSaleRecordInput
from domain.access import Permission
from domain.errors import InvalidInput as Refused
from domain.orders.till import ReportedLine, ReportedPayment

PosSaleRecordResult = Annotated[
    PosSalePayload | NotFound | InvalidInput | IdempotencyMismatch | IdempotencyInProgress,
    strawberry.union("PosSaleRecordResult", description="The sale, or why it cannot be understood."),
]


@strawberry.type
class TillsMutation:
    @strawberry.mutation(
        description="Writes down a sale that a till has made by itself. It is never refused for stock: what it oversells becomes "
        "an incident. Needs SELL_IN_STORE at the location.",
        metadata={ACCESS: Needs(Permission.SELL_IN_STORE)},
    )
    async def pos_sale_record(self, info: Info, input: PosSaleRecordInput) -> PosSaleRecordResult:
        context = info.context
        expect_not_too_many(len(input.lines), "lines")
        variant_ids = await variant_ids_of(context, [line.variant for line in input.lines])
        sale = Sale(
            location_id=location_id_of(context, input.location),
            register=input.register,
            receipt=input.receipt_number,
            sold_at=input.sold_at,
            lines=_lines(input.lines, variant_ids),
            payments=_payments(input.payments or []),
            email=_email(input.customer_email),
            channel=context.channel,
            market=context.market,
            now=context.now,
        )
        return PosSalePayload(recorded=await commands.record_sale(context.database, context.caller, sale))


def _lines(lines: Sequence[PosSaleLineInput], variant_ids: Sequence[UUID | None]) -> list[ReportedLine]:
    return [
        ReportedLine(
            variant_id=variant_id,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            tax_rate=line.tax_rate,
            path=("input", "lines", str(position)),
        )
        for position, (line, variant_id) in enumerate(zip(lines, variant_ids, strict=True))
    ]


def _payments(payments: Sequence[PaymentInput]) -> list[ReportedPayment]:
    if len(payments) > MOST_PAYMENTS:
        raise Refused(f"At most {MOST_PAYMENTS} payments.", path=("input", "payments"))
    return [ReportedPayment(payment.gateway, payment.amount) for payment in payments]


def _email(email: str | None) -> str | None:
    return None if not email else checked_email(email, ("input", "customerEmail"))
