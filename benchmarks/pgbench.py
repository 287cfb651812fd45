"""What PostgreSQL does of a script by itself."""

import re
import subprocess
from pathlib import Path

from benchmarks.premises import Store
from persistence.embedded.binaries import find_binaries

_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


def transactions_per_second(there: Store, sql: Path, *, clients: int, seconds: float) -> float:
    """After a quarter of that time to warm up."""
    _run(there, sql, clients, seconds / 4)
    return float(_RATE.findall(_run(there, sql, clients, seconds))[0])


def _run(there: Store, sql: Path, clients: int, seconds: float) -> str:
    program = find_binaries(None).directory / "pgbench"
    arguments = (f"--client={clients}", "--jobs=1", f"--time={max(1, int(seconds))}", "--protocol=prepared")
    asked = [str(program), "--no-vacuum", f"--file={sql}", *arguments, there.url]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout
