"""The ways in which markets ship: few rows, read as a whole with the places."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select

from domain.carts.shipping import DeliveryOption
from persistence.channels.tables import delivery_option
from persistence.database import Connection, Reader, Row
from persistence.statements import Statement

_ALL = Statement(
    select(delivery_option).order_by(delivery_option.c.market_id, delivery_option.c.position, delivery_option.c.id)
)
_UNSET_DEFAULT = Statement("""
UPDATE delivery_option SET is_default = false WHERE market_id = :market_id AND code <> :code AND is_default
""")
_PUT = Statement("""
INSERT INTO delivery_option
  (market_id, code, name, amount, free_from, earliest_days, latest_days, countries, is_default, position)
VALUES
  (:market_id, :code, :name, :amount, :free_from, :earliest_days, :latest_days, :countries, :is_default, :position)
ON CONFLICT (market_id, code) DO UPDATE SET
  name = excluded.name, amount = excluded.amount, free_from = excluded.free_from,
  earliest_days = excluded.earliest_days, latest_days = excluded.latest_days, countries = excluded.countries,
  is_default = excluded.is_default, position = excluded.position
""")
_REMOVE = Statement(
    delete(delivery_option)
    .where(delivery_option.c.market_id == bindparam("market_id"), delivery_option.c.code == bindparam("code"))
    .returning(delivery_option.c.id)
)


async def delivery_options(reader: Reader) -> list[Row]:
    """Of all markets, each market's in the order in which they are shown."""
    return await reader.fetch(_ALL)


async def put_delivery_option(connection: Connection, *, market_id: int, code: str, **values: Any) -> None:
    """Whatever was said of it before. A default takes the place of the one before."""
    if values["is_default"]:
        await connection.execute(_UNSET_DEFAULT, market_id=market_id, code=code)
    await connection.execute(_PUT, market_id=market_id, code=code, **values)


async def remove_delivery_option(connection: Connection, market_id: int, code: str) -> bool:
    """Carts that have chosen it have the default again. Whether there was one."""
    return await connection.fetch_value(_REMOVE, market_id=market_id, code=code) is not None


def options_by_market(rows: Sequence[Row]) -> Mapping[int, tuple[DeliveryOption, ...]]:
    """In the order of the rows."""
    found: dict[int, tuple[DeliveryOption, ...]] = {}
    for row in rows:
        found[row["market_id"]] = (*found.get(row["market_id"], ()), _option(row))
    return found


def _option(row: Row) -> DeliveryOption:
    return DeliveryOption(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        amount=row["amount"],
        free_from=row["free_from"],
        earliest_days=row["earliest_days"],
        latest_days=row["latest_days"],
        countries=frozenset(row["countries"]),
        is_default=row["is_default"],
    )
