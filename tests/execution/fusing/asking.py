"""The same question to the plan alone, and to the plan with what can be fused."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from api.catalog.fused import DECLARATIONS
from api.context import Context
from api.execution.engine import Engine, GraphQLRequest
from api.execution.fusing.fields import Fuser
from api.execution.limits import Limits
from api.schema import build_schema
from tests.shop import Caller


@cache
def engines() -> tuple[Engine, Engine]:
    schema = build_schema()
    # Everything at once would cost more than anybody may ask for.
    limits = Limits(cost=10**9)
    return Engine(schema, limits=limits), Engine(schema, limits=limits, fuse=Fuser(DECLARATIONS))


@dataclass(frozen=True, slots=True)
class Answers:
    plan: bytes
    fused: bytes
    statements: tuple[str, ...]
    """What the fused one asked of the database."""

    @property
    def fused_statements(self) -> list[str]:
        return [text for text in self.statements if "AS TEXT) || " in text]


async def both(caller: Caller, statements: list[str], document: str, **variables: Any) -> Answers:
    plan, fused = engines()
    first = await _answer(plan, caller, document, variables)
    begun = len(statements)
    second = await _answer(fused, caller, document, variables)
    return Answers(first, second, tuple(statements[begun:]))


async def _answer(engine: Engine, caller: Caller, document: str, variables: dict[str, Any]) -> bytes:
    context = Context(
        database=caller.shop.database,
        caller=caller.principal,
        directory=caller.shop.directory,
        channel=caller.shop.directory.channels_by_code[caller.channel],
        request_id="test",
        identity=caller.shop.identity,
        client_address=None,
        shopper_cap=caller.cap,
        clock=caller.clock,
    )
    request = GraphQLRequest(document, orjson.loads(orjson.dumps(variables)))
    answer = await engine.execute(request, context)
    return answer.body
