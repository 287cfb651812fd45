"""Runs the judges, clients of others that people really use, against a real server with the demo."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from persistence.embedded import EmbeddedPostgres
from tests.cli.commands import oneshelf, running

JUDGES = Path(__file__).parents[1] / "judges"
OLDEST_NODE = 20
# What npm says when nobody answers for the registry, as opposed to when something is wrong with our lock.
REGISTRY_IS_AWAY = ("EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "ETIMEDOUT")


class Unavailable(Exception):
    """The judges cannot be had on this machine; that is no fault of ours."""


def main(chosen: list[str]) -> int:
    files = judges(chosen)
    if not files:
        print(f"There is no judge named {' or '.join(chosen)}.", file=sys.stderr)
        return 2
    try:
        install()
    except Unavailable as reason:
        print(f"The judges did not run: {reason}")
        return 0
    with shop() as environment:
        # One file at a time: each may use the server as if it were alone.
        command = ["node", "--test", "--test-concurrency=1", "--test-timeout=60000", "--test-reporter=spec"]
        return subprocess.run([*command, *files], cwd=JUDGES, env=environment, check=False).returncode


def judges(chosen: list[str]) -> list[str]:
    return sorted(file.name for name in chosen or ["*"] for file in JUDGES.glob(f"{name}.test.js"))


def install() -> None:
    """As the lock says; scripts of packages do not run."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Unavailable(f"there is no {program}.")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        raise Unavailable(f"they need Node {OLDEST_NODE} or newer, and this is {version}.")
    installed = JUDGES / "node_modules" / ".package-lock.json"
    lock = JUDGES / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    npm = subprocess.run(command, cwd=JUDGES, capture_output=True, text=True, check=False)
    if npm.returncode == 0:
        return
    if any(code in npm.stderr for code in REGISTRY_IS_AWAY):
        raise Unavailable("npm's registry does not answer.")
    sys.exit(f"npm ci failed:\n{npm.stderr}")


@contextmanager
def shop() -> Iterator[dict[str, str]]:
    """What a judge's environment says about the server, which has the demo and an app that manages its stock."""
    # Everybody may pass through: root's PostgreSQL runs as nobody.
    folder = Path(tempfile.mkdtemp(prefix="oneshelf-judges-", dir="/tmp"))
    folder.chmod(0o711)
    data = folder / "data"
    try:
        with running(folder / "server.log", "--data", data, "--demo") as server, EmbeddedPostgres(data) as database:
            server.wait_until_ready()
            permissions = ("--permission", "READ_STOCK", "--permission", "MANAGE_STOCK")
            app = oneshelf("app", "create", "Judge", "--channel", "web", *permissions, "--data", data)
            if app.returncode != 0:
                sys.exit(f"The judges' app could not be made:\n{app.stderr}")
            yield {
                **os.environ,
                "ONESHELF_ADDRESS": server.address,
                "ONESHELF_TOKEN": app.stdout.strip(),
                "ONESHELF_DATABASE": database,
                "ONESHELF_DATA": str(folder / "second"),
                "ONESHELF_PYTHON": sys.executable,
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
