"""What survives the death, by kill -9, of any process around an embedded server."""

import asyncio
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import asyncpg
import pytest

from persistence.embedded import EmbeddedPostgres, is_running
from tests.persistence.embedded.processes import (
    is_alive,
    kill_postmaster,
    kill_server,
    postmaster_pid,
    server_pids,
)
from tests.persistence.embedded.users import ask, dismiss, embedded, start_user, url_of


def test_committed_rows_survive_the_death_of_every_process_under_load(root: Path) -> None:
    database = EmbeddedPostgres(root)
    url = database.acquire()
    ask(url, "CREATE TABLE sale (number int PRIMARY KEY)")
    committed: list[int] = []

    async def sell() -> None:
        connection = await asyncpg.connect(url)
        for number in range(1_000_000):
            await connection.execute("INSERT INTO sale VALUES ($1)", number)
            committed.append(number)

    def sell_until_cut_off() -> None:
        with pytest.raises((asyncpg.PostgresError, ConnectionError, asyncpg.InterfaceError)):
            asyncio.run(sell())

    seller = threading.Thread(target=sell_until_cut_off)
    seller.start()
    while len(committed) < 200:
        time.sleep(0.005)

    kill_server(root)
    seller.join()
    url = database.acquire()

    assert ask(url, "SELECT count(*) FROM sale WHERE number <= $1".replace("$1", str(committed[-1]))) == len(committed)
    database.release()
    assert not is_running(root)


def test_the_watchdog_replaces_a_dead_postmaster_although_a_long_statement_still_runs(root: Path) -> None:
    database = embedded(root)
    url = database.acquire()
    busy = threading.Thread(target=run_until_cut_off, args=(url,))
    busy.start()
    await_long_statement(url)
    children = server_pids(root)[1:]

    kill_postmaster(root)
    assert any(map(is_alive, children))
    replaced = database.ensure_running()

    assert replaced is True
    assert not any(map(is_alive, children))
    assert ask(url, "SELECT 1") == 1
    assert database.ensure_running() is False
    database.release()
    assert database.ensure_running() is False
    assert not is_running(root)
    busy.join()


def test_any_user_can_replace_a_server_that_another_one_started(root: Path) -> None:
    starter = start_user(root)
    url = url_of(starter)
    with embedded(root):
        kill_server(root)

    with embedded(root) as same_url:
        assert same_url == url
        assert ask(url, "SELECT 1") == 1

    assert is_running(root)
    assert dismiss(starter) == 0
    assert not is_running(root)


def test_the_death_of_one_session_disturbs_nobody_who_comes_after(root: Path) -> None:
    with embedded(root) as url:
        pid, *children = server_pids(root)
        # The postmaster ends all its children now and takes no connections before the last is gone.
        os.kill(children[0], signal.SIGSTOP)
        os.kill(children[1], signal.SIGKILL)
        threading.Timer(0.5, os.kill, (children[0], signal.SIGCONT)).start()

        with embedded(root) as same_url:
            assert same_url == url
            assert ask(url, "SELECT 1") == 1
            assert postmaster_pid(root) == pid


def test_a_server_whose_starter_was_killed_serves_the_next_user_and_stops_with_it(root: Path) -> None:
    starter = start_user(root)
    url_of(starter)
    pid = postmaster_pid(root)

    starter.kill()
    starter.communicate()
    assert postmaster_pid(root) == pid
    with embedded(root) as url:
        assert postmaster_pid(root) == pid
        assert ask(url, "SELECT 1") == 1

    assert not is_alive(pid)


@pytest.mark.parametrize("lock", ["pgdata/postmaster.pid", "run/.s.PGSQL.5432.lock"])
def test_a_process_id_that_now_belongs_to_another_program_is_not_taken_for_the_server(root: Path, lock: str) -> None:
    database = embedded(root)
    ask(database.acquire(), "CREATE TABLE shelf AS SELECT 7 AS units")
    owner = (root / "pgdata").stat().st_uid
    kill_server(root)
    stranger = subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None)
    _, _, rest = (root / lock).read_text().partition("\n")
    (root / lock).write_text(f"{stranger.pid}\n{rest}")

    assert not is_running(root)
    url = database.acquire()

    assert ask(url, "SELECT units FROM shelf") == 7
    assert stranger.poll() is None
    database.release()
    stranger.kill()
    stranger.wait()


def test_a_process_id_that_now_belongs_to_another_server_is_not_taken_for_this_one(base: Path, root: Path) -> None:
    database = embedded(root)
    database.acquire()
    kill_server(root)
    with embedded(base / "other") as other_url:
        other_pid = postmaster_pid(base / "other")
        note = root / "pgdata" / "postmaster.pid"
        _, _, rest = note.read_text().partition("\n")
        note.write_text(f"{other_pid}\n{rest}")

        assert not is_running(root)
        url = database.acquire()

        assert url != other_url
        assert ask(url, "SELECT 1") == 1
        assert postmaster_pid(root) != other_pid
        database.release()
        assert postmaster_pid(base / "other") == other_pid


def test_a_visitor_in_the_clusters_directory_is_not_taken_for_one_of_its_processes(root: Path) -> None:
    database = embedded(root)
    url = database.acquire()
    visitor = subprocess.Popen(["sleep", "60"], cwd=root / "pgdata")
    busy = threading.Thread(target=run_until_cut_off, args=(url,))
    busy.start()
    await_long_statement(url)

    kill_postmaster(root)
    database.ensure_running()

    assert visitor.poll() is None
    visitor.kill()
    visitor.wait()
    database.release()
    busy.join()


def test_remains_of_a_killed_first_start_are_cleared_away(root: Path) -> None:
    root.mkdir()
    root.chmod(0o711)
    half = root / "pgdata.init-killed"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    with embedded(root) as url:
        assert ask(url, "SELECT 1") == 1

    assert sorted(path.name for path in root.glob("pgdata*")) == ["pgdata"]


def test_a_first_start_killed_in_the_middle_leaves_nothing_in_the_way(root: Path) -> None:
    starter = start_user(root)
    while not list(root.glob("pgdata.init-*/global")):
        time.sleep(0.001)
    starter.kill()
    starter.communicate()
    assert not (root / "pgdata").exists()

    with embedded(root) as url:
        assert ask(url, "SELECT 1") == 1


def run_until_cut_off(url: str) -> None:
    with pytest.raises((asyncpg.PostgresError, ConnectionError, asyncpg.InterfaceError)):
        ask(url, "SELECT count(*) FROM generate_series(1, 60000) a CROSS JOIN generate_series(1, 60000) b")


def await_long_statement(url: str) -> None:
    while (
        ask(url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%a CROSS JOIN%' AND pid <> pg_backend_pid()")
        == 0
    ):
        time.sleep(0.01)
