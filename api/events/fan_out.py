"""Changes for all streams that are told them in the same words: executed and encoded once, then handed to one after the other.

A stream is in here while it stands where the others stand and its client takes at once what it is sent. Else it reads its own
mailbox, in which whatever it was not handed waits for it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from api.events.changes import Change, Lesson, Memory
from api.events.mailbox import Mailbox, StateMailbox
from api.execution.engine import Answer
from api.execution.telling import Outlet

_AT_ONCE = 500
"""How many are given a change before requests, and those who have it already, go on."""


class Boxes:
    """The mailboxes into which a feed puts its changes."""

    def __init__(self) -> None:
        self.at_rest = asyncio.Lock()
        """Held while a change is on its way into one after the other."""
        # In the order in which they came.
        self._boxes: dict[Mailbox[Change], None] = {}
        self._on_its_way: Change | None = None

    def add(self, box: Mailbox[Change]) -> None:
        """From the change on that is on its way, if one is; whoever had it before knows it."""
        self._boxes[box] = None
        if self._on_its_way is not None:
            box.offer(self._on_its_way)

    def discard(self, box: Mailbox[Change]) -> None:
        self._boxes.pop(box, None)

    async def offer(self, change: Change) -> None:
        async with self.at_rest:
            self._on_its_way = change
            for offered, box in enumerate(tuple(self._boxes), start=1):
                box.offer(change)
                if offered % _AT_ONCE == 0:
                    await asyncio.sleep(0)
            self._on_its_way = None

    def close(self, reason: Exception) -> None:
        for box in self._boxes:
            box.close(reason)


@dataclass(slots=True, eq=False)
class Member:
    """A stream: what it reads by itself, what it has told, and how its client is reached."""

    box: Mailbox[Change]
    memory: Memory
    # To the present, before something is told.
    move_on: Callable[[], Awaitable[None]]
    tell: Callable[[object], Awaitable[Answer]]
    outlet: Outlet[Answer]
    # Done once it has to read by itself again.
    released: asyncio.Future[None]
    # What is told up to here was told before.
    after: int = field(init=False)

    def __post_init__(self) -> None:
        self.after = self.box.after

    def would_tell(self, change: Change) -> bool:
        return change.pos > self.after and change.is_news_after(self.memory.told_of(change.key))


class Pump:
    """Lives as long as a stream is in it; then it says so."""

    def __init__(self, boxes: Boxes, on_end: Callable[["Pump"], None]) -> None:
        self._boxes = boxes
        self._on_end = on_end
        # In the order in which they came.
        self._members: dict[Member, None] = {}
        # The first is being told.
        self._news: deque[Change] = deque()
        self._has_ended = False
        self._box = StateMailbox[Change](0)
        boxes.add(self._box)
        self._task = asyncio.create_task(self._run(), name="fan-out")

    def join(self, member: Member) -> None:
        """Its mailbox has to be empty, and the mailboxes at rest: what is put into them from now on comes in here."""
        self._boxes.discard(member.box)
        self._members[member] = None

    def leave(self, member: Member) -> None:
        """For a stream that ends; one that was released has left already."""
        if member in self._members:
            del self._members[member]
            if not self._members:
                self._task.cancel()
                self._end()

    def _end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._boxes.discard(self._box)
            self._on_end(self)

    async def _run(self) -> None:
        try:
            while self._members:
                await self._take()
                while self._news:
                    await self._tell(self._news[0])
                    self._news.popleft()
        finally:
            # However this ends, nobody is left waiting.
            self._release(tuple(self._members), self._news)
            self._end()

    async def _take(self) -> None:
        try:
            self._news.extend(await self._box.take())
        except Exception as error:  # noqa: BLE001 - It belongs to the streams, each of which ends by it.
            for member in self._members:
                member.box.close(error)
            self._release(tuple(self._members), ())

    async def _tell(self, change: Change) -> None:
        teller = next((member for member in self._members if member.would_tell(change)), None)
        answer = None if teller is None else await self._answer(teller, change)
        if teller is not None and answer is None:
            self._release(tuple(self._members), self._news)
            return
        lesson = Lesson(change)
        for number, member in enumerate(tuple(self._members), start=1):
            # It may have left while others were told.
            is_told = member in self._members and change.pos > member.after and lesson.taught(member.memory)
            if is_told and answer is not None and not member.outlet.push(answer):
                self._release((member,), tuple(self._news)[1:])
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _answer(self, teller: Member, change: Change) -> Answer | None:
        """Null where each has to ask for its own, and meets by itself whatever was in the way."""
        try:
            await teller.move_on()
            answer = await teller.tell(change.entry)
        except Exception:  # noqa: BLE001 - Each asks again, and then the error is its own.
            return None
        return None if answer.has_errors else answer

    def _release(self, members: Iterable[Member], untold: Iterable[Change]) -> None:
        """From now on they read by themselves, beginning with what they were not handed."""
        waiting = (*untold, *self._box.waiting())
        for member in members:
            del self._members[member]
            for change in waiting:
                member.box.offer(change)
            self._boxes.add(member.box)
            if not member.released.done():
                member.released.set_result(None)
