"""Wakes the sequencer after commits. Never inside them: a transaction with a notification takes a lock of the whole cluster."""

import asyncio

from persistence.events.listening import answered_in_time, listening
from persistence.events.sequencer import OUTBOX_CHANNEL, Bell
from persistence.statements import Statement

_CALL = Statement(f"SELECT pg_notify('{OUTBOX_CHANNEL}', '')")


class Poke:
    """At most one notification is on its way; commits in the meantime share the next. None is needed where the leader is near."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._is_wanted = asyncio.Event()

    def __call__(self) -> None:
        if not self._bell.ring():
            self._is_wanted.set()

    async def run(self, url: str) -> None:
        """Raises when the connection is lost; a call that was lost with it costs one poll of the sequencer."""
        async with listening(url) as caller:
            while True:
                await self._is_wanted.wait()
                self._is_wanted.clear()
                async with answered_in_time():
                    await caller.asking.fetch_value(_CALL)
