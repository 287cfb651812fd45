"""The part of Shopify's open product taxonomy that the demo's categories and attributes are of; see LICENSE beside it."""

from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).parent


def _entries(file: str) -> Iterator[list[str]]:
    for line in (_HERE / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            gid, *rest = line.split(" : ")
            yield [gid.rpartition("/")[2], *rest]


CATEGORY_PATHS: dict[str, tuple[str, ...]] = {id_: tuple(path.split(" > ")) for id_, path in _entries("categories.txt")}
"""By the taxonomy's id, from the widest category to the category itself."""

ATTRIBUTE_VALUES: dict[str, frozenset[str]] = {
    name: frozenset(values.split(", ")) for _, name, values in _entries("attributes.txt")
}
