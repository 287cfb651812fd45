"""One reader of the event log for all subscribers of this process. Every event enters once, in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from itertools import islice
from time import monotonic

from api.events import mailbox as mailboxes
from api.events.mailbox import Mailbox, StateMailbox, StepMailbox
from api.execution.errors import StreamClosed
from domain.events import Address, Interest, LoggedEvent, Position, Subject, newest_of_each
from persistence.database import Database, Reader
from persistence.events import log
from persistence.events.listening import Listener, answered_in_time, listening
from persistence.events.sequencer import LOG_CHANNEL, announced
from persistence.events.tail import Tail, stream_name

TRY_AGAIN_LATER = 1013
RING_SIZE = 4_096
_READ_AT_ONCE = 500
# How many positions one statement of a replay looks at, so that none takes long.
_REPLAY_AT_ONCE = 5_000
_OFFERED_AT_ONCE = 500
# A net below the notifications: a lost one costs this much and no event.
_POLL_SECONDS = 1.0
# Whoever follows nothing asks no more often where the stream stands.
_POSITION_SECONDS = 0.05
# Whoever leaves may come back: for so long after the last follower the newest events are kept at hand.
_SECONDS_KEPT_WARM = 60.0


class Lagged(Exception):
    """What follows the cursor is no longer known: read afresh, then go on from `resume_from`."""

    def __init__(self, resume_from: Position) -> None:
        super().__init__(f"resume from {resume_from}")
        self.resume_from = resume_from


class Hub:
    """Where this process stands in the stream, the newest events, and who waits for the next."""

    def __init__(
        self, database: Database, *, tail: Tail | None = None, follows: bool = True, ring_size: int = RING_SIZE
    ) -> None:
        self._database = database
        self._tail = tail
        self._stream = ""
        self._follows = follows
        self._epoch = 0
        self._pos = 0
        self._ring: deque[LoggedEvent] = deque(maxlen=ring_size)
        self._mailboxes: dict[Address, set[Mailbox[LoggedEvent]]] = {}
        self._followers: set[Mailbox[LoggedEvent]] = set()
        self._left_at = float("-inf")
        self._has_begun = asyncio.Event()

    @property
    def position(self) -> Position:
        """Everything up to here was committed before now, so whatever is read from now on includes it."""
        return Position(self._epoch, self._pos)

    @property
    def followers(self) -> int:
        """How many wait for what comes next."""
        return len(self._followers)

    @property
    def _is_idle(self) -> bool:
        """Nobody here wants to know what happens, only where the stream stands."""
        return not self._follows or not (self._followers or monotonic() - self._left_at < _SECONDS_KEPT_WARM)

    async def begun(self) -> None:
        """Returns once the position is known."""
        await self._has_begun.wait()

    async def run(self) -> None:
        """Read as events come. Raises when the connection is lost; the next run goes on where this one ended."""
        async with listening(self._database.url) as listener:
            await listener.listen(LOG_CHANNEL)
            looked_at = float("-inf")
            while True:
                async with answered_in_time():
                    # However busy the stream is, a new epoch is noticed.
                    if monotonic() - looked_at > _POLL_SECONDS:
                        self._stand_at(await log.state(listener.asking))
                        looked_at = monotonic()
                        if not self._is_idle:
                            await self._catch_up(listener.asking)
                if not self._follows:
                    await self._ask_where_it_stands(listener)
                elif self._is_idle:
                    if await listener.called(_POLL_SECONDS):
                        self._skip_to(announced(listener.heard))
                elif not await self._read_tail():
                    async with answered_in_time():
                        await self._catch_up(listener.asking)
                    await listener.called(_POLL_SECONDS)

    async def _ask_where_it_stands(self, listener: Listener) -> None:
        """However many events there are, a few times a second is enough: an older position is a good one, too."""
        await listener.called(_POLL_SECONDS)
        await asyncio.sleep(_POSITION_SECONDS)
        async with answered_in_time():
            self._stand_at(await log.state(listener.asking))

    async def _read_tail(self) -> bool:
        """Whether the copy in Redis leads on without a hole; then PostgreSQL is not asked for what is new."""
        if self._tail is None or not self._tail.is_usable:
            return False
        events = await self._tail.events_after(self._stream, self._pos)
        if events is None or (events and events[0].pos != self._pos + 1):
            return False
        for event in events:
            if event.pos != self._pos + 1:
                return False
            await self._publish(event)
        return True

    async def follow(
        self, interest: Interest, after: Position, *, conflate: bool
    ) -> AsyncGenerator[list[LoggedEvent], None]:
        """Every event of interest after that position, once and in order: first what was missed, then as they come.

        With `conflate`, of events of one key that wait together only the newest. Raises Lagged when something between is no
        longer kept, and StreamClosed when the caller takes too long or this process follows nothing.
        """
        self._expect_to_follow()
        after = await self._accepted(after)
        while self._has_left_ring(after):
            missed, after = await self._page_from_log(interest, after)
            if missed:
                yield newest_of_each(missed) if conflate else missed
        # From here to the registration nothing awaits: an event is either in the ring now or comes to the mailbox.
        self._refuse_other_epoch(after)
        missed = [event for event in self._in_ring(after.pos) if interest.covers(event)]
        mailbox = _mailbox(interest, max(after.pos, self._pos), conflate=conflate)
        with self._registered(mailbox, interest):
            if missed:
                yield newest_of_each(missed) if conflate else missed
            while True:
                yield await mailbox.take()

    async def missed(self, interest: Interest, after: Position) -> AsyncGenerator[list[LoggedEvent], None]:
        """What `follow` would tell at once, of each key that waits together the newest; for who has seen to what comes then."""
        after = await self._accepted(after)
        while self._has_left_ring(after):
            missed, after = await self._page_from_log(interest, after)
            if missed:
                yield newest_of_each(missed)
        self._refuse_other_epoch(after)
        missed = [event for event in self._in_ring(after.pos) if interest.covers(event)]
        if missed:
            yield newest_of_each(missed)

    @contextmanager
    def newest(self, interest: Interest) -> Iterator[Mailbox[LoggedEvent]]:
        """From now on, of events of one key that wait together only the newest."""
        self._expect_to_follow()
        mailbox = StateMailbox[LoggedEvent](self._pos)
        with self._registered(mailbox, interest):
            yield mailbox

    def _expect_to_follow(self) -> None:
        if not self._follows:
            raise StreamClosed(TRY_AGAIN_LATER, "This process serves no subscriptions; another does.")

    async def _accepted(self, after: Position) -> Position:
        self._refuse_other_epoch(after)
        if after.pos > self._pos:
            # Another process handed out a position that this one has not reached yet, or one was lost in a restore.
            async with self._database.reading() as reader:
                state = await log.state(reader)
            if after.epoch != state.position.epoch or after.pos > state.position.pos:
                raise Lagged(self.position)
        return after

    def _refuse_other_epoch(self, after: Position) -> None:
        if after.epoch != self._epoch:
            raise Lagged(self.position)

    def _has_left_ring(self, after: Position) -> bool:
        return after.pos + 1 < self._oldest_in_ring()

    async def _page_from_log(self, interest: Interest, after: Position) -> tuple[list[LoggedEvent], Position]:
        """What is of interest of the next few thousand positions, and the last of these."""
        upto = min(after.pos + _REPLAY_AT_ONCE, self._pos)
        async with self._database.reading() as reader:
            events = await log.events_for(reader, interest, after=after.pos, upto=upto)
            # Asked afterwards, so that a partition dropped in between is noticed.
            state = await log.state(reader)
        if state.oldest > after.pos + 1 or state.position.epoch != after.epoch:
            raise Lagged(self.position)
        return events, Position(after.epoch, upto)

    def _oldest_in_ring(self) -> int:
        return self._ring[0].pos if self._ring else self._pos + 1

    def _in_ring(self, after: int) -> Iterator[LoggedEvent]:
        # Positions are dense, so the place of an event in the ring is known.
        return islice(self._ring, max(0, after + 1 - self._oldest_in_ring()), None)

    @contextmanager
    def _registered(self, mailbox: Mailbox[LoggedEvent], interest: Interest) -> Iterator[None]:
        addresses = interest.addresses()
        self._followers.add(mailbox)
        for address in addresses:
            self._mailboxes.setdefault(address, set()).add(mailbox)
        try:
            yield
        finally:
            self._followers.discard(mailbox)
            self._left_at = monotonic()
            for address in addresses:
                self._mailboxes[address].discard(mailbox)
                if not self._mailboxes[address]:
                    del self._mailboxes[address]

    async def _catch_up(self, reader: Reader) -> None:
        while events := await log.events_after(reader, self._pos, most=_READ_AT_ONCE):
            for event in events:
                if event.pos != self._pos + 1:
                    # Dropped before this process could read it.
                    self._begin_at((await log.state(reader)).position)
                    return
                await self._publish(event)
            # Let others run between two batches.
            await asyncio.sleep(0)
            if len(events) < _READ_AT_ONCE:
                # Whatever was moved meanwhile has announced itself.
                return

    async def _publish(self, event: LoggedEvent) -> None:
        # Whoever registers while others are being offered the event has it from the ring.
        self._pos = event.pos
        self._ring.append(event)
        meant = [mailbox for address in event.addresses() for mailbox in self._mailboxes.get(address, ())]
        for offered, mailbox in enumerate(meant, start=1):
            mailbox.offer(event)
            if offered % _OFFERED_AT_ONCE == 0:
                # Requests and those who were offered it already go on meanwhile.
                await asyncio.sleep(0)

    def _stand_at(self, state: log.StreamState) -> None:
        """Begin there, unless the stream simply went on: then what came since is read from the log."""
        is_continuous = state.position.epoch == self._epoch and state.oldest - 1 <= self._pos <= state.position.pos
        if not is_continuous or self._is_idle:
            self._begin_at(state.position)
        self._stream = stream_name(state)
        self._has_begun.set()

    def _skip_to(self, position: Position | None) -> None:
        """What was announced, unless somebody has come meanwhile: who follows is told what lies between."""
        if self._is_idle and position is not None and position.epoch == self._epoch and position.pos > self._pos:
            self._begin_at(position)

    def _begin_at(self, position: Position) -> None:
        self._epoch, self._pos = position.epoch, position.pos
        self._ring.clear()
        for mailbox in self._followers:
            mailbox.close(Lagged(position))


def _mailbox(interest: Interest, after: int, *, conflate: bool) -> Mailbox[LoggedEvent]:
    if conflate:
        return StateMailbox(after)
    return StepMailbox(after, most=mailboxes.MOST_STEPS_OF_ALL if interest.subject is Subject.TOPIC else None)
