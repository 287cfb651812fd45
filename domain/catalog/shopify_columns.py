"""The columns of Shopify's product export, as they were called until 2024 and as they are called since."""

import re

_NAMES = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "description": ("Body (HTML)", "Body HTML", "Body", "Description"),
    "brand": ("Vendor",),
    "category": ("Product Category", "Standardized Product Type", "Standard Product Type"),
    "type": ("Type", "Custom Product Type", "Product Type"),
    "tags": ("Tags",),
    "collection": ("Collection", "Collections"),
    "published": ("Published", "Published on online store"),
    "status": ("Status",),
    "option1_name": ("Option1 Name",),
    "option1_value": ("Option1 Value",),
    "option2_name": ("Option2 Name",),
    "option2_value": ("Option2 Value",),
    "option3_name": ("Option3 Name",),
    "option3_value": ("Option3 Value",),
    "sku": ("Variant SKU", "SKU"),
    "barcode": ("Variant Barcode", "Barcode", "Barcodes"),
    "price": ("Variant Price", "Price"),
    "compare_at_price": (
        "Variant Compare At Price",
        "Variant Compare-at Price",
        "Compare-at price",
        "Compare at price",
    ),
    "quantity": ("Variant Inventory Qty", "Inventory quantity", "Variant Inventory Quantity"),
    "picture": ("Image Src", "Product image URL"),
    "picture_position": ("Image Position",),
    "picture_alt": ("Image Alt Text",),
    "variant_picture": ("Variant Image", "Variant image URL"),
    "gift_card": ("Gift Card",),
}

PRODUCT_COLUMNS = {name.casefold(): column for column, names in _NAMES.items() for name in names}
REQUIRED = {"handle": "Handle (or URL handle)", "title": "Title", "price": "Variant Price (or Price)"}

# In the export, but nothing that a product here consists of.
_IGNORED = re.compile(
    r"option[123] linked to|variant (grams|inventory tracker|inventory policy|fulfillment service|requires shipping"
    r"|taxable|weight unit|tax code)|seo (title|description)|cost per item|charge tax|tax code|inventory tracker"
    r"|continue selling when out of stock|weight value \(grams\)|weight unit for display|requires shipping"
    r"|fulfillment service|google shopping / .*|(included|price|compare.at price) / .*"
    r"|(variant )?unit price (total|base) measure( unit)?"
)
_METAFIELD = re.compile(r"(?P<name>.+?) ?\(product\.metafields\.[^)]+\)", re.IGNORECASE)


def attribute_name(column: str) -> str | None:
    """`Fabric (product.metafields.custom.fabric)` is the attribute Fabric; other columns are none."""
    match = _METAFIELD.fullmatch(column)
    return match["name"] if match else None


def is_ignored(column: str) -> bool:
    """Known, and of no use here; what is neither known nor ignored is worth telling the merchant."""
    return _IGNORED.fullmatch(column.casefold()) is not None
