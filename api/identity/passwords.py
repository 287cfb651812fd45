"""Passwords: hashed off the event loop, few at a time, and guessed only a few times a minute."""

import asyncio
from base64 import b64encode
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.customers.credentials import LONGEST_PASSWORD, normalized_password

Result = TypeVar("Result")

HASHES_AT_ONCE = 2
"""Each takes 64 MiB and a core for a tenth of a second: more at once would starve everything else."""


class Passwords:
    """Argon2id. Whoever asks beyond the limit waits, and does not hold up the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="passwords")
        self._nobodys_hash = _nobodys_hash(self._hasher)

    async def hash(self, password: str) -> str:
        return await self._in_a_thread(lambda: self._hasher.hash(normalized_password(password)))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Without a hash there is nobody to sign in, which takes as long as a wrong password does."""
        known = self._nobodys_hash if password_hash is None else password_hash
        return await self._in_a_thread(lambda: self._matches(known, password[: LONGEST_PASSWORD + 1]))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, normalized_password(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _in_a_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _nobodys_hash(hasher: PasswordHasher) -> str:
    """Costs what a real one costs; no password is known that it is the hash of."""
    salt = b64encode(bytes(hasher.salt_len)).rstrip(b"=").decode()
    digest = b64encode(bytes(hasher.hash_len)).rstrip(b"=").decode()
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


class Attempts:
    """How often something was tried of late, in this process: up to `most` times in `seconds` for each key."""

    def __init__(
        self, most: int = 8, seconds: float = 60.0, *, clock: Callable[[], float] = monotonic, most_keys: int = 50_000
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._most_keys = most_keys
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def admit(self, *keys: str) -> bool:
        """Count one more try of each key; false when one of them has been tried too often."""
        now = self._clock()
        windows = [self._window(key, now) for key in keys]
        if any(len(window) >= self._most for window in windows):
            return False
        for window in windows:
            window.append(now)
        return True

    def forgive(self, *keys: str) -> None:
        """The last try of each key was no guess after all."""
        for key in keys:
            if self._times.get(key):
                self._times[key].pop()

    def _window(self, key: str, now: float) -> deque[float]:
        window = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while window and now - window[0] >= self._seconds:
            window.popleft()
        if len(self._times) > self._most_keys:
            self._times.popitem(last=False)
        return window
