"""Money, prices and ranges as the schema shows them."""

from decimal import Decimal

import strawberry

from api.access import SCOPED
from api.execution.fields import column
from domain.money import Money as DomainMoney


@strawberry.type(description="An amount of money in one currency.")
class Money:
    amount: Decimal = column(SCOPED, "With as many digits after the point as the currency has.")
    currency_code: str = column(SCOPED, "ISO 4217.")


@strawberry.type(description="A price as shown in its market, tax included or not as the market says.")
class Price:
    amount: Decimal = column(SCOPED, "With as many digits after the point as the currency has.")
    currency_code: str = column(SCOPED, "ISO 4217.")
    compare_at: Money | None = column(SCOPED, "What it used to cost, to be shown struck through.")
    tax_included: bool = column(SCOPED, "Whether the amount contains the tax, as the market says.")


@strawberry.type(description="The lowest and the highest price among the variants of a product.")
class PriceRange:
    min: Money = column(SCOPED, "The lowest price.")
    max: Money = column(SCOPED, "The highest price.")


def money(minor_units: int, currency_code: str) -> DomainMoney:
    return DomainMoney(minor_units, currency_code)
