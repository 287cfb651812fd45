"""The rows of one product: facts on the first of them, a variant, a picture or both on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.catalog import shopify_pictures, values
from domain.catalog.csv_table import TableRow
from domain.catalog.products import ListedProduct, ListedVariant, Picture, ProductOption, SelectedOption
from domain.catalog.rows import Reason, RowFault, RowNotice, shortened
from domain.catalog.slugs import made_sku

MOST_CHARACTERS = 255
MOST_CHARACTERS_OF_TITLE = 500
MOST_CHARACTERS_OF_DESCRIPTION = 512 * 1024
MOST_CHARACTERS_OF_ATTRIBUTE = 2000
MOST_TAGS = 250
MOST_CATEGORY_DEPTH = 10

_MARKS_OF_A_VARIANT = ("option1_value", "sku", "price", "barcode")
_POSITIONS = ("1", "2", "3")

Skus = dict[str, int]
"""On which line each SKU of the file was first used."""


class _Refused(Exception):
    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides how rows are read: prices are amounts of the currency, `attributes` are named by their columns."""

    currency_code: str
    attributes: Mapping[str, str]
    takes_quantities: bool


class ProductRows:
    """Judges every row of one product; `remarks` tells what was wrong with which."""

    def __init__(self, handle: str, rows: Sequence[TableRow], skus: Skus, terms: Terms) -> None:
        self._handle = handle
        self._rows = rows
        self._skus = skus
        self._terms = terms
        self._named_skus: list[str] = []
        self._combinations: dict[tuple[str, ...], int] = {}
        self._faulty: set[int] = set()
        self._notices: list[RowNotice] = []
        self._faults: list[RowFault] = []
        self._option_names = self._names_of_options()
        self._has_one_variant = (
            len(self._option_names) == 1
            and self._option_names[0].casefold() == "title"
            and all(row["option1_value"].casefold() in ("", "default title") for row in rows)
        )

    @property
    def remarks(self) -> list[RowFault | RowNotice]:
        """Notices about rows that are imported only."""
        return [*self._faults, *(notice for notice in self._notices if notice.line not in self._faulty)]

    def read(self) -> ListedProduct | None:
        """None when no variant is left."""
        head = next((row for row in self._rows if row["title"]), None)
        refusal = self._refusal(head)
        if head is None or refusal is not None:
            self._refuse_the_rest(refusal or Reason.NO_TITLE)
            return None
        own = self._rows_of_variants()
        variants = self._variants(own, head["title"])
        pictures = self._pictures(own, head, variants)
        if not variants:
            self._refuse_the_rest(Reason.NO_VARIANT)
            return None
        return ListedProduct(
            slug=self._handle,
            name=head["title"],
            description=self._description(head),
            brand=self._brand(head),
            category=_category(head),
            tags=tuple(dict.fromkeys(tag for part in head["tags"].split(",") if (tag := part.strip())))[:MOST_TAGS],
            collections=tuple(
                dict.fromkeys(row["collection"][:MOST_CHARACTERS] for row in self._rows if row["collection"])
            ),
            options=self._options(own),
            attributes=tuple(
                SelectedOption(name, head[column][:MOST_CHARACTERS_OF_ATTRIBUTE])
                for column, name in self._terms.attributes.items()
                if head[column]
            ),
            is_published=_is_published(head),
            pictures=pictures,
            variants=tuple(variants),
            named_skus=tuple(self._named_skus),
            names_all_skus=len(self._named_skus) == len(own),
            lines=tuple(row.line for row in self._rows if row.line not in self._faulty),
        )

    def _refusal(self, head: TableRow | None) -> Reason | None:
        if head is None:
            return Reason.NO_TITLE
        if len(head["title"]) > MOST_CHARACTERS_OF_TITLE:
            return Reason.TOO_LONG
        is_gift_card = any(values.is_yes(row["gift_card"], default=False) for row in self._rows)
        return Reason.GIFT_CARD if is_gift_card else None

    def _variants(self, own: Sequence[TableRow], title: str) -> list[ListedVariant]:
        variants: list[ListedVariant] = []
        for row in own:
            try:
                variants.append(self._variant(row, title, len(variants) + 1))
            except _Refused as refused:
                self._fault(row, refused.reason, refused.detail)
        return variants

    def _pictures(
        self, own: Sequence[TableRow], head: TableRow, variants: Sequence[ListedVariant]
    ) -> tuple[Picture, ...]:
        """Of all rows: a picture shows the product even where the variant of its row is refused."""
        pictures = shopify_pictures.pictures(
            self._rows, {variant.line: variant.sku for variant in variants}, self._handle
        )
        self._notices += pictures.notices
        reasons = {notice.line: notice.reason for notice in pictures.notices}
        useful = {head.line, *(row.line for row in own)} | pictures.lines
        for row in self._rows:
            if row.line not in useful:
                self._fault(row, reasons.get(row.line, Reason.EMPTY), shortened(row["picture"]))
        return pictures.found

    def _rows_of_variants(self) -> list[TableRow]:
        marked = [row for row in self._rows if any(row[column] for column in _MARKS_OF_A_VARIANT)]
        return marked or list(self._rows[:1])

    def _names_of_options(self) -> tuple[str, ...]:
        """From the first row that names each: exports name them once."""
        names = [
            next((row[f"option{at}_name"] for row in self._rows if row[f"option{at}_name"]), "") for at in _POSITIONS
        ]
        while names and not names[-1]:
            names.pop()
        return tuple(names)

    def _variant(self, row: TableRow, title: str, position: int) -> ListedVariant:
        sku = row["sku"].removeprefix("'").strip()
        if len(sku) > MOST_CHARACTERS:
            raise _Refused(Reason.TOO_LONG, "SKU")
        if sku:
            self._named_skus.append(sku)
        selected = self._selected(row)
        chosen = tuple(option.value for option in selected)
        if not sku:
            sku = made_sku(self._handle, chosen)
            self._named_skus.append(sku)
        if chosen in self._combinations:
            raise _Refused(Reason.DUPLICATE_OPTIONS, f"line {self._combinations[chosen]}")
        amount = _amount(row["price"], self._terms.currency_code)
        if sku in self._skus:
            raise _Refused(Reason.DUPLICATE_SKU, f"line {self._skus[sku]}")
        self._skus[sku] = self._combinations[chosen] = row.line
        return ListedVariant(
            line=row.line,
            sku=sku,
            barcode=self._barcode(row),
            name=" / ".join(chosen) or title,
            selected_options=selected,
            position=position,
            amount=amount,
            compare_at_amount=self._former(row, amount),
            quantity=self._quantity(row) if self._terms.takes_quantities else None,
        )

    def _selected(self, row: TableRow) -> tuple[SelectedOption, ...]:
        if self._has_one_variant:
            return ()
        selected = []
        for at, position in enumerate(_POSITIONS):
            name = self._option_names[at] if at < len(self._option_names) else ""
            here, value = row[f"option{position}_name"], row[f"option{position}_value"]
            if (here and here != name) or bool(name) != bool(value):
                raise _Refused(Reason.OPTION_MISMATCH, shortened(f"option {position}: {here or name} = {value}"))
            if len(name) > MOST_CHARACTERS or len(value) > MOST_CHARACTERS:
                raise _Refused(Reason.TOO_LONG, f"option {position}")
            if value:
                selected.append(SelectedOption(name, value))
        return tuple(selected)

    def _options(self, own: Sequence[TableRow]) -> tuple[ProductOption, ...]:
        if self._has_one_variant:
            return ()
        found: dict[str, dict[str, None]] = {}
        for row in own:
            try:
                selected = self._selected(row)
            except _Refused:
                continue
            for option in selected:
                found.setdefault(option.name, {}).setdefault(option.value)
        return tuple(ProductOption(name, tuple(known)) for name, known in found.items())

    def _barcode(self, row: TableRow) -> str | None:
        try:
            return values.barcode(row["barcode"])
        except ValueError:
            self._notice(row, Reason.DAMAGED_BARCODE, row["barcode"])
            return None

    def _former(self, row: TableRow, amount: int) -> int | None:
        try:
            return values.former_price(row["compare_at_price"], amount, self._terms.currency_code)
        except ValueError:
            self._notice(row, Reason.NOT_A_FORMER_PRICE, row["compare_at_price"])
            return None

    def _quantity(self, row: TableRow) -> int | None:
        if not row["quantity"]:
            return None
        try:
            found = values.quantity(row["quantity"])
        except ValueError:
            self._notice(row, Reason.NOT_A_QUANTITY, row["quantity"])
            return None
        if found < 0:
            self._notice(row, Reason.NEGATIVE_QUANTITY, row["quantity"])
        return max(0, found)

    def _description(self, head: TableRow) -> str | None:
        if len(head["description"]) > MOST_CHARACTERS_OF_DESCRIPTION:
            self._notice(head, Reason.TOO_LONG, "description")
            return None
        return head["description"] or None

    def _brand(self, head: TableRow) -> str | None:
        if len(head["brand"]) > MOST_CHARACTERS:
            self._notice(head, Reason.TOO_LONG, "vendor")
            return None
        return head["brand"] or None

    def _refuse_the_rest(self, reason: Reason) -> None:
        for row in self._rows:
            if row.line not in self._faulty:
                self._fault(row, reason)

    def _fault(self, row: TableRow, reason: Reason, detail: str = "") -> None:
        self._faulty.add(row.line)
        sku = shortened(row["sku"])
        self._faults.append(RowFault(line=row.line, reason=reason, handle=self._handle, sku=sku, detail=detail))

    def _notice(self, row: TableRow, reason: Reason, value: str) -> None:
        sku, detail = shortened(row["sku"]), shortened(value)
        self._notices.append(RowNotice(line=row.line, reason=reason, handle=self._handle, sku=sku, detail=detail))


def _amount(text: str, currency_code: str) -> int:
    if not text:
        raise _Refused(Reason.NO_PRICE)
    try:
        return values.price(text, currency_code)
    except ValueError:
        raise _Refused(Reason.NOT_A_PRICE, shortened(text)) from None


def _category(head: TableRow) -> tuple[str, ...]:
    path = [name for part in head["category"].split(">") if (name := part.strip()[:MOST_CHARACTERS])]
    if not path and head["type"]:
        path = [head["type"][:MOST_CHARACTERS]]
    return tuple(path[:MOST_CATEGORY_DEPTH])


def _is_published(head: TableRow) -> bool:
    """Drafts, archived and unlisted products are not for sale, whatever the column Published says."""
    return head["status"].casefold() in ("", "active") and values.is_yes(head["published"], default=True)
