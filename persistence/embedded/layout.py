"""Where things lie below the data directory that Oneshelf was given."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    @property
    def cluster(self) -> Path:
        return self.root / "pgdata"

    @property
    def socket(self) -> Path:
        return self.root / "run"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def decision_lock(self) -> Path:
        return self.root / "postgres.lock"

    @property
    def users_lock(self) -> Path:
        return self.root / "postgres.users.lock"

    @property
    def digest(self) -> str:
        return hashlib.sha256(bytes(self.root)).hexdigest()[:16]

    @property
    def cluster_name(self) -> str:
        """Part of the title of every server process, so that a process can be told from those of other clusters."""
        return f"oneshelf-{self.digest}"


def layout_of(root: Path) -> Layout:
    return Layout(root.expanduser().resolve())
