"""Markets, channels and locations as this process knows them: read as a whole, at most two seconds old.

No mutation changes them, only the operator's command line does; so a moment's delay breaks no promise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from domain.inventory.remedies import Place
from persistence.channels import places
from persistence.database import Database, Row

_MOST_SECONDS_OLD = 2.0

Entry = Row | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Directory:
    """One consistent view. Locations are in sourcing order."""

    markets: Mapping[int, Entry]
    channels: Mapping[int, Entry]
    locations: Mapping[int, Entry]
    channels_by_code: Mapping[str, Entry]
    locations_by_code: Mapping[str, Entry]

    def market_of(self, channel: Entry) -> Entry:
        return self.markets[channel["market_id"]]

    def sells_to(self, channel: Entry) -> tuple[int, ...]:
        """Where stock for this channel comes from: every place that ships or hands over, and the till's own."""
        return tuple(
            id_
            for id_, location in self.locations.items()
            if location["ships_orders"] or location["offers_pickup"] or id_ == channel["location_id"]
        )

    def places(self) -> tuple[Place, ...]:
        """What remedies need to know of each location, in sourcing order."""
        return tuple(
            Place(location_id=id_, offers_pickup=location["offers_pickup"], ships_orders=location["ships_orders"])
            for id_, location in self.locations.items()
        )


class DirectoryCache:
    """Hands out the current directory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._directory: Directory | None = None
        self._read_at = 0.0

    async def current(self) -> Directory:
        if self._directory is None or monotonic() - self._read_at > _MOST_SECONDS_OLD:
            return await self.fresh()
        return self._directory

    async def fresh(self) -> Directory:
        """Read again now, for a code that is not known yet."""
        began = monotonic()
        async with self._database.reading() as reader:
            markets = await places.markets(reader)
            channels = await places.channels(reader)
            locations = await places.locations(reader)
        self._directory = Directory(
            markets={row["id"]: row for row in markets},
            channels={row["id"]: row for row in channels},
            locations={row["id"]: row for row in locations},
            channels_by_code={row["code"]: row for row in channels},
            locations_by_code={row["code"]: row for row in locations},
        )
        self._read_at = began
        return self._directory
