"""Brings the embedded database back when somebody kills it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from persistence.embedded import EmbeddedPostgres, EmbeddedPostgresError

logger = logging.getLogger("oneshelf.database")

_SECONDS_BETWEEN_LOOKS = 1.0


@contextmanager
def watched(embedded: EmbeddedPostgres) -> Iterator[None]:
    """Requests fail cleanly while it is away; each process connects anew by itself."""
    is_over = threading.Event()
    thread = threading.Thread(target=_watch, args=(embedded, is_over), name="database-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _watch(embedded: EmbeddedPostgres, is_over: threading.Event) -> None:
    while not is_over.wait(_SECONDS_BETWEEN_LOOKS):
        try:
            if embedded.ensure_running():
                logger.warning("PostgreSQL had died and was started again")
        except EmbeddedPostgresError as error:
            logger.error("PostgreSQL cannot be started again: %s", error)  # noqa: TRY400 - The words say it all.
