"""Writes the migration from what the newest one makes to what the tables declare; read it before you trust it."""

import sys

from alembic import command

from persistence.migrations import configuration
from tools.check_migrations import scratch_database


def main(message: str) -> None:
    with scratch_database() as url:
        config = configuration(url)
        command.upgrade(config, "head")
        command.revision(config, message=message, autogenerate=True)


if __name__ == "__main__":
    main(sys.argv[1])
