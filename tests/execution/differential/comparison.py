"""When two answers to one request are the same, as far as the specification says what an answer is."""

import json
from collections import Counter
from typing import Any

Error = str
"""One error with message, path, locations and extensions, as comparable text."""


def differences(expected: bytes, found: bytes) -> list[str]:
    """Empty when a client cannot tell the one answer from the other, except by what only one of many reasons can tell.

    Where a non-null field fails, the object around it becomes null, and one of the errors below it is reported: which one, the
    specification leaves open. So of errors below a null, each side needs one at least where the other has one.
    """
    one, other = json.loads(expected), json.loads(found)
    if list(one) != list(other):
        return [f"members: {list(one)} or {list(other)}"]
    if json.dumps(one.get("data")) != json.dumps(other.get("data")):
        return ["data"]
    at_nulls, below_nulls = _errors(one)
    others_at_nulls, others_below_nulls = _errors(other)
    found_differences = [f"missing {error}" for error in (at_nulls - others_at_nulls).elements()]
    found_differences += [f"not expected {error}" for error in (others_at_nulls - at_nulls).elements()]
    explained = set(below_nulls) | _places(at_nulls)
    others_explained = set(others_below_nulls) | _places(others_at_nulls)
    found_differences += [f"no error at or below {place}" for place in sorted(explained - others_explained)]
    found_differences += [f"no error expected below {place}" for place in sorted(others_explained - explained)]
    return found_differences


def told_more_than_once(answer: bytes) -> list[str]:
    """Places of nulls for which there are several errors, where the specification wants one."""
    at_nulls, below_nulls = _errors(json.loads(answer))
    counted = Counter({place: len(errors) for place, errors in below_nulls.items()})
    counted.update(json.dumps(json.loads(error).get("path")) for error in at_nulls.elements())
    return [f"{count} errors for {place}" for place, count in sorted(counted.items()) if count > 1 and place != "null"]


def _places(errors: Counter[Error]) -> set[str]:
    return {json.dumps(json.loads(error).get("path")) for error in errors}


def _errors(answer: dict[str, Any]) -> tuple[Counter[Error], dict[str, list[Error]]]:
    """Those at a null that the client sees, and those below one, by the place of that null."""
    at_nulls: Counter[Error] = Counter()
    below_nulls: dict[str, list[Error]] = {}
    for error in answer.get("errors", []):
        text = json.dumps(error, sort_keys=True)
        place = _null_above(answer.get("data"), error.get("path"))
        if place is None:
            at_nulls[text] += 1
        else:
            below_nulls.setdefault(json.dumps(place), []).append(text)
    return at_nulls, below_nulls


def _null_above(data: Any, path: list[str | int] | None) -> list[str | int] | None:
    """Where on the way the data end, unless they end at the path itself."""
    value = data
    for depth, key in enumerate(path or ()):
        if value is None:
            return (path or [])[:depth]
        value = value[key]
    assert value is None, "an error belongs to a null"
    return None
