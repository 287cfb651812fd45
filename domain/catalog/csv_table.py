"""A CSV file with a header: columns under the names we use for them, whatever the merchant's export calls them."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from domain.catalog.csv_records import Record, records
from domain.catalog.rows import Reason, RowFault, UnreadableFile

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class TableRow:
    """Values are stripped; a column that the file does not have is empty."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


class Table:
    """Raises UnreadableFile for a file without a header or without a column that is required."""

    def __init__(self, lines: Iterable[str], aliases: Mapping[str, str], required: Mapping[str, str]) -> None:
        """`aliases` from a plain column name to ours; `required` from ours to what people call it."""
        found, self.delimiter = _with_delimiter(lines, aliases)
        self._records = records(found, self.delimiter)
        self.header = _header(self._records)
        self._positions: dict[str, int] = {}
        self.others: dict[str, int] = {}
        for position, name in enumerate(self.header):
            column = aliases.get(plain(name))
            if column is not None:
                self._positions.setdefault(column, position)
            elif name:
                self.others.setdefault(name, position)
        missing = [label for column, label in required.items() if column not in self._positions]
        if missing:
            raise UnreadableFile(f"The file has no column {' and no column '.join(missing)}; nothing was imported.")

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self._positions)

    def keep(self, names: Collection[str]) -> None:
        """Rows have no other values from here on."""
        self._positions = {name: at for name, at in self._positions.items() if name in names}
        self.others = {name: at for name, at in self.others.items() if name in names}

    def rows(self) -> Iterator[TableRow | RowFault]:
        """Values of unknown columns are found under the columns' own names."""
        wanted = [*self._positions.items(), *self.others.items()]
        width = len(self.header)
        for record in self._records:
            if isinstance(record, RowFault):
                yield record
                continue
            fields = record.fields
            if len(fields) > width and any(map(str.strip, fields[width:])):
                detail = f"{len(fields)} fields, {width} columns"
                yield RowFault(line=record.line, reason=Reason.TOO_MANY_FIELDS, detail=detail)
                continue
            count = len(fields)
            yield TableRow(record.line, {name: fields[at].strip() for name, at in wanted if at < count})


def plain(name: str) -> str:
    """Column names are compared without case and repeated blanks."""
    return " ".join(name.split()).casefold()


def _with_delimiter(lines: Iterable[str], aliases: Mapping[str, str]) -> tuple[Iterable[str], str]:
    """A spreadsheet of some countries writes semicolons: the header tells."""
    remaining = iter(lines)
    first = next(remaining, "").removeprefix("\ufeff")
    known = {delimiter: _known(first, delimiter, aliases) for delimiter in _DELIMITERS}
    return chain([first], remaining), max(_DELIMITERS, key=lambda delimiter: known[delimiter])


def _known(line: str, delimiter: str, aliases: Mapping[str, str]) -> int:
    try:
        names = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return 0
    return sum(plain(name) in aliases for name in names)


def _header(found: Iterator[Record | RowFault]) -> list[str]:
    first = next(found, None)
    if first is None:
        raise UnreadableFile("The file is empty; nothing was imported.")
    if isinstance(first, RowFault):
        raise UnreadableFile(f"The header on line {first.line} cannot be read: {first.reason.value}.")
    return [" ".join(name.split()) for name in first.fields]
