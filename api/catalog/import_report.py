"""Every row that was not imported as it is, counted for the summary and written to a file."""

import csv
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from api.catalog.import_summary import FAULTS_SHOWN, ImportSummary
from domain.catalog.rows import Remark, RowFault

_COLUMNS = ("file", "line", "handle", "sku", "imported", "reason")


class ImportReport:
    """The file is made with the first remark; that of an earlier import is removed."""

    def __init__(self, path: Path, summary: ImportSummary) -> None:
        self._path = path
        self._summary = summary
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, source: Path, remark: Remark) -> None:
        summary = self._summary
        summary.reasons[remark.reason] += 1
        if isinstance(remark, RowFault):
            summary.faults += 1
            if len(summary.first_faults) < FAULTS_SHOWN:
                summary.first_faults.append((source, remark))
        else:
            summary.notices += 1
            if len(summary.first_notices) < FAULTS_SHOWN:
                summary.first_notices.append((source, remark))
        self._write(source, remark)

    def _write(self, source: Path, remark: Remark) -> None:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8", newline="")
            self._summary.report = self._path
            csv.writer(self._file).writerow(_COLUMNS)
        imported = "no" if isinstance(remark, RowFault) else "yes"
        reason = f"{remark.reason.value}: {remark.detail}" if remark.detail else remark.reason.value
        csv.writer(self._file).writerow([source.name, remark.line, remark.handle, remark.sku, imported, reason])
