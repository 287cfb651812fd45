"""What Shopify's inventory export counts, and how a count becomes movements."""

import io
from uuid import UUID

import pytest

from domain.catalog.csv_records import bounded_lines
from domain.catalog.rows import Reason, Remark, RowFault, RowNotice, UnreadableFile
from domain.catalog.shopify_inventory import Counted, InventoryFile, movements
from domain.inventory.adjustment import Movement
from domain.inventory.stock import StockLevel

CURRENT = (
    "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Location,Bin name,Incoming (not editable),"
    "Unavailable (not editable),Committed (not editable),Available (not editable),On hand (current),On hand (new)\n"
)


def read(text: str) -> list[Counted | Remark]:
    return list(InventoryFile(bounded_lines(io.StringIO(text, newline=""))))


def test_on_hand_is_what_counts_and_a_new_number_wins() -> None:
    found = read(CURRENT + "mug,Mug,,,MUG-1,,,North,,0,1,2,4,7,\nmug,Mug,,,MUG-1,,,South,,0,0,0,4,4,9\n")

    assert found == [Counted(2, "mug", "MUG-1", "North", 7), Counted(3, "mug", "MUG-1", "South", 9)]


def test_where_a_variant_is_not_stocked_there_is_nothing_to_count() -> None:
    found = read(
        CURRENT + "mug,Mug,,,MUG-1,,,North,,0,0,0,not stocked,Not stocked,\nmug,Mug,,,MUG-2,,,North,,0,0,0,,,\n"
    )

    assert found == []


def test_available_counts_where_the_file_has_nothing_better() -> None:
    found = read("Handle,SKU,Location,Available\nmug,MUG-1,North,5\n")

    assert found == [Counted(2, "mug", "MUG-1", "North", 5)]


def test_the_older_form_has_a_column_for_each_location() -> None:
    found = read(
        "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,North,South\n"
        "mug,Mug,Glaze,Blue,MUG-1,,,3,not stocked\nmug,Mug,Glaze,Red,MUG-2,,,0,x\n"
    )

    assert found == [
        Counted(2, "mug", "MUG-1", "North", 3),
        Counted(3, "mug", "MUG-2", "North", 0),
        RowFault(line=3, reason=Reason.NOT_A_QUANTITY, handle="mug", sku="MUG-2", detail="South: x"),
    ]


def test_a_missing_sku_is_the_one_that_the_product_file_makes() -> None:
    found = read(
        CURRENT + "mug,Mug,Glaze,Sea Blue,,,,North,,0,0,0,4,4,\ntowel,Towel,Title,Default Title,,,,North,,0,0,0,2,2,\n"
    )

    assert [one.sku for one in found] == ["mug-sea-blue-ef6e1e3851", "towel-10ca50a8a7"]


def test_a_level_counted_twice_keeps_its_first_number_and_less_than_nothing_is_nothing() -> None:
    found = read(CURRENT + "mug,Mug,,,MUG-1,,,North,,0,0,0,-3,-3,\nmug,Mug,,,MUG-1,,,North,,0,0,0,8,8,\n")

    assert found == [
        RowNotice(line=2, reason=Reason.NEGATIVE_QUANTITY, handle="mug", sku="MUG-1", detail="North: -3"),
        Counted(2, "mug", "MUG-1", "North", 0),
        RowFault(line=3, reason=Reason.REPEATED_LEVEL, handle="mug", sku="MUG-1", detail="North: 8"),
    ]


@pytest.mark.parametrize("quantity", ["1000000001", "-1000000001"])
def test_more_than_a_counter_can_hold_is_refused(quantity: str) -> None:
    [fault] = read(CURRENT + f"mug,Mug,,,MUG-1,,,North,,0,0,0,0,{quantity},\n")

    assert fault == RowFault(line=2, reason=Reason.TOO_LONG, handle="mug", sku="MUG-1", detail=f"North: {quantity}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Handle,North\n", "The file has no column SKU; nothing was imported."),
        ("Handle,SKU\n", "The file has neither quantities nor a column for each location; nothing was imported."),
    ],
)
def test_a_file_that_is_no_inventory_export_is_refused_at_once(text: str, message: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read(text)

    assert refusal.value.message == message


def test_a_first_count_begins_the_ledger_a_later_one_is_a_difference_and_the_same_is_none() -> None:
    variant_id = UUID(int=1)
    levels = {
        1: StockLevel(id=1, variant_id=variant_id, location_id=1, on_hand=0),
        2: StockLevel(id=2, variant_id=variant_id, location_id=2, on_hand=5, reserved=5, version=3),
        3: StockLevel(id=3, variant_id=variant_id, location_id=3, on_hand=4, version=1),
    }

    changes = movements(levels, {1: 7, 2: 2, 3: 4}, "import:stock.csv")

    assert changes == (
        Movement(stock_level_id=1, reason="INITIAL", on_hand=7, reference="import:stock.csv"),
        Movement(stock_level_id=2, reason="COUNT", on_hand=-3, reference="import:stock.csv"),
    )
