"""A schema from the real declarations, in which every field gives generated values, under access rules that refuse at random.

Nothing is imitated: the fields are copies of the declared ones with other functions inside, so that both executors find what
they look for in a field where they always find it.
"""

import copy
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from graphql import GraphQLOutputType, GraphQLSchema, is_object_type
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from api.execution.access import ACCESS, Refused
from api.execution.fields import BATCHED, INLINE, Wanted, _one_at_a_time
from tests.execution.differential.dice import Dice, mixed
from tests.execution.differential.leaves import exception
from tests.execution.differential.sources import Columns, Maker, World, key_of, world_of

Types = dict[tuple[str, str], GraphQLOutputType]
"""By object type and Python name of the field; known once the schema is built."""


@dataclass(frozen=True, slots=True)
class Place:
    """A field, by its type and its Python name."""

    type_name: str
    name: str
    types: Types

    @property
    def type(self) -> GraphQLOutputType:
        return self.types[self.type_name, self.name]

    def key(self, world: World, *more: object) -> int:
        return mixed(world.seed, self.type_name, self.name, *more)


@dataclass(frozen=True, slots=True)
class GeneratedRule:
    place: Place
    is_public: bool
    looks_at_source: bool

    def refusal(self, context: World, source: Any) -> Refused | None:
        dice = Dice(self.place.key(context, "rule"))
        if dice.happens(context.faults // 6):
            return Refused("Nobody reads this.", "FORBIDDEN")
        if not self.looks_at_source or not dice.happens(context.faults // 2):
            return None
        own = Dice(self.place.key(context, "rule", key_of(source)))
        if own.happens(50):
            raise RuntimeError("the rule itself is broken")
        return Refused(f"Not of source {key_of(source)}.", "UNAUTHENTICATED") if own.happens(400) else None


def generated_schema(
    build: Callable[[], GraphQLSchema], definitions: Sequence[StrawberryObjectDefinition]
) -> tuple[GraphQLSchema, Columns]:
    """`build` makes a schema of these definitions; their own fields are untouched in the end."""
    types: Types = {}
    with _replaced(definitions, types):
        schema = build()
    columns: Columns = {}
    for definition in definitions:
        for field in definition.fields:
            object_type = schema.type_map.get(_name(definition))
            if not is_object_type(object_type):
                continue
            for shown, graphql_field in object_type.fields.items():
                declared = graphql_field.extensions.get("strawberry-definition")
                if declared is not None and declared.python_name == field.python_name:
                    types[_name(definition), field.python_name] = graphql_field.type
                    if field.base_resolver is None:
                        columns.setdefault(_name(definition), {})[field.python_name] = (shown, graphql_field.type)
            columns.setdefault(_name(definition), {})
    return schema, columns


def _name(definition: StrawberryObjectDefinition) -> str:
    return str(definition.name)


@contextmanager
def _replaced(definitions: Sequence[StrawberryObjectDefinition], types: Types) -> Iterator[None]:
    declared = [definition.fields for definition in definitions]
    for definition in definitions:
        definition.fields = [
            _generated(field, Place(_name(definition), field.python_name, types)) for field in definition.fields
        ]
    try:
        yield
    finally:
        for definition, fields in zip(definitions, declared, strict=True):
            definition.fields = fields


def _generated(field: StrawberryField, place: Place) -> StrawberryField:
    changed = copy.copy(field)
    number = mixed(place.type_name, place.name)
    # A third of all fields is open to everybody, as most are in the product.
    rule = GeneratedRule(place, is_public=number % 3 == 0, looks_at_source=number % 2 == 0)
    metadata = {**field.metadata, ACCESS: rule}
    if BATCHED in field.metadata:
        load = _generated_load(field.metadata[BATCHED], place)
        metadata[BATCHED] = load
        changed.base_resolver = StrawberryResolver(_one_at_a_time(load))
    elif INLINE in field.metadata:
        compute = _generated_compute(place) if not field.metadata["same_row"] else field.metadata[INLINE]
        metadata[INLINE] = compute
        changed.base_resolver = _around(field, _of_root(compute))
    elif field.base_resolver is not None:
        changed.base_resolver = _generated_resolver(field, place)
    changed.metadata = MappingProxyType(metadata)
    return changed


def _around(field: StrawberryField, function: Callable[..., Any]) -> StrawberryResolver[Any]:
    """A resolver with the declared parameters and types that runs `function`."""
    assert field.base_resolver is not None
    declared: Any = field.base_resolver.wrapped_func
    return StrawberryResolver(functools.wraps(declared)(function))


def _of_root(compute: Callable[[Any], Any]) -> Callable[..., Any]:
    """Strawberry passes the source under the name that it has in the declared resolver."""

    def resolver(root: Any) -> Any:
        return compute(root)

    return resolver


def _generated_load(load: Callable[..., Any], place: Place) -> Callable[..., Any]:
    @functools.wraps(load)
    async def generated(parents: list[Any], context: World, wanted: Wanted, **arguments: Any) -> Any:
        base = place.key(context, sorted(arguments.items()))
        dice = Dice(base)
        if dice.happens(context.faults // 4):
            raise exception(dice, base)
        # Several parents often refer to one object, which is then the same one.
        few = 2 if dice.roll(3) == 0 else 2**32
        shared: dict[int, Any] = {}
        for parent in parents:
            key = mixed(base, key_of(parent) % few)
            if key not in shared:
                shared[key] = Maker(context, wanted).value(place.type, key)
        values = [shared[mixed(base, key_of(parent) % few)] for parent in parents]
        if dice.happens(context.faults // 4):
            return dice.pick(([*values, None], values[1:], None, 7))
        return values if dice.roll(3) else tuple(values)

    return generated


def _generated_compute(place: Place) -> Callable[[Any], Any]:
    def compute(row: Any) -> Any:
        world = world_of(row)
        value = Maker(world).value(place.type, place.key(world, key_of(row)))
        if isinstance(value, Exception) and place.key(world) % 2:
            raise value
        return value

    return compute


def _generated_resolver(field: StrawberryField, place: Place) -> StrawberryResolver[Any]:
    resolver = field.base_resolver
    assert resolver is not None
    if inspect.isasyncgenfunction(resolver.wrapped_func):
        return _around(field, _generated_stream(place))

    def resolve(*source: Any, **given: Any) -> Any:
        return _resolved(place, source[0] if source else None, given)

    async def resolve_later(*source: Any, **given: Any) -> Any:
        return resolve(*source, **given)

    return _around(field, resolve_later if resolver.is_async else resolve)


def _resolved(place: Place, source: Any, given: Mapping[str, Any]) -> Any:
    world = given["info"].context if "info" in given else world_of(source)
    arguments = sorted((name, argument) for name, argument in given.items() if name != "info")
    key = place.key(world, arguments, key_of(source))
    value = Maker(world).value(place.type, key)
    if isinstance(value, Exception) and key % 2:
        raise value
    return value


def _generated_stream(place: Place) -> Callable[..., AsyncIterator[Any]]:
    async def stream(*_source: Any, **given: Any) -> AsyncIterator[Any]:
        world: World = given["info"].context
        dice = Dice(place.key(world, "stream"))
        if dice.happens(world.faults):
            raise exception(dice, world.seed)
        for number in range(dice.roll(4)):
            yield Maker(world).value(place.type, place.key(world, number))
        if dice.happens(world.faults):
            raise exception(dice, world.seed)

    return stream
