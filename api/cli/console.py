"""Results go to standard output, everything else to standard error."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

# Wide enough for every table where no terminal says how wide it is.
_WIDTH_OF_FILES = 400

RESULTS = Console(width=None if sys.stdout.isatty() else _WIDTH_OF_FILES, highlight=False)
REMARKS = Console(stderr=True, width=None if sys.stderr.isatty() else _WIDTH_OF_FILES, soft_wrap=True, highlight=False)


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, nothing: str) -> None:
    """`nothing` is what to say instead of an empty table."""
    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    if table.row_count:
        RESULTS.print(table)
    else:
        REMARKS.print(nothing)
