"""Finding and killing the processes of an embedded server, for tests of what survives their death. Needs /proc."""

import os
import signal
import time
from pathlib import Path

from persistence.embedded import embedded_status


def postmaster_pid(root: Path) -> int:
    pid = embedded_status(root).pid
    assert pid is not None, f"no server runs for {root}"
    return pid


def server_pids(root: Path) -> list[int]:
    """The postmaster first, then its children."""
    postmaster = postmaster_pid(root)
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()
    return [postmaster, *map(int, children)]


def kill_server(root: Path) -> None:
    """kill -9 of every process of the server, and the wait until they are gone."""
    pids = server_pids(root)
    # A postmaster that still ran would answer the death of a child by ending the others in good order.
    os.kill(pids[0], signal.SIGSTOP)
    for pid in reversed(pids):
        os.kill(pid, signal.SIGKILL)
    wait_until_dead(pids)


def kill_postmaster(root: Path) -> None:
    """kill -9 of the postmaster alone, which leaves its children behind."""
    postmaster = postmaster_pid(root)
    os.kill(postmaster, signal.SIGKILL)
    wait_until_dead([postmaster])


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until_dead(pids: list[int]) -> None:
    deadline = time.monotonic() + 30
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline, "killed processes are still there"
        time.sleep(0.01)
