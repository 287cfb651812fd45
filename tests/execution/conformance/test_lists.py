"""Lists: nullability of the list and of its items, and what counts as a list.

After graphql-js, src/execution/__tests__/lists-test.ts, and graphql-core, tests/execution/test_lists.py.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.execution.conformance.tables import Case, Later, Raises, conforms, fails, hold

pytestmark = pytest.mark.anyio

NULL = fails("Cannot return null for non-nullable field Query.listField.", 1, 3, "listField")
NULL_ITEM = fails("Cannot return null for non-nullable field Query.listField.", 1, 3, "listField", 1)
BAD = fails("bad", 1, 3, "listField")
BAD_ITEM = fails("bad", 1, 3, "listField", 1)
NO_LIST = fails("Expected Iterable, but did not find one for field 'Query.listField'.", 1, 3, "listField")
LIST, NOTHING, NO_DATA = "the list", "null", "no data"


def case_of(type_: str, name: str, value: Any, data: Any, *failures: Any) -> Case:
    schema = f"type Query {{ listField: {type_} }}"
    return Case(f"{name} in {type_}", schema, "{ listField }", {"listField": value}, data, failures)


def in_all_types(name: str, value: Any, shown: Any, outcomes: tuple[str, str, str, str], failure: Any) -> list[Case]:
    """`outcomes` are those of [Int], [Int]!, [Int!] and [Int!]!."""
    data = {LIST: {"listField": shown}, NOTHING: {"listField": None}, NO_DATA: None}
    return [
        case_of(type_, name, value, data[outcome], *([failure] if failure and fails_in(shown, outcome) else []))
        for type_, outcome in zip(("[Int]", "[Int]!", "[Int!]", "[Int!]!"), outcomes, strict=True)
    ]


def fails_in(shown: Any, outcome: str) -> bool:
    """A null that may stand where it stands is no failure."""
    return outcome != LIST and not (outcome == NOTHING and shown is NOTHING)


@conforms(
    *in_all_types("values", [1, 2], [1, 2], (LIST, LIST, LIST, LIST), None),
    *in_all_types("an empty list", [], [], (LIST, LIST, LIST, LIST), None),
    *in_all_types("a null item", [1, None, 2], [1, None, 2], (LIST, LIST, NOTHING, NO_DATA), NULL_ITEM),
    case_of("[Int]", "null", None, {"listField": None}),
    case_of("[Int]!", "null", None, None, NULL),
    case_of("[Int!]", "null", None, {"listField": None}),
    case_of("[Int!]!", "null", None, None, NULL),
    case_of("[Int]", "null after waiting", Later(None), {"listField": None}),
    case_of("[Int!]!", "null after waiting", Later(None), None, NULL),
    case_of("[Int]", "a list after waiting", Later([1, None]), {"listField": [1, None]}),
)
async def test_nulls_in_lists(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


@conforms(
    case_of("[Int]", "an error", Raises("bad"), {"listField": None}, BAD),
    case_of("[Int]!", "an error", Raises("bad"), None, BAD),
    case_of("[Int!]", "an error", Raises("bad"), {"listField": None}, BAD),
    case_of("[Int!]!", "an error after waiting", Later(Raises("bad")), None, BAD),
    case_of("[Int]", "an error item", [1, ValueError("bad"), 2], {"listField": [1, None, 2]}, BAD_ITEM),
    case_of("[Int]!", "an error item", [1, ValueError("bad"), 2], {"listField": [1, None, 2]}, BAD_ITEM),
    case_of("[Int!]", "an error item", [1, ValueError("bad"), 2], {"listField": None}, BAD_ITEM),
    case_of("[Int!]!", "an error item", [1, ValueError("bad"), 2], None, BAD_ITEM),
    case_of(
        "[Int]",
        "an item of another type",
        [1, "two", 3],
        {"listField": [1, None, 3]},
        fails("Int cannot represent non-integer value: 'two'", 1, 3, "listField", 1),
    ),
)
async def test_errors_in_lists(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


class Twice:
    """A custom iterable."""

    def __iter__(self) -> Iterator[str]:
        return iter(("hello", "world"))


class Breaking:
    def __iter__(self) -> Iterator[str]:
        yield "ok"
        raise ValueError("bad")


@conforms(
    case_of("[String]", "a tuple", ("apple", "banana"), {"listField": ["apple", "banana"]}),
    case_of("[String]", "a set", {"apple"}, {"listField": ["apple"]}),
    case_of("[String]", "a deque", deque(["apple"]), {"listField": ["apple"]}),
    case_of("[String]", "a custom iterable", Twice(), {"listField": ["hello", "world"]}),
    case_of("[String]", "an iterable that raises", Breaking(), {"listField": None}, BAD),
    case_of("[String]", "a mapping", {1: "one"}, {"listField": None}, NO_LIST),
    case_of("[String]", "a string", "Singular", {"listField": None}, NO_LIST),
    case_of("[String]!", "a number", 7, None, NO_LIST),
    case_of("[String]", "what becomes text", ["one", 2, True], {"listField": ["one", "2", "true"]}),
    case_of("[[Int]]", "a list of lists", [[1, None], None, []], {"listField": [[1, None], None, []]}),
    case_of(
        "[[Int!]]",
        "a null in an inner list",
        [[1], [2, None]],
        {"listField": [[1], None]},
        fails("Cannot return null for non-nullable field Query.listField.", 1, 3, "listField", 1, 1),
    ),
    case_of(
        "[[Int!]!]",
        "a null in a required inner list",
        [[1], [None]],
        {"listField": None},
        fails("Cannot return null for non-nullable field Query.listField.", 1, 3, "listField", 1, 0),
    ),
)
async def test_what_is_a_list(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)


class Stream:
    """An asynchronous iterable, anew for each execution."""

    def __init__(self, *items: Any) -> None:
        self._items = items

    async def __aiter__(self) -> AsyncIterator[Any]:
        for item in self._items:
            if isinstance(item, Raises):
                raise item.error
            yield item


UNSHOWN = fails("String cannot represent value: {}", 1, 3, "listField", 1)


@conforms(
    case_of("[String]", "values", Stream("two", 4, False), {"listField": ["two", "4", "false"]}),
    case_of("[String]", "a stream that raises", Stream("two", Raises("bad")), {"listField": None}, BAD),
    case_of("[String]", "a bad item", Stream("two", {}, 4), {"listField": ["two", None, "4"]}, UNSHOWN),
    case_of("[Int]!", "a null", Stream(1, None, 2), {"listField": [1, None, 2]}),
    case_of("[Int!]", "a null", Stream(1, None, 2), {"listField": None}, NULL_ITEM),
    case_of("[Int!]!", "a null", Stream(1, None, 2), None, NULL_ITEM),
)
async def test_asynchronous_iterables_are_lists(case: Case, binding: str, executor: str) -> None:
    await hold(case, binding, executor)
