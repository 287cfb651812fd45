"""The importer on a real database: what it writes, what it leaves alone, and what it survives."""

import asyncio
import csv
import io
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from api.catalog.import_summary import ImportSummary, Progress, Tally
from api.catalog.importing import import_shopify
from api.cli.importing import report_path, run_import
from benchmarks.make_shopify_csv import inventory_rows, product_rows
from domain.catalog.rows import ImportRunning, Reason, UnreadableFile
from domain.errors import NotFound
from persistence.catalog.import_lock import only_import
from persistence.channels import places
from persistence.database import Database
from persistence.statements import Statement

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
PRODUCTS = ROOT / "tests/fixtures/shopify_products.csv"
INVENTORY = ROOT / "tests/fixtures/shopify_inventory.csv"
TABLES = (
    "category",
    "collection",
    "collection_product",
    "discrepancy",
    "location",
    "media",
    "outbox",
    "price",
    "product",
    "stock_level",
    "stock_movement",
    "variant",
)
HEADER = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Variant Barcode\n"


@pytest.fixture(autouse=True)
async def market(database: Database) -> None:
    async with database.transaction() as connection:
        for code, currency_code in (("eu", "EUR"), ("jp", "JPY")):
            await places.insert_market(
                connection,
                code=code,
                name=code,
                currency_code=currency_code,
                tax_included=True,
                tax_rate_basis_points=0,
                countries=[],
            )


async def run(
    database: Database,
    products: Path,
    *,
    inventory: Path | None = None,
    location_code: str | None = None,
    market_code: str | None = None,
) -> ImportSummary:
    return await import_shopify(
        database,
        products,
        inventory=inventory,
        location_code=location_code,
        market_code=market_code,
        report_to=products.parent / "faults.csv",
        progress=lambda _progress: None,
    )


def file_with(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "products.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


async def rows_of(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.reading() as reader:
        return [dict(row) for row in await reader.fetch(Statement(query))]


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {table: await rows_of(database, f"SELECT * FROM {table} t ORDER BY t::text") for table in TABLES}


async def open_store(database: Database, code: str = "north") -> None:
    async with database.transaction() as connection:
        await places.insert_location(
            connection,
            code=code,
            name="North",
            kind="STORE",
            address=None,
            latitude=None,
            longitude=None,
            timezone="UTC",
            opening_hours=[],
            offers_pickup=True,
            ships_orders=True,
            sourcing_priority=100,
        )


async def fixture_import(database: Database, folder: Path) -> ImportSummary:
    return await import_shopify(
        database,
        PRODUCTS,
        inventory=INVENTORY,
        location_code=None,
        market_code=None,
        report_to=folder / "report/products.faults.csv",
        progress=lambda _progress: None,
    )


async def test_the_same_files_again_change_no_row(database: Database, tmp_path: Path) -> None:
    first = await fixture_import(database, tmp_path)
    before = await everything(database)

    second = await fixture_import(database, tmp_path)

    assert (first.products, first.variants) == (Tally(created=9), Tally(created=14))
    assert (second.products, second.variants) == (Tally(unchanged=9), Tally(unchanged=14))
    assert (second.pictures_written, second.prices_written, second.variants_withdrawn) == (0, 0, 0)
    assert second.levels == Tally(unchanged=6)
    assert await everything(database) == before


async def test_every_bad_row_is_in_the_report_with_line_and_reason(database: Database, tmp_path: Path) -> None:
    summary = await fixture_import(database, tmp_path)

    assert (summary.rows, summary.faults, summary.notices) == (39, 17, 4)
    assert summary.report == tmp_path / "report/products.faults.csv"
    with summary.report.open(encoding="utf-8", newline="") as file:
        reported = [(row["file"][8:], int(row["line"]), row["imported"]) for row in csv.DictReader(file)]
    assert sorted(reported) == [
        ("inventory.csv", 6, "yes"),
        ("inventory.csv", 7, "no"),
        ("inventory.csv", 10, "no"),
        ("inventory.csv", 12, "no"),
        ("inventory.csv", 13, "no"),
        ("products.csv", 5, "yes"),
        *(("products.csv", line, "no") for line in (7, 8, 13, 17, 18, 19, 20, 21, 23)),
        ("products.csv", 25, "yes"),
        ("products.csv", 26, "no"),
        ("products.csv", 27, "yes"),
        *(("products.csv", line, "no") for line in (28, 29, 30)),
    ]
    assert summary.reasons[Reason.NOT_A_PRICE] == 2


async def test_what_a_product_becomes(database: Database, tmp_path: Path) -> None:
    await fixture_import(database, tmp_path)

    [shirt] = await rows_of(database, "SELECT * FROM product WHERE slug = 'linen-shirt'")
    categories = await rows_of(
        database,
        "SELECT c.slug, p.slug AS parent FROM category c JOIN category p ON p.id = c.parent_id ORDER BY c.slug",
    )
    prices = await rows_of(
        database, "SELECT sku, amount, compare_at_amount FROM price JOIN variant v ON v.id = variant_id ORDER BY sku"
    )
    collected = await rows_of(
        database, "SELECT c.slug FROM collection c JOIN collection_product m ON m.collection_id = c.id"
    )
    hidden = await rows_of(database, "SELECT slug FROM product WHERE published_at IS NULL ORDER BY slug")
    assert shirt["name"] == "Linen Shirt"
    assert shirt["description"] == "<p>Cut wide,\nwashed once.</p>"
    assert (shirt["brand"], shirt["tags"]) == ("Aldine", ["linen", "summer"])
    assert shirt["options"] == [
        {"name": "Color", "values": ["Sand", "Navy", "Olive"]},
        {"name": "Size", "values": ["M", "L", "XL"]},
    ]
    assert shirt["attributes"] == [{"name": "Fabric", "value": "Linen"}]
    assert {row["slug"]: row["parent"] for row in categories} == {
        "apparel-accessories-clothing": "apparel-accessories",
        "apparel-accessories-clothing-shirts": "apparel-accessories-clothing",
        "home-garden-furniture": "home-garden",
    }
    assert prices[:3] == [
        {"sku": "BOWL-B", "amount": 1800, "compare_at_amount": None},
        {"sku": "BOWL-W", "amount": 1800, "compare_at_amount": None},
        {"sku": "JUG-1", "amount": 3200, "compare_at_amount": None},
    ]
    assert {"sku": "LS-SAND-M", "amount": 4990, "compare_at_amount": 6990} in prices
    assert {"sku": "LS-SAND-L", "amount": 4990, "compare_at_amount": None} in prices
    assert collected == [{"slug": "summer"}]
    assert [row["slug"] for row in hidden] == ["draft-lamp", "hidden-lamp", "old-lamp"]


async def test_pictures_are_those_of_the_product_and_of_one_variant_where_only_it_shows_them(
    database: Database, tmp_path: Path
) -> None:
    await fixture_import(database, tmp_path)

    media = await rows_of(
        database,
        "SELECT url, alt, sku FROM media m JOIN product p ON p.id = m.product_id LEFT JOIN variant v ON v.id = m.variant_id"
        " WHERE p.slug = 'linen-shirt' ORDER BY m.position",
    )

    assert [(row["url"].rpartition("/")[2], row["alt"], row["sku"]) for row in media] == [
        ("1.jpg", "Front", None),
        ("2.jpg", "Back", None),
        ("3.jpg", "Collar", None),
        ("sand.jpg", None, None),
        ("navy.jpg", None, "LS-NAVY-M"),
    ]


async def test_locations_of_the_inventory_file_are_opened_and_stock_is_in_the_ledger(
    database: Database, tmp_path: Path
) -> None:
    await fixture_import(database, tmp_path)

    locations = await rows_of(
        database, "SELECT code, name, kind, timezone, ships_orders, offers_pickup FROM location ORDER BY code"
    )
    levels = await rows_of(
        database,
        "SELECT sku, code, on_hand, version FROM stock_level s JOIN variant v ON v.id = variant_id"
        " JOIN location l ON l.id = location_id ORDER BY sku, code",
    )
    ledger = await rows_of(database, "SELECT DISTINCT reason::text, actor, reference FROM stock_movement")
    assert [tuple(row.values()) for row in locations] == [
        ("berlin-mitte", "Berlin Mitte", "STORE", "UTC", True, True),
        ("hamburg-lager", "Hamburg Lager", "WAREHOUSE", "UTC", True, False),
    ]
    assert [tuple(row.values()) for row in levels] == [
        ("LS-NAVY-M", "berlin-mitte", 0, 0),
        ("LS-SAND-L", "berlin-mitte", 0, 0),
        ("LS-SAND-M", "berlin-mitte", 4, 1),
        ("LS-SAND-M", "hamburg-lager", 7, 1),
        ("sofa-wool-grey-oak-adc1a78418", "hamburg-lager", 1, 1),
        ("tea-towel-5a7517488b", "berlin-mitte", 12, 1),
    ]
    assert ledger == [{"reason": "INITIAL", "actor": "system", "reference": "import:shopify_inventory.csv"}]


async def test_a_changed_count_is_the_difference_and_the_ledger_replays_to_the_level(
    database: Database, tmp_path: Path
) -> None:
    await open_store(database)
    for quantity in (7, 3, 3, 9):
        await run(database, file_with(tmp_path, f"mug,Mug,,,MUG-1,9,{quantity},"), location_code="north")

    [level] = await rows_of(database, "SELECT on_hand, version FROM stock_level")
    ledger = await rows_of(
        database, "SELECT reason::text, on_hand_delta AS delta, reference FROM stock_movement ORDER BY version"
    )
    announced = await rows_of(database, "SELECT version, payload FROM outbox WHERE topic = 'stock' ORDER BY seq")
    assert level == {"on_hand": 9, "version": 3}
    assert [(row["reason"], row["delta"]) for row in ledger] == [("INITIAL", 7), ("COUNT", -4), ("COUNT", 6)]
    assert {row["reference"] for row in ledger} == {"import:products.csv"}
    assert [(row["version"], row["payload"]["available"]) for row in announced] == [(1, 7), (2, 3), (3, 9)]


async def test_a_count_below_what_is_promised_is_recorded_and_opens_a_discrepancy(
    database: Database, tmp_path: Path
) -> None:
    await open_store(database)
    await run(database, file_with(tmp_path, "mug,Mug,,,MUG-1,9,5,"), location_code="north")
    async with database.transaction() as connection:
        await connection.execute(Statement("UPDATE stock_level SET reserved = 5"))

    await run(database, file_with(tmp_path, "mug,Mug,,,MUG-1,9,2,"), location_code="north")

    [level] = await rows_of(database, "SELECT on_hand, reserved, shortfall FROM stock_level")
    [discrepancy] = await rows_of(database, "SELECT kind, quantity FROM discrepancy")
    assert level == {"on_hand": 2, "reserved": 5, "shortfall": 3}
    assert discrepancy == {"kind": "OVERSOLD", "quantity": 3}


async def test_without_a_location_quantities_are_not_read_and_the_summary_says_so(
    database: Database, tmp_path: Path
) -> None:
    summary = await run(database, file_with(tmp_path, "mug,Mug,,,MUG-1,9,5,"))

    assert await rows_of(database, "SELECT id FROM stock_level") == []
    assert summary.remarks == [
        (
            "Quantities of the product file were not read: name their location with --location CODE, "
            "or give the inventory file with --inventory."
        )
    ]


async def test_a_variant_that_is_listed_no_more_is_withdrawn_and_comes_back_as_itself(
    database: Database, tmp_path: Path
) -> None:
    both = ("mug,Mug,Glaze,Blue,MUG-B,9,,", "mug,,,Red,MUG-R,9,,")
    await run(database, file_with(tmp_path, *both))
    [before] = await rows_of(database, "SELECT id FROM variant WHERE sku = 'MUG-R'")

    gone = await run(database, file_with(tmp_path, both[0]))
    withdrawn = await rows_of(database, "SELECT sku FROM variant WHERE withdrawn_at IS NOT NULL")
    back = await run(database, file_with(tmp_path, *both))

    assert (gone.variants_withdrawn, withdrawn) == (1, [{"sku": "MUG-R"}])
    assert (back.variants_withdrawn, back.variants) == (0, Tally(updated=1, unchanged=1))
    assert await rows_of(database, "SELECT id FROM variant WHERE sku = 'MUG-R' AND withdrawn_at IS NULL") == [before]


@pytest.mark.parametrize(
    "row",
    ["mug,,,Red,MUG-R,cheap,,", "mug,,,,MUG-R,9,,", "mug,,Size,Red,,9,,", "mug,,,Re\0d,MUG-R,9,,", ",,,Red,MUG-R,9,,"],
)
async def test_a_variant_whose_row_is_at_fault_is_not_withdrawn(database: Database, tmp_path: Path, row: str) -> None:
    await run(database, file_with(tmp_path, "mug,Mug,Glaze,Blue,MUG-B,9,,", "mug,,,Red,MUG-R,9,,"))

    summary = await run(database, file_with(tmp_path, "mug,Mug,Glaze,Blue,MUG-B,9,,", row))

    assert (summary.faults, summary.variants_withdrawn) == (1, 0)
    assert await rows_of(database, "SELECT sku FROM variant WHERE withdrawn_at IS NOT NULL") == []


async def test_a_product_that_the_file_does_not_name_is_left_alone(database: Database, tmp_path: Path) -> None:
    await run(database, file_with(tmp_path, "mug,Mug,,,MUG-1,9,,", "cup,Cup,,,CUP-1,9,,"))
    before = await rows_of(database, "SELECT * FROM product WHERE slug = 'cup'")

    await run(database, file_with(tmp_path, "mug,Big Mug,,,MUG-1,9,,"))

    assert await rows_of(database, "SELECT * FROM product WHERE slug = 'cup'") == before
    assert await rows_of(database, "SELECT sku FROM variant WHERE withdrawn_at IS NOT NULL") == []


async def test_a_sku_that_another_product_lists_takes_its_variant_along(database: Database, tmp_path: Path) -> None:
    await run(database, file_with(tmp_path, "mug,Mug,,,MUG-1,9,,"))
    [before] = await rows_of(database, "SELECT id FROM variant")

    summary = await run(database, file_with(tmp_path, "cup,Cup,,,MUG-1,9,,"))

    after = await rows_of(database, "SELECT v.id, slug FROM variant v JOIN product p ON p.id = v.product_id")
    assert after == [{"id": before["id"], "slug": "cup"}]
    assert [(notice.reason, notice.detail) for _, notice in summary.first_notices] == [(Reason.MOVED, "from mug")]


async def test_only_what_changed_is_updated(database: Database, tmp_path: Path) -> None:
    await run(database, file_with(tmp_path, "mug,Mug,,,MUG-1,9,,", "cup,Cup,,,CUP-1,9,,"))
    before = {row["slug"]: row for row in await rows_of(database, "SELECT slug, updated_at FROM product")}

    summary = await run(database, file_with(tmp_path, "mug,Big Mug,,,MUG-1,9,,", "cup,Cup,,,CUP-1,10,,"))

    after = {row["slug"]: row for row in await rows_of(database, "SELECT slug, updated_at FROM product")}
    assert after["mug"]["updated_at"] > before["mug"]["updated_at"]
    assert after["cup"] == before["cup"]
    assert (summary.products, summary.prices_written) == (Tally(updated=1, unchanged=1), 1)


async def test_columns_that_the_file_does_not_have_stay_as_they_are(database: Database, tmp_path: Path) -> None:
    await fixture_import(database, tmp_path)
    facts = "SELECT description, brand, category_id, tags, attributes, published_at FROM product WHERE slug = 'jug'"
    before = await rows_of(database, facts + " UNION ALL SELECT NULL, barcode, 0, NULL, NULL, NULL FROM variant")

    await run(database, file_with(tmp_path, "jug,Jug,JUG-1,30", header="Handle,Title,SKU,Price\n"))

    after = await rows_of(database, facts + " UNION ALL SELECT NULL, barcode, 0, NULL, NULL, NULL FROM variant")
    assert after == before


async def test_prices_are_set_in_the_market_named(database: Database, tmp_path: Path) -> None:
    path = file_with(tmp_path, "mug,Mug,,,MUG-1,1500.00,,")

    await run(database, path)
    await run(database, path, market_code="jp")

    prices = await rows_of(database, "SELECT code, amount FROM price JOIN market m ON m.id = market_id ORDER BY code")
    assert prices == [{"code": "eu", "amount": 150000}, {"code": "jp", "amount": 1500}]


async def test_a_file_of_windows_is_read_and_the_summary_says_so(database: Database, tmp_path: Path) -> None:
    path = file_with(tmp_path)
    path.write_bytes(f"{HEADER}rock,Röcke für 5 €,,,R-1,5,,\n".encode("cp1252"))

    summary = await run(database, path)

    assert await rows_of(database, "SELECT name FROM product") == [{"name": "Röcke für 5 €"}]
    assert summary.remarks[0] == "products.csv is not UTF-8; it was read as Windows-1252."


async def test_a_file_of_two_bytes_a_character_is_read(database: Database, tmp_path: Path) -> None:
    path = file_with(tmp_path)
    path.write_bytes(f"{HEADER}rock,Röcke,,,R-1,5,,\n".encode("utf-16"))

    await run(database, path)

    assert await rows_of(database, "SELECT name FROM product") == [{"name": "Röcke"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Title,Variant Price\nMug,9\n", "The file has no column Handle (or URL handle); nothing was imported."),
        ("", "The file is empty; nothing was imported."),
    ],
)
async def test_a_file_that_is_no_export_is_refused(
    database: Database, tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "products.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(UnreadableFile) as refusal:
        await run(database, path)

    assert refusal.value.message == message


async def test_a_bad_inventory_file_is_found_out_before_anything_is_written(database: Database, tmp_path: Path) -> None:
    stock = tmp_path / "stock.csv"
    stock.write_text("Handle,Location\nmug,North\n", encoding="utf-8")

    with pytest.raises(UnreadableFile):
        await run(database, file_with(tmp_path, "mug,Mug,,,MUG-1,9,,"), inventory=stock)

    assert await rows_of(database, "SELECT id FROM product") == []


async def test_an_unknown_market_or_location_or_file_is_named(database: Database, tmp_path: Path) -> None:
    path = file_with(tmp_path, "mug,Mug,,,MUG-1,9,,")

    with pytest.raises(NotFound, match=r"^There is no market with the code us; there is: eu, jp\.$"):
        await run(database, path, market_code="us")
    with pytest.raises(NotFound, match=r"^There is no location with the code moon; there is: none\.$"):
        await run(database, path, location_code="moon")
    with pytest.raises(UnreadableFile, match="No such file or directory"):
        await run(database, tmp_path / "absent.csv")


async def test_a_second_import_says_that_one_is_running(database: Database, tmp_path: Path) -> None:
    path = file_with(tmp_path, "mug,Mug,,,MUG-1,9,,")

    async with only_import(database.url) as is_only:
        assert is_only
        with pytest.raises(ImportRunning):
            await run(database, path)
    await run(database, path)

    assert await rows_of(database, "SELECT slug FROM product") == [{"slug": "mug"}]


IMPORT = """
import asyncio, sys
from pathlib import Path
from api.catalog.importing import import_shopify
from persistence.database import Database

async def main():
    database = await Database.open(sys.argv[1])
    await import_shopify(
        database, Path(sys.argv[2]), inventory=Path(sys.argv[3]), location_code=None, market_code=None,
        report_to=Path(sys.argv[2]).with_name("faults.csv"), progress=lambda progress: print(progress.rows, flush=True),
    )

asyncio.run(main())
"""


@pytest.mark.parametrize("lines_before_death", [1, 4, 8], ids=["among products", "later", "among levels"])
async def test_an_import_killed_half_way_is_completed_by_the_next(
    database: Database, database_url: str, tmp_path: Path, lines_before_death: int
) -> None:
    products, inventory = tmp_path / "products.csv", tmp_path / "inventory.csv"
    _write(products, list(product_rows(3000, 2)))
    _write(inventory, list(inventory_rows(3000, 2, 2)))

    await asyncio.to_thread(_kill_after, database_url, products, inventory, lines_before_death)
    written = (await rows_of(database, "SELECT count(*) AS products FROM product"))[0]["products"]
    levels = (await rows_of(database, "SELECT count(*) AS levels FROM stock_level"))[0]["levels"]
    summary = await run(database, products, inventory=inventory)

    assert 500 <= written <= 3000
    assert written < 3000 or levels < 12000
    assert summary.products == Tally(created=3000 - written, unchanged=written)
    assert await rows_of(
        database,
        "SELECT (SELECT count(*) FROM product) AS products, (SELECT count(*) FROM variant) AS variants,"
        " (SELECT count(*) FROM price) AS prices, (SELECT count(*) FROM media) AS media,"
        " (SELECT count(*) FROM stock_level) AS levels",
    ) == [{"products": 3000, "variants": 6000, "prices": 6000, "media": 6000, "levels": 12000}]
    assert (
        await rows_of(
            database,
            "SELECT s.id FROM stock_level s LEFT JOIN stock_movement m ON m.stock_level_id = s.id GROUP BY s.id"
            " HAVING s.on_hand <> coalesce(sum(m.on_hand_delta), 0) OR s.version <> count(m.version)",
        )
        == []
    )


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, {name: None for row in rows for name in row})
        writer.writeheader()
        writer.writerows(rows)


def _kill_after(url: str, products: Path, inventory: Path, lines: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", IMPORT, url, str(products), str(inventory)], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        for _ in range(lines):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


async def test_the_terminal_shows_what_was_written_and_what_was_not(database: Database, tmp_path: Path) -> None:
    shown = io.StringIO()
    report = tmp_path / "faults.csv"

    code = await run_import(
        database,
        PRODUCTS,
        inventory=INVENTORY,
        location_code=None,
        market_code=None,
        report_to=report,
        console=Console(file=shown, width=120),
    )

    text = shown.getvalue()
    assert code == 0
    assert "Location hamburg-lager was made." in text
    assert "17 rows were not imported, 4 lack a value:" in text
    assert "shopify_products.csv:8: linen-shirt LS-NAVY-XL: the price is not a plain number (1,049.90)" in text
    assert f"All of them are in {report}" in text


@pytest.mark.parametrize(
    ("rows", "code"),
    [((), 0), (("mug,Mug,,,MUG-1,9,,", "cup,Cup,,,CUP-1,cheap,,"), 0), (("cup,Cup,,,CUP-1,cheap,,",), 1)],
)
async def test_the_exit_code_is_only_bad_when_nothing_could_be_read(
    database: Database, tmp_path: Path, rows: tuple[str, ...], code: int
) -> None:
    path = file_with(tmp_path, *rows)

    exit_code = await run_import(
        database,
        path,
        inventory=None,
        location_code=None,
        market_code=None,
        report_to=report_path(path, tmp_path),
        console=Console(file=io.StringIO()),
    )

    assert exit_code == code
    assert (tmp_path / "products.faults.csv").exists() == bool(rows)


async def test_progress_tells_bytes_and_rows(database: Database, tmp_path: Path) -> None:
    path = file_with(tmp_path, "mug,Mug,,,MUG-1,9,,", "cup,Cup,,,CUP-1,9,,")
    told: list[Progress] = []

    await import_shopify(
        database,
        path,
        inventory=None,
        location_code=None,
        market_code=None,
        report_to=tmp_path / "faults.csv",
        progress=told.append,
    )

    assert (told[-1].file, told[-1].rows) == (path, 2)
    assert told[-1].bytes_read == told[-1].bytes_total == path.stat().st_size
