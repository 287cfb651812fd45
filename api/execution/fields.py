"""How a field gets its value: from a column of its row, from a function of the row, or for a whole level at once.

Sources are rows: anything that answers `row["name"]`, or an object with attributes. Each field is declared once, with the
access rule and the description that its schema shows.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, Protocol, TypeVar

import asyncpg
import strawberry
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
)
from strawberry.dataloader import DataLoader
from strawberry.types.field import StrawberryField

from api.execution.access import ACCESS, Rule

Wanted = frozenset[str]
"""Names of the fields selected below a batched field, so that only those columns are fetched.

Of a page, what is selected of its items stands there too, as `nodes.name`, whether it is asked for by `nodes` or by `edges`.
"""

_OF_ITEMS = "nodes."

BATCHED = "batched"
INLINE = "inline"
SAME_ROW = "same_row"

Load = Callable[..., Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Column:
    name: str


@dataclass(frozen=True, slots=True)
class Inline:
    compute: Callable[[Any], Any]
    is_same_row: bool


@dataclass(frozen=True, slots=True)
class Batched:
    load: Load


class HasLoaders(Protocol):
    """What a request's context must have for batched fields to find each other."""

    loaders: dict[object, DataLoader[Any, Any]]


ROWS = (asyncpg.Record, Mapping)
"""Sources that are read by key; all others are read by attribute."""


def read(source: Any, name: str) -> Any:
    """A column of a row, or an attribute of an object."""
    return source[name] if isinstance(source, ROWS) else getattr(source, name)


def values_of(sources: Sequence[Any], name: str) -> list[Any]:
    """The same for many, which are nearly always of one kind."""
    are_rows = {issubclass(type_, ROWS) for type_ in set(map(type, sources))}
    if len(are_rows) == 1:
        return list(map(itemgetter(name) if are_rows.pop() else attrgetter(name), sources))
    return [read(source, name) for source in sources]


def source_of(field: GraphQLField) -> Column | Inline | Batched | None:
    """How the field was declared; null for one that only its own resolver can give."""
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField) or definition.extensions:
        return None
    if BATCHED in definition.metadata:
        return Batched(definition.metadata[BATCHED])
    if INLINE in definition.metadata:
        return Inline(definition.metadata[INLINE], definition.metadata[SAME_ROW])
    return None if definition.base_resolver else Column(definition.python_name)


def column(access: Rule, description: str, *, name: str | None = None) -> Any:
    """A field read from the row under its Python name."""
    return strawberry.field(name=name, description=description, metadata={ACCESS: access})


def inline(
    compute: Callable[[Any], Any], access: Rule, description: str, *, name: str | None = None, same_row: bool = False
) -> Any:
    """A pure, synchronous function of the row.

    `same_row` says that the value is the row itself, seen as another type.
    """

    def resolver(root: strawberry.Parent[Any]) -> Any:
        return compute(root)

    return strawberry.field(
        resolver=resolver,
        name=name,
        description=description,
        metadata={ACCESS: access, INLINE: compute, SAME_ROW: same_row},
    )


def batched(access: Rule, description: str, *, name: str | None = None) -> Callable[[Callable[..., Any]], Any]:
    """One call for all parents of a level: `async def field(parents, context, wanted, *, arguments…) -> list`.

    The annotation of the return value is the type of one parent's field; the function returns a list of them in the order
    of the parents. An item may be an exception: then that item fails, its neighbors do not.
    """

    def declare(load: Load) -> Any:
        return strawberry.field(
            resolver=_one_at_a_time(load),
            name=name,
            description=description,
            metadata={ACCESS: access, BATCHED: load},
        )

    return declare


def _one_at_a_time(load: Load) -> Callable[..., Any]:
    """The resolver that Strawberry knows, which gathers the calls of one level into one call of `load`."""
    parameters = list(inspect.signature(load).parameters.values())[3:]

    async def resolver(root: strawberry.Parent[Any], info: strawberry.Info, **arguments: Any) -> Any:
        raw: GraphQLResolveInfo[Any] = info._raw_info  # noqa: SLF001
        wanted = selected_names(raw)
        key = (load, repr(sorted(arguments.items())), wanted)
        loaders: dict[object, DataLoader[Any, Any]] = info.context.loaders
        loader = loaders.get(key)
        if loader is None:

            async def load_level(parents: list[Any]) -> Sequence[Any]:
                return await load(parents, info.context, wanted, **arguments)

            loader = loaders[key] = DataLoader(load_level, cache=False)
        return await loader.load(root)

    keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    own = list(inspect.signature(resolver).parameters.values())[:2]
    annotations = load.__annotations__
    resolver.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*own, *keyword_only], return_annotation=annotations["return"]
    )
    resolver.__annotations__ = {
        **{parameter.name: parameter.annotation for parameter in own},
        **{parameter.name: annotations[parameter.name] for parameter in parameters},
        "return": annotations["return"],
    }
    resolver.__module__ = load.__module__
    resolver.__name__ = load.__name__
    return resolver


F = TypeVar("F")


def wanted_of(field: F, below: Callable[[F], Sequence[tuple[str, F]]]) -> Wanted:
    """`below` tells the names of the fields that are selected directly below one, and the fields."""
    selected = below(field)
    items = [item for name, item in selected if name == "nodes"]
    items += [item for name, edges in selected if name == "edges" for inner, item in below(edges) if inner == "node"]
    names = {name for name, _ in selected}
    return frozenset(names.union(*({f"{_OF_ITEMS}{name}" for name, _ in below(item)} for item in items)))


def of_items(wanted: Wanted) -> Wanted:
    """What is wanted of the items of a page."""
    return frozenset(name.removeprefix(_OF_ITEMS) for name in wanted if name.startswith(_OF_ITEMS))


def selected_names(info: GraphQLResolveInfo[Any]) -> Wanted:
    """Every field name selected below this field, through all fragments and whatever their type condition."""

    def below(nodes: Sequence[FieldNode]) -> list[tuple[str, Sequence[FieldNode]]]:
        return [(node.name.value, [node]) for node in _fields_below(info, nodes)]

    nodes: Sequence[FieldNode] = info.field_nodes
    return wanted_of(nodes, below)


def _fields_below(info: GraphQLResolveInfo[Any], nodes: Sequence[FieldNode]) -> list[FieldNode]:
    found: list[FieldNode] = []
    seen: set[str] = set()
    pending: list[SelectionSetNode] = [node.selection_set for node in nodes if node.selection_set]
    while pending:
        for selection in pending.pop().selections:
            if isinstance(selection, FieldNode):
                found.append(selection)
            elif isinstance(selection, InlineFragmentNode):
                pending.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                pending.append(info.fragments[selection.name.value].selection_set)
    return found


def group_by(rows: Sequence[Any], key: str, parents: Sequence[Any], parent_key: str = "id") -> list[list[Any]]:
    """The rows that belong to each parent, in the order of the parents."""
    keys = values_of(parents, parent_key)
    groups: dict[Any, list[Any]] = {key_: [] for key_ in keys}
    for row in rows:
        groups[row[key]].append(row)
    return [groups[key_] for key_ in keys]


def pick_by(rows: Sequence[Any], key: str, parents: Sequence[Any], parent_key: str) -> list[Any | None]:
    """For each parent the one row that it refers to, or null."""
    found = {row[key]: row for row in rows}
    return [found.get(read(parent, parent_key)) for parent in parents]
