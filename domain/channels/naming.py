"""What codes, countries and time zones of markets, channels and locations may look like."""

import re
from zoneinfo import available_timezones

from domain.errors import InvalidInput

_CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_COUNTRY = re.compile(r"[A-Z]{2}")


def expect_code(code: str) -> None:
    """Codes stand in URLs, headers and file names. Raises InvalidInput."""
    if _CODE.fullmatch(code) is None:
        raise InvalidInput(
            f"{code!r} is no code: use up to 63 small letters, digits and hyphens, such as berlin-mitte.",
            path=("code",),
        )


def expect_countries(codes: tuple[str, ...]) -> None:
    wrong = [code for code in codes if _COUNTRY.fullmatch(code) is None]
    if wrong:
        raise InvalidInput(f"{wrong[0]!r} is no ISO 3166 country of two letters, such as DE.", path=("countries",))


def expect_timezone(name: str) -> None:
    if name not in available_timezones():
        raise InvalidInput(f"{name!r} is no IANA time zone, such as Europe/Berlin.", path=("timezone",))
