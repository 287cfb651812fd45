"""Servers in processes of their own."""

import pytest

from tests.cli import commands


@pytest.fixture(scope="session", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compiled once for all the processes of a run, even where Python is told to keep no bytecode."""
    commands.ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
    commands.ENVIRONMENT["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("bytecode"))
