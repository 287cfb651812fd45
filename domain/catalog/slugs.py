"""Names for addresses: lower case, letters and digits of any script, joined by hyphens."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

_BETWEEN_WORDS = re.compile(r"[^\w]+|_+")
_IS_HANDLE = re.compile(r"\w[\w.\-]*")
MOST_CHARACTERS = 255
MOST_CHARACTERS_OF_CODE = 63


def slug(text: str) -> str:
    """`Röcke & Hosen` is `rocke-hosen`. A text without letters and digits has a fingerprint for a slug."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    words = _BETWEEN_WORDS.sub("-", unicodedata.normalize("NFC", plain)).strip("-")
    return words[:MOST_CHARACTERS].strip("-") or fingerprint(text)


def code(text: str) -> str:
    """As `domain.channels.naming` wants codes; what has no such letters is told apart by a fingerprint."""
    readable = slug(text)
    if not readable.isascii():
        plain = readable.encode("ascii", errors="ignore").decode()
        readable = f"{_BETWEEN_WORDS.sub('-', plain)[: MOST_CHARACTERS_OF_CODE - 11].strip('-')}-{fingerprint(text)}"
    return readable[:MOST_CHARACTERS_OF_CODE].strip("-")


def handle_slug(handle: str) -> str:
    """A handle is a slug already; one written by hand, with spaces or capitals, is made one."""
    lowered = handle.strip().lower()
    return lowered if _IS_HANDLE.fullmatch(lowered) else slug(lowered)


def made_sku(handle: str, option_values: Sequence[str]) -> str:
    """For a variant without a SKU: depends on its handle and options alone, and differs for all others."""
    readable = "-".join([handle, *(slug(value) for value in option_values)])
    return f"{readable[:100].strip('-')}-{fingerprint(chr(31).join([handle, *option_values]))}"


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:10]
