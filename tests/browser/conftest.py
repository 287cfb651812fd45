"""A server in a process of its own, and a browser to look at it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.browser import devtools
from tests.browser.devtools import Browser
from tests.cli.commands import running


@pytest.fixture
def address(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Of a shop with the demo in it."""
    arguments = ("--database-url", database_url, "--demo")
    with running(tmp_path / "server.log", *arguments, ONESHELF_DATA=str(tmp_path / "data")) as server:
        server.wait_until_ready()
        yield server.address


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    if devtools.PROGRAM is None:
        pytest.skip("there is no Chromium on this machine")
    async with devtools.browsing(tmp_path) as opened:
        yield opened
