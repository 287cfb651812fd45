"""What Shopify's product export means, and what happens to rows that mean nothing."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalog import csv_records, values
from domain.catalog.csv_records import bounded_lines
from domain.catalog.products import ListedProduct, ListedVariant, Picture, ProductOption, SelectedOption
from domain.catalog.rows import Reason, Remark, RowFault, RowNotice, UnreadableFile
from domain.catalog.shopify import ProductFile
from domain.catalog.slugs import code, handle_slug, made_sku, slug
from domain.channels.naming import expect_code

OLD = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Compare At Price,Variant Barcode"
NEW = "URL handle,Title,Option1 name,Option1 value,SKU,Price,Compare-at price,Barcode"


def read(text: str, currency_code: str = "EUR", *, takes_quantities: bool = False) -> list[ListedProduct | Remark]:
    return list(open_file(text, currency_code, takes_quantities=takes_quantities))


def open_file(text: str, currency_code: str = "EUR", *, takes_quantities: bool = False) -> ProductFile:
    return ProductFile(
        lambda: bounded_lines(io.StringIO(text, newline="")), currency_code, takes_quantities=takes_quantities
    )


def products(found: list[ListedProduct | Remark]) -> list[ListedProduct]:
    return [one for one in found if isinstance(one, ListedProduct)]


def remarks(found: list[ListedProduct | Remark]) -> list[tuple[type, int, Reason, str]]:
    return [(type(one), one.line, one.reason, one.detail) for one in found if not isinstance(one, ListedProduct)]


def variant_of(row: str, header: str = OLD) -> ListedVariant:
    [product] = products(read(f"{header}\n{row}\n"))
    [variant] = product.variants
    return variant


@pytest.mark.parametrize("header", [OLD, NEW, OLD.replace(",", ";"), NEW.replace(",", "\t"), OLD.upper()])
def test_older_and_newer_column_names_mean_the_same(header: str) -> None:
    delimiter = next(sign for sign in ";\t," if sign in header)
    row = "mug,Mug,Glaze,Blue,MUG-1,12.50,15.00,'4006381333931".replace(",", delimiter)

    variant = variant_of(row, header)

    assert variant == ListedVariant(
        line=2,
        sku="MUG-1",
        barcode="4006381333931",
        name="Blue",
        selected_options=(SelectedOption("Glaze", "Blue"),),
        position=1,
        amount=1250,
        compare_at_amount=1500,
        quantity=None,
    )


def test_rows_of_one_handle_are_one_product_with_options_in_the_order_of_the_file() -> None:
    text = (
        "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,SKU,Price\n"
        "coat,Coat,Color,Red,Size,M,Cut,Long,C-1,10\n"
        "coat,,,Red,,L,,Long,C-2,11\n"
        "coat,,,Blue,,M,,Short,C-3,12\n"
    )

    [product] = products(read(text))

    assert product.options == (
        ProductOption("Color", ("Red", "Blue")),
        ProductOption("Size", ("M", "L")),
        ProductOption("Cut", ("Long", "Short")),
    )
    assert [(variant.sku, variant.name, variant.position) for variant in product.variants] == [
        ("C-1", "Red / M / Long", 1),
        ("C-2", "Red / L / Long", 2),
        ("C-3", "Blue / M / Short", 3),
    ]


def test_rows_that_a_sorting_has_scattered_are_still_one_product() -> None:
    text = f"{OLD}\na,,,Blue,A-2,2,,\nb,B,Title,Default Title,B-1,3,,\na,A,Color,Red,A-1,1,,\n"

    found = products(read(text))

    assert [(product.slug, [variant.sku for variant in product.variants]) for product in found] == [
        ("a", ["A-2", "A-1"]),
        ("b", ["B-1"]),
    ]
    assert found[0].name == "A"


def test_a_missing_sku_is_made_from_handle_and_options_and_is_always_the_same() -> None:
    text = f"{OLD}\nmug,Mug,Glaze,Sea Blue,,12,,\nmug,,,Sea-Blue,,12,,\n"

    first, second = (products(read(text))[0].variants for _ in range(2))

    assert [variant.sku for variant in first] == ["mug-sea-blue-ef6e1e3851", "mug-sea-blue-654fefdac1"]
    assert first == second
    assert made_sku("a-b", ["c"]) != made_sku("a", ["b-c"])


def test_pictures_come_in_the_merchants_order_and_each_once() -> None:
    text = (
        "Handle,Title,SKU,Option1 Name,Option1 Value,Price,Image Src,Image Position,Image Alt Text,Variant Image\n"
        "cup,Cup,CUP-1,Glaze,Blue,9,https://x.test/b.jpg,2,Back,https://x.test/blue.jpg\n"
        "cup,,CUP-2,,Red,9,https://x.test/a.jpg,1,Front,https://x.test/shared.jpg\n"
        "cup,,CUP-3,,Green,9,,,,https://x.test/shared.jpg\n"
        "cup,,,,,,//x.test/c.jpg,3,,\n"
        "cup,,,,,,https://x.test/a.jpg,4,Again,\n"
    )

    [product] = products(read(text))

    assert product.pictures == (
        Picture("https://x.test/a.jpg", "Front"),
        Picture("https://x.test/b.jpg", "Back"),
        Picture("https://x.test/c.jpg"),
        Picture("https://x.test/blue.jpg", sku="CUP-1"),
        Picture("https://x.test/shared.jpg"),
    )
    assert product.lines == (2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("status", "published", "is_published"),
    [
        ("active", "TRUE", True),
        ("active", "true", True),
        ("", "", True),
        ("active", "FALSE", False),
        ("draft", "TRUE", False),
        ("archived", "", False),
        ("unlisted", "TRUE", False),
    ],
)
def test_only_what_is_active_and_published_is_for_sale(status: str, published: str, is_published: bool) -> None:  # noqa: FBT001
    text = f"Handle,Title,Price,Status,Published\nmug,Mug,9,{status},{published}\n"

    [product] = products(read(text))

    assert product.is_published is is_published


def test_facts_of_a_product() -> None:
    text = (
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Price,Collection,Fabric (product.metafields.a.b)\n"
        '"Röck  Nº1",Rock,"<p>Two\r\nlines, ""quoted""</p>",Aldine, Clothing > Skirts ,Skirt,"a, b,a,",5,Summer,Wool\n'
        "plain,Plain,,,,Skirt,,5,,\n"
    )

    rock, plain = products(read(text))

    assert rock.slug == "rock-no1"
    assert rock.description == '<p>Two\r\nlines, "quoted"</p>'
    assert (rock.brand, rock.category, rock.tags) == ("Aldine", ("Clothing", "Skirts"), ("a", "b"))
    assert (rock.collections, rock.attributes) == (("Summer",), (SelectedOption("Fabric", "Wool"),))
    assert (plain.description, plain.brand, plain.category, plain.attributes) == (None, None, ("Skirt",), ())


HEAD = "mug,Mug,Glaze,Blue,MUG-1,12.50,,\n"


@pytest.mark.parametrize(
    ("row", "kind", "reason", "detail"),
    [
        ('mug,,,Red,MUG-2,"1,299.00",,', RowFault, Reason.NOT_A_PRICE, "1,299.00"),
        ("mug,,,Red,MUG-2,€12.00,,", RowFault, Reason.NOT_A_PRICE, "€12.00"),
        ("mug,,,Red,MUG-2,-1,,", RowFault, Reason.NOT_A_PRICE, "-1"),
        ("mug,,,Red,MUG-2,1e3,,", RowFault, Reason.NOT_A_PRICE, "1e3"),
        ("mug,,,Red,MUG-2,9.999,,", RowFault, Reason.NOT_A_PRICE, "9.999"),
        ("mug,,,Red,MUG-2,,,", RowFault, Reason.NO_PRICE, ""),
        ("mug,,,Red,MUG-1,12,,", RowFault, Reason.DUPLICATE_SKU, "line 2"),
        ("mug,,,Blue,MUG-2,12,,", RowFault, Reason.DUPLICATE_OPTIONS, "line 2"),
        ("mug,,,,MUG-2,12,,", RowFault, Reason.OPTION_MISMATCH, "option 1: Glaze ="),
        ("mug,,Size,Red,MUG-2,12,,", RowFault, Reason.OPTION_MISMATCH, "option 1: Size = Red"),
        (f"mug,,,{'R' * 256},MUG-2,12,,", RowFault, Reason.TOO_LONG, "option 1"),
        (f"mug,,,Red,{'M' * 256},12,,", RowFault, Reason.TOO_LONG, "SKU"),
        ("mug,,,R\0d,MUG-2,12,,", RowFault, Reason.NUL, ""),
        ("mug,,,Red,MUG-2,12,,,,extra", RowFault, Reason.TOO_MANY_FIELDS, "10 fields, 8 columns"),
        ('mug,,,"Red"d,MUG-2,12,,', RowFault, Reason.BROKEN_QUOTES, ""),
        (",,,Red,MUG-2,12,,", RowFault, Reason.NO_HANDLE, ""),
        ("mug,,,,,,15,", RowFault, Reason.EMPTY, ""),
        (f"{'m' * 256},Mug,,,MUG-2,12,,", RowFault, Reason.TOO_LONG, "handle"),
        (f"cup,{'C' * 501},,,MUG-2,12,,", RowFault, Reason.TOO_LONG, ""),
        ("cup,,,,MUG-2,12,,", RowFault, Reason.NO_TITLE, ""),
        ("mug,,,Red,MUG-2,12,,4.00638E+12", RowNotice, Reason.DAMAGED_BARCODE, "4.00638E+12"),
        ('mug,,,Red,MUG-2,12,"15,00",', RowNotice, Reason.NOT_A_FORMER_PRICE, "15,00"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_costs_no_other(
    row: str, kind: type, reason: Reason, detail: str
) -> None:
    text = f"{OLD}\n{HEAD}{row}\nmug,,,Green,MUG-3,13,,\n"

    found = read(text)

    assert remarks(found) == [(kind, 3, reason, detail)]
    lines = [line for product in products(found) for line in product.lines]
    assert sorted(lines) == ([2, 4] if kind is RowFault else [2, 3, 4])


def test_a_gift_card_is_not_sold_from_stock() -> None:
    text = "Handle,Title,Option1 Value,Price,Option1 Name,Gift Card\ngift,Gift,25,25,Value,TRUE\ngift,,50,50,,TRUE\n"

    found = read(text)

    assert remarks(found) == [(RowFault, 2, Reason.GIFT_CARD, ""), (RowFault, 3, Reason.GIFT_CARD, "")]


def test_pictures_of_a_product_without_a_good_variant_are_reported_too() -> None:
    text = "Handle,Title,Price,Image Src\nmug,Mug,cheap,https://x.test/1.jpg\nmug,,,https://x.test/2.jpg\n"

    found = read(text)

    assert remarks(found) == [(RowFault, 2, Reason.NOT_A_PRICE, "cheap"), (RowFault, 3, Reason.NO_VARIANT, "")]


def test_a_faulty_row_still_names_its_variant_so_that_it_is_not_withdrawn() -> None:
    text = f"{OLD}\n{HEAD}mug,,,Red,MUG-2,cheap,,\n"

    [product] = products(read(text))

    assert product.named_skus == ("MUG-1", "MUG-2")
    assert product.names_all_skus


def test_a_row_whose_sku_cannot_be_known_is_told() -> None:
    text = f"{OLD}\n{HEAD}mug,,Size,Red,,12,,\n"

    [product] = products(read(text))

    assert product.named_skus == ("MUG-1",)
    assert not product.names_all_skus


def test_a_quote_that_never_ends_costs_its_own_row_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "MOST_CHARACTERS", 4096)
    rows = [f"p{number},Product {number},,,SKU-{number},1,,\n" for number in range(300)]
    rows[3] = 'p3,"Product 3,,,SKU-3,1,,\n'
    rows[299] = 'p299,"Product 299,,,SKU-299,1,,\n'

    found = read(f"{OLD}\n{''.join(rows)}")

    assert remarks(found) == [(RowFault, 5, Reason.BROKEN_QUOTES, ""), (RowFault, 301, Reason.BROKEN_QUOTES, "")]
    assert len(products(found)) == 298


def test_a_line_without_an_end_is_cut_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "MOST_CHARACTERS", 1000)

    found = read(f"{OLD}\n{HEAD}mug,,,{'R' * 5000},MUG-2,1,,\nmug,,,Green,MUG-3,13,,\n")

    assert remarks(found) == [(RowFault, 3, Reason.TOO_LONG, "")]
    assert products(found)[0].lines == (2, 4)


def test_a_long_body_is_left_out_and_the_product_is_kept() -> None:
    text = f"Handle,Title,Price,Description\nmug,Mug,9,{'x' * (512 * 1024 + 1)}\n"

    found = read(text)

    assert remarks(found) == [(RowNotice, 2, Reason.TOO_LONG, "description")]
    assert products(found)[0].description is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_blank_lines_and_a_byte_order_mark_are_borne(end: str) -> None:
    text = end.join(["\ufeff" + OLD, "", HEAD.strip(), ",,,,,,,", "", "mug,,,Red,MUG-2,13,,", ""])

    found = read(text)

    assert remarks(found) == []
    assert products(found)[0].lines == (3, 6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty; nothing was imported."),
        ("\n\n", "The file is empty; nothing was imported."),
        ("Title,Price\nMug,1\n", "The file has no column Handle (or URL handle); nothing was imported."),
        (
            "Handle\nmug\n",
            "The file has no column Title and no column Variant Price (or Price); nothing was imported.",
        ),
        ('"Handle,Title\n', "The header on line 1 cannot be read: the quotes of this row do not match."),
    ],
)
def test_a_file_that_is_no_product_export_is_refused_at_once(text: str, message: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        open_file(text)

    assert refusal.value.message == message


def test_a_file_with_a_header_only_holds_nothing() -> None:
    assert read(OLD) == []


def test_columns_that_nobody_knows_are_named_and_those_of_no_use_are_not() -> None:
    file = open_file(f"{OLD},Shelf Remark,SEO Title,Price / International,Included / EU,Google Shopping / MPN\n")

    assert file.unknown_columns == ("Shelf Remark",)


@pytest.mark.parametrize(
    ("text", "quantity", "reasons"),
    [
        ("7", 7, []),
        ("7.0", 7, []),
        ("", None, []),
        ("-3", 0, [Reason.NEGATIVE_QUANTITY]),
        ("four", None, [Reason.NOT_A_QUANTITY]),
        ("1.5", None, [Reason.NOT_A_QUANTITY]),
    ],
)
def test_quantities_are_read_where_they_are_wanted(text: str, quantity: int | None, reasons: list[Reason]) -> None:
    found = read(f"Handle,Title,Price,Variant Inventory Qty\nmug,Mug,9,{text}\n", takes_quantities=True)

    assert products(found)[0].variants[0].quantity == quantity
    assert [reason for _, _, reason, _ in remarks(found)] == reasons


@pytest.mark.parametrize(
    ("text", "currency_code", "minor_units"),
    [("19.95", "EUR", 1995), ("0", "EUR", 0), ("1500.00", "JPY", 1500), ("1.234", "KWD", 1234)],
)
def test_prices_are_minor_units_of_the_markets_currency(text: str, currency_code: str, minor_units: int) -> None:
    assert values.price(text, currency_code) == minor_units


@pytest.mark.parametrize(("text", "amount"), [("", None), ("0", None), ("9.99", None), ("10", None), ("10.01", 1001)])
def test_a_former_price_is_one_that_was_higher(text: str, amount: int | None) -> None:
    assert values.former_price(text, 1000, "EUR") == amount


@pytest.mark.parametrize(
    ("text", "barcode"), [("", None), ("'", None), ("'0042", "0042"), (" 978-3-16 ", "978-3-16"), ("ABC", "ABC")]
)
def test_barcodes_lose_what_a_spreadsheet_has_put_in_front(text: str, barcode: str | None) -> None:
    assert values.barcode(text) == barcode


@pytest.mark.parametrize("text", ["4.00638E+12", "4,00638E+12", "4E12", "4006381333931.0", "#####", "#N/A", "1" * 65])
def test_barcodes_that_a_spreadsheet_has_rounded_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        values.barcode(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Röcke & Hosen", "rocke-hosen"), ("Größe XL", "grosse-xl"), ("服装", "服装"), ("&", "951dcee3a7")],
)
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize("name", ["Köln Süd", "服装 North", "服装", "x" * 300, "-", "Øresund"])
def test_a_code_is_one_that_an_operator_could_have_given(name: str) -> None:
    expect_code(code(name))


def test_codes_tell_names_apart_that_share_their_plain_letters() -> None:
    assert code("Berlin Mitte") == code("berlin-mitte") == "berlin-mitte"
    assert code("服装 North") != code("帽子 North")


def test_a_handle_stays_as_it_is() -> None:
    assert handle_slug("v1.0_linen-shirt") == "v1.0_linen-shirt"
    assert handle_slug("Linen Shirt") == "linen-shirt"


PRICES = st.decimals(min_value=0, max_value=10**6, places=2).map(str) | st.sampled_from(["", "1,000.00", "$5", "9.999"])
WORDS = st.text(max_size=12) | st.sampled_from(["a", "b", "A ", 'q"uote', "line\nbreak", "nul\0", "é"])
ROW = st.tuples(
    st.sampled_from(["a", "b", "c", "", "A"]),
    WORDS,
    st.sampled_from(["Color", "Title", ""]),
    WORDS,
    st.sampled_from(["S-1", "S-2", "S-3", ""]) | WORDS,
    PRICES | WORDS,
    PRICES | WORDS,
    WORDS,
    st.sampled_from(["https://x.test/1.jpg", "nowhere", ""]),
    st.sampled_from(["TRUE", ""]),
)
HEADER = [*OLD.split(","), "Image Src", "Gift Card"]


@settings(max_examples=300, deadline=None)
@given(st.lists(ROW, max_size=12))
def test_every_row_is_either_imported_or_reported(rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    expected = []
    for row in rows:
        # Every line end, also a lone carriage return inside of quotes, begins a line.
        if any(value.strip() for value in row):
            expected.append(1 + sum(1 for _ in io.StringIO(text.getvalue(), newline="")))
        writer.writerow(row)

    found = read(text.getvalue(), takes_quantities=True)

    assert sorted(_accounted(found)) == expected


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_whatever_bytes_come_in_nothing_raises_and_no_row_is_told_twice(content: bytes, has_header: bool) -> None:  # noqa: FBT001
    text = (f"{','.join(HEADER)}\n" if has_header else "") + content.decode("cp1252", errors="replace")

    try:
        file = open_file(text)
    except UnreadableFile:
        assert not has_header
        return
    accounted = _accounted(list(file))

    assert len(accounted) == file.row_count == len(set(accounted))


def _accounted(found: list[ListedProduct | Remark]) -> list[int]:
    lines: list[int] = []
    for one in found:
        if isinstance(one, ListedProduct):
            lines += one.lines
            assert {variant.line for variant in one.variants} <= set(one.lines)
            assert all(Decimal(variant.amount) >= 0 for variant in one.variants)
        elif isinstance(one, RowFault):
            lines.append(one.line)
    return lines
