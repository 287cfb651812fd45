"""The first market and channel, without which nothing can be sold: made once, in a database that has none."""

from dataclasses import dataclass

from persistence.channels import beginning, places
from persistence.database import Database

MARKET_CODE = "main"
CHANNEL_CODE = "web"


@dataclass(frozen=True, slots=True)
class Founding:
    """What was made; `is_new` is false when there were markets already."""

    is_new: bool
    market: str = MARKET_CODE
    channel: str = CHANNEL_CODE


async def found(database: Database) -> Founding:
    """Prices in euro that include their tax, of which no rate is known yet; sold in every country."""
    async with database.transaction() as connection:
        await beginning.lock_places(connection)
        if await places.markets(connection):
            return Founding(is_new=False)
        market = await places.insert_market(
            connection,
            code=MARKET_CODE,
            name="Main market",
            currency_code="EUR",
            tax_included=True,
            tax_rate_basis_points=0,
            countries=[],
        )
        await places.insert_channel(
            connection, code=CHANNEL_CODE, name="Web shop", kind="WEB", market_id=market["id"], location_id=None
        )
    return Founding(is_new=True)
