"""Writes a product export (and an inventory export) of any size in Shopify's format, the same for the same numbers.

python benchmarks/make_shopify_csv.py PRODUCTS.csv --products 25000 [--inventory INVENTORY.csv --locations 5]
"""

import argparse
import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

_COLORS = ("Navy", "Sand", "Black", "White")
_SIZES = ("XS", "S", "M", "L", "XL")
_CATEGORIES = (
    "Apparel & Accessories > Clothing > Shirts & Tops",
    "Apparel & Accessories > Clothing > Trousers",
    "Home & Garden > Linens & Bedding",
)
_BODY = (
    "<p>Woven from long-staple cotton, washed once and cut with room to move.</p>\n"
    "<ul><li>Machine wash at 30 °C</li><li>Made in Portugal</li></ul>\n"
    '<p>Number {number} of the collection, "as it was".</p>'
)
_PRODUCT_COLUMNS = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Qty",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Variant Image",
    "Status",
]
_INVENTORY_COLUMNS = [
    "Handle",
    "Title",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "SKU",
    "HS Code",
    "COO",
    "Location",
    "Bin name",
    "Incoming (not editable)",
    "Unavailable (not editable)",
    "Committed (not editable)",
    "Available (not editable)",
    "On hand (current)",
    "On hand (new)",
]


def product_rows(products: int, variants: int) -> Iterator[dict[str, object]]:
    """One row for each variant; the first also has the product's facts, the first three a picture each."""
    for number in range(products):
        combinations = itertools.islice(itertools.cycle(itertools.product(_COLORS, _SIZES)), variants)
        for position, (color, size) in enumerate(combinations):
            row: dict[str, object] = {
                "Handle": f"article-{number}",
                "Option1 Value": color,
                "Option2 Value": size,
                "Variant SKU": sku(number, position),
                "Variant Grams": 250,
                "Variant Inventory Qty": (number + position) % 17,
                "Variant Price": f"{19 + number % 80}.95",
                "Variant Compare At Price": f"{29 + number % 80}.95" if number % 3 == 0 else "",
                "Variant Barcode": f"'{4_000_000_000_000 + number * 100 + position}",
            }
            if position == 0:
                row |= {
                    "Title": f"Article {number}",
                    "Body (HTML)": _BODY.format(number=number),
                    "Vendor": "Aldine",
                    "Product Category": _CATEGORIES[number % len(_CATEGORIES)],
                    "Tags": "cotton, summer, new",
                    "Published": "TRUE",
                    "Option1 Name": "Color",
                    "Option2 Name": "Size",
                    "Status": "active",
                }
            if position < 3:
                row |= {
                    "Image Src": f"https://cdn.example.com/articles/{number}/{position + 1}.jpg",
                    "Image Position": position + 1,
                    "Image Alt Text": f"Article {number}, view {position + 1}",
                }
            yield row


def inventory_rows(products: int, variants: int, locations: int) -> Iterator[dict[str, object]]:
    for number in range(products):
        for position in range(variants):
            for place in range(locations):
                yield {
                    "Handle": f"article-{number}",
                    "Title": f"Article {number}",
                    "SKU": sku(number, position),
                    "Location": "Central Warehouse" if place == 0 else f"Store {place}",
                    "On hand (current)": (number + position * 3 + place) % 23,
                }


def sku(number: int, position: int) -> str:
    return f"A{number:06d}-{position:02d}"


def _write(path: Path, columns: list[str], rows: Iterator[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--products", type=int, default=25_000)
    parser.add_argument("--variants", type=int, default=4, help="of each product, at most 20")
    parser.add_argument("--inventory", type=Path)
    parser.add_argument("--locations", type=int, default=5)
    chosen = parser.parse_args()
    variants = min(chosen.variants, len(_COLORS) * len(_SIZES))
    _write(chosen.path, _PRODUCT_COLUMNS, product_rows(chosen.products, variants))
    if chosen.inventory:
        _write(chosen.inventory, _INVENTORY_COLUMNS, inventory_rows(chosen.products, variants, chosen.locations))


if __name__ == "__main__":
    main()
