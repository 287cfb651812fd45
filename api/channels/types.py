"""Channels, markets and locations as the schema shows them."""

from typing import Annotated, Any

import strawberry

from api.access import PUBLIC, SCOPED
from api.context import Context
from api.execution.access import ACCESS
from api.execution.fields import batched, column, inline
from api.ids import Kind, bad_input, encode, key_of
from api.node import Node
from api.pagination import PageInfo
from domain.carts.hold_policy import HoldPolicy
from domain.channels.geography import Coordinates as DomainCoordinates
from domain.channels.geography import distance_km
from domain.channels.kinds import ChannelKind, LocationKind

strawberry.enum(ChannelKind, description="What kind of touchpoint a channel is.")
strawberry.enum(LocationKind, description="What kind of place a location is.")
strawberry.enum(
    HoldPolicy,
    description="When the stock of a line is held: AT_CART as soon as it is in the cart, AT_CHECKOUT by cartHold, AT_ORDER with the "
    "order only.",
)


@strawberry.type(
    description="What decides prices: a currency, a tax rule and a set of countries. Prices belong to markets, never to "
    "channels: every channel of a market shows the same price."
)
class Market(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Market, row["id"]), PUBLIC, "Globally unique and opaque.")
    code: str = column(PUBLIC, "The merchant's short name for it; unique.")
    name: str = column(PUBLIC, "For people.")
    currency_code: str = column(PUBLIC, "ISO 4217; every price of the market is in it.")
    tax_included: bool = column(PUBLIC, "Whether prices are shown with the tax in them.")
    countries: list[str] = column(PUBLIC, "ISO 3166 codes of the countries it serves.")


@strawberry.type(
    description="A touchpoint where customers buy. Taken from the caller's credential, else from the Oneshelf-Channel "
    "header, else `web`."
)
class Channel(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Channel, row["id"]), PUBLIC, "Globally unique and opaque.")
    code: str = column(PUBLIC, "The merchant's short name for it; unique; what the Oneshelf-Channel header names.")
    name: str = column(PUBLIC, "For people.")
    kind: ChannelKind = column(PUBLIC, "What kind of touchpoint it is.")
    hold_policy: HoldPolicy = column(PUBLIC, "When the stock of a line is held; a product may say otherwise.")

    @batched(PUBLIC, "The market whose prices it shows.")
    async def market(channels: Any, context: Context, wanted: frozenset[str]) -> Market:
        return [context.directory.market_of(channel) for channel in channels]


@strawberry.type(description="A point on Earth, in degrees; north and east are positive.")
class Coordinates:
    latitude: float = column(PUBLIC, "From -90 to 90.")
    longitude: float = column(PUBLIC, "From -180 to 180.")


@strawberry.input(description="A point on Earth, in degrees; north and east are positive.")
class CoordinatesInput:
    latitude: float = strawberry.field(description="From -90 to 90.")
    longitude: float = strawberry.field(description="From -180 to 180.")

    def to_domain(self) -> DomainCoordinates:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise bad_input("Latitude is between -90 and 90, longitude between -180 and 180.")
        return DomainCoordinates(self.latitude, self.longitude)


@strawberry.type(description="When a location is open on one day of the week, in its own time zone.")
class OpeningHours:
    weekday: int = column(PUBLIC, "1 is Monday, 7 is Sunday.")
    opens: str = column(PUBLIC, "Such as 09:00.")
    closes: str = column(PUBLIC, "Such as 18:30; earlier than `opens` when it is on the next day.")


@strawberry.type(
    description="Hours that a location has on one date instead of those of its weekday; several of one date for several spans."
)
class OpeningException:
    date: str = column(PUBLIC, "Such as 2026-12-25.")
    opens: str | None = column(PUBLIC, "Such as 09:00; null when it is closed on that day.")
    closes: str | None = column(PUBLIC, "Such as 13:00; null when it is closed on that day.")
    reason: str | None = column(PUBLIC, "For people, such as Christmas Day.")


@strawberry.type(description="A postal address.")
class Address:
    name: str | None = column(SCOPED, "Who lives or works there.")
    company: str | None = column(SCOPED, "The firm, where there is one.")
    line1: str = column(SCOPED, "Street and number.")
    line2: str | None = column(SCOPED, "Floor, apartment, and the like.")
    city: str = column(SCOPED, "Town or city.")
    region: str | None = column(SCOPED, "State, province or prefecture, where addresses have one.")
    postal_code: str | None = column(SCOPED, "Postal code, where the country has them.")
    country_code: str = column(SCOPED, "ISO 3166, two letters.")
    phone: str | None = column(SCOPED, "For the carrier.")


@strawberry.type(description="A place that holds stock or hands it over.")
class Location(Node):
    id: strawberry.ID = inline(lambda row: encode(Kind.Location, row["id"]), PUBLIC, "Globally unique and opaque.")
    code: str = column(PUBLIC, "The merchant's short name for it; unique.")
    name: str = column(PUBLIC, "For people.")
    kind: LocationKind = column(PUBLIC, "What kind of place it is.")
    address: Address | None = column(PUBLIC, "Where it is; null when it was never said.")
    coordinates: Coordinates | None = inline(
        lambda row: row if row["latitude"] is not None else None, PUBLIC, "Where it is on the map; null when unknown."
    )
    timezone: str = column(PUBLIC, "IANA name; opening hours are in it.")
    opening_hours: list[OpeningHours] = column(PUBLIC, "By weekday; empty when it is never open to shoppers.")
    opening_exceptions: list[OpeningException] = column(PUBLIC, "Holidays and other dates that differ from the week.")
    preparation_minutes: int = column(
        PUBLIC, "How long an order takes to be ready here, counted while the location is open."
    )
    pickup_cutoff: str | None = column(
        PUBLIC,
        "Such as 16:00: what is ordered from then on is prepared from the next day on. Null when orders are taken until closing.",
    )
    offers_pickup: bool = column(PUBLIC, "Whether orders can be collected here.")
    ships_orders: bool = column(PUBLIC, "Whether orders are sent from here.")

    @strawberry.field(
        description="Great-circle distance; null when the location's coordinates are unknown.",
        metadata={ACCESS: PUBLIC},
    )
    def distance_km(
        root: strawberry.Parent[Any],
        start: Annotated[CoordinatesInput, strawberry.argument(name="from", description="Where the shopper is.")],
    ) -> float | None:
        return distance_from(start.to_domain(), root)


def distance_from(start: DomainCoordinates, location: Any) -> float | None:
    """Kilometers to the meter; null when nobody said where the location is."""
    if location["latitude"] is None:
        return None
    return round(distance_km(start, DomainCoordinates(location["latitude"], location["longitude"])), 3)


@strawberry.type(description="A location and its place in a list.")
class LocationEdge:
    cursor: str = column(PUBLIC, "To ask for what comes after it.")
    node: Location = column(PUBLIC, "The location.")


@strawberry.type(description="A page of locations.")
class LocationConnection:
    edges: list[LocationEdge] = column(PUBLIC, "The locations of this page with their cursors.")
    nodes: list[Location] = column(PUBLIC, "The locations of this page.")
    page_info: PageInfo = column(PUBLIC, "Where this page lies in the list.")
    total_count: int = column(PUBLIC, "How many there are on all pages.")


@strawberry.input(one_of=True, description="Names a location: by exactly one of these.")
class LocationBy:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    code: str | None = strawberry.field(default=strawberry.UNSET, description="Its code.")


def find_location(context: Context, by: LocationBy) -> Any | None:
    """The row of the location, or null."""
    if by.code:
        return context.directory.locations_by_code.get(by.code)
    key = key_of(Kind.Location, by.id or "")
    return context.directory.locations.get(key) if isinstance(key, int) else None
