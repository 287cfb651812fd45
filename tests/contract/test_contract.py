"""The schema keeps what the contract promises; what is built later may be missing."""

import subprocess
import sys
from pathlib import Path

from api.schema import schema_text

CHECK = Path(__file__).parent / "checks" / "contract"


def test_nothing_that_is_there_departs_from_the_contract(tmp_path: Path) -> None:
    schema = tmp_path / "schema.graphql"
    schema.write_text(schema_text(), encoding="utf-8")

    checked = subprocess.run(
        [sys.executable, CHECK, "--allow-missing", schema], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert ", 0 departures from the contract" in checked.stdout
