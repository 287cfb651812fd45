"""Answers made in this process, without HTTP: one request at a time, each with a session and a context of its own."""

import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from api.events.hub import Hub
from api.execution.engine import Engine, GraphQLRequest
from api.front import Front
from api.identity.identity import Identity
from api.settings import Settings
from api.transport.session import Visitor
from persistence.database import Database


@dataclass(frozen=True, slots=True)
class Question:
    document: str
    variables: dict[str, Any] = field(default_factory=dict)


Ask = Callable[[Question], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Shop:
    """Our server without its transports."""

    front: Front
    statements: list[str]
    """What `counted` asked of the database."""

    def asked_of(self, engine: Engine) -> Ask:
        async def ask(question: Question) -> bytes:
            session = await self.front.open_session(Visitor({}, "benchmark", None))
            request = GraphQLRequest(question.document, question.variables)
            return (await engine.execute(request, session.context("benchmark"))).body

        return ask


@asynccontextmanager
async def shop_on(url: str, folder: Path) -> AsyncIterator[Shop]:
    statements: list[str] = []
    database = await Database.open(url, observe=statements.append)
    identity = Identity.of(Settings(data=folder / "identity"))
    try:
        yield Shop(Front(database, identity, Hub(database)), statements)
    finally:
        await identity.close()
        await database.close()


async def timed(ask: Ask, questions: Sequence[Question], *, seconds: float) -> dict[str, float]:
    """Median milliseconds, and the processor's milliseconds that this process spent on one request."""
    for question in questions[:10]:
        _expect_data(await ask(question))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    took: list[float] = []
    end = time.perf_counter() + seconds
    before = time.process_time()
    while time.perf_counter() < end or len(took) < 10:
        # Neighboring requests ask for pages far apart, as different visitors do.
        question = questions[len(took) * 7 % len(questions)]
        start = time.perf_counter()
        answer = await ask(question)
        took.append(time.perf_counter() - start)
    spent = time.process_time() - before
    _expect_data(answer)
    return {"ms": 1000 * median(took), "cpu_ms": 1000 * spent / len(took), "requests": len(took)}


def _expect_data(answer: bytes) -> None:
    if b'"errors":' in answer or not answer.startswith(b'{"data":'):
        raise RuntimeError(answer.decode()[:2000])
