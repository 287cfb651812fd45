"""The records of a CSV file, each with the line it begins on; what cannot be read costs no other record."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from domain.catalog.rows import Reason, RowFault

MOST_CHARACTERS = 1 << 20
"""Of one record, and of one line."""

_LEAST_LIMIT = 1 << 12
_LINE_ENDS = ("\n", "\r")


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    fields: list[str]


class Lines(Protocol):
    """What an open text file can do."""

    def readline(self, size: int, /) -> str: ...


def bounded_lines(text: Lines) -> Iterator[str]:
    """Lines with their ends. An endless one is cut, so that it can be reported without being kept."""
    while line := text.readline(MOST_CHARACTERS):
        yield line
        rest = line
        while len(rest) == MOST_CHARACTERS and not rest.endswith(_LINE_ENDS):
            rest = text.readline(MOST_CHARACTERS)


class _Broken(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class _Source:
    """Hands lines to the csv reader and can take back those of a record that never ended."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self._taken: list[str] = []
        self._size = 0
        self._limit = MOST_CHARACTERS
        self.line = 1
        self.has_nul = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = self._returned.popleft() if self._returned else next(self._lines)
        self._taken.append(text)
        self._size += len(text)
        if len(text) >= MOST_CHARACTERS:
            raise _Broken(Reason.TOO_LONG)
        if self._size > self._limit and len(self._taken) > 1:
            # The lines read so far are looked at again. Were that to happen on every line, it would never end.
            self._limit = max(_LEAST_LIMIT, self._limit // 2)
            raise _Broken(Reason.BROKEN_QUOTES)
        self.has_nul = self.has_nul or "\0" in text
        return text

    def begin(self) -> None:
        self.line += len(self._taken)
        self._taken.clear()
        self._size = 0
        self.has_nul = False

    def keep_first_line_only(self) -> None:
        self._returned.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]


def records(lines: Iterable[str], delimiter: str) -> Iterator[Record | RowFault]:
    """Lines that hold nothing are passed over. After a record that cannot be read the next line begins another."""
    # The limit belongs to the whole process; the record's own limit above is what bounds memory.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MOST_CHARACTERS))
    source = _Source(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.begin()
        line = source.line
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield RowFault(line=line, reason=Reason.BROKEN_QUOTES)
            source.keep_first_line_only()
            continue
        except _Broken as broken:
            yield RowFault(line=line, reason=broken.reason)
            source.keep_first_line_only()
            continue
        if source.has_nul:
            yield RowFault(line=line, reason=Reason.NUL)
        elif any(map(str.strip, fields)):
            yield Record(line, fields)
