"""What waits for one subscriber. Bounded: a reader that is too slow is told so and comes back, nothing piles up."""

import asyncio
from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar

from api.execution.errors import StreamClosed

MOST_STATES = 512
MOST_STEPS = 256
MOST_STEPS_OF_ALL = 4_096
"""For who follows everything: one command may report a thousand changes."""
SLOW_CONSUMER = 4410


class Placed(Protocol):
    """An event, or what is told of one."""

    @property
    def pos(self) -> int: ...

    @property
    def topic(self) -> str: ...

    @property
    def key(self) -> object: ...


E = TypeVar("E", bound=Placed)


class Mailbox(ABC, Generic[E]):
    """Takes events after `after`, in order. Once closed it hands out what it has, then raises why it was closed."""

    def __init__(self, after: int) -> None:
        self._after = after
        self._closed: Exception | None = None
        self._has_news = asyncio.Event()

    @property
    def after(self) -> int:
        return self._after

    @property
    def has_news(self) -> bool:
        """Whether `take` would not have to wait."""
        return self._has_news.is_set()

    @property
    def is_closed(self) -> bool:
        return self._closed is not None

    def offer(self, event: E) -> None:
        if event.pos <= self._after or self.is_closed:
            return
        if self._put(event):
            self._has_news.set()
        else:
            self.close(StreamClosed(SLOW_CONSUMER, "Slow consumer, resume after your last cursor"))

    def close(self, reason: Exception) -> None:
        if self._closed is None:
            self._closed = reason
            self._has_news.set()

    async def take(self) -> list[E]:
        """All that is there, in order, as soon as there is something. Raises the reason for which it was closed."""
        await self._has_news.wait()
        events = self._empty()
        if self._closed is None:
            self._has_news.clear()
        elif not events:
            raise self._closed
        return events

    @abstractmethod
    def waiting(self) -> list[E]:
        """What `take` would hand out, which stays where it is."""

    @abstractmethod
    def _put(self, event: E) -> bool:
        """False when there is no room."""

    @abstractmethod
    def _empty(self) -> list[E]: ...


class StateMailbox(Mailbox[E]):
    """Keeps only the newest event of each key."""

    def __init__(self, after: int) -> None:
        super().__init__(after)
        self._newest: dict[tuple[str, object], E] = {}

    def _put(self, event: E) -> bool:
        key = (event.topic, event.key)
        # Removed first, so that the dictionary stays in the order of the stream.
        if self._newest.pop(key, None) is None and len(self._newest) == MOST_STATES:
            return False
        self._newest[key] = event
        return True

    def waiting(self) -> list[E]:
        return list(self._newest.values())

    def _empty(self) -> list[E]:
        events = list(self._newest.values())
        self._newest.clear()
        return events


class StepMailbox(Mailbox[E]):
    """Keeps every event."""

    def __init__(self, after: int, *, most: int | None = None) -> None:
        super().__init__(after)
        self._most = MOST_STEPS if most is None else most
        self._steps: list[E] = []

    def _put(self, event: E) -> bool:
        if len(self._steps) == self._most:
            return False
        self._steps.append(event)
        return True

    def waiting(self) -> list[E]:
        return list(self._steps)

    def _empty(self) -> list[E]:
        events, self._steps = self._steps, []
        return events
