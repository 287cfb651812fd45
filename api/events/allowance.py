"""How many streams a caller may hold in this process at a time."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.execution.errors import ErrorCode, refused
from domain.access import Principal
from domain.events import STREAMS_PER_ADDRESS, STREAMS_PER_CALLER


@dataclass(slots=True)
class Allowance:
    per_caller: int = STREAMS_PER_CALLER
    per_address: int = STREAMS_PER_ADDRESS
    _held: Counter[Hashable] = field(default_factory=Counter)
    _streams: int = 0

    @contextmanager
    def one_more(self, caller: Principal, address: str | None) -> Iterator[None]:
        """Raises LIMIT_EXCEEDED. Whoever signed in is counted by that; a guest by its address and, where it holds a cart's token,
        by that too: anybody can make up tokens.
        """
        limits: dict[Hashable, int] = {}
        if caller.id is None:
            limits[address] = self.per_address
        says_who = caller.id or caller.cart_token_hash
        if says_who is not None:
            limits[says_who] = self.per_caller
        for key, most in limits.items():
            if self._held[key] >= most:
                raise refused(f"You follow {most} streams already; end one of them first.", ErrorCode.LIMIT_EXCEEDED)
        self._held.update(limits.keys())
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1
            self._held.subtract(limits.keys())
            for key in limits:
                if not self._held[key]:
                    del self._held[key]

    @property
    def held(self) -> int:
        return self._streams
