"""`oneshelf market`, `oneshelf channel` and `oneshelf location`: make them, and list what there is."""

from decimal import Decimal
from typing import Annotated

from cyclopts import App, Parameter

from api.channels import commands
from api.cli.application import app
from api.cli.console import REMARKS, show_table
from api.cli.target import HERE, Target, run
from domain.channels.kinds import ChannelKind, LocationKind
from persistence.channels import places
from persistence.database import Database, Row

market = App(name="market", help="Markets: a currency, a tax rule and the countries sold to.")
channel = App(name="channel", help="Channels: where customers buy. Each belongs to a market.")
location = App(name="location", help="Locations: places that hold stock or hand it over.")
for group in (market, channel, location):
    app.command(group)

Code = Annotated[str, Parameter(help="Small letters, digits and hyphens; unique.")]
Name = Annotated[str | None, Parameter(help="For people. [default: the code]")]


@market.command(name="create")
def create_market(
    code: Code,
    *,
    currency: Annotated[str, Parameter(help="ISO 4217.")],
    name: Name = None,
    tax: Annotated[Decimal, Parameter(help="Rate in percent.")] = Decimal(0),
    tax_added: Annotated[bool, Parameter(help="Prices are without tax, as in the United States.")] = False,
    country: Annotated[tuple[str, ...], Parameter(help="ISO 3166; repeat it for each country.")] = (),
    target: Target = HERE,
) -> None:
    """Make a market.

    Example: `oneshelf market create us --currency USD --tax 8.25 --tax-added --country US`
    """

    async def work(database: Database) -> Row:
        return await commands.create_market(
            database,
            code=code,
            name=name or code,
            currency=currency,
            tax_included=not tax_added,
            tax_percent=tax,
            countries=country,
        )

    run(target, work)
    REMARKS.print(f"The market {code} was made.")


@market.command(name="list")
def list_markets(*, target: Target = HERE) -> None:
    """List the markets.

    Example: `oneshelf market list`
    """

    async def work(database: Database) -> list[Row]:
        async with database.reading() as reader:
            return await places.markets(reader)

    rows = [
        (row["code"], row["name"], row["currency_code"], _tax(row), " ".join(row["countries"]))
        for row in run(target, work)
    ]
    show_table(("code", "name", "currency", "tax", "countries"), rows, nothing="There is no market yet.")


@channel.command(name="create")
def create_channel(
    code: Code,
    *,
    market: Annotated[str, Parameter(help="Code of the market that decides its prices.")],
    kind: Annotated[ChannelKind, Parameter(help="What kind of touchpoint it is.")] = ChannelKind.WEB,
    location: Annotated[str | None, Parameter(help="Code of the location that a till stands in.")] = None,
    name: Name = None,
    target: Target = HERE,
) -> None:
    """Make a channel.

    Example: `oneshelf channel create till-berlin --market eu --kind POS --location berlin`
    """

    async def work(database: Database) -> Row:
        return await commands.create_channel(
            database, code=code, name=name or code, kind=kind, market_code=market, location_code=location
        )

    run(target, work)
    REMARKS.print(f"The channel {code} was made.")


@channel.command(name="list")
def list_channels(*, target: Target = HERE) -> None:
    """List the channels.

    Example: `oneshelf channel list`
    """

    async def work(database: Database) -> tuple[list[Row], dict[int, str], dict[int, str]]:
        async with database.reading() as reader:
            return (
                await places.channels(reader),
                _codes(await places.markets(reader)),
                _codes(await places.locations(reader)),
            )

    channels, markets, locations = run(target, work)
    rows = [
        (row["code"], row["name"], row["kind"], markets[row["market_id"]], locations.get(row["location_id"]))
        for row in channels
    ]
    show_table(("code", "name", "kind", "market", "location"), rows, nothing="There is no channel yet.")


@location.command(name="create")
def create_location(
    code: Code,
    *,
    kind: Annotated[LocationKind, Parameter(help="What kind of place it is.")] = LocationKind.STORE,
    name: Name = None,
    timezone: Annotated[str, Parameter(help="IANA name of the zone its opening hours are in.")] = "UTC",
    coordinates: Annotated[
        tuple[float, float] | None,
        Parameter(help="Latitude and longitude in degrees, for distances.", allow_leading_hyphen=True),
    ] = None,
    no_pickup: Annotated[bool, Parameter(help="Orders cannot be collected here.")] = False,
    ships: Annotated[bool, Parameter(help="Orders are sent from here.")] = False,
    priority: Annotated[int, Parameter(help="Among places that could serve a line the lower number goes first.")] = 100,
    open: Annotated[
        tuple[str, ...],
        Parameter(help="Hours such as 'Mo-Fr 10:00-20:00'; repeat it. [default: never open]", show_default=False),
    ] = (),
    closed: Annotated[
        tuple[str, ...],
        Parameter(help="A date and why, such as '2026-12-25 Christmas Day'; repeat it.", show_default=False),
    ] = (),
    preparation_minutes: Annotated[int, Parameter(help="Opening time that an order takes to be ready.")] = 60,
    cutoff: Annotated[
        str | None, Parameter(help="What is ordered from then on is prepared the next day, such as 16:00.")
    ] = None,
    buffer: Annotated[int, Parameter(help="Units of each article that only its own till sells.")] = 0,
    target: Target = HERE,
) -> None:
    """Make a location.

    Example: `oneshelf location create berlin --timezone Europe/Berlin --coordinates 52.52 13.40 --ships --open 'Mo-Sa 10:00-20:00'`
    """

    async def work(database: Database) -> Row:
        return await commands.create_location(
            database,
            code=code,
            name=name or code,
            kind=kind,
            timezone=timezone,
            coordinates=coordinates,
            offers_pickup=not no_pickup,
            ships_orders=ships,
            sourcing_priority=priority,
            open_hours=open,
            closed=closed,
            preparation_minutes=preparation_minutes,
            cutoff=cutoff,
            buffer=buffer,
        )

    run(target, work)
    REMARKS.print(f"The location {code} was made.")


@location.command(name="list")
def list_locations(*, target: Target = HERE) -> None:
    """List the locations, in the order in which they are asked for stock.

    Example: `oneshelf location list`
    """

    async def work(database: Database) -> list[Row]:
        async with database.reading() as reader:
            return await places.locations(reader)

    rows = [
        (row["code"], row["name"], row["kind"], row["timezone"], _duties(row), row["sourcing_priority"])
        for row in run(target, work)
    ]
    show_table(("code", "name", "kind", "time zone", "does", "priority"), rows, nothing="There is no location yet.")


def _tax(market: Row) -> str:
    rate = Decimal(market["tax_rate_basis_points"]).scaleb(-2).normalize()
    return f"{rate:f} % {'included' if market['tax_included'] else 'added'}"


def _duties(location: Row) -> str:
    return ", ".join(word for name, word in (("offers_pickup", "pickup"), ("ships_orders", "ships")) if location[name])


def _codes(rows: list[Row]) -> dict[int, str]:
    return {row["id"]: row["code"] for row in rows}
