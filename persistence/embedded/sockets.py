"""The directory of the server's socket, which only the server's account may enter: whoever can, is let in."""

import contextlib
import re
import stat
import tempfile
from pathlib import Path

from persistence.embedded.account import Account
from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.layout import Layout

# A socket's address holds 103 bytes on macOS and 107 on Linux, of which its file name takes 19.
_LONGEST_PATH_BYTES = 83
# In a connection string a comma separates hosts and a colon the port; libpq, asyncpg and SQLAlchemy differ in quoting.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")


def socket_directory(layout: Layout) -> Path:
    short = Path(tempfile.gettempdir()).resolve() / f"oneshelf-{layout.digest}"
    return layout.socket if _usable(layout.socket) else short


def prepare_socket_directory(layout: Layout, account: Account) -> Path:
    directory = socket_directory(layout)
    if not _usable(directory):
        raise EmbeddedPostgresError(
            f"Neither {layout.socket} nor {directory} can be a socket's address, which is plain ASCII and at most "
            f"{_LONGEST_PATH_BYTES} bytes long. Choose a shorter --data, or set TMPDIR to a short path."
        )
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        _refuse_foreign(directory, account)
    account.own(directory)
    barrier = account.barrier(directory)
    if barrier is not None:
        raise EmbeddedPostgresError(f"{account.name} cannot enter {barrier}. Set TMPDIR to a directory open to all.")
    return directory


def remove_short_directory(layout: Layout) -> None:
    """Leaves nothing in the temporary folder once the server has stopped."""
    directory = socket_directory(layout)
    if directory != layout.socket:
        with contextlib.suppress(OSError):
            directory.rmdir()


def _usable(directory: Path) -> bool:
    return len(bytes(directory)) <= _LONGEST_PATH_BYTES and _PLAIN_PATH.fullmatch(str(directory)) is not None


def _refuse_foreign(directory: Path, account: Account) -> None:
    found = directory.lstat()
    ours = found.st_uid in {account.uid, 0} if account.switched else found.st_uid == account.uid
    if not (stat.S_ISDIR(found.st_mode) and ours and stat.S_IMODE(found.st_mode) == 0o700):
        raise EmbeddedPostgresError(
            f"{directory} should be a directory of {account.name} with mode 0700 for the server's socket, but is not. "
            "Find out who made it, then remove it or choose another --data."
        )
