"""Nulls and errors: where they land, and that neighbors do not suffer."""

# ruff: noqa: N805, ARG002 - A batched field has its parents for a first argument, and the plan decides on the others.

import random
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError

from api.execution.access import ACCESS
from api.execution.fields import Wanted, batched, column, inline
from tests.execution.laboratory import OPEN, Bench, guarded, run, same

pytestmark = pytest.mark.anyio


def given(row: Any, name: str) -> Any:
    """What tests put there, raised if it says so."""
    value = row[name]
    if value is RAISED:
        raise RuntimeError("raised")
    return value


RAISED = object()
"""Marks a value that is raised instead of given."""


@strawberry.type
class Leaf:
    must: str = column(OPEN, "")
    may: int | None = column(OPEN, "")
    computed: str | None = inline(lambda row: given(row, "computed"), OPEN, "")


@strawberry.type
class Branch:
    id: str = column(OPEN, "")
    may: Leaf | None = column(OPEN, "")
    must: Leaf = column(OPEN, "")
    all_may: list[Leaf | None] | None = inline(lambda row: given(row, "all_may"), OPEN, "")
    items_must: list[Leaf] | None = inline(lambda row: given(row, "items_must"), OPEN, "")
    list_must: list[Leaf | None] = inline(lambda row: given(row, "list_must"), OPEN, "")
    all_must: list[Leaf] = inline(lambda row: given(row, "all_must"), OPEN, "")
    words: list[str | None] | None = column(OPEN, "")
    strict_words: list[str] | None = column(OPEN, "")

    @batched(OPEN, "")
    async def loaded(rows: Any, context: Bench, wanted: Wanted) -> Leaf | None:
        return [row["loaded"] for row in rows]  # type: ignore[return-value]

    @batched(OPEN, "")
    async def loaded_must(rows: Any, context: Bench, wanted: Wanted) -> list[Leaf]:
        return [row["loaded_must"] for row in rows]

    @strawberry.field(metadata={ACCESS: OPEN})
    def plain(root: strawberry.Parent[Any]) -> str | None:
        found: str | None = given(root, "plain")
        return found

    @strawberry.field(metadata={ACCESS: OPEN})
    async def later(root: strawberry.Parent[Any]) -> Leaf | None:
        found: Leaf | None = given(root, "later")
        return found


@strawberry.type
class Query:
    @batched(OPEN, "")
    async def branches(rows: Any, context: Bench, wanted: Wanted) -> list[Branch | None] | None:
        return [context.data]

    @batched(OPEN, "")
    async def strict(rows: Any, context: Bench, wanted: Wanted) -> list[Branch]:
        return [context.data]

    @batched(OPEN, "")
    async def broken(rows: Any, context: Bench, wanted: Wanted) -> Branch | None:
        raise RuntimeError("broken")

    @batched(OPEN, "")
    async def short(rows: Any, context: Bench, wanted: Wanted) -> Branch | None:
        return []  # type: ignore[return-value]


SCHEMA = guarded(Query)
LEAVES = "{ must may computed }"
BELOW = f"""id may {LEAVES} must {LEAVES} allMay {LEAVES} itemsMust {LEAVES} listMust {LEAVES} allMust {LEAVES} words
  strictWords loaded {LEAVES} loadedMust {LEAVES} plain later {LEAVES}"""
DOCUMENT = f"{{ branches {{ {BELOW} }} }}"
NEIGHBOR = "branches.1"


def leaf(**changed: Any) -> dict[str, Any]:
    return {"must": "m", "may": 1, "computed": "c", **changed}


def branch(**changed: Any) -> dict[str, Any]:
    return {
        "id": "b", "may": leaf(), "must": leaf(), "all_may": [leaf()], "items_must": [leaf()], "list_must": [leaf()],
        "all_must": [leaf(), leaf()], "words": ["w"], "strict_words": ["w"], "loaded": leaf(), "loaded_must": [leaf()],
        "plain": "p", "later": leaf(), **changed,
    }  # fmt: skip


BOOM = ValueError("boom")
MISSING = "TypeError('Cannot return null for non-nullable field {}.')"
BAD = "GraphQLError(\"Int cannot represent non-integer value: 'x'\", locations"


@pytest.mark.parametrize(
    ("changed", "nulled", "where", "message"),
    [
        ({"id": None}, "branches.0", "id", MISSING.format("Branch.id")),
        ({"id": BOOM}, "branches.0", "id", "ValueError('boom')"),
        ({"may": None}, "branches.0.may", None, ""),
        ({"may": BOOM}, "branches.0.may", "may", "ValueError('boom')"),
        ({"may": leaf(must=None)}, "branches.0.may", "may.must", MISSING.format("Leaf.must")),
        ({"may": leaf(computed=RAISED)}, "branches.0.may.computed", "may.computed", "RuntimeError('raised')"),
        ({"must": None}, "branches.0", "must", MISSING.format("Branch.must")),
        ({"must": leaf(must=BOOM)}, "branches.0", "must.must", "ValueError('boom')"),
        ({"all_may": RAISED}, "branches.0.allMay", "allMay", "RuntimeError('raised')"),
        ({"all_may": 5}, "branches.0.allMay", "allMay", "Expected Iterable"),
        ({"all_may": "text"}, "branches.0.allMay", "allMay", "Expected Iterable"),
        ({"all_may": [leaf(), None]}, "branches.0.allMay.1", None, ""),
        ({"all_may": [leaf(), BOOM]}, "branches.0.allMay.1", "allMay.1", "ValueError('boom')"),
        ({"all_may": [leaf(), leaf(must=None)]}, "branches.0.allMay.1", "allMay.1.must", MISSING.format("Leaf.must")),
        ({"items_must": [leaf(), None]}, "branches.0.itemsMust", "itemsMust.1", MISSING.format("Branch.itemsMust")),
        ({"items_must": [leaf(), leaf(must=None)]}, "branches.0.itemsMust", "itemsMust.1.must", MISSING.format("Leaf.must")),
        ({"list_must": None}, "branches.0", "listMust", MISSING.format("Branch.listMust")),
        ({"list_must": [BOOM]}, "branches.0.listMust.0", "listMust.0", "ValueError('boom')"),
        ({"all_must": [leaf(), leaf(must=None)]}, "branches.0", "allMust.1.must", MISSING.format("Leaf.must")),
        ({"words": ["a", None]}, "branches.0.words.1", None, ""),
        ({"words": ["a", {}]}, "branches.0.words.1", "words.1", "String cannot represent value"),
        ({"strict_words": ["a", None]}, "branches.0.strictWords", "strictWords.1", MISSING.format("Branch.strictWords")),
        ({"loaded": BOOM}, "branches.0.loaded", "loaded", "ValueError('boom')"),
        ({"loaded": leaf(may="x")}, "branches.0.loaded.may", "loaded.may", "Int cannot represent non-integer value"),
        ({"loaded_must": [leaf(), BOOM]}, "branches.0", "loadedMust.1", "ValueError('boom')"),
        ({"plain": RAISED}, "branches.0.plain", "plain", "RuntimeError('raised')"),
        ({"plain": BOOM}, "branches.0.plain", "plain", "ValueError('boom')"),
        ({"later": RAISED}, "branches.0.later", "later", "RuntimeError('raised')"),
        ({"later": leaf(must=None)}, "branches.0.later", "later.must", MISSING.format("Leaf.must")),
    ],
    ids=range(29),
)  # fmt: skip
async def test_a_null_moves_up_to_where_one_may_be(
    changed: dict[str, Any], nulled: str, where: str | None, message: str
) -> None:
    outcome = await same(SCHEMA, DOCUMENT, [branch(**changed), branch()])

    found: Any = outcome.data
    for key in nulled.split("."):
        assert found is not None
        found = found[int(key) if key.isdigit() else key]
    assert found is None
    assert outcome.data["branches"][1]["loaded"] == {"must": "m", "may": 1, "computed": "c"}
    if where is None:
        assert outcome.errors == set()
    else:
        [(told, path, code)] = outcome.errors
        assert (path, code) == (f"branches.0.{where}", "INTERNAL")
        assert message in told


async def test_a_null_that_may_be_nowhere_takes_the_whole_answer() -> None:
    outcome = await same(SCHEMA, f"{{ strict {{ {BELOW} }} }}", [branch(), branch(must=leaf(must=None))])

    assert outcome.data is None
    assert outcome.errors == {(MISSING.format("Leaf.must"), "strict.1.must.must", "INTERNAL")}


async def test_there_is_one_error_for_a_null_and_none_below_it() -> None:
    bad = branch(id=None, may=BOOM, loaded=BOOM, list_must=None, all_must=[leaf(may="x")])

    outcome = await same(SCHEMA, DOCUMENT, [bad, branch(may=BOOM)])

    assert [path for _, path, _ in sorted(outcome.errors, key=lambda error: error[1])] == [
        "branches.0.id",
        "branches.1.may",
    ]


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"may": BOOM, "must": None}, "branches.0.must"),
        ({"all_may": [leaf(must=None)], "loaded": leaf(must=None), "loaded_must": None}, "branches.0.loadedMust"),
        ({"items_must": [leaf(must=None), leaf(must=None), None]}, "branches.0.itemsMust.2"),
    ],
    ids=range(3),
)
async def test_what_was_told_before_its_object_went_is_taken_back(changed: dict[str, Any], path: str) -> None:
    outcome = await same(SCHEMA, DOCUMENT, [branch(**changed)])

    assert [told for _, told, _ in outcome.errors] == [path]


@pytest.mark.parametrize(("field", "cause"), [("broken", "broken"), ("short", "0 values for 1 objects")])
async def test_a_batch_that_fails_is_the_error_of_its_field_only(field: str, cause: str) -> None:
    outcome = await same_but_for_messages(f"{{ branches {{ id }} {field} {{ id }} }}", [branch()])

    assert outcome == {(f"RuntimeError('{cause}')", field, "INTERNAL")}


async def same_but_for_messages(query: str, data: Any) -> set[tuple[Any, ...]]:
    outcome = await run(SCHEMA, query, data, compiled=True)
    reference = await run(SCHEMA, query, data, compiled=False)
    assert outcome.data == reference.data
    return outcome.errors


async def test_an_object_that_many_share_fails_for_each_of_them() -> None:
    shared = leaf(must=None)

    outcome = await same(SCHEMA, "{ branches { loaded { must } } }", [branch(loaded=shared) for _ in range(4)])

    assert {path for _, path, _ in outcome.errors} == {f"branches.{n}.loaded.must" for n in range(4)}


async def test_errors_tell_aliases_and_every_place_in_the_document() -> None:
    query = "{ b: branches { m: may { x: must } ...F } } fragment F on Branch { m: may { y: must } }"

    outcome = await same(SCHEMA, query, [branch(may=leaf(must=None))])

    [error] = outcome.response["errors"]
    assert error["path"] == ["b", 0, "m", "x"]
    assert [location["line"] for location in error["locations"]] == [1]
    failed = await same(SCHEMA, query, [branch(may=BOOM)])
    assert len(failed.response["errors"][0]["locations"]) == 2
    twice = await same(SCHEMA, "{ branches { ...F ...F } } fragment F on Branch { may { must } }", [branch(may=BOOM)])
    assert len(twice.response["errors"][0]["locations"]) == 1


async def test_a_refusal_keeps_its_code_and_its_words() -> None:
    refusal = GraphQLError("Not today.", extensions={"code": "FORBIDDEN"})

    outcome = await same(SCHEMA, "{ branches { loaded { must } } }", [branch(loaded=refusal)])

    assert outcome.errors == {("Not today.", "branches.0.loaded", "FORBIDDEN")}


@pytest.mark.parametrize("seed", range(60))
async def test_any_mixture_of_what_can_go_wrong_is_the_same_as_with_graphql_core(seed: int) -> None:
    chance = random.Random(seed)
    data = [_spoiled(branch(), chance) for _ in range(4)]

    await same(SCHEMA, DOCUMENT, data)
    await same(SCHEMA, f"{{ strict {{ {BELOW} }} }}", data)


def _spoiled(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.04:
        return chance.choice([None, BOOM, 7, {}, "x", []])
    if isinstance(value, dict):
        return {key: _spoiled(inner, chance) for key, inner in value.items()}
    if isinstance(value, list):
        return [_spoiled(inner, chance) for inner in value]
    return value
