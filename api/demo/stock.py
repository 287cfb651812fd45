"""How much the demo has of everything, and the few places where that tells a story."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

_SEED = 1
_USUAL = {"leipzig": (20, 60), "berlin": (4, 15), "new-york": (4, 12)}


@dataclass(frozen=True, slots=True)
class Beginning:
    """What one level begins with."""

    sku: str
    location: str
    on_hand: int
    unavailable: int = 0
    safety_stock: int = 0
    incoming: int = 0


# SKUs that are not stocked as usual: these levels, and nothing elsewhere.
_STORIES = (
    # What the stories in GraphiQL order, and see fall.
    Beginning("TEE-LINEN-WHITE-M", "leipzig", 25, safety_stock=5),
    Beginning("TEE-LINEN-WHITE-M", "berlin", 8),
    Beginning("TEE-LINEN-WHITE-M", "new-york", 3),
    # The last one, in one store.
    Beginning("SWEATER-MERINO-RUST-M", "leipzig", 0),
    Beginning("SWEATER-MERINO-RUST-M", "berlin", 1),
    Beginning("SWEATER-MERINO-RUST-M", "new-york", 0),
    # Cannot be shipped any more, but waits in a shop.
    Beginning("SNEAKER-CANVAS-42", "leipzig", 0),
    Beginning("SNEAKER-CANVAS-42", "berlin", 0),
    Beginning("SNEAKER-CANVAS-42", "new-york", 4),
    # Sold out everywhere, more on its way.
    Beginning("BLANKET-WOOL-RED", "leipzig", 0, incoming=12),
    Beginning("BLANKET-WOOL-RED", "berlin", 0),
    # Some of them broken.
    Beginning("MUG-STONEWARE-SEA", "leipzig", 30),
    Beginning("MUG-STONEWARE-SEA", "berlin", 6, unavailable=2),
)


def beginnings(skus: Sequence[str]) -> Iterator[Beginning]:
    """The same in every demo."""
    random = Random(_SEED)
    told = {story.sku for story in _STORIES}
    for sku in skus:
        for location, (least, most) in _USUAL.items():
            units = random.randint(least, most)
            if sku not in told:
                yield Beginning(sku, location, units)
    yield from _STORIES
