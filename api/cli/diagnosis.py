"""What `oneshelf doctor` looks at. Every look is bounded in time and changes nothing."""

import asyncio
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

import redis

from api.cli.errors import CommandError, explain
from api.cli.serving.claim import server_of
from api.cli.serving.listener import listening
from api.cli.target import OLDEST_POSTGRESQL, is_embedded, reader_of
from api.settings import Settings
from persistence import migrations
from persistence.database import connect
from persistence.embedded import EmbeddedPostgres, embedded_status

_PATIENCE_SECONDS = 5.0
_LEAST_FREE_BYTES = 1_000_000_000
# Each connected client is a file, and uvicorn needs some of its own.
_LEAST_OPEN_FILES = 1024


@dataclass(frozen=True, slots=True)
class Fine:
    topic: str
    state: str


@dataclass(frozen=True, slots=True)
class Complaint:
    topic: str
    problem: str
    remedy: str


Answer = Fine | Complaint


def diagnose(settings: Settings) -> list[Answer]:
    looks: tuple[Callable[[Settings], Iterator[Answer]], ...] = (
        _data_directory,
        _disk,
        _embedded_server if is_embedded(settings) else _outside_server,
        _redis,
        _port,
        _open_files,
        _time_zones,
    )
    return [answer for look in looks for answer in look(settings)]


def _data_directory(settings: Settings) -> Iterator[Answer]:
    topic = "data directory"
    data = settings.data.resolve()
    place = _nearest_existing(data)
    if not os.access(place, os.W_OK | os.X_OK):
        yield Complaint(
            topic, f"{place} cannot be written by this user.", "Choose another --data, or run as its owner."
        )
    else:
        yield Fine(topic, f"{data} can be written" if data == place else f"{data} will be made")


def _disk(settings: Settings) -> Iterator[Answer]:
    place = _nearest_existing(settings.data.resolve())
    free = shutil.disk_usage(place).free
    said = f"{free / 1e9:.1f} GB free at {place}"
    if free < _LEAST_FREE_BYTES:
        yield Complaint("disk", f"only {said}.", "Make room: PostgreSQL stops when the disk is full.")
    else:
        yield Fine("disk", said)


def _embedded_server(settings: Settings) -> Iterator[Answer]:
    status = embedded_status(settings.data)
    if status.problem is not None:
        yield Complaint("embedded PostgreSQL", status.problem, f"Its log is {status.log}.")
        return
    yield Fine("embedded PostgreSQL", f"{status.version} from {status.binaries}")
    if status.pid is None:
        there = "stopped" if status.data_directory.exists() else "not made yet; `oneshelf serve` makes it"
        yield Fine("database", there)
        return
    # It runs for somebody else, who may leave while we look: joining them keeps it for that long.
    with EmbeddedPostgres(settings.data) as url:
        yield from asyncio.run(_database(url))


def _outside_server(settings: Settings) -> Iterator[Answer]:
    assert settings.database_url is not None
    yield from asyncio.run(_database(settings.database_url))


async def _database(url: str) -> list[Answer]:
    topic = "database"
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            connection = await connect(url)
            try:
                version = connection.get_server_version()
                encoding = await connection.fetchval("SHOW server_encoding")
                at = await migrations.current(reader_of(connection))
            finally:
                await connection.close()
    except Exception as error:  # noqa: BLE001 - Whatever it is, the person wants to read it.
        return [Complaint(topic, str(explain(error)), "Check the address, the password and whether the server runs.")]
    answers: list[Answer] = [Fine(topic, f"PostgreSQL {version.major}.{version.minor} answers")]
    if version.major < OLDEST_POSTGRESQL:
        answers = [Complaint(topic, f"PostgreSQL {version.major} is too old.", f"Use {OLDEST_POSTGRESQL} or newer.")]
    if encoding != "UTF8":
        answers.append(Complaint("encoding", f"it is {encoding}.", "Make the database with ENCODING 'UTF8'."))
    return [*answers, _schema(at)]


def _schema(at: str | None) -> Answer:
    newest = migrations.newest()
    if at == newest:
        return Fine("schema", f"{at}, the newest")
    return Complaint(
        "schema", "the database is empty." if at is None else f"it is {at}, not {newest}.", "Run `oneshelf migrate`."
    )


def _redis(settings: Settings) -> Iterator[Answer]:
    if settings.redis_url is None:
        yield Fine("Redis", "not configured, and not needed")
        return
    try:
        with redis.Redis.from_url(
            settings.redis_url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        yield Complaint(
            "Redis", f"it does not answer: {error}", "Check REDIS_URL, or leave it out: nothing depends on it."
        )
    else:
        yield Fine("Redis", "answers")


def _port(settings: Settings) -> Iterator[Answer]:
    topic = f"port {settings.port}"
    other = server_of(settings.data) if is_embedded(settings) else None
    if other is not None:
        yield Fine("server", f"this directory is being served by {other}")
        return
    try:
        with listening(settings.host, settings.port):
            yield Fine(topic, f"free on {settings.host}")
    except CommandError as refusal:
        yield Complaint(topic, str(refusal), "`oneshelf serve --port` takes another one.")


def _open_files(_settings: Settings) -> Iterator[Answer]:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit < _LEAST_OPEN_FILES:
        yield Complaint(
            "open files", f"the limit is {limit}.", "Raise it with `ulimit -n 65536`: each client takes one."
        )
    else:
        yield Fine("open files", f"the limit is {limit:,}")


def _time_zones(_settings: Settings) -> Iterator[Answer]:
    count = len(available_timezones())
    if count == 0:
        yield Complaint("time zones", "there are none.", "Install the Python package tzdata.")
    else:
        yield Fine("time zones", f"{count} known")


def _nearest_existing(path: Path) -> Path:
    return next(step for step in (path, *path.parents) if step.exists())
