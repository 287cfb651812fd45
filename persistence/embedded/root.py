"""The data directory that Oneshelf was given: made if missing, and refused if the server cannot get into it."""

from pathlib import Path

from persistence.embedded.account import Account
from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.layout import Layout


def prepare_root(layout: Layout, account: Account) -> None:
    refuse_unreachable(layout, account)
    for directory in reversed([path for path in (layout.root, *layout.root.parents) if not path.exists()]):
        directory.mkdir(exist_ok=True)
        if account.switched:
            # Root's umask may be strict; the server's account has to pass, but need not look around.
            directory.chmod(0o711)


def refuse_unreachable(layout: Layout, account: Account) -> None:
    barrier = account.barrier(layout.root)
    if barrier is None:
        return
    raise EmbeddedPostgresError(
        f"PostgreSQL refuses to run as root, so Oneshelf runs it as {account.name}, who cannot enter {barrier} "
        f"(mode {_mode(barrier)}) and so cannot reach the data directory {layout.root}. Choose another one, for example "
        "--data /var/lib/oneshelf, or run Oneshelf as an ordinary user"
        + (f", or open it with `chmod o+x {barrier}`." if barrier == layout.root else ".")
    )


def _mode(directory: Path) -> str:
    return f"{directory.stat().st_mode & 0o7777:04o}"
