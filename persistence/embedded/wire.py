"""The few words of PostgreSQL's protocol that show whether it answers and make the database that is missing.

The supervisor is used by threads and commands that have no event loop, and asyncpg needs one.
"""

import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from persistence.embedded.cluster import DATABASE, ROLE
from persistence.embedded.errors import EmbeddedPostgresError
from persistence.embedded.postmaster import PORT

_PROTOCOL_3 = 196608
_NO_SUCH_DATABASE = "3D000"
_TOO_MANY_CONNECTIONS = "53300"
_CANNOT_CONNECT_NOW = "57P03"
_PATIENCE_SECONDS = 30.0


class _RefusalError(Exception):
    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields.get("M", "no reason given"))
        self.code = fields.get("C", "")


def ensure_database(socket_directory: Path) -> None:
    """Also proves that the server answers. Expects the caller to be the only one to create the database."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            _converse(socket_directory, DATABASE, None)
        except _RefusalError as refusal:
            if refusal.code == _TOO_MANY_CONNECTIONS:
                return
            if refusal.code == _NO_SUCH_DATABASE:
                _create_database(socket_directory)
                return
            failure: Exception = refusal
            # After the crash of one session the server restarts all of them and takes nobody for a moment.
            transient = refusal.code == _CANNOT_CONNECT_NOW
        except OSError as error:
            failure, transient = error, True
        else:
            return
        if not transient or time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"The PostgreSQL server in {socket_directory} refuses connections: {failure}")
        time.sleep(0.05)


def _create_database(socket_directory: Path) -> None:
    try:
        _converse(socket_directory, "postgres", f"CREATE DATABASE {DATABASE}")
    except (_RefusalError, OSError) as error:
        raise EmbeddedPostgresError(f"The database {DATABASE} could not be created: {error}") from error


def _converse(socket_directory: Path, database: str, statement: str | None) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE_SECONDS)
        connection.connect(str(socket_directory / f".s.PGSQL.{PORT}"))
        greeting = struct.pack("!i", _PROTOCOL_3) + f"user\0{ROLE}\0database\0{database}\0\0".encode()
        connection.sendall(struct.pack("!i", len(greeting) + 4) + greeting)
        with connection.makefile("rb") as answers:
            _until_ready(answers.read)
            if statement is not None:
                query = f"{statement}\0".encode()
                connection.sendall(b"Q" + struct.pack("!i", len(query) + 4) + query)
                _until_ready(answers.read)
        connection.sendall(b"X" + struct.pack("!i", 4))


def _until_ready(read: Callable[[int], bytes]) -> None:
    while True:
        header = read(5)
        if len(header) < 5:
            raise ConnectionResetError("the server closed the connection")
        kind, length = struct.unpack("!ci", header)
        body = read(length - 4)
        if kind == b"E":
            fields = body.decode(errors="replace").split("\0")
            raise _RefusalError({field[0]: field[1:] for field in fields if field})
        if kind == b"Z":
            return
