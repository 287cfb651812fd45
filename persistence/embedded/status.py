"""What there is to say about an embedded server without touching it, for `oneshelf doctor`."""

from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.account import account_for
from persistence.embedded.binaries import Binaries, find_binaries
from persistence.embedded.cluster import refuse_other_major
from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.layout import Layout, layout_of
from persistence.embedded.postmaster import running_postmaster
from persistence.embedded.root import refuse_unreachable
from persistence.embedded.sockets import socket_directory


@dataclass(frozen=True, slots=True)
class EmbeddedStatus:
    binaries: Path | None
    version: str | None
    data_directory: Path
    socket_directory: Path
    pid: int | None
    log: Path
    problem: str | None
    """Why the server could not be started now, and how to mend it."""


def embedded_status(root: Path, *, binaries: Path | None = None) -> EmbeddedStatus:
    layout = layout_of(root)
    problems: list[str] = []
    found: Binaries | None = None
    postmaster = None
    try:
        postmaster = running_postmaster(layout)
        found = find_binaries(binaries)
        _examine(layout, found)
    except (EmbeddedPostgresError, OSError) as error:
        problems.append(str(error))
    return EmbeddedStatus(
        binaries=found.directory if found else None,
        version=found.version if found else None,
        data_directory=layout.cluster,
        socket_directory=postmaster.socket_directory if postmaster else socket_directory(layout),
        pid=postmaster.pid if postmaster else None,
        log=layout.log,
        problem=problems[0] if problems else None,
    )


def is_running(root: Path) -> bool:
    """Raises PermissionError if the data belongs to another user."""
    return running_postmaster(layout_of(root)) is not None


def _examine(layout: Layout, binaries: Binaries) -> None:
    refuse_unreachable(layout, account_for(layout.cluster))
    if (layout.cluster / "PG_VERSION").exists():
        refuse_other_major(layout, binaries)
