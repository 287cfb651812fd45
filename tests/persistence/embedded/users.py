"""Users of an embedded server, in this process and in others."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg

from persistence.embedded import EmbeddedPostgres

QUICK = {"fsync": "off", "shared_buffers": "16MB"}


def embedded(root: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(root, settings=QUICK)


def ask(url: str, statement: str) -> Any:
    async def answer() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(answer())


def start_user(root: Path) -> subprocess.Popen[str]:
    """Another process that acquires the server, prints its URL, and releases it when its input ends."""
    program = (
        "import sys, pathlib; from persistence.embedded import EmbeddedPostgres\n"
        f"with EmbeddedPostgres(pathlib.Path({str(root)!r}), settings={QUICK!r}) as url:\n"
        "    print(url, flush=True); sys.stdin.read()"
    )
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def url_of(user: subprocess.Popen[str]) -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


def dismiss(user: subprocess.Popen[str]) -> int:
    user.communicate("")
    return user.returncode
