"""Making markets, channels and locations. Each is refused whole when its code is taken or names something unknown."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import asyncpg
from babel.numbers import is_currency

from domain.channels.kinds import ChannelKind, LocationKind
from domain.channels.naming import expect_code, expect_countries, expect_timezone
from domain.channels.opening_words import closed_dates, expect_cutoff, weekly_hours
from domain.errors import InvalidInput, NotFound
from persistence.channels import places
from persistence.database import Database, Row

_MOST_PREPARATION_MINUTES = 30 * 24 * 60
_MOST_UNITS_KEPT_BACK = 1_000_000


async def create_market(
    database: Database,
    *,
    code: str,
    name: str,
    currency: str,
    tax_included: bool,
    tax_percent: Decimal,
    countries: tuple[str, ...],
) -> Row:
    expect_code(code)
    if not is_currency(currency):
        raise InvalidInput(f"{currency!r} is no ISO 4217 currency, such as EUR.", path=("currency",))
    expect_countries(countries)
    basis_points = tax_percent * 100
    if basis_points != basis_points.to_integral_value() or not 0 <= basis_points <= 10_000:
        raise InvalidInput("A tax rate is 0 to 100 percent, with at most two digits after the point.", path=("tax",))
    async with database.transaction() as connection:
        with _refusing_taken("market", code):
            return await places.insert_market(
                connection,
                code=code,
                name=name,
                currency_code=currency,
                tax_included=tax_included,
                tax_rate_basis_points=int(basis_points),
                countries=list(countries),
            )


async def create_channel(
    database: Database, *, code: str, name: str, kind: ChannelKind, market_code: str, location_code: str | None
) -> Row:
    expect_code(code)
    if kind is ChannelKind.POS and location_code is None:
        raise InvalidInput("A till stands in a location: name it.", path=("location",))
    async with database.transaction() as connection:
        market = of_code(await places.markets(connection), "market", market_code)
        location = of_code(await places.locations(connection), "location", location_code) if location_code else None
        with _refusing_taken("channel", code):
            return await places.insert_channel(
                connection,
                code=code,
                name=name,
                kind=kind.value,
                market_id=market["id"],
                location_id=location["id"] if location else None,
            )


async def create_location(
    database: Database,
    *,
    code: str,
    name: str,
    kind: LocationKind,
    timezone: str,
    coordinates: tuple[float, float] | None,
    offers_pickup: bool,
    ships_orders: bool,
    sourcing_priority: int,
    open_hours: tuple[str, ...] = (),
    closed: tuple[str, ...] = (),
    preparation_minutes: int = 60,
    cutoff: str | None = None,
    buffer: int = 0,
) -> Row:
    """Coordinates are latitude and longitude in degrees; hours such as `Mo-Fr 10:00-20:00`, dates such as 2026-12-25."""
    expect_code(code)
    expect_timezone(timezone)
    expect_cutoff(cutoff)
    _expect_between(0, preparation_minutes, _MOST_PREPARATION_MINUTES, "preparation_minutes")
    _expect_between(0, buffer, _MOST_UNITS_KEPT_BACK, "buffer")
    latitude, longitude = _point(coordinates)
    hours = {"opening_hours": weekly_hours(open_hours), "opening_exceptions": closed_dates(closed)}
    async with database.transaction() as connection:
        with _refusing_taken("location", code):
            return await places.insert_location(
                connection,
                code=code,
                name=name,
                kind=kind.value,
                address=None,
                latitude=latitude,
                longitude=longitude,
                timezone=timezone,
                **hours,
                preparation_minutes=preparation_minutes,
                pickup_cutoff=cutoff,
                online_buffer=buffer,
                offers_pickup=offers_pickup,
                ships_orders=ships_orders,
                sourcing_priority=sourcing_priority,
            )


def _point(coordinates: tuple[float, float] | None) -> tuple[float, float] | tuple[None, None]:
    if coordinates is None:
        return None, None
    if not (-90 <= coordinates[0] <= 90 and -180 <= coordinates[1] <= 180):
        raise InvalidInput("Coordinates are latitude and longitude in degrees.", path=("coordinates",))
    return coordinates


def _expect_between(least: int, value: int, most: int, name: str) -> None:
    if not least <= value <= most:
        raise InvalidInput(f"{name.replace('_', ' ').capitalize()} must be {least} to {most}.", path=(name,))


def of_code(rows: list[Row], noun: str, code: str) -> Row:
    """Raises NotFound, naming what there is instead."""
    for row in rows:
        if row["code"] == code:
            return row
    known = ", ".join(sorted(row["code"] for row in rows)) or "none yet"
    raise NotFound(f"There is no {noun} {code!r} (there is: {known}).", path=(noun,))


@contextmanager
def _refusing_taken(noun: str, code: str) -> Iterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise InvalidInput(f"There is a {noun} {code!r} already.", path=("code",)) from error
