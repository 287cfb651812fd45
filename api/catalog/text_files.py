"""Text files whose encoding nobody has told us."""

import codecs
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from domain.catalog.csv_records import bounded_lines
from domain.catalog.rows import UnreadableFile

_CHUNK = 1 << 20
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TextFile:
    """A file open for reading; raises UnreadableFile when there is none. Line ends are kept as they are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.encoding = _encoding(path)
            self._binary = path.open("rb")
        except OSError as error:
            raise UnreadableFile(f"{path} cannot be read: {error.strerror or error}.") from error
        self.size = path.stat().st_size
        self._text = TextIOWrapper(self._binary, encoding=self.encoding, errors="replace", newline="")

    @property
    def bytes_read(self) -> int:
        return self._binary.tell()

    def lines(self) -> Iterator[str]:
        """From the beginning; the lines of an earlier call are read no further."""
        self._text.seek(0)
        return bounded_lines(self._text)

    def close(self) -> None:
        self._text.close()


def _encoding(path: Path) -> str:
    """UTF-8 if all of it is; otherwise what spreadsheets on Windows write."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        is_first = True
        while chunk := file.read(_CHUNK):
            if is_first and chunk.startswith(_UTF_16_MARKS):
                return "utf-16"
            is_first = False
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return "cp1252"
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"
