"""One selection set of one type: from all its source objects to their response objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from operator import attrgetter
from typing import Any

from graphql import FieldNode

from api.execution.access import Rule, refusals
from api.execution.fields import ROWS, Column, Inline, read
from api.execution.plan.leaves import Leaf, Namespace
from api.execution.plan.places import OfField, Place, Step
from api.execution.plan.running import BUBBLE, Run
from api.execution.plan.steps import Deferred


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """`__typename`, which nobody needs to look up."""

    key: str
    text: str

    def expression(self, _form: str, _namespace: Namespace) -> str:
        return repr(self.text)


@dataclass(frozen=True, slots=True, eq=False)
class Immediate:
    """A scalar of the source itself: a column, or a pure function of it."""

    step: Step
    nodes: Sequence[FieldNode]
    rule: Rule
    leaf: Leaf
    source: Column | Inline

    @property
    def key(self) -> str:
        return str(self.step.key)

    def expression(self, form: str, namespace: Namespace) -> str:
        if isinstance(self.source, Inline):
            value = f"{namespace.bind(self.source.compute)}(s)"
        else:
            name = self.source.name
            if form is _OBJECT and (not name.isidentifier() or iskeyword(name)):
                value = f"{namespace.bind(attrgetter(name))}(s)"
            else:
                value = form.format(name=repr(name), plain=name)
        return self.leaf.expression(value, namespace)

    def one(self, source: Any, context: Any) -> Any:
        """Raises whatever is wrong with it, a refusal too."""
        if not self.rule.is_public:
            refusal = self.rule.refusal(context, source)
            if refusal is not None:
                raise refusal
        if isinstance(self.source, Inline):
            return self.leaf.complete(self.source.compute(source))
        return self.leaf.complete(read(source, self.source.name))


_ROW = "s[{name}]"
_OBJECT = "s.{plain}"
_MIXED = "read(s, {name})"

Build = Callable[[Sequence[Any]], list[Any]]


class Level:
    def __init__(self, fields: Sequence[Constant | Immediate | Deferred], namespace: Namespace) -> None:
        self._fields = fields
        self._namespace = namespace
        self._deferred = [field for field in fields if isinstance(field, Deferred)]
        immediate = [field for field in fields if isinstance(field, Immediate)]
        self._reads_columns = any(isinstance(field.source, Column) for field in immediate)
        # Each rule once, however many fields it stands before.
        self._rules = list({id(field.rule): field.rule for field in immediate if not field.rule.is_public}.values())
        self._builds: dict[str, Build] = {}

    async def run(self, sources: Sequence[Any], run: Run, place: Place) -> list[Any]:
        """The response objects, or BUBBLE where an object cannot be given."""
        objects = self._built(sources, run, place)
        for field in self._deferred:
            await field.fill(objects, sources, run, place)
        return objects

    def _built(self, sources: Sequence[Any], run: Run, place: Place) -> list[Any]:
        try:
            if not any(any(refusals(rule, run.context, sources)) for rule in self._rules):
                return self._build_for(sources)(sources)
        except Exception:  # noqa: BLE001, S110 - One of them is wrong; found out which below, and nothing is asked twice.
            pass
        return [self._carefully(source, run, place, index) for index, source in enumerate(sources)]

    def _build_for(self, sources: Sequence[Any]) -> Build:
        form = _form_of(sources) if self._reads_columns else _ROW
        build = self._builds.get(form)
        if build is None:
            build = self._builds[form] = self._compiled(form)
        return build

    def _compiled(self, form: str) -> Build:
        if form is _MIXED:
            form = f"{self._namespace.bind(read)}(s, {{name}})"
        members = ", ".join(
            f"{field.key!r}: {'None' if isinstance(field, Deferred) else field.expression(form, self._namespace)}"
            for field in self._fields
        )
        return self._namespace.evaluate(f"lambda sources: [{{{members}}} for s in sources]")

    def _carefully(self, source: Any, run: Run, place: Place, index: int) -> Any:
        """With an error for each field that has one."""
        object_: dict[str, Any] = {}
        for field in self._fields:
            value: Any = None
            if isinstance(field, Constant):
                value = field.text
            elif isinstance(field, Immediate):
                try:
                    value = field.one(source, run.context)
                except Exception as error:  # noqa: BLE001 - Becomes the field's error.
                    run.fail(error, field.nodes, OfField(place, field.step), index)
                    if not field.leaf.is_nullable:
                        return BUBBLE
            object_[field.key] = value
        return object_


def _form_of(sources: Sequence[Any]) -> str:
    """How columns are read: nearly always all sources of a level are of one kind."""
    are_rows = {issubclass(type_, ROWS) for type_ in set(map(type, sources))}
    if len(are_rows) > 1:
        return _MIXED
    return _ROW if are_rows.pop() else _OBJECT
