"""What the demo sells: twelve products in forty variants, each with a price in both markets."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as combinations

BRAND = "Nordhang"

CATEGORIES = {"clothing": "Clothing", "shoes": "Shoes", "bags": "Bags", "home": "Home"}
COLLECTIONS = {"summer": "Summer", "rainy-days": "Rainy days"}

COLORS = {
    "White": "#f4f1ea",
    "Navy": "#26365c",
    "Blue": "#8fb3d9",
    "Charcoal": "#3d4146",
    "Rust": "#b4532a",
    "Yellow": "#e9b83a",
    "Indigo": "#2f3f6b",
    "Sand": "#d8c39d",
    "Natural": "#e3d9c4",
    "Black": "#26262a",
    "Olive": "#6b7040",
    "Slate": "#5f6b78",
    "Cream": "#efe4cc",
    "Sea": "#5b9a94",
    "Coal": "#33343a",
    "Gray": "#a3a6a8",
    "Red": "#a8323a",
    "Brown": "#6d4a33",
}

SIZE = ("S", "M", "L")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVariant:
    sku: str
    name: str
    barcode: str
    selected: tuple[tuple[str, str], ...]
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProduct:
    """Prices are in cents, of the euro with its tax and of the dollar without."""

    slug: str
    name: str
    description: str
    category: str
    sku: str
    options: tuple[tuple[str, tuple[str, ...]], ...]
    euro: int
    dollar: int
    euro_before: int | None = None
    material: str
    collections: tuple[str, ...] = ()
    color: str = "Natural"
    """Of products that come in one color only."""

    def selections(self) -> Iterator[tuple[tuple[str, str], ...]]:
        names = [name for name, _ in self.options]
        for values in combinations(*(values for _, values in self.options)):
            yield tuple(zip(names, values, strict=True))


PRODUCTS = (
    DemoProduct(
        slug="linen-t-shirt",
        name="Linen T-shirt",
        description="<p>Light, dry and better every summer. Washed linen from Normandy.</p>",
        category="clothing",
        sku="TEE-LINEN",
        options=(("Color", ("White", "Navy")), ("Size", SIZE)),
        euro=3900,
        dollar=3800,
        material="Linen",
        collections=("summer",),
    ),
    DemoProduct(
        slug="oxford-shirt",
        name="Oxford Shirt",
        description="<p>The shirt that goes under everything, in heavy Oxford cotton.</p>",
        category="clothing",
        sku="SHIRT-OXFORD",
        options=(("Color", ("White", "Blue")), ("Size", ("M", "L"))),
        euro=7900,
        dollar=7800,
        material="Cotton",
    ),
    DemoProduct(
        slug="merino-sweater",
        name="Merino Sweater",
        description="<p>Fine merino, knitted in one piece. Warm at 2 °C, not too warm at 20.</p>",
        category="clothing",
        sku="SWEATER-MERINO",
        options=(("Color", ("Charcoal", "Rust")), ("Size", SIZE)),
        euro=11900,
        dollar=11500,
        euro_before=13900,
        material="Merino wool",
    ),
    DemoProduct(
        slug="rain-jacket",
        name="Rain Jacket",
        description="<p>Taped seams, a hood that turns with the head, pockets for cold hands.</p>",
        category="clothing",
        sku="JACKET-RAIN",
        options=(("Size", SIZE),),
        euro=16900,
        dollar=16500,
        material="Recycled polyester",
        collections=("rainy-days",),
        color="Yellow",
    ),
    DemoProduct(
        slug="selvedge-jeans",
        name="Selvedge Jeans",
        description="<p>Unwashed 13 oz denim with a straight leg. They become yours.</p>",
        category="clothing",
        sku="JEANS-SELVEDGE",
        options=(("Waist", ("30", "32", "34")),),
        euro=12900,
        dollar=12500,
        material="Cotton",
        color="Indigo",
    ),
    DemoProduct(
        slug="linen-dress",
        name="Linen Dress",
        description="<p>A straight cut with two deep pockets.</p>",
        category="clothing",
        sku="DRESS-LINEN",
        options=(("Size", SIZE),),
        euro=9900,
        dollar=9500,
        material="Linen",
        collections=("summer",),
        color="Sand",
    ),
    DemoProduct(
        slug="canvas-sneakers",
        name="Canvas Sneakers",
        description="<p>Vulcanized by hand, with soles that can be replaced.</p>",
        category="shoes",
        sku="SNEAKER-CANVAS",
        options=(("Size", ("40", "42", "44")),),
        euro=8900,
        dollar=8500,
        material="Cotton",
        collections=("summer",),
        color="White",
    ),
    DemoProduct(
        slug="chelsea-boots",
        name="Chelsea Boots",
        description="<p>Waxed leather on a rubber sole: for the street in November.</p>",
        category="shoes",
        sku="BOOT-CHELSEA",
        options=(("Size", ("41", "43")),),
        euro=18900,
        dollar=18500,
        material="Leather",
        collections=("rainy-days",),
        color="Brown",
    ),
    DemoProduct(
        slug="canvas-tote",
        name="Canvas Tote",
        description="<p>Carries 15 kg of groceries and folds into a pocket.</p>",
        category="bags",
        sku="TOTE-CANVAS",
        options=(("Color", ("Natural", "Black")),),
        euro=1900,
        dollar=1800,
        material="Cotton",
        collections=("summer",),
    ),
    DemoProduct(
        slug="day-pack",
        name="Day Pack",
        description="<p>Twenty liters, one laptop, no rain inside.</p>",
        category="bags",
        sku="PACK-DAY",
        options=(("Color", ("Olive", "Slate")),),
        euro=10900,
        dollar=10500,
        material="Nylon",
        collections=("rainy-days",),
    ),
    DemoProduct(
        slug="stoneware-mug",
        name="Stoneware Mug",
        description="<p>Thrown and glazed by hand; each one differs a little.</p>",
        category="home",
        sku="MUG-STONEWARE",
        options=(("Color", ("Cream", "Sea", "Coal")),),
        euro=2400,
        dollar=2400,
        material="Stoneware",
    ),
    DemoProduct(
        slug="wool-blanket",
        name="Wool Blanket",
        description="<p>Woven in the Harz from the wool of its own sheep, 130 by 200 cm.</p>",
        category="home",
        sku="BLANKET-WOOL",
        options=(("Color", ("Gray", "Red", "Cream")),),
        euro=13900,
        dollar=13500,
        euro_before=15900,
        material="Wool",
        collections=("rainy-days",),
    ),
)


def variants_of(product: DemoProduct) -> list[DemoVariant]:
    first = _variants_before(product)
    return [
        DemoVariant(
            sku="-".join((product.sku, *(value.upper() for _, value in selected))),
            name=" / ".join(value for _, value in selected),
            barcode=barcode(first + offset),
            selected=selected,
            color=dict(selected).get("Color", product.color),
        )
        for offset, selected in enumerate(product.selections())
    ]


def _variants_before(product: DemoProduct) -> int:
    return sum(len(list(other.selections())) for other in PRODUCTS[: PRODUCTS.index(product)])


def barcode(number: int) -> str:
    """An EAN-13 from the range that GS1 leaves to shops for their own use (200 to 299)."""
    digits = f"200{number + 1:09d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
