"""The twelve products that are written out, because stories are told about them; all others are made of words."""

from dataclasses import dataclass, field

_SIZE = ("S", "M", "L")
_SOLID = ("Pattern", "Solid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Classic:
    """Prices are in cents, of the euro with its tax and of the dollar without. `color` is of what comes in one only."""

    slug: str
    name: str
    description: str
    category: str
    picture: str
    sku: str
    options: tuple[tuple[str, tuple[str, ...]], ...]
    euro: int
    dollar: int
    euro_before: int | None = None
    attributes: tuple[tuple[str, str], ...]
    collections: tuple[str, ...] = field(default=())
    color: str = "Natural"


CLASSICS = (
    Classic(
        slug="linen-t-shirt",
        name="Linen T-shirt",
        description="<p>Light, dry and better every summer. Washed linen from Normandy.</p>",
        category="aa-1-13-8",
        picture="tshirt",
        sku="TEE-LINEN",
        options=(("Color", ("White", "Navy")), ("Size", _SIZE)),
        euro=3900,
        dollar=3800,
        attributes=(("Material", "Linen"), ("Neckline", "Crew"), ("Sleeve length type", "Short"), _SOLID),
        collections=("summer",),
    ),
    Classic(
        slug="oxford-shirt",
        name="Oxford Shirt",
        description="<p>The shirt that goes under everything, in heavy Oxford cotton.</p>",
        category="aa-1-13-7",
        picture="shirt",
        sku="SHIRT-OXFORD",
        options=(("Color", ("White", "Blue")), ("Size", ("M", "L"))),
        euro=7900,
        dollar=7800,
        attributes=(("Material", "Cotton"), ("Closure type", "Buttons"), ("Sleeve length type", "Long"), _SOLID),
    ),
    Classic(
        slug="merino-sweater",
        name="Merino Sweater",
        description="<p>Fine merino, knitted in one piece. Warm at 2 °C, not too warm at 20.</p>",
        category="aa-1-13-12",
        picture="sweater",
        sku="SWEATER-MERINO",
        options=(("Color", ("Charcoal", "Rust")), ("Size", _SIZE)),
        euro=11900,
        dollar=11500,
        euro_before=13900,
        attributes=(("Material", "Merino"), ("Neckline", "Crew"), ("Sleeve length type", "Long"), _SOLID),
    ),
    Classic(
        slug="rain-jacket",
        name="Rain Jacket",
        description="<p>Taped seams, a hood that turns with the head, pockets for cold hands.</p>",
        category="aa-1-10-2-10",
        picture="jacket",
        sku="JACKET-RAIN",
        options=(("Size", _SIZE),),
        euro=16900,
        dollar=16500,
        attributes=(("Material", "Polyester"), ("Neckline", "Hooded"), ("Closure type", "Zipper"), _SOLID),
        collections=("rainy-days",),
        color="Yellow",
    ),
    Classic(
        slug="selvedge-jeans",
        name="Selvedge Jeans",
        description="<p>Unwashed 13 oz denim with a straight leg. They become yours.</p>",
        category="aa-1-12-4",
        picture="trousers",
        sku="JEANS-SELVEDGE",
        options=(("Waist", ("30", "32", "34")),),
        euro=12900,
        dollar=12500,
        attributes=(("Material", "Denim"), ("Fit", "Straight leg"), ("Waist rise", "Mid"), _SOLID),
        color="Indigo",
    ),
    Classic(
        slug="linen-dress",
        name="Linen Dress",
        description="<p>A straight cut with two deep pockets.</p>",
        category="aa-1-4",
        picture="dress",
        sku="DRESS-LINEN",
        options=(("Size", _SIZE),),
        euro=9900,
        dollar=9500,
        attributes=(("Material", "Linen"), ("Sleeve length type", "Sleeveless"), _SOLID),
        collections=("summer",),
        color="Sand",
    ),
    Classic(
        slug="canvas-sneakers",
        name="Canvas Sneakers",
        description="<p>Vulcanized by hand, with soles that can be replaced.</p>",
        category="aa-8-8",
        picture="sneaker",
        sku="SNEAKER-CANVAS",
        options=(("Size", ("40", "42", "44")),),
        euro=8900,
        dollar=8500,
        attributes=(("Material", "Canvas"), ("Closure type", "Lace-up"), _SOLID),
        collections=("summer",),
        color="White",
    ),
    Classic(
        slug="chelsea-boots",
        name="Chelsea Boots",
        description="<p>Waxed leather on a rubber sole: for the street in November.</p>",
        category="aa-8-3",
        picture="boot",
        sku="BOOT-CHELSEA",
        options=(("Size", ("41", "43")),),
        euro=18900,
        dollar=18500,
        attributes=(("Material", "Leather"), ("Closure type", "Slip-on"), _SOLID),
        collections=("rainy-days",),
        color="Brown",
    ),
    Classic(
        slug="canvas-tote",
        name="Canvas Tote",
        description="<p>Carries 15 kg of groceries and folds into a pocket.</p>",
        category="lb-13",
        picture="tote",
        sku="TOTE-CANVAS",
        options=(("Color", ("Natural", "Black")),),
        euro=1900,
        dollar=1800,
        attributes=(("Material", "Canvas"), _SOLID),
        collections=("summer",),
    ),
    Classic(
        slug="day-pack",
        name="Day Pack",
        description="<p>Twenty liters, one laptop, no rain inside.</p>",
        category="lb-1",
        picture="backpack",
        sku="PACK-DAY",
        options=(("Color", ("Olive", "Slate")),),
        euro=10900,
        dollar=10500,
        attributes=(("Material", "Nylon"), ("Closure type", "Zipper"), ("Activity", "Hiking"), _SOLID),
        collections=("rainy-days",),
    ),
    Classic(
        slug="stoneware-mug",
        name="Stoneware Mug",
        description="<p>Thrown and glazed by hand; each one differs a little.</p>",
        category="hg-11-10-5-5",
        picture="mug",
        sku="MUG-STONEWARE",
        options=(("Color", ("Cream", "Sea", "Coal")),),
        euro=2400,
        dollar=2400,
        attributes=(("Material", "Ceramic"), ("Shape", "Cylindrical"), _SOLID),
        collections=("gifts",),
    ),
    Classic(
        slug="wool-blanket",
        name="Wool Blanket",
        description="<p>Woven in the Harz from the wool of its own sheep, 130 by 200 cm.</p>",
        category="hg-15-1-4",
        picture="blanket",
        sku="BLANKET-WOOL",
        options=(("Color", ("Gray", "Red", "Cream")),),
        euro=13900,
        dollar=13500,
        euro_before=15900,
        attributes=(("Material", "Wool"), ("Shape", "Rectangular"), _SOLID),
        collections=("rainy-days", "hut-weekend"),
    ),
)
