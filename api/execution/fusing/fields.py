"""A field of the plan whose whole subtree is one statement; when that fails, the plan executes the field as ever."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from graphql import Executor, GraphQLError

from api.execution.fields import read
from api.execution.fusing.declarations import Declarations, Root
from api.execution.fusing.refusing import NotFusable
from api.execution.fusing.writing import Occurrence, Writer, Written
from api.execution.plan.arguments import Arguments
from api.execution.plan.fusion import Candidate, NotFused
from persistence.json_text.shapes import Many, Pages, Source
from persistence.json_text.templates import prepare

logger = logging.getLogger(__name__)

_MOST_SOURCES = 32
_NULL = orjson.Fragment(b"null")


class Fused(ABC):
    """Gives the JSON of one field, for whatever objects it belongs to."""

    def __init__(self, declarations: Declarations) -> None:
        self._declarations = declarations
        self._has_failed = False

    async def __call__(self, sources: Sequence[Any], executor: Executor[Any]) -> list[orjson.Fragment]:
        """One for each source. Raises NotFused when anything goes wrong, so that the plan says where it does."""
        try:
            return await self.texts(sources, executor)
        except GraphQLError as error:
            # What the caller asks for is refused.
            raise NotFused from error
        except Exception as error:
            if not self._has_failed:
                self._has_failed = True
                logger.warning("A fused statement failed; the plan answers instead", exc_info=True)
            raise NotFused from error

    @abstractmethod
    async def texts(self, sources: Sequence[Any], executor: Executor[Any]) -> list[orjson.Fragment]:
        """Raises whatever keeps the statement from being asked, or answered."""

    def _values(self, written: Written, executor: Executor[Any], own: Mapping[str, Any]) -> dict[str, Any]:
        declared, context = self._declarations, executor.context_value
        values = {
            name: value(context) for name, value in declared.parameters.items() if name in written.statement.parameters
        }
        values.update(own)
        for occurrence in written.occurrences:
            values.update(self._own_values(occurrence, executor))
        for name, entries in written.entries.items():
            values[name] = entries.texts(declared.directories[entries.directory_name](context))
        # What is not selected needs no parameter.
        return {name: value for name, value in values.items() if name in written.statement.parameters}

    def _own_values(self, occurrence: Occurrence, executor: Executor[Any]) -> Mapping[str, Any]:
        arguments = occurrence.arguments.converted(occurrence.arguments.coerced(executor))
        own = self._declarations.arguments[occurrence.coordinate](executor.context_value, **arguments)
        return {f"{occurrence.prefix}{name}": value for name, value in own.items()}


class FusedBelow(Fused):
    """A field of some objects."""

    def __init__(self, declarations: Declarations, written: Written, needs: Sequence[str]) -> None:
        super().__init__(declarations)
        self._written = written
        self._needs = needs

    async def texts(self, sources: Sequence[Any], executor: Executor[Any]) -> list[orjson.Fragment]:
        parents = {f"parent_{name}": [read(source, name) for source in sources] for name in self._needs}
        values = self._values(self._written, executor, parents)
        async with executor.context_value.database.reading() as reader:
            rows = await reader.fetch(self._written.statement, **values)
        return [_fragment(row) for row in rows]


class FusedRoot(Fused):
    """A field of Query: what it asks for may take one statement or another, so several are kept."""

    def __init__(
        self,
        declarations: Declarations,
        root: Root,
        arguments: Arguments,
        write: Callable[[Source], Written],
    ) -> None:
        super().__init__(declarations)
        self._root = root
        self._arguments = arguments
        self._write = write
        self._written: dict[int, tuple[Source, Written]] = {}
        self.relations = self._of(root.sample).relations

    async def texts(self, sources: Sequence[Any], executor: Executor[Any]) -> list[orjson.Fragment]:  # noqa: ARG002
        context = executor.context_value
        arguments = self._arguments.converted(self._arguments.coerced(executor))
        asked = await self._root.ask(context, **arguments)
        written = self._of(asked.source)
        values = self._values(written, executor, asked.values)
        async with context.database.reading() as reader:
            row = await reader.fetch_one(written.statement, **values)
        return [_NULL if row is None else _fragment(row)]

    def _of(self, source: Source) -> Written:
        kept = self._written.get(id(source))
        if kept is None:
            if len(self._written) == _MOST_SOURCES:
                self._written.pop(next(iter(self._written)))
            # The source is kept with it, so that its id stays its own.
            kept = self._written[id(source)] = source, self._write(source)
        return kept[1]


def _fragment(row: Any) -> orjson.Fragment:
    text = row["body"]
    if text is None:
        raise RuntimeError("something that must not be null is, and with it all that contains it")
    return orjson.Fragment(text)


class Fuser:
    """Finds out what of an operation can be fused."""

    def __init__(self, declarations: Declarations) -> None:
        self._declarations = declarations
        for shape in declarations.shapes.values():
            prepare(shape)

    def __call__(self, candidate: Candidate) -> Fused | None:
        """The field with all that is selected below it; null when it is left to the plan."""
        try:
            if candidate.origin.parent is candidate.schema.query_type:
                return self._root(candidate)
            return self._below(candidate)
        except NotFusable:
            return None
        except Exception:
            logger.exception("%s cannot be fused", candidate.origin.coordinate)
            return None

    def _root(self, candidate: Candidate) -> Fused | None:
        origin = candidate.origin
        root = self._declarations.roots.get(origin.nodes[0].name.value)
        if root is None:
            return None

        def write(source: Source) -> Written:
            return Writer(candidate, self._declarations).root(origin.parent, origin.nodes, source)

        return FusedRoot(self._declarations, root, candidate.arguments(origin.definition, origin.nodes[0]), write)

    def _below(self, candidate: Candidate) -> Fused | None:
        origin = candidate.origin
        relation, written = Writer(candidate, self._declarations).below_parents(origin.parent, origin.nodes)
        # A single row for each object is no less work in the form of text.
        if written.relations == 1 and not isinstance(relation, Many | Pages):
            return None
        return FusedBelow(self._declarations, written, tuple(relation.needs))
