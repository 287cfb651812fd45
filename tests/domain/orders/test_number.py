"""Order numbers that can be read out over a telephone and not be guessed."""

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from domain.orders.number import ALPHABET, order_number


def test_a_number_is_two_groups_of_five_letters() -> None:
    assert order_number(bytes(range(10))) == "23456-789AB"
    assert order_number(bytes(range(22, 32))) == "QRSTU-VWXYZ"


def test_no_letter_can_be_taken_for_another() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert not set(ALPHABET) & set("01IO")


def test_each_letter_stands_for_equally_many_bytes() -> None:
    letters = Counter(order_number(bytes([byte]) * 10)[0] for byte in range(256))

    assert letters == dict.fromkeys(ALPHABET, 8)


@given(random_bytes=st.binary(min_size=10, max_size=16))
def test_every_position_depends_on_its_own_byte_alone(random_bytes: bytes) -> None:
    number = order_number(random_bytes)

    assert re.fullmatch(rf"[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}", number)
    assert [ALPHABET.index(letter) for letter in number.replace("-", "")] == [byte % 32 for byte in random_bytes[:10]]
