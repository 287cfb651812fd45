"""An import as it looks on a terminal: a bar while it runs, then what was written and what was not."""

import os
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from api.catalog.import_summary import FAULTS_SHOWN, ImportSummary, Progress, Tally
from api.catalog.importing import import_shopify
from domain.catalog.rows import Remark
from domain.errors import DomainError
from persistence.database import Database


def report_path(products: Path, data: Path) -> Path:
    """Beside the file, where its owner looks; under the data directory when that place cannot be written."""
    name = f"{products.stem}.faults.csv"
    return products.with_name(name) if os.access(products.absolute().parent, os.W_OK) else data / "imports" / name


async def run_import(
    database: Database,
    products: Path,
    *,
    inventory: Path | None,
    location_code: str | None,
    market_code: str | None,
    report_to: Path,
    console: Console,
) -> int:
    """The exit code: 0 when the import went through, even with faulty rows, and 1 when nothing could be read."""
    with _Bars(console) as bars:
        try:
            summary = await import_shopify(
                database,
                products,
                inventory=inventory,
                location_code=location_code,
                market_code=market_code,
                report_to=report_to,
                progress=bars.show,
            )
        except DomainError as refusal:
            console.print(f"[red]{escape(refusal.message)}[/]", highlight=False, soft_wrap=True)
            return 1
    print_summary(console, summary)
    return 0 if summary.has_read_something else 1


class _Bars:
    """One for each file."""

    def __init__(self, console: Console) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]:,.0f} rows/s"),
            TimeRemainingColumn(),
            console=console,
        )
        self._tasks: dict[Path, TaskID] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        if progress.file not in self._tasks:
            name = escape(progress.file.name)
            self._tasks[progress.file] = self._bar.add_task(name, total=progress.bytes_total or 1, rate=0.0)
        self._bar.update(self._tasks[progress.file], completed=progress.bytes_read or 1, rate=progress.rows_per_second)


def print_summary(console: Console, summary: ImportSummary) -> None:
    console.print(_counts(summary))
    for code in summary.locations_created:
        console.print(f"Location [bold]{escape(code)}[/] was made.", highlight=False)
    for remark in summary.remarks:
        console.print(escape(remark), highlight=False, soft_wrap=True)
    _print_faults(console, summary)
    console.print(
        f"{summary.rows:,} rows in {summary.seconds:.1f} s, {summary.rows_per_second:,.0f} rows/s.", highlight=False
    )


def _counts(summary: ImportSummary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "created", "updated", "unchanged", "withdrawn"):
        table.add_column(name, justify="right" if name else "left")
    table.add_row("products", *_numbers(summary.products))
    table.add_row("variants", *_numbers(summary.variants), f"{summary.variants_withdrawn:,}")
    table.add_row("stock levels", *_numbers(summary.levels))
    table.add_row("pictures", f"{summary.pictures_written:,}")
    table.add_row("prices", f"{summary.prices_written:,}")
    return table


def _numbers(tally: Tally) -> tuple[str, str, str]:
    return f"{tally.created:,}", f"{tally.updated:,}", f"{tally.unchanged:,}"


def _print_faults(console: Console, summary: ImportSummary) -> None:
    if not summary.reasons:
        return
    console.print(
        f"[bold]{summary.faults:,} rows were not imported[/], {summary.notices:,} lack a value:", highlight=False
    )
    for reason, count in summary.reasons.most_common():
        console.print(f"  {count:>7,}  {reason.value}", highlight=False)
    shown: list[tuple[Path, Remark]] = [*summary.first_faults, *summary.first_notices]
    for file, remark in shown[:FAULTS_SHOWN]:
        console.print(f"  {escape(_sentence(file, remark))}", highlight=False, soft_wrap=True)
    console.print(f"All of them are in {escape(str(summary.report))}", highlight=False, soft_wrap=True)


def _sentence(file: Path, remark: Remark) -> str:
    about = " ".join(filter(None, (remark.handle, remark.sku)))
    detail = f" ({remark.detail})" if remark.detail else ""
    return f"{file.name}:{remark.line}: {about + ': ' if about else ''}{remark.reason.value}{detail}"
