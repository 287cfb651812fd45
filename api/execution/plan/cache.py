"""Plans by document, operation and conditions: compiled when an operation is seen again, and bounded."""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, Executor, GraphQLSchema

from api.execution.plan.collect import NotCompilable, Outline, outline_of
from api.execution.plan.compile import Plan, compile_plan
from api.execution.plan.fusion import Fuse

MOST_OPERATIONS = 1_000
MOST_VARIANTS = 16
"""Of one operation: each variable in a condition doubles the number that are possible."""
MOST_FIELDS = 50_000
"""In all plans together. A field of a plan takes some two kilobytes, and fragments make many of a short text."""
_CHARACTERS_LIKE_A_FIELD = 10
"""A plan keeps its document."""

_Key = tuple[str, str | None]


@dataclass(slots=True)
class _Operation:
    outline: Outline | NotCompilable
    plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict)
    size: int = 0


class PlanCache:
    """`at_sight` is how often an operation must be seen to be compiled. `on_fallback` is told of each that never can be."""

    def __init__(
        self, schema: GraphQLSchema, *, at_sight: int, fuse: Fuse | None, on_fallback: Callable[[str], None]
    ) -> None:
        self._schema = schema
        self._at_sight = at_sight
        self._fuse = fuse
        self._on_fallback = on_fallback
        self._operations: OrderedDict[_Key, _Operation] = OrderedDict()
        self._size = 0
        # Apart from the plans, so that operations that never come again push none of them out.
        self._sightings: OrderedDict[int, int] = OrderedDict()
        self.fallbacks: Counter[str] = Counter()
        self.planned = 0

    def plan_for(self, text: str, document: DocumentNode, executor: Executor[Any]) -> Plan | None:
        """Null where graphql-core is to execute the operation, this time or always."""
        name = executor.operation.name
        key = (text, name.value if name else None)
        operation = self._operations.get(key)
        if operation is None:
            if not self._is_seen_often_enough(key):
                return None
            operation = self._operations[key] = _Operation(_outlined(document, executor))
        else:
            self._operations.move_to_end(key)
        try:
            plan = self._variant(operation, executor)
            self.planned += 1
        except NotCompilable as reason:
            self.fallbacks[reason.reason] += 1
            self._on_fallback(reason.reason)
            plan = None
        self._weigh(operation, text)
        return plan

    def _is_seen_often_enough(self, key: _Key) -> bool:
        # Its hash will do: a collision only has another operation compiled a sight too early.
        sighting = hash(key)
        seen = self._sightings.pop(sighting, 0) + 1
        if seen >= self._at_sight:
            return True
        self._sightings[sighting] = seen
        if len(self._sightings) > MOST_OPERATIONS:
            self._sightings.popitem(last=False)
        return False

    def _variant(self, operation: _Operation, executor: Executor[Any]) -> Plan:
        outline = operation.outline
        if isinstance(outline, NotCompilable):
            raise NotCompilable(outline.reason)
        coerced = executor.variable_values.coerced
        conditions: dict[str, Any] = {name: coerced.get(name) for name in outline.conditions}
        if None in conditions.values():
            # The variable's type admits null where the directive does not; graphql-core says so.
            raise NotCompilable("condition")
        truths = tuple(conditions.values())
        plan = operation.plans.get(truths)
        if plan is None:
            if len(operation.plans) == MOST_VARIANTS:
                raise NotCompilable("variants")
            plan = operation.plans[truths] = compile_plan(self._schema, outline, conditions, self._fuse)
        return plan

    def _weigh(self, operation: _Operation, text: str) -> None:
        # Plans grow: the types of an interface are compiled when they are first seen.
        size = len(text) // _CHARACTERS_LIKE_A_FIELD + sum(plan.fields for plan in operation.plans.values())
        self._size += size - operation.size
        operation.size = size
        while len(self._operations) > MOST_OPERATIONS or (self._size > MOST_FIELDS and len(self._operations) > 1):
            _, evicted = self._operations.popitem(last=False)
            self._size -= evicted.size


def _outlined(document: DocumentNode, executor: Executor[Any]) -> Outline | NotCompilable:
    try:
        return outline_of(document, executor.operation)
    except NotCompilable as reason:
        return reason
