"""What is said about the rows of a file that could not be taken as they are."""

from dataclasses import dataclass
from enum import Enum

from domain.errors import DomainError


class Reason(Enum):
    """Rows are counted by these; the detail beside a reason names the value that was met."""

    BROKEN_QUOTES = "the quotes of this row do not match"
    TOO_LONG = "longer than allowed"
    NUL = "contains a NUL character"
    TOO_MANY_FIELDS = "more fields than columns"
    NO_HANDLE = "no handle"
    NO_TITLE = "no title in any row of this product"
    TOO_MANY_ROWS = "too many rows for one product"
    GIFT_CARD = "gift cards are not sold from stock"
    EMPTY = "neither a variant nor a picture"
    NO_VARIANT = "no variant of this product could be imported"
    NO_PRICE = "no price"
    NOT_A_PRICE = "the price is not a plain number"
    OPTION_MISMATCH = "option names and values do not match"
    DUPLICATE_OPTIONS = "the same options as another row"
    DUPLICATE_SKU = "the SKU is used by another row"
    DAMAGED_BARCODE = "the barcode was damaged by a spreadsheet"
    NOT_A_FORMER_PRICE = "the compare-at price is not a plain number"
    NOT_A_PICTURE = "not the address of a picture"
    TOO_MANY_PICTURES = "more pictures than a product may have"
    NOT_A_QUANTITY = "the quantity is not a whole number"
    NEGATIVE_QUANTITY = "a negative quantity was counted as 0"
    NO_LOCATION = "no location"
    UNKNOWN_SKU = "no variant has this SKU"
    NO_QUANTITY = "no quantity"
    REPEATED_LEVEL = "this variant and location came before"
    MOVED = "the SKU belonged to another product and was moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """A row, counted from 1 with the header, that was not imported."""

    line: int
    reason: Reason
    handle: str = ""
    sku: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowNotice:
    """A row that was imported without one of its values, or with another one than it says."""

    line: int
    reason: Reason
    handle: str = ""
    sku: str = ""
    detail: str = ""


Remark = RowFault | RowNotice


@dataclass(eq=False)
class UnreadableFile(DomainError):
    """Nothing of the file can be imported, so nothing was written."""


@dataclass(eq=False)
class ImportRunning(DomainError):
    """Somebody else is importing into this database."""


MOST_CHARACTERS_SHOWN = 60


def shortened(value: str) -> str:
    """For a report: on one line, never longer than a terminal is wide."""
    line = " ".join(value.replace("\0", " ").split())
    return line if len(line) <= MOST_CHARACTERS_SHOWN else f"{line[: MOST_CHARACTERS_SHOWN - 1]}…"
