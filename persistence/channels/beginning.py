"""What a database holds before anybody has sold anything, and how the demo takes it over."""

from sqlalchemy import bindparam, update

from persistence.channels.tables import market
from persistence.database import Connection, Row
from persistence.statements import Statement

_LOCK = Statement("LOCK TABLE market, channel, location IN SHARE ROW EXCLUSIVE MODE")
_IS_UNUSED = Statement("""
SELECT NOT EXISTS (SELECT FROM product) AND NOT EXISTS (SELECT FROM location) AND NOT EXISTS (SELECT FROM cart)
   AND NOT EXISTS (SELECT FROM customer) AND NOT EXISTS (SELECT FROM staff) AND NOT EXISTS (SELECT FROM app)
   AND NOT EXISTS (SELECT FROM market WHERE code <> :market_code)
   AND NOT EXISTS (SELECT FROM channel WHERE code <> :channel_code)
""")
_COLUMNS = ("name", "currency_code", "tax_included", "tax_rate_basis_points", "countries")
_REDEFINE_MARKET = Statement(
    update(market)
    .where(market.c.code == bindparam("old_code", type_=market.c.code.type))
    .values(
        code=bindparam("new_code", type_=market.c.code.type),
        **{name: bindparam(name, type_=market.c[name].type) for name in _COLUMNS},
    )
    .returning(market)
)


async def lock_places(connection: Connection) -> None:
    """Until the transaction ends nobody else adds a market, a channel or a location; readers go on."""
    await connection.execute(_LOCK)


async def is_unused(connection: Connection, *, market_code: str, channel_code: str) -> bool:
    """True while there is at most this first market and channel, and nothing to sell and nobody to sell to."""
    unused: bool = await connection.fetch_value(_IS_UNUSED, market_code=market_code, channel_code=channel_code)
    return unused


async def redefine_market(connection: Connection, old_code: str, new_code: str, **values: object) -> Row | None:
    """None when there is no market of that code. Only for a market that nothing has been sold in."""
    return await connection.fetch_one(_REDEFINE_MARKET, old_code=old_code, new_code=new_code, **values)
