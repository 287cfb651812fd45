"""The data directory of the server: made once, whole or not at all, and never taken to another major version."""

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from persistence.embedded.account import Account
from persistence.embedded.binaries import BINARIES_VARIABLE, Binaries, binaries_of_major
from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.layout import Layout

ROLE = "oneshelf"
DATABASE = "oneshelf"

# These are defaults: they are included before postgresql.auto.conf is read, so ALTER SYSTEM wins over them.
_SETTINGS_FILE = "oneshelf.conf"
_SETTINGS: Mapping[str, str] = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_level": "replica",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A forgotten transaction would hold row locks and keep vacuum from hot rows.
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
}


def prepare_cluster(layout: Layout, account: Account, binaries: Binaries, programs: Path, *, durable: bool) -> None:
    """Expects the caller to be the only one at work here."""
    for leftover in layout.root.glob("pgdata.init-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if (layout.cluster / "PG_VERSION").exists():
        refuse_other_major(layout, binaries)
    elif layout.cluster.exists() and any(layout.cluster.iterdir()):
        raise EmbeddedPostgresError(
            f"{layout.cluster} is not empty and not a PostgreSQL data directory. Move it aside or choose another --data."
        )
    else:
        _create(layout, account, binaries, programs, durable=durable)
    _write_settings(layout.cluster, account)


def _create(layout: Layout, account: Account, binaries: Binaries, programs: Path, *, durable: bool) -> None:
    # An initdb whose starter was killed may still be writing, hence a new name for each attempt.
    nascent = Path(tempfile.mkdtemp(prefix="pgdata.init-", dir=layout.root))
    account.own(nascent)
    # Text compares by code point everywhere, so an index built here is valid on any other machine.
    locale = (
        ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if binaries.major >= 17
        else ["--locale=C", "--lc-ctype=C.UTF-8"]
    )
    initdb: tuple[str | Path, ...] = (programs / "initdb", f"--pgdata={nascent}")
    features = ("--auth=trust", "--encoding=UTF8", "--data-checksums")
    account.run((*initdb, f"--username={ROLE}", *features, *locale, "--no-instructions", "--no-sync"))
    with (nascent / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write(f"\ninclude = '{_SETTINGS_FILE}'\n")
    _write_settings(nascent, account)
    if durable:
        # Redo starts after initdb's checkpoint and could not bring back files that never reached the disk. One pass
        # after the last change covers them all; os.sync would also wait for everything else the machine is writing.
        account.run((*initdb, "--sync-only"))
    nascent.rename(layout.cluster)
    _sync_directory(layout.root)


def _write_settings(cluster: Path, account: Account) -> None:
    text = "# Written by Oneshelf at each start. Use ALTER SYSTEM to change a setting.\n"
    text += "".join(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
    replace_file(cluster / _SETTINGS_FILE, text, account)


def replace_file(path: Path, text: str, account: Account) -> None:
    """Readers see the old content or the new, never a part."""
    partial = path.with_name(f"{path.name}.partial")
    with os.fdopen(account.open_private(partial, os.O_WRONLY | os.O_TRUNC), "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_other_major(layout: Layout, binaries: Binaries) -> None:
    found = (layout.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if found == str(binaries.major):
        return
    at_hand = binaries_of_major(layout, int(found)) if found.isdecimal() else None
    old_programs = shlex.quote(str(at_hand)) if at_hand else f"BIN_DIRECTORY_OF_POSTGRESQL_{found}"
    with_server = f"{shlex.quote(sys.executable)} -m persistence.embedded {shlex.quote(str(layout.root))}"
    cluster = shlex.quote(str(layout.cluster))
    dump = shlex.quote(str(layout.root / f"oneshelf-{found}.sql"))
    raise EmbeddedPostgresError(
        f"{layout.cluster} was made by PostgreSQL {found}, and the programs in {binaries.directory} are "
        f"PostgreSQL {binaries.version}. A data directory cannot change its major version.\n"
        f"To go on with PostgreSQL {found}, set {BINARIES_VARIABLE} to the bin directory of its programs.\n"
        f"To move the data to PostgreSQL {binaries.major}, dump it, put the old directory aside and restore:\n"
        f"  {BINARIES_VARIABLE}={old_programs} {with_server} pg_dump --no-owner --file={dump}\n"
        f"  mv {cluster} {cluster}-{found}\n"
        f"  {with_server} psql --quiet --set=ON_ERROR_STOP=1 --file={dump}"
    )
