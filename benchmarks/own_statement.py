"""The statement that our server answers a document with, as a script for pgbench."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from api.catalog.fused import DECLARATIONS
from api.context import Context
from api.directory import DirectoryCache
from api.execution.engine import Engine, GraphQLRequest
from api.execution.fusing.fields import Fuser
from api.identity.identity import Identity
from api.schema import build_schema
from domain.access import ANONYMOUS
from persistence.database import Database, Reader, Row
from persistence.statements import Statement

_CURSOR = "(SELECT id FROM benchmark_cursor WHERE n = :n)"


class _Recording:
    """A database that remembers what it was asked for one row."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.asked: list[tuple[Statement, dict[str, Any]]] = []

    @asynccontextmanager
    async def reading(self) -> AsyncIterator["_RecordingReader"]:
        async with self._database.reading() as reader:
            yield _RecordingReader(reader, self.asked)


class _RecordingReader:
    def __init__(self, reader: Reader, asked: list[tuple[Statement, dict[str, Any]]]) -> None:
        self._reader = reader
        self._asked = asked

    async def fetch_one(self, statement: Statement, **values: Any) -> Row | None:
        self._asked.append((statement, values))
        return await self._reader.fetch_one(statement, **values)


async def script(url: str, document: str, after: str) -> str:
    """For the visitors of the web shop; each run of the script asks for another page."""
    database = await Database.open(url)
    try:
        recording = _Recording(database)
        directory = await DirectoryCache(database).current()
        context = Context(
            database=cast("Database", recording),
            caller=ANONYMOUS,
            directory=directory,
            channel=directory.channels_by_code["web"],
            request_id="benchmark",
            identity=cast("Identity", None),
            client_address=None,
        )
        engine = Engine(build_schema(), fuse=Fuser(DECLARATIONS))
        answer = await engine.execute(GraphQLRequest(document, {"after": after}), context)
        if answer.errors() or len(recording.asked) != 1:
            raise RuntimeError(f"not answered by one statement: {answer.body!r}")
    finally:
        await database.close()
    statement, values = recording.asked[0]
    text = statement.text
    arguments = statement.arguments(values)
    for number in range(len(arguments), 0, -1):
        text = text.replace(f"${number}::", f"{_literal(arguments[number - 1])}::")
    return f"\\set n random(1, 400)\n{text}\n"


def _literal(value: Any) -> str:
    if isinstance(value, UUID):
        # Of the two that the statement takes only the cursor is the id of anything.
        return _CURSOR if value.int else f"'{value}'"
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | Decimal):
        return f"({value})"
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(_literal, value))}]"
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'"
