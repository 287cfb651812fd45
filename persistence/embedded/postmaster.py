"""Recognizing the server of a data directory, and other processes of it, without trusting a process id on a file.

A process id outlives its process: after a crash or a reboot it may belong to any other program. Where there is /proc,
a process counts as ours if its working directory is the cluster, which PostgreSQL makes it. A root without
CAP_SYS_PTRACE (a container's) may not look there, but may read the command line, which carries the cluster's name.
"""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.account import Account
from persistence.embedded.cluster import replace_file
from persistence.embedded.layout import Layout

PORT = 5432

_SOCKET_FILE = f".s.PGSQL.{PORT}"
_PROCESSES = Path("/proc")
_HAS_PROCESSES = (_PROCESSES / "self" / "cwd").exists()


@dataclass(frozen=True, slots=True)
class Postmaster:
    pid: int
    socket_directory: Path
    state: str
    """`starting`, `ready` or `stopping`, as the server reports it."""


def running_postmaster(layout: Layout) -> Postmaster | None:
    noted = noted_postmaster(layout)
    if noted is None:
        return None
    return noted if is_alive(noted, layout) else None


def is_alive(postmaster: Postmaster, layout: Layout) -> bool:
    return _is_of_cluster(postmaster.pid, layout) if _HAS_PROCESSES else _answers(postmaster)


def noted_postmaster(layout: Layout) -> Postmaster | None:
    """What postmaster.pid says, true or not; None while it is missing or still being written."""
    try:
        lines = (layout.cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8 or not lines[0].isdecimal():
        return None
    return Postmaster(pid=int(lines[0]), socket_directory=Path(lines[4]), state=lines[7].strip())


def remaining_processes(layout: Layout) -> list[int]:
    """The cluster's processes, which are orphans if no postmaster runs. Always empty where there is no /proc."""
    if not _HAS_PROCESSES:
        return []
    numbers = [int(entry.name) for entry in _PROCESSES.iterdir() if entry.name.isdecimal()]
    return [number for number in numbers if number != os.getpid() and _is_of_cluster(number, layout)]


def disown_reused_pids(layout: Layout, account: Account, socket_directory: Path) -> None:
    """PostgreSQL will not start while a process id in its lock files is that of any live process of its account.

    If that process is none of ours, the file is made to name this process instead, which PostgreSQL overlooks because
    it is its parent. The files are never deleted: the other lines of postmaster.pid lead to the shared memory of the
    dead server, by which PostgreSQL sees whether any process still uses the data.
    """
    if not _HAS_PROCESSES:
        return
    for path in (layout.cluster / "postmaster.pid", socket_directory / f"{_SOCKET_FILE}.lock"):
        pid, _, rest = path.read_text(encoding="utf-8").partition("\n") if path.exists() else ("", "", "")
        if pid.isdecimal() and not _is_of_cluster(int(pid), layout):
            replace_file(path, f"{os.getpid()}\n{rest}", account)


def _is_of_cluster(number: int, layout: Layout) -> bool:
    process = _PROCESSES / str(number)
    try:
        if (process / "comm").read_text(encoding="utf-8", errors="replace").strip() != "postgres":
            return False
        try:
            return (process / "cwd").samefile(layout.cluster)
        except PermissionError:
            return layout.cluster_name.encode() in (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _answers(noted: Postmaster) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(noted.socket_directory / _SOCKET_FILE)) == 0
