"""How much the demo has of everything, and the few places where that tells a story."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from api.demo.catalog import DemoProduct
from api.demo.places import WAREHOUSE

_SEED = "stock"
# How likely a store has an article at all. Stores of a larger chain are as the last of these.
_ASSORTMENT = {"berlin": 0.9, "hamburg": 0.7, "copenhagen": 0.7, "new-york": 0.8, "portland": 0.6}
_USUAL_ASSORTMENT = 0.6
_MOST_STORES = 5
"""Of those that only a larger chain has, as many take an article."""
# Sofas are shown in a store, and come from the warehouse.
_BULKY_FROM_CENTS = 30_000
_SOLD_OUT = 0.07


@dataclass(frozen=True, slots=True)
class Beginning:
    """What one level begins with."""

    sku: str
    location: str
    on_hand: int
    unavailable: int = 0
    safety_stock: int = 0
    incoming: int = 0


@dataclass(frozen=True, slots=True)
class Shipment:
    """Units that have left one location and not yet arrived at another."""

    sku: str
    origin: str
    destination: str
    units: int


# SKUs that are not stocked as usual: these levels, and nothing elsewhere.
_STORIES = (
    # What the stories in GraphiQL order, and see fall.
    Beginning("TEE-LINEN-WHITE-M", "leipzig", 25, safety_stock=5),
    Beginning("TEE-LINEN-WHITE-M", "berlin", 8),
    Beginning("TEE-LINEN-WHITE-M", "hamburg", 2),
    Beginning("TEE-LINEN-WHITE-M", "new-york", 3),
    # The last one, in one store.
    Beginning("SWEATER-MERINO-RUST-M", "leipzig", 0),
    Beginning("SWEATER-MERINO-RUST-M", "berlin", 1),
    Beginning("SWEATER-MERINO-RUST-M", "new-york", 0),
    # Cannot be shipped any more, but waits in a shop.
    Beginning("SNEAKER-CANVAS-42", "leipzig", 0),
    Beginning("SNEAKER-CANVAS-42", "berlin", 0),
    Beginning("SNEAKER-CANVAS-42", "new-york", 4),
    # Sold out in every store; the last of the warehouse are on their way to two of them.
    Beginning("BLANKET-WOOL-RED", "leipzig", 18),
    Beginning("BLANKET-WOOL-RED", "berlin", 0),
    Beginning("BLANKET-WOOL-RED", "hamburg", 0),
    # Sold out everywhere; the maker delivers.
    Beginning("PACK-DAY-OLIVE", "leipzig", 0, incoming=40),
    Beginning("PACK-DAY-OLIVE", "berlin", 0),
    # Some of them broken.
    Beginning("MUG-STONEWARE-SEA", "leipzig", 30),
    Beginning("MUG-STONEWARE-SEA", "berlin", 6, unavailable=2),
    # Waits in the locker at the station, day and night.
    Beginning("MUG-STONEWARE-COAL", "leipzig", 12),
    Beginning("MUG-STONEWARE-COAL", "berlin-hbf", 3),
    Beginning("TOTE-CANVAS-NATURAL", "leipzig", 80),
    Beginning("TOTE-CANVAS-NATURAL", "berlin", 12),
    Beginning("TOTE-CANVAS-NATURAL", "berlin-hbf", 4),
)
UNDERWAY = (
    Shipment("BLANKET-WOOL-RED", "leipzig", "berlin", 12),
    Shipment("BLANKET-WOOL-RED", "leipzig", "hamburg", 6),
)
_TOLD = {story.sku for story in _STORIES}


def beginnings(product: DemoProduct, stores: Sequence[str]) -> Iterator[Beginning]:
    """The same in every demo. `stores` are those beyond the small chain's, by code."""
    for variant in product.variants:
        if variant.sku in _TOLD:
            continue
        random = Random(f"{_SEED} {variant.sku}")
        is_bulky = variant.euro >= _BULKY_FROM_CENTS
        yield Beginning(variant.sku, WAREHOUSE, _units(random, 4, 12) if is_bulky else _units(random, 15, 60))
        most = 2 if is_bulky else 14
        for code, likelihood in _ASSORTMENT.items():
            if random.random() < likelihood:
                yield Beginning(variant.sku, code, _units(random, 1, most))
        for code in random.sample(stores, min(_MOST_STORES, len(stores))):
            if random.random() < _USUAL_ASSORTMENT:
                yield Beginning(variant.sku, code, _units(random, 1, most))
    for story in _STORIES:
        if any(story.sku == variant.sku for variant in product.variants):
            yield story


def _units(random: Random, least: int, most: int) -> int:
    return 0 if random.random() < _SOLD_OUT else random.randint(least, most)
