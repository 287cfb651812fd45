"""What the demo sells: the same products in the same order in every chain, of which a small one has only the first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count, islice
from itertools import product as combinations
from random import Random

from api.demo.classics import CLASSICS, Classic
from api.demo.vocabulary import DEPARTMENTS, SERIES
from api.demo.vocabulary.kind import Cut, Kind
from api.demo.vocabulary.materials import MATERIALS, Material

BRAND = "Nordhang"
COLLECTIONS = {"summer": "Summer", "rainy-days": "Rainy days", "hut-weekend": "A weekend in the hut", "gifts": "Gifts"}
PRODUCT_COUNT = 240
"""Of the demo that `oneshelf serve --demo` loads."""

KINDS = tuple(kind for kinds in DEPARTMENTS.values() for kind in kinds)
_SEED = "nordhang"
_FIRST_NUMBER = 1001
# One product in eight is on sale.
_SALE_EVERY = 8

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVariant:
    """Prices are in cents, of the euro with its tax and of the dollar without."""

    sku: str
    name: str
    barcode: str
    selected: Choices
    color: str
    euro: int
    dollar: int
    euro_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProduct:
    """`category` is an id of the taxonomy; `cut` and `number` tell its picture from others of the same kind."""

    slug: str
    name: str
    description: str
    category: str
    options: tuple[tuple[str, tuple[str, ...]], ...]
    attributes: Choices
    collections: tuple[str, ...]
    picture: str
    cut: str | None
    number: int
    variants: tuple[DemoVariant, ...]


def products(most: int = PRODUCT_COUNT) -> Iterator[DemoProduct]:
    """The first so many. Kinds take turns, so that a small chain has something of each."""
    barcodes = map(barcode, count())
    return islice(_all_products(barcodes), most)


def _all_products(barcodes: Iterator[str]) -> Iterator[DemoProduct]:
    for number, classic in enumerate(CLASSICS, start=1):
        yield _from_classic(classic, number, barcodes)
    for turn in count():
        for kind in KINDS:
            yield _from_words(kind, turn, barcodes)


def barcode(number: int) -> str:
    """An EAN-13 from the range that GS1 leaves to shops for their own use (200 to 299)."""
    digits = f"200{number + 1:09d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def _from_classic(classic: Classic, number: int, barcodes: Iterator[str]) -> DemoProduct:
    return DemoProduct(
        slug=classic.slug,
        name=classic.name,
        description=classic.description,
        category=classic.category,
        options=classic.options,
        attributes=classic.attributes,
        collections=classic.collections,
        picture=classic.picture,
        cut=None,
        number=number,
        variants=tuple(
            DemoVariant(
                sku="-".join((classic.sku, *(_in_sku(value) for _, value in selected))),
                name=_named(selected),
                barcode=next(barcodes),
                selected=selected,
                color=dict(selected).get("Color", classic.color),
                euro=classic.euro,
                dollar=classic.dollar,
                euro_before=classic.euro_before,
            )
            for selected in _selections(classic.options)
        ),
    )


def _from_words(kind: Kind, turn: int, barcodes: Iterator[str]) -> DemoProduct:
    random = Random(f"{_SEED} {kind.code} {turn}")
    names = _combinations(kind)
    edition, place = divmod(turn, len(names))
    series, cut, material_word = names[place]
    material = MATERIALS[material_word]
    name = " ".join((series, *((cut.word,) if cut else ()), material_word, kind.noun))
    if edition:
        name += f" No. {edition + 1}"
    number = _FIRST_NUMBER + turn
    options = _options(kind, material, random)
    euro = _price(kind, material, random)
    variants = _variants(kind, f"{kind.code}-{number}", options, euro, random, barcodes)
    return DemoProduct(
        slug=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
        name=name,
        description=_description(kind, cut, material, random),
        category=kind.category,
        options=options,
        attributes=_attributes(kind, cut, material),
        collections=kind.collections if random.random() < 0.5 else (),
        picture=kind.picture,
        cut=cut.word if cut else None,
        number=number,
        variants=variants,
    )


@cache
def _combinations(kind: Kind) -> list[tuple[str, Cut | None, str]]:
    """Every name that makes sense, in an order that looks like none."""
    names = list(combinations(SERIES, (None, *kind.cuts), kind.materials))
    Random(f"{_SEED} {kind.code}").shuffle(names)
    return names


def _options(kind: Kind, material: Material, random: Random) -> tuple[tuple[str, tuple[str, ...]], ...]:
    colors = material.colors or kind.colors
    chosen = random.sample(colors, random.randint(1, min(kind.most_colors, len(colors))))
    options: tuple[tuple[str, tuple[str, ...]], ...] = (("Color", tuple(chosen)),)
    return (*options, kind.sizes) if kind.sizes else options


def _price(kind: Kind, material: Material, random: Random) -> int:
    """In whole euros, below the next ten from a hundred on as shops do it."""
    least, most = kind.euros
    euros = random.uniform(least, most) * material.markup
    return round(euros) if euros < 50 else round(euros / 10) * 10 - 1


def _variants(
    kind: Kind,
    style: str,
    options: tuple[tuple[str, tuple[str, ...]], ...],
    euros: int,
    random: Random,
    barcodes: Iterator[str],
) -> tuple[DemoVariant, ...]:
    is_on_sale = random.randrange(_SALE_EVERY) == 0
    variants = []
    for selected in _selections(options):
        size = dict(selected).get(kind.sizes[0]) if kind.sizes else None
        step = kind.sizes[1].index(size) if kind.sizes and size else 0
        full = euros + step * kind.euros_a_size
        paid = round(full * 0.8) if is_on_sale else full
        variants.append(
            DemoVariant(
                sku="-".join((style, *(_in_sku(value) for _, value in selected))),
                name=_named(selected),
                barcode=next(barcodes),
                selected=selected,
                color=dict(selected)["Color"],
                euro=paid * 100,
                # Without the tax, and with the freight.
                dollar=round(paid * 0.96) * 100,
                euro_before=full * 100 if is_on_sale else None,
            )
        )
    return tuple(variants)


def _description(kind: Kind, cut: Cut | None, material: Material, random: Random) -> str:
    what = random.choice(kind.sentences)
    return f"<p>{what}{f' {cut.sentence}' if cut else ''}</p><p>{material.sentence}</p>"


def _attributes(kind: Kind, cut: Cut | None, material: Material) -> Choices:
    """What the cut says stands above what is usual for the kind."""
    values = {"Material": material.value, **dict(kind.attributes), **dict(cut.attributes if cut else ())}
    return tuple({**values, "Pattern": values.get("Pattern", "Solid")}.items())


def _selections(options: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[Choices]:
    names = [name for name, _ in options]
    for values in combinations(*(values for _, values in options)):
        yield tuple(zip(names, values, strict=True))


def _named(selected: Choices) -> str:
    return " / ".join(value for _, value in selected)


def _in_sku(value: str) -> str:
    """What a hand scanner and a spreadsheet both leave as it is."""
    return re.sub(r"[^A-Z0-9]", "", value.upper().replace("-", "TO"))
