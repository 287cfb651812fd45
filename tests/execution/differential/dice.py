"""Choices that follow from a key alone, so that both executors are given the same data in whatever order they ask."""

import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def mixed(*parts: object) -> int:
    return zlib.crc32(repr(parts).encode())


class Dice:
    """A linear congruential generator; only its upper bits are used."""

    def __init__(self, key: int) -> None:
        self._state = key * 0x9E3779B97F4A7C15 + 1

    def roll(self, sides: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self._state >> 33) % sides

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.roll(len(choices))]

    def happens(self, permille: int) -> bool:
        return self.roll(1000) < permille
