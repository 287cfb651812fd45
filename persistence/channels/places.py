"""Markets, channels and locations: few rows, read as a whole and kept by each process for a moment."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, insert, select

from persistence.channels.tables import channel, channel_location, location, market
from persistence.database import Connection, Reader, Row
from persistence.statements import Statement

_MARKETS = Statement(select(market).order_by(market.c.id))
_CHANNELS = Statement(select(channel).order_by(channel.c.id))
_LOCATIONS = Statement(select(location).order_by(location.c.sourcing_priority, location.c.id))
_CHANNEL_LOCATIONS = Statement(select(channel_location))


async def markets(reader: Reader) -> list[Row]:
    return await reader.fetch(_MARKETS)


async def channels(reader: Reader) -> list[Row]:
    return await reader.fetch(_CHANNELS)


async def locations(reader: Reader) -> list[Row]:
    """In sourcing order: whoever comes first is asked first."""
    return await reader.fetch(_LOCATIONS)


async def channel_locations(reader: Reader) -> list[Row]:
    """Only the pairs that are dealt with otherwise than the rest."""
    return await reader.fetch(_CHANNEL_LOCATIONS)


def _insertion(table: Table, *columns: str) -> Statement:
    values = {name: bindparam(name, type_=table.c[name].type) for name in columns}
    return Statement(insert(table).values(values).returning(table))


_INSERT_MARKET = _insertion(
    market, "code", "name", "currency_code", "tax_included", "tax_rate_basis_points", "countries"
)
_INSERT_CHANNEL = _insertion(channel, "code", "name", "kind", "market_id", "location_id")
_INSERT_LOCATION = _insertion(
    location,
    "code",
    "name",
    "kind",
    "address",
    "latitude",
    "longitude",
    "timezone",
    "opening_hours",
    "opening_exceptions",
    "preparation_minutes",
    "pickup_cutoff",
    "online_buffer",
    "offers_pickup",
    "ships_orders",
    "sourcing_priority",
)


async def insert_market(connection: Connection, **values: Any) -> Row:
    row = await connection.fetch_one(_INSERT_MARKET, **values)
    assert row is not None
    return row


async def insert_channel(connection: Connection, **values: Any) -> Row:
    row = await connection.fetch_one(_INSERT_CHANNEL, **values)
    assert row is not None
    return row


async def insert_location(
    connection: Connection,
    *,
    opening_exceptions: Sequence[Mapping[str, Any]] = (),
    preparation_minutes: int = 60,
    pickup_cutoff: str | None = None,
    online_buffer: int = 0,
    **values: Any,
) -> Row:
    row = await connection.fetch_one(
        _INSERT_LOCATION,
        opening_exceptions=list(opening_exceptions),
        preparation_minutes=preparation_minutes,
        pickup_cutoff=pickup_cutoff,
        online_buffer=online_buffer,
        **values,
    )
    assert row is not None
    return row


_SET_CHANNEL_LOCATION = Statement("""
INSERT INTO channel_location (channel_id, location_id, buffer, sells) VALUES (:channel_id, :location_id, :buffer, :sells)
ON CONFLICT (channel_id, location_id) DO UPDATE SET buffer = excluded.buffer, sells = excluded.sells
""")


async def set_channel_location(
    connection: Connection, channel_id: int, location_id: int, *, buffer: int, sells: bool
) -> None:
    """What a channel may have of a location, whatever was said before."""
    await connection.execute(
        _SET_CHANNEL_LOCATION, channel_id=channel_id, location_id=location_id, buffer=buffer, sells=sells
    )


_SET_CHANNEL_LOCATIONS = Statement("""
INSERT INTO channel_location (channel_id, location_id, buffer, sells)
SELECT * FROM unnest(CAST(:channel_ids AS int[]), CAST(:location_ids AS int[]), CAST(:buffers AS int[]), CAST(:sells AS bool[]))
  AS asked (channel_id, location_id, buffer, sells)
ORDER BY channel_id, location_id
ON CONFLICT (channel_id, location_id) DO UPDATE SET buffer = excluded.buffer, sells = excluded.sells
""")
_SET_OWN_BUFFERS = Statement("""
WITH asked AS (
  SELECT * FROM unnest(CAST(:location_ids AS int[]), CAST(:buffers AS int[])) AS asked (id, buffer)
), locked AS (
  SELECT location.id FROM location JOIN asked USING (id) ORDER BY location.id FOR NO KEY UPDATE OF location
)
UPDATE location SET online_buffer = asked.buffer FROM asked JOIN locked USING (id) WHERE location.id = asked.id
""")
_SET_CHANNEL_POLICIES = Statement("""
WITH asked AS (
  SELECT * FROM unnest(CAST(:ids AS int[]), CAST(:policies AS text[])) AS asked (id, policy)
), locked AS (
  SELECT channel.id FROM channel JOIN asked USING (id) ORDER BY channel.id FOR NO KEY UPDATE OF channel
)
UPDATE channel SET hold_policy = asked.policy FROM asked JOIN locked USING (id) WHERE channel.id = asked.id
""")


async def set_channel_locations(connection: Connection, terms: Sequence[tuple[int, int, int, bool]]) -> None:
    """Channel, location, buffer and whether it sells; each pair once."""
    await connection.execute(
        _SET_CHANNEL_LOCATIONS,
        channel_ids=[one[0] for one in terms],
        location_ids=[one[1] for one in terms],
        buffers=[one[2] for one in terms],
        sells=[one[3] for one in terms],
    )


async def set_own_buffers(connection: Connection, buffers: Mapping[int, int]) -> None:
    """What each location keeps back from everybody but its own till."""
    await connection.execute(_SET_OWN_BUFFERS, location_ids=list(buffers), buffers=list(buffers.values()))


async def set_hold_policies(connection: Connection, policies: Mapping[int, str]) -> None:
    """Of channels, by id."""
    await connection.execute(_SET_CHANNEL_POLICIES, ids=list(policies), policies=list(policies.values()))
