"""A product as a merchant's file describes it, before anything of it is written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelectedOption:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ProductOption:
    """Values in the order in which a shopper sees them."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    url: str
    alt: str | None = None
    # The variant that it shows; None when it shows the product, or several of its variants.
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVariant:
    """Amounts are minor units of the market's currency. `quantity` is None where the file says nothing of use."""

    line: int
    sku: str
    barcode: str | None
    name: str
    selected_options: tuple[SelectedOption, ...]
    position: int
    amount: int
    compare_at_amount: int | None
    quantity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProduct:
    """`description` is HTML that nobody has looked at yet."""

    slug: str
    name: str
    description: str | None
    brand: str | None
    # From the widest to the narrowest.
    category: tuple[str, ...]
    tags: tuple[str, ...]
    collections: tuple[str, ...]
    options: tuple[ProductOption, ...]
    attributes: tuple[SelectedOption, ...]
    is_published: bool
    pictures: tuple[Picture, ...]
    variants: tuple[ListedVariant, ...]
    # Of all rows, also of those with a fault: what the file names is not withdrawn.
    named_skus: tuple[str, ...]
    # Whether the SKU of every row is known; if not, a variant that is not named may still be meant by one.
    names_all_skus: bool
    lines: tuple[int, ...]
