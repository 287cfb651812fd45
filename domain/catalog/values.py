"""Single values of a merchant's file: prices, barcodes, quantities, yes and no. Strict, since a guess would be sold."""

import re
from decimal import Decimal

from domain.money import Money

_PLAIN_NUMBER = re.compile(r"\d{1,15}(\.\d{1,10})?", re.ASCII)
_WHOLE_NUMBER = re.compile(r"([+-]?\d{1,12})(\.0+)?", re.ASCII)
_FROM_SPREADSHEET = re.compile(
    r"\d+([.,]\d+)?E\+?\d+|\d+[.,]0+|#+|#(N/A|NAME\?|VALUE!|REF!|NUM!)", re.ASCII | re.IGNORECASE
)
_LONGEST_BARCODE = 64
_YES = frozenset({"true", "yes", "1", "y", "wahr", "vrai"})
_NO = frozenset({"false", "no", "0", "n", "falsch", "faux"})


HIGHEST_PRICE = 10**12
"""Minor units: the largest cart of the dearest articles still fits 64 bits."""


def price(text: str, currency_code: str) -> int:
    """Minor units. Raises ValueError for signs, separators of thousands, currency signs, too many digits, absurd amounts."""
    if not _PLAIN_NUMBER.fullmatch(text):
        raise ValueError(text)
    amount = Money.of(Decimal(text), currency_code).minor_units
    if amount > HIGHEST_PRICE:
        raise ValueError(text)
    return amount


def former_price(text: str, current: int, currency_code: str) -> int | None:
    """None unless it was higher than the price of today. Raises ValueError as `price` does."""
    if not text:
        return None
    amount = price(text, currency_code)
    return amount if amount > current else None


def barcode(text: str) -> str | None:
    """Raises ValueError for digits that a spreadsheet has rounded: 4.00638E+12 could be any of a million articles.

    The apostrophe that exports put in front, so that a spreadsheet keeps leading zeros, is no part of it.
    """
    code = text.strip().removeprefix("'").strip()
    if not code:
        return None
    if _FROM_SPREADSHEET.fullmatch(code) or len(code) > _LONGEST_BARCODE or not code.isprintable():
        raise ValueError(text)
    return code


def quantity(text: str) -> int:
    """Raises ValueError when it is no whole number; `12.0`, as spreadsheets write it, is one."""
    match = _WHOLE_NUMBER.fullmatch(text.removeprefix("'"))
    if match is None:
        raise ValueError(text)
    return int(match[1])


def is_yes(text: str, *, default: bool) -> bool:
    word = text.strip().casefold()
    if word in _YES:
        return True
    return False if word in _NO else default
