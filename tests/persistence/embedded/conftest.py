"""Where the servers of these tests live."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from persistence.embedded import is_running
from tests.persistence.embedded.processes import (
    kill_server,
)


@pytest.fixture
def base() -> Iterator[Path]:
    """A directory that everybody may pass through. pytest's tmp_path is closed to others, and when root runs the tests
    the server runs as nobody.
    """
    directory = Path(tempfile.mkdtemp(prefix="shelf-", dir="/tmp"))
    directory.chmod(0o711)
    yield directory
    for root in directory.iterdir():
        if root.is_dir() and is_running(root):
            kill_server(root)
    shutil.rmtree(directory)


@pytest.fixture
def root(base: Path) -> Path:
    return base / "data"
