"""Each kind of field, of each kind of source, selected in each way that documents know."""

# ruff: noqa: N805 - The first argument of a batched field is its parents.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, cast

import pytest
import strawberry

from api.execution.access import ACCESS
from api.execution.fields import Wanted, batched, column, inline, of_items
from persistence.database import Database
from persistence.statements import Statement
from tests.execution.laboratory import OPEN, Bench, engine_of, guarded, request, run, same

pytestmark = pytest.mark.anyio


@strawberry.enum
class Size(Enum):
    SMALL = "s"
    LARGE = "l"


@strawberry.input
class Window:
    low: int = 0
    high: int | None = None


@strawberry.type
class Place:
    code: str = column(OPEN, "")
    town: str = inline(lambda row: row["town"].upper(), OPEN, "")


@strawberry.type
class Item:
    id: strawberry.ID = column(OPEN, "")
    name: str = column(OPEN, "")
    note: str | None = column(OPEN, "")
    count: int = column(OPEN, "")
    weight: float = column(OPEN, "")
    is_new: bool = column(OPEN, "")
    size: Size = column(OPEN, "")
    price: Decimal = column(OPEN, "")
    made_at: datetime | None = column(OPEN, "")
    tags: list[str] = column(OPEN, "")
    grid: list[list[int]] = column(OPEN, "")
    home: Place | None = column(OPEN, "")
    label: str = inline(lambda source: f"{source.name if hasattr(source, 'name') else source['name']}!", OPEN, "")

    @batched(OPEN, "")
    async def place(rows: Any, context: Bench, wanted: Wanted) -> Place:
        context.seen.append(("place", len(rows), wanted))
        return [HOME] * len(rows)  # type: ignore[return-value]

    @batched(OPEN, "")
    async def within(
        rows: Sequence[Any], context: Bench, wanted: Wanted, *, windows: list[Window], size: Size = Size.SMALL
    ) -> str:
        context.seen.append(("within", len(rows), wanted))
        return [f"{windows} {size}"] * len(rows)  # type: ignore[return-value]

    @strawberry.field(metadata={ACCESS: OPEN})
    def path(self, info: strawberry.Info[Bench, None], twice: bool = False) -> str:  # noqa: FBT001, FBT002
        info.context.seen.append("path")
        path = ".".join(map(str, info.path.as_list()))
        return path * 2 if twice else path

    @strawberry.field(metadata={ACCESS: OPEN})
    async def slowly(self, info: strawberry.Info[Bench, None]) -> Place:
        info.context.seen.append("slowly")
        return cast("Place", HOME)


HOME: Any = {"code": "B", "town": "Berlin"}


@strawberry.type
class Query:
    @batched(OPEN, "")
    async def items(rows: Any, context: Bench, wanted: Wanted) -> list[Item]:
        context.seen.append(("items", len(rows), wanted))
        return [context.data]

    @strawberry.field(metadata={ACCESS: OPEN})
    async def first_item(self, info: strawberry.Info[Bench, None]) -> Item | None:
        found: Item | None = info.context.data[0] if info.context.data else None
        return found


SCHEMA = guarded(Query)
ROW = {
    "id": 7, "name": "Shirt", "note": None, "count": 3, "weight": 0.5, "is_new": True, "size": Size.LARGE,
    "price": Decimal("9.90"), "made_at": datetime(2026, 3, 1, tzinfo=UTC), "tags": ["a", "b"], "grid": [[1], [], [2, 3]],
    "home": HOME,
}  # fmt: skip
COLUMNS = "id name note count weight isNew size price madeAt tags grid home { code town } label"


@dataclass
class Thing:
    id: str = "9"
    name: str = "Coat"
    note: str | None = "warm"
    count: int = True
    weight: int = 2
    is_new: int = 1
    size: str = "s"
    price: str = "1"
    made_at: None = None
    tags: tuple[str, ...] = ()
    grid: tuple[Any, ...] = ((1, 2),)
    home: None = None


async def test_every_scalar_is_read_from_rows() -> None:
    outcome = await same(SCHEMA, f"{{ items {{ {COLUMNS} }} }}", [ROW])

    assert outcome.data["items"] == [
        {
            "id": "7", "name": "Shirt", "note": None, "count": 3, "weight": 0.5, "isNew": True, "size": "LARGE",
            "price": "9.90", "madeAt": "2026-03-01T00:00:00+00:00", "tags": ["a", "b"], "grid": [[1], [], [2, 3]],
            "home": {"code": "B", "town": "BERLIN"}, "label": "Shirt!",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("sources", [[Thing()], [Thing(), ROW], [ROW, Thing(), ROW]], ids=range(3))
async def test_sources_are_rows_and_objects_and_both_in_one_level(sources: list[Any]) -> None:
    outcome = await same(SCHEMA, f"{{ items {{ {COLUMNS} }} }}", sources)

    assert outcome.errors == set()
    assert [item["label"] for item in outcome.data["items"]] == [
        "Shirt!" if source is ROW else "Coat!" for source in sources
    ]


async def test_rows_of_the_database_are_sources(database: Database) -> None:
    async with database.reading() as reader:
        rows = await reader.fetch(Statement("SELECT n AS id, 'Hat' AS name FROM generate_series(1, 3) AS n"))

    outcome = await same(SCHEMA, "{ items { id name } }", rows)

    assert outcome.data["items"] == [{"id": str(n), "name": "Hat"} for n in (1, 2, 3)]


async def test_a_batched_field_is_asked_once_a_level_and_told_what_is_wanted() -> None:
    query = (
        "query($no: Boolean!) { items { place { code ...F } } } fragment F on Place { town @skip(if: $no) again: code }"
    )

    outcome = await same(SCHEMA, query, [dict(ROW) for _ in range(50)], no=True)

    assert outcome.data["items"] == [{"place": {"code": "B", "again": "B"}}] * 50
    assert outcome.seen == [("items", 1, frozenset({"place"})), ("place", 50, frozenset({"code"}))]


@strawberry.type
class Edge:
    cursor: str = column(OPEN, "")
    node: Place = column(OPEN, "")


@strawberry.type
class Page:
    nodes: list[Place] = column(OPEN, "")
    edges: list[Edge] = column(OPEN, "")
    count: int = column(OPEN, "")


@strawberry.type
class PagedQuery:
    @batched(OPEN, "")
    async def page(rows: Any, context: Bench, wanted: Wanted) -> Page:
        context.seen.append(("page", of_items(wanted), wanted))
        return [{"nodes": [HOME] * 3, "edges": [{"cursor": "x", "node": HOME}], "count": 1}]  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("selection", "items", "wanted"),
    [
        ("count", [], ["count"]),
        ("nodes { code }", ["code"], ["nodes", "nodes.code"]),
        ("edges { cursor }", [], ["edges"]),
        ("edges { node { __typename town } } count", ["__typename", "town"],
         ["edges", "count", "nodes.__typename", "nodes.town"]),
        ("all: nodes { town } ...E } } fragment E on Page { edges { ... on Edge { node { again: code } }",
         ["town", "code"], ["nodes", "edges", "nodes.town", "nodes.code"]),
    ],
    ids=range(5),
)  # fmt: skip
async def test_of_a_page_what_is_selected_of_its_items_is_wanted_too(
    selection: str, items: list[str], wanted: list[str]
) -> None:
    outcome = await same(guarded(PagedQuery), f"{{ page {{ {selection} }} }}", None)

    assert outcome.seen == [("page", frozenset(items), frozenset(wanted))]


async def test_pages_that_want_other_things_of_their_items_are_loaded_apart() -> None:
    outcome = await same(guarded(PagedQuery), "{ page { nodes { code } } other: page { nodes { town } } }", None)

    assert [seen[1] for seen in outcome.seen] == [frozenset({"code"}), frozenset({"town"})]


async def test_items_of_lists_that_are_the_same_object_are_completed_once() -> None:
    hat, coat = dict(ROW), dict(ROW, name="Coat")
    query = "{ items { name place { town } home { code } } }"

    on_plan = await same(SCHEMA, query, [hat, coat, hat, hat, coat, hat])

    assert [item["name"] for item in on_plan.data["items"]] == ["Shirt", "Coat", "Shirt", "Shirt", "Coat", "Shirt"]
    once = await run(SCHEMA, query, [hat, coat, hat, hat, coat, hat], compiled=True)
    assert once.seen[1] == ("place", 2, frozenset({"town"}))


async def test_an_empty_level_asks_for_nothing() -> None:
    outcome = await same(SCHEMA, "{ items { place { code } path } firstItem { place { code } } }", [])

    assert outcome.data == {"items": [], "firstItem": None}
    assert [seen[0] for seen in outcome.seen] == ["items"]


async def test_plain_resolvers_know_where_they_are() -> None:
    query = "{ items { path here: path(twice: true) slowly { town } } firstItem { path } }"

    outcome = await same(SCHEMA, query, [dict(ROW), dict(ROW)])

    assert outcome.data == {
        "items": [
            {"path": "items.0.path", "here": "items.0.hereitems.0.here", "slowly": {"town": "BERLIN"}},
            {"path": "items.1.path", "here": "items.1.hereitems.1.here", "slowly": {"town": "BERLIN"}},
        ],
        "firstItem": {"path": "firstItem.path"},
    }


async def test_many_objects_that_refer_to_the_same_one_have_it_completed_once() -> None:
    query = "{ items { slowly { code } home { code } one: id } }"
    row = dict(ROW)

    on_plan = await run(SCHEMA, "{ items { home { town } } }", [row] * 9, compiled=True)

    assert on_plan.data["items"] == [{"home": {"town": "BERLIN"}}] * 9
    assert (await same(SCHEMA, query, [row] * 9)).data["items"][8]["home"] == {"code": "B"}


WINDOWS = "[Window(low=0, high=None), Window(low=4, high=5)] Size.SMALL"


@pytest.mark.parametrize(
    ("declared", "arguments", "variables", "expected"),
    [
        ("", "windows: [{}, {low: 4, high: 5}]", {}, WINDOWS),
        ("($w: [Window!]!)", "windows: $w", {"w": [{}, {"low": 4, "high": 5}]}, WINDOWS),
        ("($w: Window!)", "windows: [{}, $w]", {"w": {"low": 4, "high": 5}}, WINDOWS),
        ("($n: Int!)", "windows: [{}, {low: 4, high: $n}]", {"n": 5}, WINDOWS),
        ("($n: Int = 5)", "windows: [{}, {low: 4, high: $n}]", {}, WINDOWS),
        ("($n: Int)", "windows: [{high: $n}, {low: 4, high: 5}]", {}, WINDOWS),
        ("($n: Int = 5)", "windows: {high: $n}", {"n": None}, "[Window(low=0, high=None)] Size.SMALL"),
        ("($s: Size = LARGE)", "windows: [], size: $s", {}, "[] Size.LARGE"),
        ("($s: Size! = LARGE)", "windows: [], size: $s", {"s": "SMALL"}, "[] Size.SMALL"),
        ("", "windows: [], size: LARGE", {}, "[] Size.LARGE"),
    ],
    ids=range(10),
)
async def test_arguments_come_from_literals_variables_and_defaults_however_deep(
    declared: str, arguments: str, variables: dict[str, Any], expected: str
) -> None:
    query = f"query Q{declared} {{ items {{ within({arguments}) }} }}"

    outcome = await same(SCHEMA, query, [ROW, dict(ROW)], **variables)

    assert outcome.data["items"] == [{"within": expected}] * 2
    assert [seen[:2] for seen in outcome.seen] == [("items", 1), ("within", 2)]


async def test_variables_are_those_of_each_request_and_not_of_the_first() -> None:
    engine = engine_of(SCHEMA)
    query = "query($n: Int!) { items { within(windows: [{high: $n}]) } }"

    bodies = [(await engine.execute(request(query, {"n": n}), Bench([ROW]))).body for n in (1, 2)]

    assert [f"high={n}".encode() in body for n, body in zip((1, 2), bodies, strict=True)] == [True, True]


async def test_a_null_where_none_may_be_is_the_error_of_each_item() -> None:
    query = "query($n: Int = 5) { items { id within(windows: [{low: $n}]) } }"

    outcome = await same(SCHEMA, query, [ROW, dict(ROW)], n=None)

    assert outcome.data is None
    assert {code for _, _, code in outcome.errors} == {"BAD_USER_INPUT"}
