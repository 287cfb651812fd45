"""Hostile text in every argument, input and header: to the database it is a value, never a part of a statement."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from graphql import get_named_type

from api.app import create_app
from api.settings import Settings
from tests.access.arguments import values_of
from tests.access.inputs import filled
from tests.access.serving import serving
from tests.access.test_foreign_ids import input_of, named
from tests.access.world import SCHEMA, World

pytestmark = pytest.mark.anyio

MARK = "ho5tile"
HOSTILE = (
    f"{MARK}'; DROP TABLE cart; --",
    f'{MARK}" OR ""="" /* ',
    f"%_{MARK}\\",
    f"$1 :{MARK} %({MARK})s {{{MARK}}} ${{{MARK}}}",
    f"{MARK}\0",
    f"{MARK}\u202e\U0001f600\ufeff\u2028",
    MARK * 3_000,
)
LONE_SURROGATE = f"{MARK}\ud800"
"""No JSON can bring it into a variable, but a header can have it."""

# An answer to a request that was understood, however little sense it made.
_EXPECTED = {"FORBIDDEN", "UNAUTHENTICATED", "BAD_USER_INPUT"}


def with_hostile(value: Any, hostile: str) -> Iterator[Any]:
    """The value with one of its texts replaced, for each of them."""
    if isinstance(value, str):
        yield hostile
    elif isinstance(value, list):
        for changed in with_hostile(value[0], hostile):
            yield [changed]
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            for changed in with_hostile(inner, hostile):
                yield {**value, key: changed}


def unexpected(body: str) -> set[str]:
    return {error["extensions"]["code"] for error in orjson.loads(body).get("errors", [])} - _EXPECTED


async def test_every_argument_of_every_query_reaches_the_database_as_a_value(
    world: World, statements: list[str]
) -> None:
    assert SCHEMA.query_type is not None
    values = values_of(world, knows_email=True)
    asked, wrong = 0, []
    for name, field in SCHEMA.query_type.fields.items():
        below = "" if not hasattr(get_named_type(field.type), "fields") else "{ __typename }"
        for argument, definition in field.args.items():
            others = [
                f"{other}: ${other}"
                for other in field.args
                if other == argument or str(field.args[other].type).endswith("!")
            ]
            declared = ", ".join(
                f"${other}: {field.args[other].type}" for other in field.args if f"{other}: ${other}" in others
            )
            document = f"query ({declared}) {{ {name}({', '.join(others)}) {below} }}"
            given = {
                other: values(name, other, field.args[other].type)[0]
                for other in field.args
                if other != argument and f"{other}: ${other}" in others
            }
            base = [*values(name, argument, definition.type), "text"][0]
            for hostile in HOSTILE:
                for value in with_hostile(base, hostile):
                    asked += 1
                    body = await world.answer("manager", document, {**given, argument: value})
                    if unexpected(body):
                        wrong.append((document, hostile[:20], body))

    assert wrong == []
    assert asked > 100
    assert [statement for statement in statements if MARK in statement] == []


async def test_every_field_of_every_input_reaches_the_database_as_a_value(world: World, statements: list[str]) -> None:
    assert SCHEMA.mutation_type is not None
    reach = named(world.own_carts["customer B"].id, world.lines["customer"], world.app_id, "token")
    asked, wrong = 0, []
    for name in SCHEMA.mutation_type.fields:
        document = f"mutation ($input: {input_of(name).name}!) {{ {name}(input: $input) {{ __typename }} }}"
        base = filled(input_of(name), reach, with_optional=True)
        base = {key: value for key, value in base.items() if key != "expectedVersion"}
        for caller in ("customer B", "manager"):
            for hostile in HOSTILE:
                for input_ in with_hostile(base, hostile):
                    asked += 1
                    body = await world.answer(caller, document, {"input": input_})
                    if unexpected(body):
                        wrong.append((caller, name, str(input_)[:200], body))

    assert wrong == []
    assert asked > 500
    assert [statement for statement in statements if MARK in statement] == []


@pytest.mark.parametrize("header", ["authorization", "oneshelf-channel", "oneshelf-cart-token", "x-request-id"])
async def test_headers_reach_the_database_as_values(world: World, statements: list[str], header: str) -> None:
    wrong = []
    for hostile in (*HOSTILE, LONE_SURROGATE):
        for text in (hostile, f"Bearer {hostile}", f"Bearer sk_{hostile}", f"bearer a.{hostile}.c"):
            body = await world.answer({header: text}, "{ viewer { kind } }")
            if unexpected(body):
                wrong.append((header, text[:40], body))

    assert wrong == []
    assert [statement for statement in statements if MARK in statement] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "query ($slug: String!) { category(slug: $slug) { name } }", "variables": {"slug": "\\ud800"}}',
        b'{"query": "{ category(slug: \\"\\\\ud800\\") { name } }"}',
        b'{"query": "{ category(slug: \\"\\ud800\\") { name } }"}',
        b'{"query": "query ($slug: String!) { category(slug: $slug) { name } }", "variables": {"slug": "\xed\xa0\x80"}}',
    ],
    ids=["variable", "escaped in the document", "in the document", "raw bytes"],
)
async def test_a_lone_surrogate_does_not_get_past_the_door(
    world: World, tmp_path: Path, database_url: str, statements: list[str], body: bytes
) -> None:
    app = create_app(Settings(data=tmp_path), database_url)

    with serving(app) as address:
        async with httpx.AsyncClient() as client:
            headers = {"content-type": "application/json"}
            response = await client.post(f"http://{address}/graphql", content=body, headers=headers)

    assert response.status_code in (200, 400)
    assert "INTERNAL" not in response.text
    assert response.json().keys() == {"errors"}


async def test_the_recorded_statements_are_those_that_ran(world: World, statements: list[str]) -> None:
    del statements[:]

    await world.answer("manager", '{ category(slug: "shirts") { name } }')

    assert any("category" in statement for statement in statements)
