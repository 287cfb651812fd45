"""A gift set: a bundle, which has no stock of its own and is there as often as what is in it."""

from collections.abc import Mapping
from uuid import UUID

from api.demo.catalog import DemoProduct, DemoVariant, barcode
from domain.inventory.bundles import Component
from persistence.catalog import bundles
from persistence.database import Connection

# Beyond all that are given to other products.
_LAST_BARCODE = 999_999_998

GIFT_SET = DemoProduct(
    slug="breakfast-for-two",
    name="Breakfast for Two",
    description="<p>Two stoneware mugs in a canvas bag. Coffee not included.</p>",
    category="hg-11-10-5-5",
    options=(("Color", ("Sea",)),),
    attributes=(("Material", "Ceramic"), ("Shape", "Cylindrical"), ("Pattern", "Solid")),
    collections=("gifts",),
    picture="mug",
    cut=None,
    number=1,
    variants=(
        DemoVariant(
            sku="SET-BREAKFAST",
            name="Sea",
            barcode=barcode(_LAST_BARCODE),
            selected=(("Color", "Sea"),),
            color="Sea",
            euro=5900,
            dollar=5900,
            euro_before=None,
        ),
    ),
)
CONTENTS = {"MUG-STONEWARE-SEA": 2, "TOTE-CANVAS-NATURAL": 1}


async def wrap(connection: Connection, gift_id: UUID, variant_ids: Mapping[str, UUID]) -> None:
    """The set is made of its contents, which are listed by now."""
    await bundles.lock(connection, gift_id)
    contents = [Component(variant_ids[sku], quantity) for sku, quantity in CONTENTS.items()]
    await bundles.compose(connection, gift_id, contents)
