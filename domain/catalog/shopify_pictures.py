"""The pictures of one product, from all of its rows, in the merchant's order and each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.catalog import values
from domain.catalog.csv_table import TableRow
from domain.catalog.products import Picture
from domain.catalog.rows import Reason, RowNotice, shortened

MOST_PICTURES = 250
_MOST_CHARACTERS_OF_URL = 2048
_MOST_CHARACTERS_OF_ALT = 512
_LAST = 1 << 30


@dataclass(frozen=True, slots=True)
class Pictures:
    """`lines` are those of the rows whose picture was found good."""

    found: tuple[Picture, ...]
    lines: frozenset[int]
    notices: tuple[RowNotice, ...]


def pictures(rows: Sequence[TableRow], skus: Mapping[int, str], handle: str) -> Pictures:
    """`skus` by the line of the variant."""
    places: dict[str, tuple[int, int]] = {}
    alts: dict[str, str] = {}
    lines: set[int] = set()
    notices: list[RowNotice] = []
    users: dict[str, list[str]] = {}

    def add(row: TableRow, column: str, position: int) -> str | None:
        url = _address(row[column])
        if url is not None and (url in places or len(places) < MOST_PICTURES):
            places.setdefault(url, (position, len(places)))
            return url
        reason = Reason.TOO_MANY_PICTURES if url else Reason.NOT_A_PICTURE
        sku, detail = shortened(row["sku"]), shortened(row[column])
        notices.append(RowNotice(line=row.line, reason=reason, handle=handle, sku=sku, detail=detail))
        return None

    for row in rows:
        if row["picture"] and (url := add(row, "picture", _position(row))):
            lines.add(row.line)
            if row["picture_alt"]:
                alts.setdefault(url, row["picture_alt"][:_MOST_CHARACTERS_OF_ALT])
    for row in rows:
        if row["variant_picture"] and (url := add(row, "variant_picture", _LAST)) and row.line in skus:
            users.setdefault(url, []).append(skus[row.line])
    found = tuple(
        Picture(url, alts.get(url), users[url][0] if len(users.get(url, ())) == 1 else None)
        for url in sorted(places, key=lambda url: places[url])
    )
    return Pictures(found, frozenset(lines), tuple(notices))


def _address(text: str) -> str | None:
    url = f"https:{text}" if text.startswith("//") else text
    is_web = url.lower().startswith(("https://", "http://"))
    is_plain = url.isprintable() and " " not in url and len(url) <= _MOST_CHARACTERS_OF_URL
    return url if is_web and is_plain else None


def _position(row: TableRow) -> int:
    try:
        return values.quantity(row["picture_position"])
    except ValueError:
        return _LAST
