"""What a process needs to know who is asking, kept in a folder that goes with the test run."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from api.identity.identity import Identity
from api.settings import Settings


@cache
def identity() -> Identity:
    """One for the whole run; its mails go to files."""
    return Identity.of(Settings(data=Path(mkdtemp(prefix="oneshelf-identity-"))))
