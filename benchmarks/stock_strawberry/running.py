"""A pool for the ORM, and the listing executed in this process."""

import json
from typing import Any

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from benchmarks.stock_strawberry.loading import Loaders, Sessions
from benchmarks.stock_strawberry.schema import SCHEMA
from persistence.database import sqlalchemy_url

POOL_SIZE = 16


def sessions_on(url: str) -> Sessions:
    engine = create_async_engine(
        sqlalchemy_url(url),
        pool_size=POOL_SIZE,
        # Under many clients it is so slow that the usual half minute is not enough.
        pool_timeout=3600,
        connect_args={"server_settings": {"jit": "off", "timezone": "UTC"}},
    )
    return async_sessionmaker(engine, expire_on_commit=False)


async def answer(sessions: Sessions, document: str, variables: dict[str, Any]) -> bytes:
    """As the view does it: a new context, then `json.dumps`."""
    context = {"loaders": Loaders(sessions), "sessions": sessions}
    result = await SCHEMA.execute(document, variable_values=variables, context_value=context)
    if result.errors:
        raise RuntimeError(str(result.errors))
    return json.dumps({"data": result.data}).encode()
