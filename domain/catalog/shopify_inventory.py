"""Shopify's inventory export: one row for each variant and location, or, in the older form, a column for each location."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.catalog import values
from domain.catalog.csv_table import Table, TableRow
from domain.catalog.rows import Reason, Remark, RowFault, RowNotice, UnreadableFile, shortened
from domain.catalog.shopify_product import MOST_CHARACTERS
from domain.catalog.slugs import code, handle_slug, made_sku
from domain.inventory.adjustment import MOST_UNITS, Movement
from domain.inventory.stock import StockLevel

_COLUMNS = {
    "handle": "handle",
    "url handle": "handle",
    "title": "title",
    "sku": "sku",
    "variant sku": "sku",
    "barcode": "barcode",
    "hs code": "hs_code",
    "coo": "country_of_origin",
    "location": "location",
    "bin name": "bin",
    "incoming": "incoming",
    "unavailable": "unavailable",
    "committed": "committed",
    "available": "available",
    "on hand (current)": "on_hand",
    "on hand": "on_hand",
    "on hand (new)": "new_on_hand",
    **{f"option{at} {part}": f"option{at}_{part}" for at in (1, 2, 3) for part in ("name", "value")},
    **{f"option {at} {part}": f"option{at}_{part}" for at in (1, 2, 3) for part in ("name", "value")},
}
# Current exports say which columns a merchant may edit.
COLUMNS = _COLUMNS | {f"{name} (not editable)": column for name, column in _COLUMNS.items()}
_NOT_STOCKED = frozenset({"not stocked", "n/a", "-"})


@dataclass(frozen=True, slots=True)
class Counted:
    """So many units are there, says the file; `location` is its name, empty when the file does not say."""

    line: int
    handle: str
    sku: str
    location: str
    on_hand: int


class InventoryFile:
    """Read once, from front to back. Raises UnreadableFile when the header is not one of an inventory export."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._table = Table(lines, COLUMNS, {"sku": "SKU"})
        columns = self._table.columns
        quantities = [column for column in ("new_on_hand", "on_hand", "available") if column in columns]
        # Where on hand is known, available is less: what is promised is missing from it.
        self._quantities = quantities[:-1] if quantities[1:] and quantities[-1] == "available" else quantities
        # In the older form every column that is nothing else is a location.
        self._locations = () if self._quantities else tuple(self._table.others)
        if not self._quantities and not self._locations:
            raise UnreadableFile(
                "The file has neither quantities nor a column for each location; nothing was imported."
            )
        self._seen: set[int] = set()
        self._codes: dict[str, str] = {}
        self.row_count = 0

    def __iter__(self) -> Iterator[Counted | Remark]:
        for row in self._table.rows():
            self.row_count += 1
            if isinstance(row, RowFault):
                yield row
                continue
            handle = handle_slug(row["handle"]) if row["handle"] else ""
            sku = row["sku"].removeprefix("'").strip() or (made_sku(handle, _options(row)) if handle else "")
            if not sku or len(sku) > MOST_CHARACTERS:
                reason = Reason.TOO_LONG if sku else Reason.UNKNOWN_SKU
                yield RowFault(line=row.line, reason=reason, handle=shortened(handle), detail="SKU")
                continue
            for location, text in self._cells(row):
                yield from self._counted(row, handle, sku, location, text)

    def _cells(self, row: TableRow) -> Iterator[tuple[str, str]]:
        if self._locations:
            for name in self._locations:
                yield name, row[name]
        else:
            # A number that the merchant has entered wins over the one that was exported.
            yield row["location"], next((row[column] for column in self._quantities if row[column]), "")

    def _counted(self, row: TableRow, handle: str, sku: str, location: str, text: str) -> Iterator[Counted | Remark]:
        """Nothing for a cell that says that the variant is not stocked there."""
        if not text or text.casefold() in _NOT_STOCKED:
            return
        told = f"{shortened(location)}: {shortened(text)}"
        try:
            units = values.quantity(text)
        except ValueError:
            yield RowFault(line=row.line, reason=Reason.NOT_A_QUANTITY, handle=handle, sku=sku, detail=told)
            return
        if abs(units) > MOST_UNITS or len(location) > MOST_CHARACTERS:
            yield RowFault(line=row.line, reason=Reason.TOO_LONG, handle=handle, sku=sku, detail=told)
            return
        # The hash of a pair takes a fourth of the pair's memory; for a million levels a false alarm has odds of 1 : 10^7.
        key = hash((sku, self._code(location)))
        if key in self._seen:
            yield RowFault(line=row.line, reason=Reason.REPEATED_LEVEL, handle=handle, sku=sku, detail=told)
            return
        self._seen.add(key)
        if units < 0:
            yield RowNotice(line=row.line, reason=Reason.NEGATIVE_QUANTITY, handle=handle, sku=sku, detail=told)
        yield Counted(row.line, handle, sku, location, max(0, units))

    def _code(self, location: str) -> str:
        """Names that differ in capitals or signs only are one location."""
        if location not in self._codes:
            self._codes[location] = code(location)
        return self._codes[location]


def movements(levels: Mapping[int, StockLevel], on_hand: Mapping[int, int], reference: str) -> tuple[Movement, ...]:
    """What the ledger must say so that each level holds what was counted. A count is a fact: promises do not refuse it."""
    return tuple(
        Movement(
            stock_level_id=id_,
            reason="COUNT" if levels[id_].version else "INITIAL",
            on_hand=units - levels[id_].on_hand,
            reference=reference,
        )
        for id_, units in on_hand.items()
        if units != levels[id_].on_hand
    )


def _options(row: TableRow) -> tuple[str, ...]:
    chosen = tuple(value for at in (1, 2, 3) if (value := row[f"option{at}_value"]))
    return () if row["option1_name"].casefold() in ("", "title") and chosen == ("Default Title",) else chosen
