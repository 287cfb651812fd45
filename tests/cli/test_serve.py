"""`oneshelf serve` from outside: what it says, what it refuses, and what it survives."""

import os
import signal
import socket
from pathlib import Path

import httpx
import psutil

from persistence.embedded import embedded_status, is_running
from tests.cli.commands import oneshelf, server_pid, serving, wait_for


def browse(address: str) -> httpx.Response:
    return httpx.post(f"{address}/graphql", json={"query": "{ products(first: 100) { nodes { slug } } }"})


def test_everything_starts_with_one_command_and_stops_with_one_signal(data: Path) -> None:
    with serving(data, "--demo") as server:
        server.wait_until_ready()
        answer = browse(server.address)
        said = server.log.read_text(encoding="utf-8")
        beside = oneshelf("channel", "list", "--data", data)

        code = server.stop()

    slugs = [product["slug"] for product in answer.json()["data"]["products"]["nodes"]]
    assert len(slugs) == 100
    assert slugs[0] == "linen-t-shirt"
    assert f"{server.address}/graphql in a browser" in said
    assert "ada@example.com  password: analytical engine" in said
    assert [line.split()[0] for line in beside.stdout.splitlines()] == [
        "code",
        "web",
        "web-us",
        "app",
        "marketplace",
        "social",
        "till-berlin",
        "till-hamburg",
        "till-copenhagen",
        "till-new-york",
        "till-portland",
    ]
    assert code == 0
    assert not is_running(data)


def test_a_second_server_on_the_same_data_is_refused_and_harms_nothing(data: Path) -> None:
    with serving(data) as server:
        port = server.address.rpartition(":")[2]

        elsewhere = oneshelf("serve", "--data", data, "--port", 0)
        same_port = oneshelf("serve", "--data", data, "--port", port)

        whose = f"process {server_pid(data)} at {server.address}"
        for refused in (elsewhere, same_port):
            assert refused.returncode == 1
            assert refused.stdout == ""
            assert whose in refused.stderr
            assert "Traceback" not in refused.stderr
        assert "choose another directory with --data" in elsewhere.stderr
        assert server.is_ready()
        assert server_pid(data) == server.process.pid


def test_a_taken_port_is_said_before_anything_is_made(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = oneshelf("serve", "--data", data, "--port", port)

    assert refused.returncode == 1
    assert (
        refused.stderr
        == f"oneshelf: port {port} is taken: stop what listens there, or use --port with another number.\n"
    )
    assert not data.exists()


def test_a_killed_database_comes_back_while_clients_see_clean_errors(data: Path) -> None:
    with serving(data) as server:
        server.wait_until_ready()
        postmaster = embedded_status(data).pid
        assert postmaster is not None

        os.kill(postmaster, signal.SIGKILL)

        answers: list[httpx.Response] = []

        def is_served_again() -> bool:
            answers.append(browse(server.address))
            return "data" in answers[-1].json() and embedded_status(data).pid not in (None, postmaster)

        wait_for(is_served_again, server.log)
        server.wait_until_ready()
        assert "Traceback" not in "".join(answer.text for answer in answers)
        assert "PostgreSQL had died and was started again" in server.log.read_text(encoding="utf-8")


def test_a_killed_server_starts_again_on_what_it_left_behind(data: Path) -> None:
    with serving(data, "--workers", 2) as first:
        first.wait_until_ready()
        workers = workers_of(first.process.pid)
        first.process.kill()
        first.process.wait()
        wait_for(lambda: not any(is_worker(pid) for pid in workers), first.log)
        keeps_the_port = first.is_ready()
        outlived = is_running(data)

        with serving(data) as second:
            second.wait_until_ready()
            code = second.stop()

    assert len(workers) == 2
    assert not keeps_the_port
    assert outlived
    assert code == 0
    assert not is_running(data)


def test_a_dead_worker_is_replaced_and_all_end_with_the_first_process(data: Path) -> None:
    with serving(data, "--workers", 2) as server:
        server.wait_until_ready()
        before = workers_of(server.process.pid)
        victim = min(before)

        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len(workers_of(server.process.pid) - {victim}) == 2, server.log)
        after = workers_of(server.process.pid)
        server.wait_until_ready()
        code = server.stop()

    assert len(before) == 2
    assert len(before & after) == 1
    assert code == 0
    assert not any(psutil.pid_exists(pid) for pid in before | after)


def workers_of(parent: int) -> set[int]:
    return {child.pid for child in psutil.Process(parent).children() if is_worker(child.pid)}


def is_worker(pid: int) -> bool:
    try:
        return "spawn_main" in " ".join(psutil.Process(pid).cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def test_an_outside_database_is_not_migrated_behind_its_owners_back(postgres_url: str, data: Path) -> None:
    empty = postgres_url.replace("/oneshelf?", "/postgres?", 1)

    refused = oneshelf("serve", "--database-url", empty, "--port", 0, ONESHELF_DATA=str(data))

    assert refused.returncode == 1
    assert refused.stderr == "oneshelf: The database is empty: run `oneshelf migrate` first.\n"
