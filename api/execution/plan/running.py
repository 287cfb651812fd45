"""What one execution of a plan shares: the request, and what has failed so far."""

from collections.abc import Sequence
from typing import Any

from graphql import ExecutionResult, Executor, FieldNode, GraphQLError, located_error

from api.execution.plan.places import Place, keys_of, nulled_by


class _Bubble:
    __slots__ = ()

    def __repr__(self) -> str:
        return "BUBBLE"


BUBBLE: Any = _Bubble()
"""Stands where null may not stand: the null moves on to whatever contains it. Never reaches the encoder."""

Position = tuple[str | int, ...]


class Run:
    """The request is graphql-core's executor, which has coerced the variables and knows the fragments."""

    __slots__ = ("context", "executor", "failures")

    def __init__(self, executor: Executor[Any]) -> None:
        self.executor = executor
        self.context = executor.context_value
        self.failures: list[tuple[Position, GraphQLError]] = []

    def fail(self, error: Exception, nodes: Sequence[FieldNode], place: Place, index: int) -> None:
        """The value there cannot be given; it is an error at each path where it stands."""
        for steps in place.paths(index):
            self.failures.append((nulled_by(steps), located_error(error, nodes, keys_of(steps))))

    def result(self, data: Any) -> ExecutionResult:
        return ExecutionResult(None if data is BUBBLE else data, self._visible_errors() or None)

    def _visible_errors(self) -> list[GraphQLError]:
        """One error for each null, and none for what lies below it."""
        nulled = {position for position, _ in self.failures}
        told: set[Position] = set()
        errors = []
        for position, error in self.failures:
            is_below = any(position[:length] in nulled for length in range(len(position)))
            if not is_below and position not in told:
                told.add(position)
                errors.append(error)
        return errors
