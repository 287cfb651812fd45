"""An operation that is ready to run, on its plan or on graphql-core."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from graphql import (
    ExecutionResult,
    Executor,
    OperationType,
    execute_root_selection_set,
    execute_subscription_event,
)

from api.execution.documents import Document
from api.execution.plan.compile import Plan


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation with its variables coerced, and its plan where it has one."""

    executor: Executor[Any]
    plan: Plan | None
    document: Document
    cost: int

    @property
    def context(self) -> object:
        return self.executor.context_value

    @property
    def kind(self) -> OperationType:
        return self.executor.operation.operation

    def execute(self) -> ExecutionResult | Awaitable[ExecutionResult]:
        if self.plan is not None:
            return self.plan.execute(self.executor)
        return execute_root_selection_set(self.executor)

    def execute_event(self, executor: Executor[Any]) -> ExecutionResult | Awaitable[ExecutionResult]:
        """The executor is one of its own for each event of the stream."""
        return self.plan.execute(executor) if self.plan is not None else execute_subscription_event(executor)
