"""Whoever asks for everything sees exactly what is for him: not one value of somebody else's, and all of his own."""

import copy
from base64 import b64encode
from typing import Any

import orjson
import pytest
from sqlalchemy import JSON, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY

from persistence.metadata import metadata
from persistence.statements import Statement
from tests.access.arguments import values_of
from tests.access.canaries import PUBLIC_TEXT, STOCK_NUMBERS, expected_for, found_in
from tests.access.documents import Asker, Node, document, without
from tests.access.world import SCHEMA, World

pytestmark = pytest.mark.anyio

_MOST_ROUNDS = 30


async def everything_seen_by(world: World, caller: str) -> set[str]:
    """The canaries in all answers to documents that together ask for all there is."""
    assert SCHEMA.query_type is not None
    asker = Asker(SCHEMA, values_of(world, knows_email=caller == "right lookup"))
    seen: set[str] = set()
    for root in asker.everything(SCHEMA.query_type):
        seen |= await _seen_in(world, caller, copy.deepcopy(root))
    return seen


async def _seen_in(world: World, caller: str, root: Node) -> set[str]:
    """Asks again without what was refused, because one refusal can hide everything around it."""
    seen: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        body = await world.answer(caller, document("query", root))
        seen |= found_in(body)
        errors: list[Any] = orjson.loads(body).get("errors", [])
        codes = {error["extensions"]["code"] for error in errors}
        assert codes <= {"FORBIDDEN", "UNAUTHENTICATED"}, errors
        if not without(root, [error["path"] for error in errors]):
            return seen
    raise AssertionError("Every round is refused something more.")


async def test_every_caller_sees_what_is_its_own_and_nothing_else(world: World) -> None:
    callers = list(world.callers)

    seen = {caller: await everything_seen_by(world, caller) for caller in callers}

    leaked = {caller: seen[caller] - expected_for(caller) for caller in callers}
    hidden = {caller: expected_for(caller) - seen[caller] for caller in callers}
    assert {caller: names for caller, names in leaked.items() if names} == {}
    assert {caller: names for caller, names in hidden.items() if names} == {}


async def test_every_private_column_holds_a_canary(world: World) -> None:
    columns = [
        (table.name, column.name, isinstance(column.type, LargeBinary))
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text | LargeBinary | JSON | ARRAY)
        and f"{table.name}.{column.name}" not in PUBLIC_TEXT
    ]

    bare = []
    async with world.shop.database.reading() as reader:
        for table, column, is_binary in columns:
            shown = f"encode({column}, 'escape')" if is_binary else f"{column}::text"
            text = await reader.fetch_value(Statement(f"SELECT string_agg({shown}, ' ') FROM {table}")) or ""
            if not any(name.endswith(f":{table}.{column})") for name in found_in(text.lower())):
                bare.append(f"{table}.{column}")

    assert len(columns) > len(STOCK_NUMBERS) * 4
    assert bare == []


def test_columns_that_are_called_public_exist() -> None:
    every = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}

    assert every >= PUBLIC_TEXT


def test_canaries_are_found_however_they_are_written() -> None:
    secret = b"canary(customer:session.id)"

    assert found_in(f"x{secret.decode()}y") == {secret.decode()}
    assert found_in(secret.hex()) == {"canary in hex"}
    assert found_in("63616e61-7279-2873-6573-73696f6e7329") == {"canary in hex"}
    assert found_in(b64encode(secret).decode()) == {"canary in base64"}
