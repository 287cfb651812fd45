"""The operating system account that PostgreSQL runs under, and what that account can reach.

PostgreSQL refuses to run as root. For root it therefore runs as the owner of the data, or as `nobody`, which every
Unix has and which initdb can look up by name.
"""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from persistence.embedded.errors import EmbeddedPostgresError

# Nothing of the caller's environment (PGPORT, PGDATA, LANG) may change how the server runs or what its log says.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int
    switched: bool
    """Whether this differs from the account of the running process, which is then root."""

    def spawn(self, arguments: Sequence[str | Path], *, output: int) -> subprocess.Popen[bytes]:
        """Starts the program in a session of its own, so that Ctrl-C in the terminal does not reach it."""
        return subprocess.Popen(  # noqa: S603 - The programs are PostgreSQL's own and no shell is involved.
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            user=self.uid if self.switched else None,
            group=self.gid if self.switched else None,
            extra_groups=[] if self.switched else None,
        )

    def run(self, arguments: Sequence[str | Path]) -> str:
        """Raises EmbeddedPostgresError with the program's last words when it fails."""
        with self.spawn(arguments, output=subprocess.PIPE) as program:
            output = program.communicate()[0].decode(errors="replace")
        if program.returncode:
            raise EmbeddedPostgresError(f"{arguments[0]} failed:\n{output.strip()[-2000:]}")
        return output

    def own(self, target: Path | int) -> None:
        """Hands over a file or directory that this process has just made."""
        if not self.switched:
            return
        if isinstance(target, int):
            os.fchown(target, self.uid, self.gid)
        else:
            os.chown(target, self.uid, self.gid, follow_symlinks=False)

    def open_private(self, path: Path, flags: int) -> int:
        """Makes the file if it is missing. Never follows a link: root may be working in somebody else's directory."""
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if os.fstat(descriptor).st_uid == os.geteuid():
            self.own(descriptor)
        return descriptor

    def can_enter(self, directory: Path) -> bool:
        found = directory.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)

    def barrier(self, path: Path) -> Path | None:
        """The outermost existing directory on the way to `path`, itself included, that the account cannot enter."""
        if not self.switched:
            return None
        way = [*reversed(path.parents), path]
        return next((step for step in way if step.is_dir() and not self.can_enter(step)), None)


def account_for(cluster: Path) -> Account:
    if os.geteuid() != 0:
        return Account(name=str(os.geteuid()), uid=os.geteuid(), gid=os.getegid(), switched=False)
    owner = cluster.stat().st_uid if cluster.is_dir() else 0
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError as error:
        wanted = f"the owner of {cluster}, uid {owner}," if owner else "the account nobody"
        raise EmbeddedPostgresError(
            f"PostgreSQL refuses to run as root, and {wanted} is unknown to this system. "
            "Run Oneshelf as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        ) from error
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, switched=True)
