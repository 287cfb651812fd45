"""What makes a server fast is really in force in its process."""

import gc
from pathlib import Path

import psutil
import pytest

from api.app import create_app
from api.settings import Settings
from tests.cli.commands import running

pytestmark = pytest.mark.anyio


def test_a_server_runs_on_compiled_parts(database_url: str, tmp_path: Path) -> None:
    with running(
        tmp_path / "server.log", "--database-url", database_url, ONESHELF_DATA=str(tmp_path / "data")
    ) as serving:
        serving.wait_until_ready()
        mapped = psutil.Process(serving.process.pid).memory_maps()

    # Compiled modules are files in the folders of their packages.
    assert {"uvloop", "httptools", "orjson"} <= {part for file in mapped for part in Path(file.path).parts}


async def test_what_lives_as_long_as_the_process_is_not_collected_again(database_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path), database_url)
    before = gc.get_threshold()

    try:
        async with app.router.lifespan_context(app):
            threshold, frozen = gc.get_threshold(), gc.get_freeze_count()
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)

    assert threshold == (50_000, 20, 50)
    assert frozen > 100_000
