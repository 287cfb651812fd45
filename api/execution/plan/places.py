"""Where in the response the values of a flat list stand. Asked only when something has failed."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from graphql.pyutils import Path


class Step(NamedTuple):
    """One part of a response path."""

    key: str | int
    type_name: str | None
    is_nullable: bool


Steps = tuple[Step, ...]


class Place(Protocol):
    """A list of values, each of which stands at one place of the response, or at several when they share it."""

    def paths(self, index: int) -> list[Steps]: ...


class Root:
    def paths(self, index: int) -> list[Steps]:  # noqa: ARG002
        return [()]


class OfField:
    """The values of one field, parallel to the objects that it belongs to."""

    __slots__ = ("_objects", "_step")

    def __init__(self, objects: Place, step: Step) -> None:
        self._objects = objects
        self._step = step

    def paths(self, index: int) -> list[Steps]:
        return [(*steps, self._step) for steps in self._objects.paths(index)]


class Items:
    """The items of several lists, one list after the other."""

    __slots__ = ("_is_nullable", "_lists", "_place")

    def __init__(self, place: Place, lists: Sequence[Sequence[Any]], *, is_nullable: bool) -> None:
        self._place = place
        self._lists = lists
        self._is_nullable = is_nullable

    def paths(self, index: int) -> list[Steps]:
        position = index
        for number, items in enumerate(self._lists):
            if position < len(items):
                step = Step(position, None, self._is_nullable)
                return [(*steps, step) for steps in self._place.paths(number)]
            position -= len(items)
        raise IndexError(index)


class Picked:
    """Some of the values of another place."""

    __slots__ = ("_indices", "_place")

    def __init__(self, place: Place, indices: Sequence[int]) -> None:
        self._place = place
        self._indices = indices

    def paths(self, index: int) -> list[Steps]:
        return self._place.paths(self._indices[index])


class Shared:
    """The distinct ones among values of which many are the same object."""

    __slots__ = ("_distinct", "_place", "_values")

    def __init__(self, place: Place, values: Sequence[Any], distinct: Sequence[Any]) -> None:
        self._place = place
        self._values = values
        self._distinct = distinct

    def paths(self, index: int) -> list[Steps]:
        shared = self._distinct[index]
        return [
            steps for number, value in enumerate(self._values) if value is shared for steps in self._place.paths(number)
        ]


def keys_of(steps: Steps) -> tuple[str | int, ...]:
    return tuple(step.key for step in steps)


def nulled_by(steps: Steps) -> tuple[str | int, ...]:
    """The position that becomes null when the value at this path cannot be given."""
    length = len(steps)
    while length and not steps[length - 1].is_nullable:
        length -= 1
    return keys_of(steps[:length])


def as_path(steps: Steps) -> Path:
    """Of the field, as resolvers know it, whichever item of its list is meant."""
    end = max(number for number, step in enumerate(steps) if step.type_name is not None) + 1
    path: Path | None = None
    for step in steps[:end]:
        path = Path(path, step.key, step.type_name)
    assert path is not None
    return path
