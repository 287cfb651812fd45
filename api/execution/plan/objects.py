"""Values that have fields of their own: of one type, or of several that only the value tells."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLAbstractType, GraphQLError, GraphQLObjectType
from graphql.execution.execute import default_type_resolver
from graphql.pyutils import inspect

from api.execution.plan.completing import Completer, settled
from api.execution.plan.levels import Level
from api.execution.plan.origin import Origin
from api.execution.plan.places import Picked, Place
from api.execution.plan.running import Run


class _SortedByType(Completer):
    @abstractmethod
    def _level(self, type_: GraphQLObjectType) -> Level: ...

    async def _complete_as(self, types: Sequence[Any], values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        """Each value as its type, or as the error that stands instead of one; one level for each type."""
        completed = [self.null] * len(values)
        indices: dict[GraphQLObjectType, list[int]] = {}
        for index, type_ in enumerate(await self._checked(types, values, run, place)):
            if isinstance(type_, Exception):
                run.fail(type_, self.origin.nodes, place, index)
            else:
                indices.setdefault(type_, []).append(index)
        for type_, own in indices.items():
            objects = await self._level(type_).run([values[index] for index in own], run, Picked(place, own))
            for index, object_ in zip(own, objects, strict=True):
                completed[index] = object_
        return self.without_bubbles(completed, run)

    async def _checked(self, types: Sequence[Any], values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        """A type may have a say in what belongs to it."""
        verdicts: list[Any] = []
        for index, (type_, value) in enumerate(zip(types, values, strict=True)):
            verdict: Any = True
            if isinstance(type_, GraphQLObjectType) and type_.is_type_of is not None:
                try:
                    verdict = type_.is_type_of(value, self.origin.asked(run.executor, place, index))
                except Exception as error:  # noqa: BLE001 - Becomes the field's error.
                    verdict = error
            verdicts.append(verdict)
        return [
            self._judged(type_, value, verdict)
            for type_, value, verdict in zip(types, values, await settled(verdicts), strict=True)
        ]

    def _judged(self, type_: Any, value: Any, verdict: Any) -> Any:
        if isinstance(verdict, Exception):
            return verdict
        if not verdict:
            return GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", self.origin.nodes)
        return type_


class ObjectCompleter(_SortedByType):
    def __init__(self, origin: Origin, type_: GraphQLObjectType, level: Level, *, is_nullable: bool) -> None:
        super().__init__(origin, is_nullable=is_nullable)
        self._type = type_
        self._only_level = level

    def _level(self, type_: GraphQLObjectType) -> Level:  # noqa: ARG002
        return self._only_level

    async def of_sound(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        if self._type.is_type_of is not None:
            return await self._complete_as([self._type] * len(values), values, run, place)
        return self.without_bubbles(await self._only_level.run(values, run, place), run)


class AbstractCompleter(_SortedByType):
    """An interface or a union. The level of a type is compiled when the first object of that type is seen.

    All of them at once could be very many, where one abstract type is selected inside another.
    """

    def __init__(
        self,
        origin: Origin,
        type_: GraphQLAbstractType,
        compile_: Callable[[GraphQLObjectType], Level],
        *,
        is_nullable: bool,
    ) -> None:
        super().__init__(origin, is_nullable=is_nullable)
        self._type = type_
        self._compile = compile_
        self._levels: dict[GraphQLObjectType, Level] = {}

    def _level(self, type_: GraphQLObjectType) -> Level:
        level = self._levels.get(type_)
        if level is None:
            level = self._levels[type_] = self._compile(type_)
        return level

    async def of_sound(self, values: Sequence[Any], run: Run, place: Place) -> list[Any]:
        resolve = self._type.resolve_type or default_type_resolver
        names: list[Any] = []
        for index, value in enumerate(values):
            try:
                names.append(resolve(value, self.origin.asked(run.executor, place, index), self._type))
            except Exception as error:  # noqa: BLE001 - Becomes the field's error.
                names.append(error)
        types = [
            self._named(name, value, run, place, index)
            for index, (name, value) in enumerate(zip(await settled(names), values, strict=True))
        ]
        return await self._complete_as(types, values, run, place)

    def _named(self, name: Any, value: Any, run: Run, place: Place, index: int) -> Any:
        if isinstance(name, Exception):
            return name
        asked = self.origin.asked(run.executor, place, index)
        try:
            return run.executor.ensure_valid_runtime_type(name, self._type, self.origin.details, asked, value)
        except GraphQLError as error:
            return error
