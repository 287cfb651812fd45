"""Where the demo sells: two markets, two stores, a warehouse, an online channel for each market and a till for each store."""

from typing import Any

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
        "offers_pickup": True,
        "ships_orders": True,
        "sourcing_priority": 20,
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
        "offers_pickup": True,
        "ships_orders": False,
        "sourcing_priority": 30,
    },
)

WEB = "web"

# Code, name, kind, market, location.
CHANNELS: tuple[tuple[str, str, str, str, str | None], ...] = (
    (WEB, "Web shop", "WEB", EURO_MARKET, None),
    ("web-us", "Web shop, United States", "WEB", DOLLAR_MARKET, None),
    ("till-berlin", "Till, Berlin Mitte", "POS", EURO_MARKET, "berlin"),
    ("till-new-york", "Till, New York SoHo", "POS", DOLLAR_MARKET, "new-york"),
)
