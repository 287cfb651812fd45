"""One operation of one document, executed for one caller, from text and variables to encoded answer."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, cast

import orjson
from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSchema,
    OperationType,
    create_source_event_stream,
)

from api.execution.cost import told, too_dear
from api.execution.documents import Document, DocumentCache
from api.execution.errors import (
    MAX_REQUEST_ERRORS,
    ErrorCode,
    Explain,
    StreamClosed,
    field_error,
    internal_error,
    log_unexpected,
    request_errors,
    root_cause,
)
from api.execution.limits import Limits
from api.execution.plan.cache import PlanCache
from api.execution.plan.fusion import Fuse
from api.execution.prepared import Prepared
from api.execution.sharing import Shareable, Sharing
from api.execution.telling import Audience, Groups, Live, Outlet, closing
from api.execution.text import MESSAGE as NULL_CHARACTER
from api.execution.text import has_null_character

TRY_AGAIN_LATER = 1013


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    """An encoded GraphQL response. One that is a request error was not executed and has no `data` member."""

    body: bytes
    is_request_error: bool
    # Of an event of a stream: what a client names to go on after it.
    event_id: str | None = None

    @cached_property
    def text(self) -> str:
        return self.body.decode()

    @cached_property
    def has_errors(self) -> bool:
        return self.body.startswith(b'{"errors"')

    def errors(self) -> list[GraphQLFormattedError]:
        return cast("list[GraphQLFormattedError]", orjson.loads(self.body).get("errors", []))


def refusal(errors: Sequence[GraphQLFormattedError]) -> Answer:
    return Answer(orjson.dumps({"errors": errors}), is_request_error=True)


def refusal_of(message: str, code: str) -> Answer:
    return refusal([{"message": message, "extensions": {"code": code}}])


class Engine:
    """Knows a schema and nothing of transports. Whatever goes wrong becomes an Answer; only StreamClosed is raised.

    With `compiled`, operations run on plans from their first sight on, or from the one that `compile_at_sight` says;
    `on_fallback` is told, by a word for the reason, of each that graphql-core has to execute instead. What `shareable`
    allows is executed once for all who ask for it at the same time. `tells_cost` adds what it cost to each answer to a query
    or a mutation; events of a stream do without.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        limits: Limits | None = None,
        introspection: bool = True,
        on_unexpected: Callable[[BaseException, object], str] = log_unexpected,
        explain: Explain = lambda _error: None,
        compiled: bool = True,
        compile_at_sight: int = 1,
        on_fallback: Callable[[str], None] = lambda _reason: None,
        fuse: Fuse | None = None,
        shareable: Shareable | None = None,
        audience: Audience | None = None,
        tells_cost: bool = False,
    ) -> None:
        self._schema = schema
        self._limits = limits or Limits()
        self._shareable = shareable
        self._audience = audience
        self._groups: Groups[Answer] = Groups(may_share=lambda answer: not answer.has_errors)
        self._tells_cost = tells_cost
        self._sharing: Sharing[Prepared, Answer] = Sharing(may_share=lambda answer: not answer.has_errors)
        self._plans = (
            PlanCache(schema, at_sight=compile_at_sight, fuse=fuse, on_fallback=on_fallback) if compiled else None
        )
        self._documents = DocumentCache(schema, self._limits, introspection=introspection)
        self._on_unexpected = on_unexpected
        self._explain = explain

    @property
    def fallbacks(self) -> Mapping[str, int]:
        """How many executions graphql-core had to take over, by reason."""
        return {} if self._plans is None else self._plans.fallbacks

    @property
    def planned(self) -> int:
        """How many executions had a plan."""
        return 0 if self._plans is None else self._plans.planned

    @property
    def shared(self) -> int:
        """How many requests were answered with what was executed for another one."""
        return self._sharing.shared

    def operation_kind(self, request: GraphQLRequest) -> OperationType | Answer:
        document = self._document(request)
        if isinstance(document, Answer):
            return document
        try:
            return document.operation(request.operation_name).operation
        except GraphQLError as error:
            return refusal(request_errors([error], ErrorCode.BAD_USER_INPUT))

    async def execute(self, request: GraphQLRequest, context: object) -> Answer:
        prepared = self._prepared(request, context)
        if isinstance(prepared, Answer):
            return prepared
        if prepared.kind is OperationType.SUBSCRIPTION:
            return refusal_of("A subscription needs a transport that streams.", ErrorCode.BAD_USER_INPUT)
        operation = prepared.executor.operation
        key = self._shareable and self._shareable.key(prepared.document, operation, request.variables, context)
        return await self._run(prepared) if key is None else await self._sharing.answer(key, prepared, self._run)

    async def subscribe(
        self, request: GraphQLRequest, context: object, outlet: Outlet[Answer] | None = None
    ) -> Answer | AsyncGenerator[Answer, None]:
        """The generator raises StreamClosed when its source does; closing it closes the source. While it is asked for the
        next answer, what many are told alike may be pushed into the outlet instead.
        """
        prepared = self._prepared(request, context)
        if isinstance(prepared, Answer):
            return prepared
        if prepared.kind is not OperationType.SUBSCRIPTION:
            return refusal_of("This operation is not a subscription.", ErrorCode.BAD_USER_INPUT)
        try:
            created = create_source_event_stream(prepared.executor)
            source = created if isinstance(created, ExecutionResult | AsyncIterable) else await created
        except StreamClosed:
            raise
        except Exception as error:  # noqa: BLE001 - The last line before the transport; it is reported.
            return self.unexpected(error, context)
        if isinstance(source, ExecutionResult):
            return self._refused_stream(source, context)
        return self._stream(request, prepared, source, outlet)

    def unexpected(self, error: BaseException, context: object) -> Answer:
        """Report an error that nobody foresaw; the answer tells no more than the request's id."""
        explained = self._explain(error)
        if explained is not None:
            return refusal(request_errors([explained], ErrorCode.INTERNAL))
        return refusal([internal_error(self._on_unexpected(error, context))])

    async def _run(self, prepared: Prepared) -> Answer:
        try:
            result = prepared.execute()
            answered = result if isinstance(result, ExecutionResult) else await result
            cost = prepared.cost if self._tells_cost else None
            return self._answer(answered, prepared.context, cost)
        except Exception as error:  # noqa: BLE001 - The last line before the transport; it is reported.
            return self.unexpected(error, prepared.context)

    def _document(self, request: GraphQLRequest) -> Document | Answer:
        document = self._documents.look_up(request.query)
        return document if isinstance(document, Document) else refusal(document)

    def _prepared(self, request: GraphQLRequest, context: object) -> Prepared | Answer:
        document = self._document(request)
        if isinstance(document, Answer):
            return document
        executor = self._executor(document, request, context)
        if isinstance(executor, Answer):
            return executor
        cost = document.appraisal(executor.operation).cost(executor.variable_values.coerced)
        if cost > self._limits.cost:
            return refusal(request_errors([too_dear(cost, self._limits.cost)], ErrorCode.LIMIT_EXCEEDED))
        plan = self._plans.plan_for(request.query, document.node, executor) if self._plans is not None else None
        return Prepared(executor, plan, document, cost)

    def _executor(self, document: Document, request: GraphQLRequest, context: object) -> Executor[Any] | Answer:
        if has_null_character(request.variables):
            return refusal_of(NULL_CHARACTER, ErrorCode.BAD_USER_INPUT)
        try:
            operation = document.operation(request.operation_name)
            executor = Executor.build(
                self._schema,
                document.node,
                context_value=context,
                raw_variable_values=request.variables,
                operation_name=operation.name.value if operation.name else None,
                max_coercion_errors=MAX_REQUEST_ERRORS,
                hide_suggestions=True,
            )
        except GraphQLError as error:
            return refusal(request_errors([error], ErrorCode.BAD_USER_INPUT))
        except Exception as error:  # noqa: BLE001 - A scalar's parser failed in a way of its own; it is reported.
            return self.unexpected(error, context)
        if isinstance(executor, list):
            return refusal(request_errors(executor, ErrorCode.BAD_USER_INPUT))
        return executor

    def _answer(self, result: ExecutionResult, context: object, cost: int | None = None) -> Answer:
        errors = result.errors or []
        if result.data is None and errors and all(error.path is None for error in errors):
            # Refused before its first field, for example by a null variable in @skip.
            return refusal(request_errors(errors, ErrorCode.BAD_USER_INPUT))
        body: dict[str, Any] = {"data": result.data}
        if errors:
            # First, so that a person who reads a long answer sees them.
            body = {"errors": self._shown(errors, context), **body}
        if cost is not None:
            body["extensions"] = {"cost": told(cost, self._limits.cost)}
        try:
            return Answer(orjson.dumps(body), is_request_error=False)
        except TypeError as error:
            internal = internal_error(self._on_unexpected(error, context))
            return Answer(orjson.dumps({"errors": [internal], "data": None}), is_request_error=False)

    def _shown(self, errors: Sequence[GraphQLError], context: object) -> list[GraphQLFormattedError]:
        return [
            field_error(error, lambda cause: self._on_unexpected(cause, context), self._explain) for error in errors
        ]

    def _refused_stream(self, result: ExecutionResult, context: object) -> Answer:
        for error in result.errors or []:
            cause = root_cause(error)
            if isinstance(cause, StreamClosed):
                raise cause
        return refusal(self._shown((result.errors or [])[:MAX_REQUEST_ERRORS], context))

    async def _stream(
        self,
        request: GraphQLRequest,
        prepared: Prepared,
        source: AsyncIterable[Any],
        outlet: Outlet[Answer] | None,
    ) -> AsyncGenerator[Answer, None]:
        context, operation = prepared.context, prepared.executor.operation
        key: Hashable = object()
        if self._audience is not None:
            key = self._audience.key(prepared.document, operation, request.variables, context)
        with self._groups.joined(key) as group:
            tell = partial(group.told, partial(self._told, prepared))
            try:
                async with closing(source) as events:
                    async for event in events:
                        if not isinstance(event, Live):
                            yield await tell(event)
                        elif outlet is not None and group.streams > 1:
                            await event.follow(group, tell, outlet)
                            await outlet.cleared()
            except StreamClosed:
                raise
            except GraphQLError as error:
                yield refusal(self._shown([error], context))
            except Exception as error:  # noqa: BLE001 - The source broke; the client is told and it is reported.
                yield self.unexpected(error, context)

    async def _told(self, prepared: Prepared, event: object) -> Answer:
        result = prepared.execute_event(prepared.executor.build_per_event_executor(event))
        result = result if isinstance(result, ExecutionResult) else await result
        for error in result.errors or ():
            if (explained := self._explain(root_cause(error))) is not None:
                # It passes: whoever comes back is told the event whole.
                raise StreamClosed(TRY_AGAIN_LATER, explained.message)
        answer = self._answer(result, prepared.context)
        return replace(answer, event_id=getattr(event, "event_id", None))
