"""One operation as a stream of answers, the same over every transport that streams."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from graphql import OperationType

from api.execution.engine import Answer, Engine, GraphQLRequest
from api.execution.errors import StreamClosed
from api.execution.telling import Outlet

# The event loop itself keeps only weak references to its tasks.
_mutations: set[asyncio.Task[Answer]] = set()


async def answers(
    engine: Engine, request: GraphQLRequest, context: object, outlet: Outlet[Answer] | None = None
) -> AsyncGenerator[Answer, None]:
    """Closing it closes a subscription and abandons a query. A mutation that began is finished all the same. While it is
    asked for the next, events may be pushed into the outlet instead.

    Raises nothing but StreamClosed.
    """
    try:
        async with aclosing(_unguarded(engine, request, context, outlet)) as stream:
            async for answer in stream:
                yield answer
    except StreamClosed:
        raise
    except Exception as error:  # noqa: BLE001 - A stream has begun, so nobody else can tell the client; it is reported.
        yield engine.unexpected(error, context)


async def _unguarded(
    engine: Engine, request: GraphQLRequest, context: object, outlet: Outlet[Answer] | None
) -> AsyncGenerator[Answer, None]:
    kind = engine.operation_kind(request)
    if isinstance(kind, Answer):
        yield kind
    elif kind is OperationType.MUTATION:
        yield await _finished(engine, request, context)
    elif kind is OperationType.QUERY:
        yield await engine.execute(request, context)
    else:
        stream = await engine.subscribe(request, context, outlet)
        if isinstance(stream, Answer):
            yield stream
            return
        async with aclosing(stream):
            async for answer in stream:
                yield answer


async def _finished(engine: Engine, request: GraphQLRequest, context: object) -> Answer:
    # A client that goes away must not leave an order half placed, just as it cannot over plain HTTP.
    mutation = asyncio.create_task(engine.execute(request, context))
    _mutations.add(mutation)
    mutation.add_done_callback(_mutations.discard)
    return await asyncio.shield(mutation)
