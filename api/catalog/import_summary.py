"""What an import tells while it runs and when it is done."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from domain.catalog.rows import Reason, RowFault, RowNotice

FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes of the file being read, and rows of all files so far."""

    file: Path
    bytes_read: int
    bytes_total: int
    rows: int
    rows_per_second: float


@dataclass(slots=True)
class Tally:
    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class ImportSummary:
    """Counts of what was written; `faults` are rows that were not, `notices` rows that lack a value."""

    rows: int = 0
    seconds: float = 0.0
    products: Tally = field(default_factory=Tally)
    variants: Tally = field(default_factory=Tally)
    # A level is created when it is counted for the first time.
    levels: Tally = field(default_factory=Tally)
    variants_withdrawn: int = 0
    pictures_written: int = 0
    prices_written: int = 0
    locations_created: list[str] = field(default_factory=list)
    faults: int = 0
    notices: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    first_faults: list[tuple[Path, RowFault]] = field(default_factory=list)
    first_notices: list[tuple[Path, RowNotice]] = field(default_factory=list)
    # What concerns the import as a whole, in full sentences.
    remarks: list[str] = field(default_factory=list)
    # Where every fault and notice is written; None when there is none.
    report: Path | None = None

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def has_read_something(self) -> bool:
        """False when there were rows and every one of them was at fault."""
        return self.rows == 0 or self.faults < self.rows
