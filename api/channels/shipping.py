"""How a market ships, written from the command line."""

from decimal import Decimal

from api.channels.commands import of_code
from domain.channels.naming import expect_code, expect_countries
from domain.errors import InvalidInput, NotFound
from domain.money import Money
from persistence.channels import delivery, places
from persistence.database import Database

_MOST_DAYS = 365
_LONGEST_NAME = 200
_MOST_MINOR_UNITS = 10**12


async def set_delivery_option(
    database: Database,
    *,
    market_code: str,
    code: str,
    name: str,
    price: Decimal,
    free_from: Decimal | None,
    earliest_days: int,
    latest_days: int,
    countries: tuple[str, ...],
    is_default: bool,
    position: int,
) -> None:
    """Amounts are in the market's currency. Whatever the option said before it says no longer; a default replaces the one
    before.
    """
    expect_code(code)
    expect_countries(countries)
    if not (1 <= len(name) <= _LONGEST_NAME and name.isprintable()):
        raise InvalidInput(f"A name has 1 to {_LONGEST_NAME} printable characters.", path=("name",))
    if not 0 <= earliest_days <= latest_days <= _MOST_DAYS:
        raise InvalidInput(f"Days are 0 to {_MOST_DAYS}, the earliest first.", path=("days",))
    async with database.transaction() as connection:
        market = of_code(await places.markets(connection), "market", market_code)
        currency = market["currency_code"]
        elsewhere = sorted(set(countries) - set(market["countries"])) if market["countries"] else []
        if elsewhere:
            raise InvalidInput(f"The market {market_code} does not serve {elsewhere[0]}.", path=("countries",))
        await delivery.put_delivery_option(
            connection,
            market_id=market["id"],
            code=code,
            name=name,
            amount=_minor_units(price, currency, "price"),
            free_from=None if free_from is None else _minor_units(free_from, currency, "free_from"),
            earliest_days=earliest_days,
            latest_days=latest_days,
            countries=list(countries),
            is_default=is_default,
            position=position,
        )


async def remove_delivery_option(database: Database, *, market_code: str, code: str) -> None:
    """Carts that have chosen it have the default again. Raises NotFound."""
    async with database.transaction() as connection:
        market = of_code(await places.markets(connection), "market", market_code)
        if not await delivery.remove_delivery_option(connection, market["id"], code):
            raise NotFound(f"The market {market_code} has no delivery option {code!r}.", path=("code",))


def _minor_units(amount: Decimal, currency_code: str, name: str) -> int:
    try:
        minor_units = Money.of(amount, currency_code).minor_units
    except ValueError as error:
        raise InvalidInput(f"{error}.", path=(name,)) from None
    if not 0 <= minor_units <= _MOST_MINOR_UNITS:
        shown = name.replace("_", " ").capitalize()
        raise InvalidInput(f"{shown} must not be negative, nor more than anybody pays.", path=(name,))
    return minor_units
