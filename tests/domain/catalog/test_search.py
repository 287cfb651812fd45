"""What people type, read as words: which of them may be typos, of what, and the query they become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog.search import (
    MOST_CORRECTIONS,
    Chunk,
    Word,
    chunks_typed,
    corrections_of,
    is_one_typo_apart,
    may_be_mistyped,
    query_of,
)
from domain.errors import InvalidInput

LETTERS = "abc"
WORDS = st.text(LETTERS, min_size=1, max_size=6)


def one_typo_from(word: str) -> set[str]:
    """Every word that one typo makes of it, one after the other."""
    places = range(len(word) + 1)
    missing = {word[:place] + word[place + 1 :] for place in places}
    added = {word[:place] + letter + word[place:] for place in places for letter in LETTERS}
    wrong = {word[:place] + letter + word[place + 1 :] for place in places[:-1] for letter in LETTERS}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-2]}
    return (missing | added | wrong | swapped) - {word}


@given(typed=WORDS, meant=WORDS)
def test_words_are_one_typo_apart_when_one_typo_makes_one_of_the_other(typed: str, meant: str) -> None:
    assert is_one_typo_apart(typed, meant) is (meant in one_typo_from(typed))


@given(meant=WORDS)
def test_every_typo_is_recognized_from_both_sides(meant: str) -> None:
    for typed in one_typo_from(meant) - {""}:
        assert is_one_typo_apart(typed, meant)
        assert is_one_typo_apart(meant, typed)


@pytest.mark.parametrize(
    ("word", "may"), [("shrit", True), ("coat", True), ("tee", False), ("cs100", False), ("4006381333931", False)]
)
def test_short_words_and_codes_mean_what_they_say(word: str, *, may: bool) -> None:
    assert may_be_mistyped(word) is may


def unknown(text: str, *alike: str, containing: tuple[str, ...] = ()) -> Word:
    return Word(text, None, is_known=False, alike=alike, containing=containing)


def chunk(*words: Word, whole: Word | None = None) -> Chunk:
    return Chunk(words, whole)


def test_a_word_that_no_product_has_stands_for_those_one_typo_away_with_its_own_first_letter_first() -> None:
    corrected = corrections_of([chunk(unknown("shrit", "shirt", "chrit", "short", "shrits")), chunk(Word("linen"))])

    assert corrected == {"shrit": ("shirt", "shrits", "chrit")}


def test_without_a_neighbor_it_stands_for_the_words_that_contain_it() -> None:
    word = unknown("hemd", "help", containing=("nachthemd", "baumwollhemd"))

    assert corrections_of([chunk(word)]) == {"hemd": ("nachthemd", "baumwollhemd")}


def test_what_nothing_comes_near_stays_as_it_is() -> None:
    assert corrections_of([chunk(unknown("xyzzy")), chunk(unknown("tee", "bee"))]) == {}


def test_parts_are_not_corrected_when_the_whole_is_known() -> None:
    parts = (Word("t"), unknown("shirtt", "shirt"))

    assert corrections_of([chunk(*parts, whole=Word("tshirtt"))]) == {}
    assert corrections_of([chunk(*parts, whole=unknown("tshirtt"))]) == {"shirtt": ("shirt",)}


def test_a_word_stands_for_so_many_others_and_no_more() -> None:
    near = [f"shrit{chr(letter)}" for letter in range(ord("a"), ord("z") + 1)]

    assert corrections_of([chunk(unknown("shrit", *near))]) == {"shrit": tuple(near[:MOST_CORRECTIONS])}


@pytest.mark.parametrize(
    ("chunks", "query"),
    [
        ([chunk(Word("linen"))], "('linen' | 'linen':*)"),
        ([chunk(Word("dresses", "dress")), chunk(Word("x"))], "('dresses' | 'dress') & ('x')"),
        ([chunk(Word("shirt", "shirt"))], "('shirt' | 'shirt':*)"),
        (
            [chunk(Word("t"), Word("shirt"), whole=Word("tshirt")), chunk(Word("blue"))],
            "(('tshirt') | (('t') & ('shirt'))) & ('blue' | 'blue':*)",
        ),
        ([chunk(Word("shrit"))], "('shirt' | 'skirt')"),
        ([chunk(Word("it's \\ |"))], "('it''s \\\\ |' | 'it''s \\\\ |':*)"),
        ([], ""),
    ],
)
def test_a_query_asks_for_every_word_and_the_beginning_of_the_last(chunks: list[Chunk], query: str) -> None:
    assert query_of(chunks, {"shrit": ("shirt", "skirt")}) == query


@pytest.mark.parametrize("typed", ["x" * 201, "x " * 21, "-".join("x" * 21)])
def test_more_than_anybody_searches_for_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        chunks_typed(typed)


def test_what_stands_between_blanks_is_kept_together() -> None:
    assert chunks_typed(" T-Shirt\u00a0\tblue\n") == ["T-Shirt", "blue"]
    assert chunks_typed("x" * 200) == ["x" * 200]
