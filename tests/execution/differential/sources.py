"""Generated sources of every type: rows, objects, lists and leaves, good ones and, as often as a world says, bad ones.

A value follows from its key alone; a key from the parent's key, the field and the arguments.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLList,
    GraphQLOutputType,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from strawberry.dataloader import DataLoader

from tests.execution.differential.dice import Dice, mixed
from tests.execution.differential.leaves import bad_leaf, exception, good_leaf

Columns = dict[str, dict[str, tuple[str, GraphQLOutputType]]]
"""By object type and Python name: the name in the schema, and the type."""


@dataclass
class World:
    """The context of one execution, from which all its data follow."""

    schema: GraphQLSchema
    columns: Columns
    seed: int
    # How many of a thousand values are bad.
    faults: int
    # Object types that a document asks for by name; members of unions are mostly these.
    favored: tuple[str, ...] = ()
    request_id: str = "request"
    loaders: dict[object, DataLoader[Any, Any]] = field(default_factory=dict)


class Row(dict[str, Any]):
    """A row that makes its columns when they are read."""

    def __init__(self, world: World, key: int, type_name: str, wanted: frozenset[str] | None) -> None:
        super().__init__({"__typename": type_name})
        self.world = world
        self.key = key
        self.type_name = type_name
        self.wanted = wanted

    def __missing__(self, name: str) -> Any:
        shown, type_ = self.world.columns[self.type_name][name]
        if not self._was_fetched(name, shown):
            raise KeyError(f"{name} was not fetched")
        value = self[name] = Maker(self.world, eager=False).value(type_, mixed(self.key, name))
        return value

    def _was_fetched(self, name: str, shown: str) -> bool:
        return self.wanted is None or shown in self.wanted or name == "id"

    def as_dict(self) -> dict[str, Any]:
        """With every column in it from the start."""
        columns = self.world.columns[self.type_name]
        fetched = (name for name, (shown, _) in columns.items() if self._was_fetched(name, shown))
        return {"__typename": self.type_name, "__row": self, **{name: self[name] for name in fetched}}


class Thing(SimpleNamespace):
    """A source with attributes, made when they are read."""

    def __getattr__(self, name: str) -> Any:
        row = self.__dict__.get("row")
        if row is None or name.startswith("__") or name not in row.world.columns[row.type_name]:
            raise AttributeError(name)
        value = row[name]
        setattr(self, name, value)
        return value


def key_of(source: Any) -> int:
    """Of any source whatever, also of what stands where an object should."""
    if isinstance(source, Row):
        return source.key
    if isinstance(source, Thing):
        return key_of(source.row)
    if isinstance(source, dict) and "__row" in source:
        return key_of(source["__row"])
    return mixed(type(source).__name__, source if isinstance(source, (str, int, float, list)) else 0)


def world_of(source: Any) -> World:
    """Raises TypeError when it is not a source that was generated, as a function of a row would."""
    if isinstance(source, Row):
        return source.world
    if isinstance(source, Thing):
        return world_of(source.row)
    if isinstance(source, dict) and "__row" in source:
        return world_of(source["__row"])
    raise TypeError(f"{type(source).__name__} is no row")


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes what a field is given."""

    world: World
    # The columns that were asked for; null when nobody said.
    wanted: frozenset[str] | None = None
    # Whether rows may have all columns from the start, which columns themselves would make again and again.
    eager: bool = True

    def value(self, type_: GraphQLOutputType, key: int) -> Any:
        """May be an exception."""
        dice = Dice(key)
        is_required = is_non_null_type(type_)
        inner: Any = type_.of_type if is_non_null_type(type_) else type_
        # What is bad where null is forbidden takes a part of the answer with it: rarer, so that something is left of it.
        if dice.happens(self.world.faults // 3 if is_required else self.world.faults):
            return self._bad(inner, key, dice)
        if not is_required and dice.happens(40):
            return None
        if is_list_type(inner):
            # What a list is made of may be no list.
            container: Callable[[list[Any]], Any] = dice.pick((list, list, list, list, tuple, deque))
            return container(self._items(inner, key, dice.pick((0, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 9))))
        if is_leaf_type(inner):
            return good_leaf(inner, dice)
        if is_abstract_type(inner):
            return self._source(self._member(inner, dice), key, dice, may_be_thing=False)
        return self._source(inner.name, key, dice, may_be_thing=True)

    def _items(self, type_: GraphQLList[Any], key: int, length: int) -> list[Any]:
        return [self.value(type_.of_type, mixed(key, index)) for index in range(length)]

    def _possible(self, type_: GraphQLAbstractType) -> list[str]:
        return sorted(member.name for member in self.world.schema.get_possible_types(type_))

    def _member(self, type_: GraphQLAbstractType, dice: Dice) -> str:
        possible = self._possible(type_)
        favored = [name for name in possible if name in self.world.favored]
        return dice.pick(favored if favored and not dice.happens(150) else possible)

    def _source(self, type_name: str, key: int, dice: Dice, *, may_be_thing: bool) -> Any:
        row = Row(self.world, key, type_name, self.wanted)
        shape = dice.roll(4)
        if shape == 0 and self.eager:
            return row.as_dict()
        # Nothing tells of which type an object is, but its class.
        return Thing(row=row) if shape == 1 and may_be_thing else row

    def _bad(self, type_: Any, key: int, dice: Dice) -> Any:
        choice = dice.roll(6)
        if choice == 0:
            return None
        if choice == 1:
            return exception(dice, key)
        if is_leaf_type(type_):
            return bad_leaf(type_, dice)
        if is_list_type(type_):
            return self._bad_list(type_, key, dice)
        if is_abstract_type(type_) and choice < 5:
            return self._of_wrong_type(type_, key, dice)
        named = self._possible(type_)[0] if is_abstract_type(type_) else type_.name
        return dice.pick(("text", 5, [], ["text"], {}, 1.5, object, Row(self.world, key, named, frozenset())))

    def _bad_list(self, type_: GraphQLList[Any], key: int, dice: Dice) -> Any:
        """No list, or one with many bad items, which shows how nulls and errors of neighbors meet."""
        items = self._items(type_, key, 3)
        spoiled = [dice.pick((item, None, exception(dice, key))) for item in items]
        return dice.pick(({"a": "dict"}, "text", 7, spoiled, [None, *items], [*items, exception(dice, key)]))

    def _of_wrong_type(self, type_: GraphQLAbstractType, key: int, dice: Dice) -> Any:
        """Which is none that there is, none of these, no object type at all, or not said."""
        possible = self._possible(type_)
        others = sorted(set(self.world.columns) - set(possible))
        row = Row(self.world, key, possible[0], None)
        row["__typename"] = dice.pick(("Unheard", "String", type_.name, dice.pick(others), "", None))
        if dice.roll(5) == 0:
            del row["__typename"]
            return dict(row)
        return row
