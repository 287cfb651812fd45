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

    @contextmanager
    def one_more(self, caller: Principal, address: str | None) -> Iterator[None]:
        """Raises LIMIT_EXCEEDED. Whoever signed in or holds a cart's token is counted by that, everybody else by address."""
        says_who = caller.id or caller.cart_token_hash
        key: Hashable = says_who or address
        most = self.per_caller if says_who else self.per_address
        if self._held[key] >= most:
            raise refused(f"You follow {most} streams already; end one of them first.", ErrorCode.LIMIT_EXCEEDED)
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    @property
    def held(self) -> int:
        return self._held.total()
