"""Markets, channels and locations as this process knows them: read as a whole, at most two seconds old.

What a mutation changes of them this process knows at once, others within that time.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from domain.carts.shipping import DeliveryOption
from domain.channels.kinds import LocationKind
from domain.channels.opening import Schedule
from domain.inventory.remedies import Place
from persistence.channels import delivery, places
from persistence.channels.schedules import schedule_of
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
    # Where a channel deals with a location otherwise than with the rest, by the ids of both.
    overrides: Mapping[tuple[int, int], Entry] = field(default_factory=dict)
    # In the order in which they are shown, by the id of their market; a market without any ships for nothing.
    delivery_options: Mapping[int, tuple[DeliveryOption, ...]] = field(default_factory=dict)
    _buffers: dict[int, Mapping[int, int]] = field(default_factory=dict, repr=False, compare=False)
    _schedules: dict[int, Schedule] = field(default_factory=dict, repr=False, compare=False)

    def market_of(self, channel: Entry) -> Entry:
        return self.markets[channel["market_id"]]

    def sells_to(self, channel: Entry) -> tuple[int, ...]:
        """Where stock for this channel comes from, in sourcing order."""
        return tuple(self.buffers_of(channel))

    def buffers_of(self, channel: Entry) -> Mapping[int, int]:
        """For each location that sells to this channel, in sourcing order, the units of each article kept back from it.

        Every place sells that ships or hands over, and to a till its own, unless the channel says otherwise. A location's
        buffer is for those who stand in it: its own till has it to sell.
        """
        if channel["id"] not in self._buffers:
            self._buffers[channel["id"]] = self._count_buffers(channel)
        return self._buffers[channel["id"]]

    def _count_buffers(self, channel: Entry) -> dict[int, int]:
        buffers: dict[int, int] = {}
        for id_, location in self.locations.items():
            is_own = id_ == channel["location_id"]
            override = self.overrides.get((channel["id"], id_))
            if (override is None or override["sells"]) and (
                location["ships_orders"] or location["offers_pickup"] or is_own
            ):
                buffers[id_] = (0 if is_own else location["online_buffer"]) + (override["buffer"] if override else 0)
        return buffers

    def places(self, channel: Entry) -> tuple[Place, ...]:
        """What each location does for shoppers of this channel, in sourcing order."""
        selling = self.buffers_of(channel)
        return tuple(
            Place(
                location_id=id_,
                offers_pickup=location["offers_pickup"] and id_ in selling,
                ships_orders=location["ships_orders"] and id_ in selling,
                is_store=location["kind"] == LocationKind.STORE.value,
            )
            for id_, location in self.locations.items()
        )

    def options_of(self, market_id: int) -> tuple[DeliveryOption, ...]:
        """How the market ships."""
        return self.delivery_options.get(market_id, ())

    def schedule_of(self, location_id: int) -> Schedule:
        if location_id not in self._schedules:
            self._schedules[location_id] = schedule_of(self.locations[location_id])
        return self._schedules[location_id]


class _Edition:
    """Counts what mutations of this process have changed; kept with the database, for every cache over it."""

    def __init__(self, _database: Database) -> None:
        self.number = 0

    async def close(self) -> None:
        pass


async def changed(database: Database) -> Directory:
    """After a mutation that changed places: nobody in this process goes on with what was known before. The new one."""
    database.companion(_Edition, _Edition).number += 1
    return await DirectoryCache(database).fresh()


class DirectoryCache:
    """Hands out the current directory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._edition = database.companion(_Edition, _Edition)
        self._edition_read = 0
        self._directory: Directory | None = None
        self._read_at = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def current(self) -> Directory:
        if (known := self._known()) is not None:
            return known
        # Thousands of streams may want it at the same moment.
        async with self._one_at_a_time:
            return self._known() or await self.fresh()

    def _known(self) -> Directory | None:
        is_new = monotonic() - self._read_at <= _MOST_SECONDS_OLD and self._edition_read == self._edition.number
        return self._directory if is_new else None

    async def fresh(self) -> Directory:
        """Read again now, for a code that is not known yet."""
        began, edition = monotonic(), self._edition.number
        async with self._database.reading() as reader:
            markets = await places.markets(reader)
            channels = await places.channels(reader)
            locations = await places.locations(reader)
            overrides = await places.channel_locations(reader)
            options = await delivery.delivery_options(reader)
        self._directory = Directory(
            markets={row["id"]: row for row in markets},
            channels={row["id"]: row for row in channels},
            locations={row["id"]: row for row in locations},
            channels_by_code={row["code"]: row for row in channels},
            locations_by_code={row["code"]: row for row in locations},
            overrides={(row["channel_id"], row["location_id"]): row for row in overrides},
            delivery_options=delivery.options_by_market(options),
        )
        self._read_at, self._edition_read = began, edition
        return self._directory
