"""From values to response values, for all values of a level at once, with nulls and errors where they belong."""

from abc import ABC, abstractmethod
from asyncio import gather
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from graphql import GraphQLError, Undefined
from graphql.pyutils import is_awaitable
from graphql.pyutils.is_iterable import is_iterable

from api.execution.plan.leaves import Leaf, Namespace, missing
from api.execution.plan.origin import Origin
from api.execution.plan.places import Items, Picked, Place, Shared
from api.execution.plan.running import BUBBLE, Run

_LISTS: frozenset[type] = frozenset({list, tuple})
_FEWEST_TO_SHARE = 2


class Completer(ABC):
    """Completes the values of one field, or of the items of its list. What it returns is parallel to what it is given."""

    def __init__(self, origin: Origin, *, is_nullable: bool) -> None:
        self.origin = origin
        self.is_nullable = is_nullable
        self.null: Any = None if is_nullable else BUBBLE

    @abstractmethod
    async def of_sound(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        """There is neither a null nor an exception among the values."""

    async def complete(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        if not values:
            return []
        if _are_sound(set(map(type, values))):
            return await self.of_sound(values, run, place)
        return await self._complete_carefully(await settled(values), run, place)

    async def complete_once(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        """Many places often have the same object, such as the location of a stock level: it is completed once for them."""
        if len(values) < _FEWEST_TO_SHARE:
            return await self.complete(values, run, place)
        identities = list(map(id, values))
        distinct = dict(zip(identities, values, strict=True))
        if len(distinct) * 2 > len(values):
            return await self.complete(values, run, place)
        once = list(distinct.values())
        completed = await self.complete(once, run, Shared(place, values, once))
        return list(map(dict(zip(distinct, completed, strict=True)).__getitem__, identities))

    async def _complete_carefully(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        completed = [self.null] * len(values)
        sound: list[Any] = []
        indices: list[int] = []
        for index, value in enumerate(values):
            if isinstance(value, Exception):
                run.fail(value, self.origin.nodes, place, index)
            elif value is None or value is Undefined:
                if not self.is_nullable:
                    run.fail(missing(self.origin.coordinate), self.origin.nodes, place, index)
            else:
                sound.append(value)
                indices.append(index)
        if sound:
            for index, value in zip(indices, await self.of_sound(sound, run, Picked(place, indices)), strict=True):
                completed[index] = value
        return completed

    def without_bubbles(self, completed: list[Any], run: Run) -> list[Any]:
        """Nulls that moved up to here stay here if they may."""
        if run.failures and self.is_nullable:
            return [None if value is BUBBLE else value for value in completed]
        return completed


class LeafCompleter(Completer):
    def __init__(self, origin: Origin, leaf: Leaf, namespace: Namespace) -> None:
        super().__init__(origin, is_nullable=leaf.is_nullable)
        self._leaf = leaf
        self._complete_all = namespace.evaluate(f"lambda values: [{leaf.expression('s', namespace)} for s in values]")

    async def of_sound(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        try:
            completed: list[Any] = self._complete_all(values)
        except Exception:  # noqa: BLE001 - One of them is wrong; found out which below.
            return [self._one(value, run, place, index) for index, value in enumerate(values)]
        return completed

    def _one(self, value: Any, run: Run, place: Place, index: int) -> Any:
        try:
            return self._leaf.complete(value)
        except Exception as error:  # noqa: BLE001 - Becomes the field's error.
            run.fail(error, self.origin.nodes, place, index)
            return self.null


class ListCompleter(Completer):
    def __init__(self, item: Completer, *, is_nullable: bool) -> None:
        super().__init__(item.origin, is_nullable=is_nullable)
        self._item = item

    async def of_sound(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        if not _LISTS.issuperset(map(type, values)):
            values = [await self._as_list(value) for value in values]
            if any(isinstance(value, Exception) for value in values):
                return await self._complete_carefully(values, run, place)
        flat = list(chain.from_iterable(values))
        items = Items(place, values, is_nullable=self._item.is_nullable)
        completed = iter(await self._items(flat, run, items))
        lists: list[Any] = [list(islice(completed, len(value))) for value in values]
        if run.failures and not self._item.is_nullable:
            return [self.null if any(item is BUBBLE for item in items) else items for items in lists]
        return lists

    async def _items(self, items: Sequence[Any], run: Run, place: Place) -> list[Any]:
        if isinstance(self._item, LeafCompleter | ListCompleter):
            return await self._item.complete(items, run, place)
        return await self._item.complete_once(items, run, place)

    async def _as_list(self, value: Any) -> list[Any] | tuple[Any, ...] | Exception:
        """An exception when it is none."""
        try:
            if isinstance(value, (list, tuple)):
                return value
            if hasattr(value, "__aiter__"):
                return [item async for item in value]
            if is_iterable(value):
                return list(value)
        except Exception as error:  # noqa: BLE001 - Becomes the field's error.
            return error
        return GraphQLError(f"Expected Iterable, but did not find one for field '{self.origin.coordinate}'.")


async def settled(values: Sequence[Any]) -> Sequence[Any]:
    """With every awaitable replaced by what it gives or raises, all at the same time."""
    pending = [index for index, value in enumerate(values) if is_awaitable(value)]
    if not pending:
        return values
    found = list(values)
    if len(pending) == 1:
        # In this very task, without the cost of another.
        try:
            found[pending[0]] = await values[pending[0]]
        except Exception as error:  # noqa: BLE001 - Becomes the field's error.
            found[pending[0]] = error
        return found
    for index, outcome in zip(
        pending, await gather(*(values[index] for index in pending), return_exceptions=True), strict=True
    ):
        if isinstance(outcome, BaseException) and not isinstance(outcome, Exception):
            raise outcome
        found[index] = outcome
    return found


def _are_sound(types: Iterable[type]) -> bool:
    return not any(
        type_ is type(None) or issubclass(type_, Exception) or hasattr(type_, "__await__") or type_ is _UNDEFINED
        for type_ in types
    )


_UNDEFINED = type(Undefined)
