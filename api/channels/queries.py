"""Questions about channels, markets and locations."""

from typing import Any

import strawberry

from api.access import PUBLIC
from api.channels.types import (
    Channel,
    CoordinatesInput,
    Location,
    LocationBy,
    LocationConnection,
    Market,
    distance_from,
    find_location,
)
from api.context import Info
from api.execution.access import ACCESS
from api.ids import bad_input
from api.pagination import connection, page
from domain.channels.kinds import LocationKind


@strawberry.type
class ChannelsQuery:
    @strawberry.field(description="All channels of the merchant.", metadata={ACCESS: PUBLIC})
    def channels(self, info: Info) -> list[Channel]:
        return list(info.context.directory.channels.values())

    @strawberry.field(description="All markets of the merchant.", metadata={ACCESS: PUBLIC})
    def markets(self, info: Info) -> list[Market]:
        return list(info.context.directory.markets.values())

    @strawberry.field(description="One location; null when there is none such.", metadata={ACCESS: PUBLIC})
    def location(self, info: Info, by: LocationBy) -> Location | None:
        return find_location(info.context, by)

    @strawberry.field(
        description="Locations by name, or nearest first when `near` is given; `first` is at most 100.",
        metadata={ACCESS: PUBLIC},
    )
    def locations(
        self,
        info: Info,
        first: int | None = 50,
        after: str | None = None,
        kinds: list[LocationKind] | None = None,
        near: CoordinatesInput | None = None,
    ) -> LocationConnection:
        asked = page(first, after, default=50, keys=2)
        start = near.to_domain() if near else None
        wanted = {kind.value for kind in kinds or LocationKind}

        def key(location: Any) -> tuple[float | str, int]:
            if start is None:
                return location["name"], location["id"]
            distance = distance_from(start, location)
            return (1e9 if distance is None else distance), location["id"]

        found = sorted((row for row in info.context.directory.locations.values() if row["kind"] in wanted), key=key)
        try:
            rest = [row for row in found if asked.after is None or key(row) > asked.after]
        except TypeError:
            raise bad_input("This cursor does not belong to this list.") from None
        return connection(rest[: asked.fetched], asked, key, total_count=len(found))
