"""Importing a merchant's catalogue: files are read row by row and written in batches, each one transaction.

An import that is killed has written whole batches only; run again, it finds them done and goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic

from api.catalog.import_inventory import StockWriter
from api.catalog.import_products import ProductWriter
from api.catalog.import_report import ImportReport
from api.catalog.import_summary import ImportSummary, Progress
from api.catalog.text_files import TextFile
from domain.catalog.products import ListedProduct
from domain.catalog.rows import ImportRunning, RowFault, RowNotice
from domain.catalog.shopify import ProductFile
from domain.catalog.shopify_inventory import Counted, InventoryFile
from domain.errors import NotFound
from persistence.catalog.import_lock import only_import
from persistence.channels import places
from persistence.database import Database, Row

_PRODUCTS_IN_A_BATCH = 500
_VARIANTS_IN_A_BATCH = 2000
_CHARACTERS_IN_A_BATCH = 4 << 20
# Levels stay locked while their batch is written, and buyers wait for them.
_LEVELS_IN_A_BATCH = 500


async def import_shopify(
    database: Database,
    products: Path,
    *,
    inventory: Path | None,
    location_code: str | None,
    market_code: str | None,
    report_to: Path,
    progress: Callable[[Progress], None],
) -> ImportSummary:
    """Products, and stock from the inventory file or, at the location named, from the product file.

    Raises UnreadableFile, NotFound for an unknown market or location, and ImportRunning; then nothing was written.
    """
    market = await _market(database, market_code)
    location = await _location(database, location_code)
    takes_quantities = location is not None and inventory is None
    summary = ImportSummary()
    with ExitStack() as stack:
        text = stack.enter_context(closing(TextFile(products)))
        file = ProductFile(text.lines, market["currency_code"], takes_quantities=takes_quantities)
        stock_text = stack.enter_context(closing(TextFile(inventory))) if inventory else None
        # Both headers have been looked at before anything is written.
        stock_file = InventoryFile(stock_text.lines()) if stock_text else None
        async with only_import(database.url) as is_only:
            if not is_only:
                raise ImportRunning("Another import is running in this database; wait until it is done.")
            run = _Run(summary, stack.enter_context(ImportReport(report_to, summary)), progress)
            writer = ProductWriter(database, market["id"], file.columns, summary, withdraws=file.stray_rows == 0)
            reference = f"import:{(inventory or products).name}"
            stock = StockWriter(database, reference, location["id"] if location else None, summary)
            await run.read_products(text, file, writer, stock if takes_quantities else None)
            if stock_text is not None and stock_file is not None:
                await run.read_inventory(stock_text, stock_file, stock)
    summary.seconds = run.seconds
    summary.remarks += _remarks([text, stock_text], file, ignores_quantities=not takes_quantities and inventory is None)
    return summary


class _Run:
    """One import on its way through its files."""

    def __init__(self, summary: ImportSummary, report: ImportReport, progress: Callable[[Progress], None]) -> None:
        self._summary = summary
        self._report = report
        self._progress = progress
        self._began = monotonic()
        self._rows_before = 0

    @property
    def seconds(self) -> float:
        return monotonic() - self._began

    async def read_products(
        self, text: TextFile, file: ProductFile, writer: ProductWriter, stock: StockWriter | None
    ) -> None:
        batch: list[ListedProduct] = []
        variants = characters = 0
        for found in file:
            if isinstance(found, (RowFault, RowNotice)):
                self._report.add(text.path, found)
                continue
            batch.append(found)
            variants += len(found.variants)
            characters += len(found.description or "")
            if (
                len(batch) >= _PRODUCTS_IN_A_BATCH
                or variants >= _VARIANTS_IN_A_BATCH
                or characters >= _CHARACTERS_IN_A_BATCH
            ):
                await self._write_products(text.path, batch, writer, stock)
                self._tell(text, file.row_count)
                batch, variants, characters = [], 0, 0
        await self._write_products(text.path, batch, writer, stock)
        self._tell(text, file.row_count)
        self._rows_before = file.row_count

    async def _write_products(
        self, path: Path, batch: Sequence[ListedProduct], writer: ProductWriter, stock: StockWriter | None
    ) -> None:
        if not batch:
            return
        ids, notices = await writer.write(batch)
        for notice in notices:
            self._report.add(path, notice)
        if stock is None:
            return
        counted = [
            (ids[variant.sku], variant.quantity)
            for listed in batch
            for variant in listed.variants
            if variant.quantity is not None
        ]
        for start in range(0, len(counted), _LEVELS_IN_A_BATCH):
            await stock.write_at_default(dict(counted[start : start + _LEVELS_IN_A_BATCH]))

    async def read_inventory(self, text: TextFile, file: InventoryFile, stock: StockWriter) -> None:
        batch: list[Counted] = []
        for found in file:
            if isinstance(found, (RowFault, RowNotice)):
                self._report.add(text.path, found)
                continue
            batch.append(found)
            if len(batch) >= _LEVELS_IN_A_BATCH:
                await self._write_stock(text.path, batch, stock)
                self._tell(text, file.row_count)
                batch = []
        await self._write_stock(text.path, batch, stock)
        self._tell(text, file.row_count)

    async def _write_stock(self, path: Path, batch: Sequence[Counted], stock: StockWriter) -> None:
        for fault in await stock.write(batch):
            self._report.add(path, fault)

    def _tell(self, text: TextFile, rows: int) -> None:
        self._summary.rows = self._rows_before + rows
        self._progress(
            Progress(text.path, text.bytes_read, text.size, self._summary.rows, self._summary.rows / self.seconds)
        )


async def _market(database: Database, code: str | None) -> Row:
    """The first market when none is named."""
    async with database.reading() as reader:
        markets = await places.markets(reader)
    if not markets:
        raise NotFound("There is no market to set prices in; make one with `oneshelf market create`.")
    return markets[0] if code is None else _by_code(markets, code, "market")


async def _location(database: Database, code: str | None) -> Row | None:
    if code is None:
        return None
    async with database.reading() as reader:
        return _by_code(await places.locations(reader), code, "location")


def _by_code(rows: Sequence[Row], code: str, what: str) -> Row:
    found = next((row for row in rows if row["code"] == code), None)
    if found is None:
        known = ", ".join(row["code"] for row in rows) or "none"
        raise NotFound(f"There is no {what} with the code {code}; there is: {known}.")
    return found


def _remarks(texts: Sequence[TextFile | None], file: ProductFile, *, ignores_quantities: bool) -> Iterator[str]:
    for text in texts:
        if text is not None and text.encoding == "cp1252":
            yield f"{text.path.name} is not UTF-8; it was read as Windows-1252."
    if file.unknown_columns:
        yield f"Columns that were not read: {', '.join(file.unknown_columns[:10])}."
    if ignores_quantities and "quantity" in file.columns:
        yield (
            "Quantities of the product file were not read: name their location with --location CODE, "
            "or give the inventory file with --inventory."
        )
    if file.stray_rows:
        yield "Since rows without a product are in the file, no variant that it does not name was withdrawn."
    if file.row_count == 0:
        yield "The product file has a header and no rows."
