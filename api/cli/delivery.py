"""`oneshelf market delivery`: how a market ships."""

from decimal import Decimal
from typing import Annotated

from cyclopts import App, Parameter

from api.channels import shipping
from api.cli.console import REMARKS, show_table
from api.cli.places import market
from api.cli.target import HERE, Target, run
from domain.carts.shipping import DeliveryOption
from domain.money import Money
from persistence.channels import places
from persistence.channels.delivery import delivery_options, options_by_market
from persistence.database import Database, Row

delivery = App(name="delivery", help="How a market ships. Without options it ships for nothing.")
market.command(delivery)

MarketCode = Annotated[str, Parameter(help="Code of the market.")]
OptionCode = Annotated[str, Parameter(help="Small letters, digits and hyphens; unique in its market.")]


@delivery.command(name="set")
def set_option(
    market: MarketCode,
    code: OptionCode,
    *,
    price: Annotated[Decimal, Parameter(help="In the market's currency, with or without tax as its prices are.")],
    days: Annotated[tuple[int, int], Parameter(help="Earliest and latest day of arrival after the day it is sent.")],
    name: Annotated[str | None, Parameter(help="For people. [default: the code]")] = None,
    free_from: Annotated[
        Decimal | None, Parameter(help="Lines that cost as much as this ship for nothing. [default: none do]")
    ] = None,
    country: Annotated[
        tuple[str, ...], Parameter(help="ISO 3166; repeat it. [default: all of the market's]", show_default=False)
    ] = (),
    default: Annotated[bool, Parameter(help="Taken unless another is chosen.")] = False,
    position: Annotated[int, Parameter(help="The lower number is shown first.")] = 100,
    target: Target = HERE,
) -> None:
    """Make a delivery option, or say anew what there is of it.

    Example: `oneshelf market delivery set eu standard --name Standard --price 4.90 --days 2 4 --free-from 50 --default`
    """

    async def work(database: Database) -> None:
        await shipping.set_delivery_option(
            database,
            market_code=market,
            code=code,
            name=name or code,
            price=price,
            free_from=free_from,
            earliest_days=days[0],
            latest_days=days[1],
            countries=country,
            is_default=default,
            position=position,
        )

    run(target, work)
    REMARKS.print(f"The market {market} ships by {code}.")


@delivery.command(name="remove")
def remove_option(market: MarketCode, code: OptionCode, *, target: Target = HERE) -> None:
    """Remove a delivery option; carts that have chosen it have the default again.

    Example: `oneshelf market delivery remove eu express`
    """

    async def work(database: Database) -> None:
        await shipping.remove_delivery_option(database, market_code=market, code=code)

    run(target, work)
    REMARKS.print(f"The market {market} no longer ships by {code}.")


@delivery.command(name="list")
def list_options(*, target: Target = HERE) -> None:
    """List the delivery options of all markets.

    Example: `oneshelf market delivery list`
    """

    async def work(database: Database) -> tuple[list[Row], list[Row]]:
        async with database.reading() as reader:
            return await places.markets(reader), await delivery_options(reader)

    markets, options = run(target, work)
    by_market = options_by_market(options)
    rows = [_shown(row, option) for row in markets for option in by_market.get(row["id"], ())]
    columns = ("market", "code", "name", "price", "free from", "days", "countries", "default")
    show_table(columns, rows, nothing="There is no delivery option yet: every market ships for nothing.")


def _shown(market: Row, option: DeliveryOption) -> tuple[str | None, ...]:
    def money(minor_units: int) -> str:
        return f"{Money(minor_units, market['currency_code']).amount} {market['currency_code']}"

    return (
        market["code"],
        option.code,
        option.name,
        money(option.amount),
        None if option.free_from is None else money(option.free_from),
        f"{option.earliest_days}-{option.latest_days}",
        " ".join(sorted(option.countries)) or "all",
        "yes" if option.is_default else None,
    )
