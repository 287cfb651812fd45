"""What counts as the same answer: everything that a client sees, and of what a null has swallowed that there is a reason."""

from typing import Any

import orjson
import pytest

from tests.execution.differential.comparison import differences, told_more_than_once


def answer(data: Any, *errors: dict[str, Any]) -> bytes:
    return orjson.dumps({"errors": errors, "data": data} if errors else {"data": data})


def error(*path: str | int, message: str = "bad", column: int = 1) -> dict[str, Any]:
    return {"message": message, "path": path or None, "locations": [{"line": 1, "column": column}], "extensions": {}}


NULLED = {"a": None, "b": 1}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer({"a": 1, "b": 2}), answer({"a": 1, "b": 2})),
        (answer(NULLED, error("a")), answer(NULLED, error("a"))),
        (
            answer({"a": None, "b": None}, error("a"), error("b")),
            answer({"a": None, "b": None}, error("b"), error("a")),
        ),
        (answer(NULLED, error("a", "x")), answer(NULLED, error("a", "y", 2))),
        (answer(NULLED, error("a", "x"), error("a", "y")), answer(NULLED, error("a", "y"))),
    ],
    ids=["equal", "with an error", "in another order", "another error below a null", "fewer errors below a null"],
)
def test_a_client_cannot_tell_them_apart(one: bytes, other: bytes) -> None:
    assert differences(one, other) == []
    assert differences(other, one) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer({"a": 1, "b": 2}), answer({"b": 2, "a": 1})),
        (answer({"a": 1}), answer({"a": 1.0})),
        (answer({"a": 1}), answer({"a": True})),
        (answer(NULLED, error("a")), answer(NULLED)),
        (answer(NULLED, error("a")), answer(NULLED, error("a"), error("a"))),
        (answer(NULLED, error("a")), answer(NULLED, error("a", message="worse"))),
        (answer(NULLED, error("a")), answer(NULLED, error("a", column=2))),
        (answer(NULLED, error("a")), answer(NULLED, error("a", "x"))),
        (answer({"a": None, "b": None}, error("a", "x")), answer({"a": None, "b": None}, error("b", "x"))),
        (answer(None, error("a")), orjson.dumps({"errors": [error("a")]})),
    ],
    ids=[
        "order",
        "float",
        "boolean",
        "no error",
        "an error twice",
        "message",
        "location",
        "at the null or below",
        "below another null",
        "no data member",
    ],
)
def test_a_client_can_tell_them_apart(one: bytes, other: bytes) -> None:
    assert differences(one, other) != []
    assert differences(other, one) != []


def test_an_error_where_there_is_a_value_is_no_answer() -> None:
    with pytest.raises(AssertionError, match="belongs to a null"):
        differences(answer({"a": 1}, error("a")), answer({"a": 1}, error("a")))


def test_several_errors_for_one_null_are_found() -> None:
    assert told_more_than_once(answer(NULLED, error("a", "x"), error("a", "y"))) == ['2 errors for ["a"]']
    assert told_more_than_once(answer({"a": None, "b": None}, error("a", "x"), error("b"))) == []
    assert told_more_than_once(orjson.dumps({"errors": [error(), error()]})) == []
