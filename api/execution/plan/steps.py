"""Fields whose values must be asked for: each for its whole level, then completed and put in place."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from api.execution.access import Rule, refusals
from api.execution.fields import Column, Inline, Wanted, values_of
from api.execution.plan.arguments import Arguments
from api.execution.plan.completing import Completer, ListCompleter, settled
from api.execution.plan.places import OfField, Picked, Place, Step
from api.execution.plan.running import BUBBLE, Run


class Deferred(ABC):
    """A field that is null in its object until its values are there."""

    def __init__(self, step: Step, completer: Completer) -> None:
        self.step = step
        self.key = str(step.key)
        self.completer = completer
        self._is_list = isinstance(completer, ListCompleter)

    @abstractmethod
    async def values(self, sources: Sequence[Any], run: Run, place: Place) -> Sequence[Any]:
        """Parallel to the sources; an exception where there is none. `place` is that of the values."""

    async def fill(self, objects: list[Any], sources: Sequence[Any], run: Run, place: Place) -> None:
        """Objects that are gone are left out; an object is gone when this field must not be null and is."""
        if run.failures:
            alive = [index for index, object_ in enumerate(objects) if object_ is not BUBBLE]
            if len(alive) < len(objects):
                sources = [sources[index] for index in alive]
                place = Picked(place, alive)
        else:
            alive = None
        if not sources:
            return
        completed = await self.completed(sources, run, OfField(place, self.step))
        key = self.key
        if not run.failures:
            for object_, value in zip(objects, completed, strict=True):
                object_[key] = value
            return
        for index, value in zip(range(len(objects)) if alive is None else alive, completed, strict=True):
            if value is BUBBLE:
                objects[index] = BUBBLE
            else:
                objects[index][key] = value

    async def completed(self, sources: Sequence[Any], run: Run, place: Place) -> list[Any]:
        values = await self.values(sources, run, place)
        if self._is_list:
            return await self.completer.complete(values, run, place)
        return await self.completer.complete_once(values, run, place)


class Computed(Deferred):
    """A column, or a pure function of the source."""

    def __init__(self, step: Step, completer: Completer, rule: Rule, source: Column | Inline) -> None:
        super().__init__(step, completer)
        self._rule = rule
        self._source = source

    async def values(self, sources: Sequence[Any], run: Run, place: Place) -> Sequence[Any]:  # noqa: ARG002
        refused = refusals(self._rule, run.context, sources)
        if not any(refused):
            try:
                return self._computed(sources)
            except Exception:  # noqa: BLE001, S110 - One of them is wrong; found out which below.
                pass
        return [
            refusal or self._attempted(source)
            for source, refusal in zip(sources, refused or [None] * len(sources), strict=True)
        ]

    def _computed(self, sources: Sequence[Any]) -> Sequence[Any]:
        if isinstance(self._source, Column):
            return values_of(sources, self._source.name)
        if self._source.is_same_row:
            return sources
        compute = self._source.compute
        return [compute(source) for source in sources]

    def _attempted(self, source: Any) -> Any:
        """What it gives or raises."""
        try:
            return self._computed([source])[0]
        except Exception as error:  # noqa: BLE001 - Becomes the field's error.
            return error


class Batched(Deferred):
    """One call for all sources."""

    def __init__(
        self,
        step: Step,
        completer: Completer,
        rule: Rule,
        arguments: Arguments,
        load: Callable[..., Awaitable[Sequence[Any]]],
        wanted: Wanted,
    ) -> None:
        super().__init__(step, completer)
        self._rule = rule
        self._arguments = arguments
        self._load = load
        self._wanted = wanted

    async def values(self, sources: Sequence[Any], run: Run, place: Place) -> Sequence[Any]:  # noqa: ARG002
        try:
            coerced = self._arguments.coerced(run.executor)
        except Exception as error:  # noqa: BLE001 - Becomes the error of each of them.
            return [error] * len(sources)
        refused = refusals(self._rule, run.context, sources)
        if not any(refused):
            return await self._loaded(sources, coerced, run)
        admitted = [source for source, refusal in zip(sources, refused, strict=True) if refusal is None]
        loaded = iter(await self._loaded(admitted, coerced, run) if admitted else ())
        return [next(loaded) if refusal is None else refusal for refusal in refused]

    async def _loaded(self, sources: Sequence[Any], coerced: dict[str, Any], run: Run) -> Sequence[Any]:
        try:
            arguments = self._arguments.converted(coerced)
            return as_many(await self._load(sources, run.context, self._wanted, **arguments), sources)
        except Exception as error:  # noqa: BLE001 - Becomes the error of each of them.
            return [error] * len(sources)


class Plain(Deferred):
    """The field's own resolver, once for each source; its rule is in front of it."""

    def __init__(
        self,
        step: Step,
        completer: Completer,
        arguments: Arguments,
        resolve: Callable[..., Any],
    ) -> None:
        super().__init__(step, completer)
        self._arguments = arguments
        self._resolve = resolve

    async def values(self, sources: Sequence[Any], run: Run, place: Place) -> Sequence[Any]:
        try:
            arguments = self._arguments.coerced(run.executor)
        except Exception as error:  # noqa: BLE001 - Becomes the error of each of them.
            return [error] * len(sources)
        values = []
        for index, source in enumerate(sources):
            asked = self.completer.origin.asked(run.executor, place, index)
            try:
                values.append(self._resolve(source, asked, **arguments))
            except Exception as error:  # noqa: BLE001 - Becomes the field's error.
                values.append(error)
        return await settled(values)


def as_many(values: Sequence[Any], sources: Sequence[Any]) -> Sequence[Any]:
    """Raises RuntimeError when they are not: nobody could tell which belongs to which."""
    if len(values) != len(sources):
        raise RuntimeError(f"{len(values)} values for {len(sources)} objects")
    return values
