"""What somebody typed into a search, read as words of the catalog: exactly, by their beginning, or with one typo."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput

LONGEST_SEARCH = 200
MOST_WORDS = 20
SHORTEST_MISTYPED = 4
"""Shorter words have too many neighbors that mean something else."""

SHORTEST_BEGINNING = 2
MOST_CORRECTIONS = 20
"""Words of the catalog that one mistyped word can stand for."""

Corrections = Mapping[str, Sequence[str]]
"""For each word that no product has: the words that are searched for instead."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed, folded as the catalog folds its own, and what the catalog knows of it."""

    text: str
    stem: str | None = None
    is_known: bool = True
    alike: tuple[str, ...] = ()
    """Words of the catalog that may be one typo away."""

    containing: tuple[str, ...] = ()
    """Longer words of the catalog that it is a part of."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What stood between two blanks: `T-Shirt` has two parts, and is also one word as a whole."""

    parts: tuple[Word, ...]
    whole: Word | None = None
    """Null when there is only one part."""


def chunks_typed(typed: str) -> list[str]:
    """What stands between blanks. Raises InvalidInput for more than anybody searches for."""
    if len(typed) > LONGEST_SEARCH:
        raise InvalidInput(f"A search has at most {LONGEST_SEARCH} characters.", ("filter", "search"))
    if len(re.findall(r"[^\W_]+", typed)) > MOST_WORDS:
        raise InvalidInput(f"A search has at most {MOST_WORDS} words.", ("filter", "search"))
    return typed.split()


def corrections_of(chunks: Sequence[Chunk]) -> dict[str, tuple[str, ...]]:
    """What the words that no product has are taken for; those that nothing comes near are left out."""
    mistyped = (
        part for chunk in chunks if chunk.whole is None or not chunk.whole.is_known for part in chunk.parts
        if not part.is_known
    )  # fmt: skip
    corrected = {word.text: _meant_by(word) for word in mistyped}
    return {word: meant for word, meant in corrected.items() if meant}


def _meant_by(word: Word) -> tuple[str, ...]:
    if not may_be_mistyped(word.text):
        return ()
    near = {other for other in word.alike if is_one_typo_apart(word.text, other)}
    # The first letter is seldom the wrong one.
    ordered = sorted(near, key=lambda other: (other[0] != word.text[0], other)) or word.containing
    return tuple(ordered[:MOST_CORRECTIONS])


def may_be_mistyped(word: str) -> bool:
    """Codes and numbers mean what they say."""
    return len(word) >= SHORTEST_MISTYPED and not any(character.isdigit() for character in word)


def is_one_typo_apart(typed: str, meant: str) -> bool:
    """One letter too many, missing or wrong, or two neighbors swapped."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    start = next((place for place, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), -1)
    if start < 0:
        return True
    a, b = typed[start:], meant[start:]
    if len(a) != len(b):
        return a[1:] == b or a == b[1:]
    return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def query_of(chunks: Sequence[Chunk], corrections: Corrections) -> str:
    """In the notation of PostgreSQL's tsquery: every chunk must be found; the last word may be a beginning."""
    last = len(chunks) - 1
    return " & ".join(_chunk(chunk, corrections, is_last=number == last) for number, chunk in enumerate(chunks))


def _chunk(chunk: Chunk, corrections: Corrections, *, is_last: bool) -> str:
    last = len(chunk.parts) - 1
    parts = " & ".join(
        _word(part, corrections, is_last=is_last and number == last) for number, part in enumerate(chunk.parts)
    )
    return parts if chunk.whole is None else f"({_word(chunk.whole, {}, is_last=is_last)} | ({parts}))"


def _word(word: Word, corrections: Corrections, *, is_last: bool) -> str:
    if word.text in corrections:
        return _any_of(_quoted(meant) for meant in corrections[word.text])
    forms = [_quoted(word.text)]
    if word.stem is not None and word.stem != word.text:
        forms.append(_quoted(word.stem))
    if is_last and len(word.text) >= SHORTEST_BEGINNING:
        forms.append(f"{_quoted(word.text)}:*")
    return _any_of(forms)


def _any_of(forms: Iterable[str]) -> str:
    return f"({' | '.join(forms)})"


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
