"""What all products of one kind have in common, and the words they are told apart by."""

from dataclasses import dataclass

SIZES = ("S", "M", "L", "XL")


@dataclass(frozen=True, slots=True)
class Cut:
    """A word of the product's name, what it means to whoever buys it, and the attributes that follow from it."""

    word: str
    sentence: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`code` begins its SKUs; `category` is an id of the taxonomy; `euros` is what the plainest and the finest cost."""

    code: str
    noun: str
    category: str
    picture: str
    sentences: tuple[str, ...]
    cuts: tuple[Cut, ...]
    materials: tuple[str, ...]
    colors: tuple[str, ...]
    euros: tuple[int, int]
    attributes: tuple[tuple[str, str], ...] = ()
    sizes: tuple[str, tuple[str, ...]] | None = None
    euros_a_size: int = 0
    """What each size costs more than the one before."""
    most_colors: int = 3
    collections: tuple[str, ...] = ()


def striped(sentence: str) -> Cut:
    return Cut("Striped", sentence, (("Pattern", "Striped"),))


def checked(sentence: str) -> Cut:
    return Cut("Checked", sentence, (("Pattern", "Checkered"),))


def dotted(sentence: str) -> Cut:
    return Cut("Dotted", sentence, (("Pattern", "Dots"),))
