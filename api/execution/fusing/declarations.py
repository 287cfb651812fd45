"""What an application says so that its fields can be fused."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from persistence.json_text.shapes import Shape, Source


@dataclass(frozen=True, slots=True)
class Asked:
    """What a root field comes to: rows, and the values of their parameters.

    One statement is kept for each source, so sources are few, and the same one for the same question.
    """

    source: Source
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Root:
    """A field without a parent."""

    ask: Callable[..., Awaitable[Asked]]
    """Called as `ask(context, **arguments)`; whatever it raises, the field is executed without fusing."""
    sample: Source
    """Any of its sources, to find out whether a selection can be fused."""


@dataclass(frozen=True, slots=True)
class Declarations:
    shapes: Mapping[str, Shape]
    """By the names of the types."""
    roots: Mapping[str, Root]
    """By the names of the fields of Query."""
    arguments: Mapping[tuple[str, str], Callable[..., Mapping[str, Any]]]
    """By type and field: `values(context, **arguments)` of the parameters of a field that has arguments."""
    parameters: Mapping[str, Callable[[Any], Any]]
    """What is the same for the whole answer, read from the context where a statement needs it."""
    directories: Mapping[str, Callable[[Any], Mapping[Any, Any]]]
    """Entries that the process knows, in the order of their numbers; replaced as a whole when one changes."""
    prefix: Callable[[str], str]
    """Of the global ids of a type."""
