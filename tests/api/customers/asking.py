"""Documents run against the whole schema, for any caller."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import orjson

from api.context import Context
from api.directory import Directory
from api.execution.engine import Engine, GraphQLRequest
from api.identity.identity import Identity
from api.schema import build_schema
from domain.access import ANONYMOUS, Principal
from persistence.database import Database

Ask = Callable[..., Awaitable[dict[str, Any]]]
"""`await ask(document, caller, **variables)`: the answer's data, or the whole answer when it has errors."""


@cache
def _engine() -> Engine:
    return Engine(build_schema())


def asking(database: Database, identity: Identity, directory: Directory) -> Ask:
    async def ask(document: str, caller: Principal = ANONYMOUS, **variables: Any) -> dict[str, Any]:
        context = Context(
            database=database,
            caller=caller,
            directory=directory,
            channel=directory.channels_by_code["web"],
            request_id="test",
            identity=identity,
            client_address="203.0.113.7",
        )
        answer = await _engine().execute(GraphQLRequest(document, variables), context)
        body: dict[str, Any] = orjson.loads(answer.body)
        return body if "errors" in body else body["data"]

    return ask


def codes_of(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]
