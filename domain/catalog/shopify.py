"""Shopify's product export: all rows under one handle are one product."""

from collections.abc import Callable, Iterable, Iterator

from domain.catalog.csv_table import Table, TableRow
from domain.catalog.products import ListedProduct
from domain.catalog.rows import Reason, Remark, RowFault, shortened
from domain.catalog.shopify_columns import PRODUCT_COLUMNS, REQUIRED, attribute_name, is_ignored
from domain.catalog.shopify_product import ProductRows, Skus, Terms
from domain.catalog.slugs import MOST_CHARACTERS, handle_slug, slug

MOST_ROWS_OF_A_PRODUCT = 5000


class ProductFile:
    """Products in the order of the file, without keeping them: only handles and SKUs are remembered, and the rows of
    products that somebody's sorting has scattered, until the last of them is found.

    `read` begins anew at each call and is called twice. Raises UnreadableFile when the header is not one of a product
    export. Every row is in the `lines` of exactly one product or has exactly one fault; notices are about rows imported.
    """

    def __init__(
        self, read: Callable[[], Iterable[str]], currency_code: str, *, takes_quantities: bool = False
    ) -> None:
        # Rows that name no product: they may be about any.
        self._last_lines, self.stray_rows = _overview(read())
        self._table = Table(read(), PRODUCT_COLUMNS, REQUIRED)
        self._attributes = {name: found for name in self._table.others if (found := attribute_name(name))}
        self.unknown_columns = tuple(
            name for name in self._table.others if name not in self._attributes and not is_ignored(name)
        )
        # Only what is looked at later is carried along with every row.
        self._table.keep(self._table.columns | set(self._attributes))
        self._terms = Terms(currency_code, self._attributes, takes_quantities)
        self._skus: Skus = {}
        self.row_count = 0

    @property
    def columns(self) -> frozenset[str]:
        """What the file speaks about; the rest of a product it leaves as it is."""
        return self._table.columns | ({"attributes"} if self._attributes else set())

    def __iter__(self) -> Iterator[ListedProduct | Remark]:
        handle = ""
        adjacent: list[TableRow] = []
        scattered: dict[str, list[TableRow]] = {}
        for row in self._table.rows():
            self.row_count += 1
            if isinstance(row, RowFault):
                yield row
                continue
            found = _handle(row)
            if found and found not in self._last_lines and found != handle:
                yield from self._product(handle, adjacent)
                handle, adjacent = found, []
            rows = scattered.setdefault(found, []) if found in self._last_lines else adjacent
            refusal = _refusal(row, found, len(rows))
            if refusal is None:
                rows.append(row)
            else:
                yield refusal
            if self._last_lines.get(found) == row.line:
                yield from self._product(found, scattered.pop(found))
        yield from self._product(handle, adjacent)

    def _product(self, handle: str, rows: list[TableRow]) -> Iterator[ListedProduct | Remark]:
        if not rows:
            return
        product = ProductRows(handle, rows, self._skus, self._terms)
        listed = product.read()
        yield from product.remarks
        if listed is not None:
            yield listed


def _overview(lines: Iterable[str]) -> tuple[dict[str, int], int]:
    """The last line of each handle whose rows do not all follow each other, and how many rows have no handle."""
    table = Table(lines, PRODUCT_COLUMNS, REQUIRED)
    table.keep({"handle", "title"})
    last_lines: dict[str, int] = {}
    scattered: set[str] = set()
    before = ""
    stray = 0
    for row in table.rows():
        handle = "" if isinstance(row, RowFault) else _handle(row)
        if not handle:
            stray += 1
            continue
        if handle != before and handle in last_lines:
            scattered.add(handle)
        last_lines[handle] = row.line
        before = handle
    return {handle: last_lines[handle] for handle in scattered}, stray


def _handle(row: TableRow) -> str:
    """A product without a handle gets the one that its title makes; empty without either."""
    if row["handle"]:
        return handle_slug(row["handle"])
    return slug(row["title"]) if row["title"] else ""


def _refusal(row: TableRow, handle: str, count: int) -> RowFault | None:
    if not handle:
        return RowFault(line=row.line, reason=Reason.NO_HANDLE, sku=shortened(row["sku"]))
    if len(handle) > MOST_CHARACTERS:
        return RowFault(line=row.line, reason=Reason.TOO_LONG, handle=shortened(handle), detail="handle")
    if count >= MOST_ROWS_OF_A_PRODUCT:
        return RowFault(line=row.line, reason=Reason.TOO_MANY_ROWS, handle=handle, sku=shortened(row["sku"]))
    return None
