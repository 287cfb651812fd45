"""From the first start of an embedded server to its stop by the last user."""

import os
import tempfile
from pathlib import Path

import pytest

from persistence.embedded import embedded_status, is_running
from tests.persistence.embedded.processes import (
    is_alive,
    postmaster_pid,
)
from tests.persistence.embedded.users import ask, dismiss, embedded, start_user, url_of

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to lend the server another account")


def test_a_missing_directory_becomes_a_running_private_database(root: Path) -> None:
    with embedded(root) as url:
        assert url == f"postgresql://oneshelf@/oneshelf?host={root}/run&port=5432"
        assert ask(url, "SELECT current_database() || '/' || current_user") == "oneshelf/oneshelf"
        assert ask(url, "SHOW listen_addresses") == ""
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SHOW data_checksums") == "on"
        assert ask(url, "SHOW timezone") == "UTC"
        assert ask(url, "SHOW jit") == "off"
        assert ask(url, "SHOW max_connections") == "100"
        assert ask(url, "SELECT lower('ÄÖ')") == "äö"
        assert (root / "run").stat().st_mode & 0o7777 == 0o700
        assert (root / "pgdata").stat().st_mode & 0o7777 == 0o700


def test_the_usual_environment_of_a_postgresql_user_changes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")

    with embedded(root) as url:
        assert ask(url, "SHOW port") == "5432"


def test_data_outlive_the_server(root: Path) -> None:
    with embedded(root) as url:
        ask(url, "CREATE TABLE shelf AS SELECT 7 AS units")

    with embedded(root) as url:
        assert ask(url, "SELECT units FROM shelf") == 7


def test_the_last_user_out_stops_the_server(root: Path) -> None:
    first, second = embedded(root), embedded(root)
    url = first.acquire()
    pid = postmaster_pid(root)

    assert second.acquire() == url
    first.release()
    first.release()

    assert postmaster_pid(root) == pid
    assert ask(url, "SELECT 1") == 1

    second.release()

    assert not is_running(root)
    assert not is_alive(pid)
    assert "database system is shut down" in (root / "postgres.log").read_text()


def test_processes_that_begin_at_once_share_one_server(root: Path) -> None:
    users = [start_user(root) for _ in range(4)]

    urls = {url_of(user) for user in users}
    pids = {postmaster_pid(root)}
    codes = [dismiss(user) for user in users]

    assert urls == {f"postgresql://oneshelf@/oneshelf?host={root}/run&port=5432"}
    assert len(pids) == 1
    assert codes == [0, 0, 0, 0]
    assert (root / "postgres.log").read_text().count("starting PostgreSQL") == 1
    assert not is_running(root)


def test_the_interrupt_of_a_terminal_does_not_reach_the_server(root: Path) -> None:
    with embedded(root):
        assert os.getsid(postmaster_pid(root)) == postmaster_pid(root)


def test_a_dropped_database_is_made_again(root: Path) -> None:
    with embedded(root) as url:
        ask(url.replace("/oneshelf?", "/postgres?"), "DROP DATABASE oneshelf")

        with embedded(root) as again:
            assert ask(again, "SELECT current_database()") == "oneshelf"


@pytest.mark.parametrize("name", ["a" * 80, "comma,colon:", "Läden"])
def test_a_path_that_cannot_be_an_address_gives_way_to_a_short_one(base: Path, name: str) -> None:
    root = base / name
    with embedded(root) as url:
        directory = embedded_status(root).socket_directory

        assert directory.parent == Path(tempfile.gettempdir())
        assert directory.stat().st_mode & 0o7777 == 0o700
        assert ask(url, "SELECT 1") == 1

    assert not directory.exists()


@as_root
def test_root_runs_an_ordinary_users_server_under_that_users_account(root: Path) -> None:
    with embedded(root):
        pass
    for path in (root, *root.rglob("*")):
        os.chown(path, 1, 1)

    with embedded(root) as url:
        assert ask(url, "SELECT 1") == 1
        status = Path(f"/proc/{postmaster_pid(root)}/status").read_text()
        assert "Uid:\t1\t1\t1\t1\n" in status
        assert "Gid:\t1\t1\t1\t1\n" in status
        assert "Groups:\t \n" in status

    assert {path.stat().st_uid for path in (root, *root.rglob("*"))} == {1}


def test_the_status_names_everything_there_is_to_see(root: Path) -> None:
    before = embedded_status(root)
    with embedded(root):
        during = embedded_status(root)
        pid = int((root / "pgdata" / "postmaster.pid").read_text().splitlines()[0])

    assert before.pid is None
    assert before.problem is None
    assert during.pid == pid
    assert during.binaries is not None
    assert (during.binaries / "postgres").exists()
    assert during.version is not None
    assert during.version.startswith("18.")
    assert during.data_directory == root / "pgdata"
    assert during.socket_directory == root / "run"
    assert during.log == root / "postgres.log"
    assert embedded_status(root).pid is None
