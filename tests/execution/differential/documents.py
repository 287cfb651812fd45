"""Random documents over a whole schema: valid, and with everything that makes executing one hard.

Response keys mean the same field with the same arguments and type in all of a document, so that whatever meets can be merged.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
    is_union_type,
)
from graphql.utilities import do_types_overlap
from hypothesis import strategies as st

from tests.execution.differential.values import Pick, Variables, literal, rarely, value_of

SEEDS = st.integers(0, 2**32 - 1)
"""Of the data."""

FIELDS_PER_DOCUMENT = 40
DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Asked:
    document: str
    variables: Mapping[str, Any]
    operation_name: str | None
    kind: str
    # Object types that the document names in conditions of fragments.
    conditions: tuple[str, ...]

    def with_flags(self, number: int) -> "Asked":
        """The same, some of its booleans turned round; none for 0."""
        turned = {
            name: not value if isinstance(value, bool) and number >> (position % 3) & 1 else value
            for position, (name, value) in enumerate(self.variables.items())
        }
        return replace(self, variables=turned)


@dataclass(frozen=True, slots=True)
class Step:
    """One field on the way from a root to a type, and which type below it the way goes on from."""

    type_name: str
    field: str
    into: str


Path = tuple[Step, ...]


@cache
def ways(schema: GraphQLSchema) -> dict[str, list[Path]]:
    """To each object type the shortest ways, one from each kind of operation that leads there."""
    found: dict[str, list[Path]] = {}
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        if root is not None:
            for name, path in _ways_from(schema, root).items():
                found.setdefault(name, []).append(path)
    return found


def _ways_from(schema: GraphQLSchema, root: GraphQLObjectType) -> dict[str, Path]:
    paths: dict[str, Path] = {root.name: ()}
    pending = deque([root])
    while pending:
        type_ = pending.popleft()
        for name, field in type_.fields.items():
            into: Any = get_named_type(field.type)
            if not is_composite_type(into):
                continue
            members: list[Any] = schema.get_possible_types(into) if is_abstract_type(into) else [into]
            for member in members:
                if member.name not in paths:
                    paths[member.name] = (*paths[type_.name], Step(type_.name, name, member.name))
                    pending.append(member)
    return paths


class Draft:
    """A document in the making."""

    left_out: frozenset[str] = frozenset()
    "Names of fields that are never selected."

    def __init__(self, schema: GraphQLSchema, pick: Pick) -> None:
        self._schema = schema
        self._pick = pick
        self._left = FIELDS_PER_DOCUMENT
        self._keys: dict[str, tuple[str, str, str]] = {}
        self._fragments: dict[str, tuple[Any, str]] = {}
        self.variables = Variables(may_be_unacceptable=rarely(pick, 12))
        self.conditions: set[str] = set()

    def written(self, target: Path, root: GraphQLObjectType, kind: str) -> Asked:
        selections = self._along(target, root, is_stream=kind == "subscription")
        name = "Asked" if self._pick(2) else None
        operation = f"{kind} {name or ''}{self.variables.text()} {selections}"
        parts = [operation, *(text for _, text in self._fragments.values())]
        if name is not None and rarely(self._pick, 4):
            parts.append("query Other { __typename }")
        return Asked("\n".join(parts), self.variables.sent, name, kind, tuple(sorted(self.conditions)))

    def _along(self, path: Path, type_: Any, *, is_stream: bool = False) -> str:
        """The fields of the way, others beside them, and at its end whatever is there."""
        if not path:
            return self._selections(type_, len(path))
        step = path[0]
        field = type_.fields[step.field]
        below = self._schema.type_map[step.into]
        inner = self._along(path[1:], below)
        declared = get_named_type(field.type)
        if is_abstract_type(declared):
            self.conditions.add(step.into)
            inner = f"{{ __typename ... on {step.into}{self._directives()} {inner} }}"
        selected = self._field(step.field, field, inner, conditional=not is_stream)
        if is_stream:
            return f"{{ {selected} }}"
        others = [self._selection(type_, len(path)) for _ in range(self._pick(3))]
        return f"{{ {' '.join([*others, selected] if self._pick(2) else [selected, *others])} }}"

    def _selections(self, type_: Any, depth: int) -> str:
        return f"{{ {' '.join(self._selection(type_, depth) for _ in range(1 + self._pick(6)))} }}"

    def _selection(self, type_: Any, depth: int) -> str:
        choice = self._pick(10)
        if choice == 4 and depth < DEEPEST and self._left > 0:
            return self._spread(type_, depth)
        if choice == 5 and depth < DEEPEST and self._left > 0:
            condition = self._condition(type_)
            on = f" on {condition}" if self._pick(4) else ""
            return f"...{on}{self._directives()} {self._selections(condition if on else type_, depth + 1)}"
        if choice == 6 or is_union_type(type_):
            if is_union_type(type_) and choice != 6 and depth < DEEPEST:
                condition = self._condition(type_)
                return f"... on {condition}{self._directives()} {self._selections(condition, depth + 1)}"
            return self._typename()
        return self._some_field(type_, depth)

    def _some_field(self, type_: Any, depth: int) -> str:
        fields = [(name, field) for name, field in type_.fields.items() if name not in self.left_out]
        if depth >= DEEPEST or self._left <= 0:
            fields = [(name, field) for name, field in fields if is_leaf_type(get_named_type(field.type))]
        if not fields:
            return self._typename()
        self._left -= 1
        name, field = fields[self._pick(len(fields))]
        named = get_named_type(field.type)
        inner = "" if is_leaf_type(named) else self._selections(named, depth + 1)
        selected = self._field(name, field, inner)
        if inner and rarely(self._pick, 6):
            # The same field once more, with other things selected below it: both are merged into one.
            again = selected[: selected.rindex(inner)] + self._selections(named, depth + 1)
            return f"{selected} {again}"
        return selected

    def _typename(self) -> str:
        return ("__typename", "kind_of_it: __typename", "__typename __typename")[self._pick(3)]

    def _field(self, name: str, field: GraphQLField, inner: str, *, conditional: bool = True) -> str:
        arguments = self._arguments(field)
        key = name
        if rarely(self._pick, 5):
            key = ("a", "b", "id", "name", "nodes", "x1")[self._pick(6)]
        meaning = (name, arguments, str(field.type))
        while self._keys.setdefault(key, meaning) != meaning:
            key = f"{key}_{len(self._keys)}"
        alias = "" if key == name else f"{key}: "
        return f"{alias}{name}{arguments}{self._directives() if conditional else ''} {inner}".rstrip()

    def _arguments(self, field: GraphQLField) -> str:
        given = []
        for name, argument in field.args.items():
            has_default = argument.default_value not in (Undefined, None)
            must_be_given = is_non_null_type(argument.type) and argument.default_value is Undefined
            if must_be_given or self._pick(2):
                value = value_of(self._pick, argument.type, self.variables, has_default=has_default)
                given.append(f"{name}: {literal(value)}")
        return f"({', '.join(given)})" if given else ""

    def _directives(self) -> str:
        text = ""
        if rarely(self._pick, 8):
            text += f" @include(if: {self._flag(mostly=True)})"
        if rarely(self._pick, 8):
            text += f" @skip(if: {self._flag(mostly=False)})"
        return text

    def _flag(self, *, mostly: bool) -> str:
        """`mostly` is what it usually is, so that not everything below disappears."""
        value = mostly if self._pick(3) else not mostly
        if self._pick(2) == 0:
            return "true" if value else "false"
        known = [name for name, declared in self.variables.declared.items() if name.startswith("f")]
        if known and self._pick(3) == 1:
            return f"${known[self._pick(len(known))]}"
        name = f"f{len(self.variables.declared)}"
        as_default = self._pick(3) == 1
        default = str(not value if self._pick(3) == 1 else value).lower()
        self.variables.declared[name] = (
            ("Boolean", "Boolean!")[self._pick(2)] + f" = {default}" if as_default else "Boolean!"
        )
        if not as_default or str(value).lower() != default or self._pick(2):
            self.variables.sent[name] = value
        return f"${name}"

    def _is_union(self, name: str) -> bool:
        return is_union_type(self._schema.type_map[name])

    def _condition(self, type_: Any) -> Any:
        """A type that some of these objects have."""
        overlapping = _overlapping(self._schema, type_.name)
        # Unions overlap with nearly everything, and only few selections can stand in them.
        likely = overlapping if rarely(self._pick, 6) else [name for name in overlapping if not self._is_union(name)]
        condition = self._schema.type_map[likely[self._pick(len(likely))]]
        if is_object_type(condition):
            self.conditions.add(condition.name)
        return condition

    def _spread(self, type_: Any, depth: int) -> str:
        possible = [
            name for name, (condition, _) in self._fragments.items() if do_types_overlap(self._schema, condition, type_)
        ]
        if possible and self._pick(2):
            return f"...{possible[self._pick(len(possible))]}{self._directives()}"
        condition = self._condition(type_)
        # It is named when it is whole, so that none spreads itself.
        selections = self._selections(condition, depth + 1)
        name = f"F{len(self._fragments)}"
        self._fragments[name] = (condition, f"fragment {name} on {condition} {selections}")
        return f"...{name}{self._directives()}"


@cache
def _overlapping(schema: GraphQLSchema, name: str) -> list[str]:
    """The type itself first."""
    type_: Any = schema.type_map[name]
    others = [
        other.name
        for other in schema.type_map.values()
        if is_composite_type(other)
        and other is not type_
        and not other.name.startswith("__")
        and do_types_overlap(schema, other, type_)
    ]
    return [*([] if is_union_type(type_) else [name]), *others]


def documents(schema: GraphQLSchema) -> st.SearchStrategy[Asked]:
    """Each begins on the way to some object type, so that all types are reached alike."""
    targets = sorted(ways(schema).items())
    below = cache(lambda sides: st.integers(0, sides - 1))
    kinds = {
        root.name: kind
        for kind, root in (
            ("query", schema.query_type),
            ("mutation", schema.mutation_type),
            ("subscription", schema.subscription_type),
        )
        if root is not None
    }

    @st.composite
    def drawn(draw: st.DrawFn) -> Asked:
        def pick(sides: int) -> int:
            return 0 if sides == 1 else draw(below(sides))

        _, paths = targets[pick(len(targets))]
        path = paths[pick(len(paths))]
        root_name = path[0].type_name if path else targets[0][0]
        if not path:
            root_name = "Query"
        root: Any = schema.type_map[root_name]
        return Draft(schema, pick).written(path, root, kinds[root_name])

    return drawn()
