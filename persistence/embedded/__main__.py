"""`python -m persistence.embedded ROOT COMMAND…` runs a command, such as psql or pg_dump, beside the server of ROOT."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from persistence.embedded import EmbeddedPostgres, EmbeddedPostgresError, embedded_status


def main(root: Path, command: list[str]) -> int:
    programs = embedded_status(root).binaries
    with EmbeddedPostgres(root) as url:
        address = parse_qs(urlsplit(url).query)
        surroundings = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PGHOST": address["host"][0],
            "PGPORT": address["port"][0],
            "PGUSER": urlsplit(url).username or "",
            "PGDATABASE": urlsplit(url).path.removeprefix("/"),
        }
        return subprocess.run(command, env=surroundings, check=False).returncode  # noqa: S603 - The caller's own command.


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python -m persistence.embedded ROOT COMMAND [ARGUMENT...]")
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
    except EmbeddedPostgresError as error:
        sys.exit(str(error))
