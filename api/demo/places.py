"""Where the demo sells: two markets, five stores, a warehouse and a locker, and every kind of channel."""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from api.demo.cities import CITIES, City
from api.demo.holidays import DENMARK, GERMANY, UNITED_STATES


def _delivery(
    code: str, name: str, amount: int, *, days: tuple[int, int], free_from: int | None = None, is_default: bool = False
) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "amount": amount,
        "free_from": free_from,
        "earliest_days": days[0],
        "latest_days": days[1],
        "countries": [],
        "is_default": is_default,
        "position": 10 if is_default else 20,
    }


EURO_MARKET = "eu"
DOLLAR_MARKET = "us"

MARKETS: dict[str, dict[str, Any]] = {
    EURO_MARKET: {
        "name": "European Union",
        "currency_code": "EUR",
        "tax_included": True,
        "tax_rate_basis_points": 1900,
        "countries": ["AT", "BE", "DE", "DK", "ES", "FR", "IT", "NL", "PL"],
    },
    DOLLAR_MARKET: {
        "name": "United States",
        "currency_code": "USD",
        "tax_included": False,
        "tax_rate_basis_points": 825,
        "countries": ["US"],
    },
}

# For each market; amounts in minor units of its currency.
DELIVERY_OPTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    EURO_MARKET: (
        _delivery("standard", "Standard", 490, free_from=5000, days=(2, 4), is_default=True),
        _delivery("express", "Express", 1290, days=(1, 1)),
    ),
    DOLLAR_MARKET: (
        _delivery("standard", "Standard", 695, free_from=7500, days=(3, 6), is_default=True),
        _delivery("express", "Express", 1995, days=(1, 2)),
    ),
}


def _hours(weekdays: range, opens: str, closes: str) -> list[dict[str, Any]]:
    return [{"weekday": weekday, "opens": opens, "closes": closes} for weekday in weekdays]


def _address(line1: str, city: str, postal_code: str, country_code: str, region: str | None = None) -> dict[str, Any]:
    return {
        "name": None,
        "company": "Nordhang",
        "line1": line1,
        "line2": None,
        "city": city,
        "region": region,
        "postal_code": postal_code,
        "country_code": country_code,
        "phone": None,
    }


LOCATIONS: tuple[dict[str, Any], ...] = (
    {
        "code": "leipzig",
        "name": "Warehouse Leipzig",
        "kind": "WAREHOUSE",
        "address": _address("Messe-Allee 1", "Leipzig", "04356", "DE"),
        "latitude": 51.3967,
        "longitude": 12.4022,
        "timezone": "Europe/Berlin",
        "opening_hours": [],
        "offers_pickup": False,
        "ships_orders": True,
        "sourcing_priority": 10,
    },
    {
        "code": "berlin",
        "name": "Berlin Mitte",
        "kind": "STORE",
        "address": _address("Alte Schönhauser Straße 20", "Berlin", "10119", "DE"),
        "latitude": 52.5263,
        "longitude": 13.4087,
        "timezone": "Europe/Berlin",
        "opening_hours": _hours(range(1, 6), "10:00", "20:00") + _hours(range(6, 7), "10:00", "18:00"),
        "opening_exceptions": GERMANY,
        "preparation_minutes": 60,
        "pickup_cutoff": "18:00",
        "offers_pickup": True,
        "ships_orders": True,
        "sourcing_priority": 20,
    },
    {
        "code": "hamburg",
        "name": "Hamburg Schanze",
        "kind": "STORE",
        "address": _address("Marktstraße 104", "Hamburg", "20357", "DE"),
        "latitude": 53.5577,
        "longitude": 9.9683,
        "timezone": "Europe/Berlin",
        "opening_hours": _hours(range(1, 7), "11:00", "19:00"),
        "opening_exceptions": GERMANY,
        "preparation_minutes": 90,
        "pickup_cutoff": "17:00",
        "online_buffer": 1,
        "offers_pickup": True,
        "ships_orders": True,
        "sourcing_priority": 25,
    },
    {
        "code": "copenhagen",
        "name": "Copenhagen Nørrebro",
        "kind": "STORE",
        "address": _address("Jægersborggade 43", "Copenhagen", "2200", "DK"),
        "latitude": 55.6930,
        "longitude": 12.5435,
        "timezone": "Europe/Copenhagen",
        "opening_hours": _hours(range(1, 6), "10:00", "18:00")
        + _hours(range(6, 7), "10:00", "16:00")
        + _hours(range(7, 8), "11:00", "15:00"),
        "opening_exceptions": DENMARK,
        "preparation_minutes": 120,
        "offers_pickup": True,
        "ships_orders": False,
        "sourcing_priority": 27,
    },
    {
        "code": "new-york",
        "name": "New York SoHo",
        "kind": "STORE",
        "address": _address("110 Greene Street", "New York", "10012", "US", "NY"),
        "latitude": 40.7242,
        "longitude": -73.9995,
        "timezone": "America/New_York",
        "opening_hours": _hours(range(1, 7), "10:00", "19:00") + _hours(range(7, 8), "11:00", "18:00"),
        "opening_exceptions": UNITED_STATES,
        "preparation_minutes": 45,
        "offers_pickup": True,
        "ships_orders": False,
        "sourcing_priority": 30,
    },
    {
        "code": "portland",
        "name": "Portland Pearl District",
        "kind": "STORE",
        "address": _address("1102 NW Everett Street", "Portland", "97209", "US", "OR"),
        "latitude": 45.5251,
        "longitude": -122.6822,
        "timezone": "America/Los_Angeles",
        "opening_hours": _hours(range(1, 7), "10:00", "18:00") + _hours(range(7, 8), "11:00", "17:00"),
        "opening_exceptions": UNITED_STATES,
        "preparation_minutes": 60,
        "pickup_cutoff": "16:00",
        "offers_pickup": True,
        "ships_orders": True,
        "sourcing_priority": 35,
    },
    {
        "code": "berlin-hbf",
        "name": "Locker Berlin Central Station",
        "kind": "LOCKER",
        "address": _address("Europaplatz 1", "Berlin", "10557", "DE"),
        "latitude": 52.5251,
        "longitude": 13.3694,
        "timezone": "Europe/Berlin",
        "opening_hours": _hours(range(1, 8), "00:00", "24:00"),
        "preparation_minutes": 5,
        "offers_pickup": True,
        "ships_orders": False,
        "sourcing_priority": 90,
    },
)

WEB = "web"
MARKETPLACE = "marketplace"
WAREHOUSE = "leipzig"

# Code, name, kind, market, location.
Channel = tuple[str, str, str, str, str | None]
_ONLINE: tuple[Channel, ...] = (
    (WEB, "Web shop", "WEB", EURO_MARKET, None),
    ("web-us", "Web shop, United States", "WEB", DOLLAR_MARKET, None),
    ("app", "App", "APP", EURO_MARKET, None),
    (MARKETPLACE, "Marketplace", "MARKETPLACE", EURO_MARKET, None),
    ("social", "Social media", "SOCIAL", EURO_MARKET, None),
)


MARKETPLACE_BUFFER = 3
"""It hears late of what is sold elsewhere, so the last of everything are kept from it."""


def locations(most: int = len(LOCATIONS)) -> list[dict[str, Any]]:
    """Those of the small chain first, then a store in one city after another, and second stores when cities run out."""
    return [*LOCATIONS, *islice(_more_stores(), most - len(LOCATIONS))]


def channels(places: list[dict[str, Any]]) -> list[Channel]:
    """Those that every chain has, and a till for each store, in the market of its country."""
    return [
        *_ONLINE,
        *(
            (f"till-{place['code']}", f"Till, {place['name']}", "POS", _market_of(place), place["code"])
            for place in places
            if place["kind"] == "STORE"
        ),
    ]


def _market_of(place: dict[str, Any]) -> str:
    country = place["address"]["country_code"]
    return next(code for code, market in MARKETS.items() if country in market["countries"])


def _more_stores() -> Iterator[dict[str, Any]]:
    for round_ in count(1):
        for place, city in enumerate(CITIES):
            yield _store(city, round_, sourcing_priority=100 + place)


def _store(city: City, round_: int, *, sourcing_priority: int) -> dict[str, Any]:
    is_first = round_ == 1
    code = city.name.lower().replace(" ", "-")
    return {
        "code": code if is_first else f"{code}-{round_}",
        "name": city.name if is_first else f"{city.name} {round_}",
        "kind": "STORE",
        "address": _address(f"{city.street} {round_}", city.name, city.postal_code, city.country_code, city.region),
        # A few streets farther each time.
        "latitude": round(city.latitude + 0.008 * (round_ - 1), 4),
        "longitude": round(city.longitude - 0.006 * (round_ - 1), 4),
        "timezone": city.timezone,
        "opening_hours": _hours(range(1, 7), "10:00", "19:00"),
        "offers_pickup": True,
        "ships_orders": False,
        "sourcing_priority": sourcing_priority,
    }
