"""Do the migrations make what the tables declare, and can they be taken back?

On a database of its own: upgrade, compare, downgrade to nothing, upgrade again.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.util import CommandError

from persistence.embedded import EmbeddedPostgres
from persistence.migrations import configuration


@contextmanager
def scratch_database() -> Iterator[str]:
    """A server that forgets everything: it never waits for a disk."""
    root = Path(tempfile.mkdtemp(prefix="oneshelf-check-"))
    # When root runs this, the server runs as nobody, who has to pass.
    root.chmod(0o711)
    try:
        with EmbeddedPostgres(root / "data", settings={"fsync": "off", "full_page_writes": "off"}) as url:
            yield url
    finally:
        shutil.rmtree(root, ignore_errors=True)


def main() -> None:
    with scratch_database() as url:
        config = configuration(url)
        command.upgrade(config, "head")
        try:
            command.check(config)
        except CommandError as difference:
            sys.exit(f"The migrations do not make what the tables declare: {difference}")
        command.downgrade(config, "base")
        command.upgrade(config, "head")
    print("Migrations: up, equal to the tables, down, and up again.")


if __name__ == "__main__":
    main()
