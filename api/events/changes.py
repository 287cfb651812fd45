"""What a feed tells, and what a stream remembers of it."""

from collections.abc import Hashable
from dataclasses import dataclass

from api.events.types import AvailabilityChanged
from domain.events import Topic

State = tuple[int, Hashable | None]
"""Of a level: its version, and what a shopper may know of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """`visible` is what a shopper may know of it; null for those who are told of every change."""

    pos: int
    key: Hashable
    version: int
    visible: Hashable | None
    entry: AvailabilityChanged

    @property
    def topic(self) -> str:
        return Topic.STOCK

    def is_news_after(self, told: State | None) -> bool:
        """Shoppers are told when what they may see has changed, others whenever the level has."""
        if told is None:
            return True
        version, visible = told
        return self.version > version and (self.visible is None or self.visible != visible)


class Memory:
    """Of what a stream has told of each level, so that a version never falls and nothing is told twice."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        self._told: dict[Hashable, State] = {}

    def told_of(self, key: Hashable) -> State | None:
        return self._told.get(key)

    def keep(self, key: Hashable, state: State) -> None:
        self._told[key] = state

    def learn(self, change: Change) -> bool:
        """Whether it was news."""
        return Lesson(change).taught(self)


class Lesson:
    """A change for many memories, most of which know the same."""

    __slots__ = ("_change", "_is_newer", "_is_news", "_key", "_state", "_told")

    def __init__(self, change: Change) -> None:
        self._change = change
        self._key = change.key
        self._state: State = change.version, change.visible
        self._told: State | None = None
        self._is_news = self._is_newer = True

    def taught(self, memory: Memory) -> bool:
        """Whether it was news."""
        told = memory.told_of(self._key)
        # By identity: who learned it together holds the same, and comparing what is visible would take longer.
        if told is not self._told:
            self._told = told
            self._is_news = self._change.is_news_after(told)
            self._is_newer = told is None or told[0] < self._state[0]
        if self._is_newer:
            memory.keep(self._key, self._state)
        return self._is_news
